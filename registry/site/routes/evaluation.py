"""The evaluation for auditors: every figure with its definition, its rows and its proof."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import get
from litestar.di import Provide

from registry.audit.position_store import last_log_position
from registry.catalogue import store as services
from registry.catalogue.parts import Names
from registry.db import Query, Reads
from registry.organisations.store import territory
from registry.reports import reported as beside
from registry.reports.coverage import CoverageLinks, StateRank
from registry.reports.days import days_until
from registry.reports.definitions import definition
from registry.reports.store import coverage, listings, money
from registry.reports.store import reported as figures
from registry.reports.store.coverage import Scope
from registry.reuse.model import PUBLIC_STAGES
from registry.reuse.store import answers as reuses
from registry.site import store
from registry.site.charts import StepChart, steps
from registry.site.matrix import Cell, Line, lines, shades
from registry.site.routes.answers import Page, both, page
from registry.site.routes.asked import Dates, ServiceAsked, YesOrNo
from registry.site.routes.organisations import Within
from registry.site.tasks import task
from registry.web.requests import AnyRequest

_ALL = 100_000
_LINES = 60
_MOST = 50
_YEARS = 5
REPORTS = ("coverage", "ranking", "timeline", "funnel", "outdated")


@dataclass(frozen=True, kw_only=True)
class Question(Dates):
    """Over what: one service or all, a territory or all of Germany."""

    service: ServiceAsked = None
    within: Within = None
    demo: YesOrNo = None

    async def scope(self, db: Query) -> Scope:
        """The same, with the territory found."""
        at = await self.moment(db)
        await services.require_recorded(db, self.service or None, at.size)
        return Scope(
            at=at,
            service=self.service or None,
            within=await territory(db, self.within or None, at.size),
            demo=self.demo == "true",
        )


@get(both("/auswertung"), dependencies={"asked": Provide(Question, sync_to_thread=False)})
async def get_evaluation(
    request: AnyRequest,
    reads: Reads,
    asked: Question,
    behind: ServiceAsked = None,
) -> Page:
    """What is counted on a day, as known at a time, with what it rests on."""
    scope = await asked.scope(reads)
    found = lines(map(dict, await coverage.coverage(reads, scope, None, _ALL)))
    used = [line for line in found if line.used and line.service > (behind or "")]
    late = store.BehindAsked(
        at=scope.at, within=scope.within, service=scope.service, demo=scope.demo, limit=_MOST
    )
    tasks = await store.behind(reads, late)
    ranking = await coverage.ranking(reads, scope)
    names = await store.service_names(reads, scope.at, [line.service for line in found])
    return page(
        request,
        "evaluation.html",
        at=scope.at,
        scope=scope,
        log=await last_log_position(reads) if scope.at.known is None else scope.at.known,
        names=names,
        lands=await store.states(reads, scope.at, demo=scope.demo),
        figures=_figures(found),
        counts=await _counts(reads, scope),
        matrix=used[:_LINES],
        behind=used[_LINES - 1].service if len(used) > _LINES else None,
        ranking=ranking,
        grid=_grid(found, ranking, scope),
        reported=await _reported(reads, scope, ranking),
        public_stages=PUBLIC_STAGES,
        funnel=await listings.funnel(reads, scope),
        tasks=[task(one, scope.at.day) for one in tasks],
        says={name: definition(name) for name in REPORTS},
        **await _timeline(reads, scope, names),
    )


def _grid(found: Sequence[Line], ranking: Sequence[Any], scope: Scope) -> dict[str, Cell]:
    """What the map shows of each Land: the sign of the one service asked for, else how many run."""
    if scope.service:
        return {cell.state: cell for line in found for cell in line.cells}
    return shades({row["state"]: row["at_least_locally"] for row in ranking})


def _figures(found: Sequence[Line]) -> dict[str, int]:
    return {
        "services": len(found),
        "used": sum(1 for line in found if line.used),
        "somewhere": sum(line.somewhere for line in found),
        "everywhere": sum(line.everywhere for line in found),
        "ruled": sum(line.ruled for line in found),
        "pairs": sum(len(line.cells) for line in found),
    }


async def _counts(db: Query, scope: Scope) -> reuses.ReuseCounts | None:
    """How many reuses; not counted from the steps where an earlier knowledge is asked for."""
    if scope.at.size is not None:
        return None
    wanted = reuses.Filters(
        as_of=scope.at.day, service=scope.service, within=scope.within, demo=scope.demo
    )
    return await reuses.counts(db, wanted)


async def _reported(db: Query, scope: Scope, ranking: Sequence[Any]) -> list[Any]:
    """What sources state beside it: of the service, or of the ranks of the Länder."""
    if scope.service:
        return list(await figures.beside(db, scope))
    ranks = [StateRank(**dict(row), links=CoverageLinks(rows="")) for row in ranking]
    return list(beside.ranked(await figures.of_states(db, scope), ranks))


async def _timeline(db: Query, scope: Scope, names: dict[str, Names]) -> dict[str, Any]:
    first = scope.at.day.replace(year=scope.at.day.year - _YEARS, month=1, day=1)
    rows = await money.timeline(db, scope, days_until(scope.at.day, first, 3))
    events = _majors([text for row in rows for text in row["events"]])
    return {
        "timeline": rows,
        "charts": {field: _chart(rows, field, events) for field in ("bodies", "states")},
        "subject": names.get(scope.service or ""),
    }


def _chart(rows: Sequence[Any], field: str, events: Sequence[tuple[date, str]]) -> StepChart:
    return steps([row["day"] for row in rows], [row[field] for row in rows], events)


def _majors(events: Sequence[str]) -> list[tuple[date, str]]:
    """The releases of new major versions, of all that happened to versions."""
    told = [event.split(" ") for event in events]
    return [
        (date.fromisoformat(day), number)
        for day, what, number in told
        if what == "released" and number.endswith(".0.0")
    ]


HANDLERS = (get_evaluation,)
