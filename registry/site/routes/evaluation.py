"""The evaluation for auditors: every figure with its definition, its rows and its proof."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import msgspec
from litestar import get
from litestar.di import Provide
from msgspec.structs import replace

from registry.audit.position_store import last_log_position
from registry.catalogue import store as services
from registry.catalogue.parts import Names
from registry.db import Query, Reads
from registry.organisations.store import territory
from registry.reports import reported as beside
from registry.reports.coverage import StateRank
from registry.reports.days import days_until
from registry.reports.definitions import definition
from registry.reports.ranking import Signs, ranked
from registry.reports.store import coverage, listings, money
from registry.reports.store import reported as figures
from registry.reports.store.coverage import Scope
from registry.reuse.model import PUBLIC_STAGES
from registry.reuse.store import answers as reuses
from registry.site import store
from registry.site.charts import StepChart, steps
from registry.site.keeping import Pieces
from registry.site.matrix import Cell, lines, shades
from registry.site.routes.answers import Page, both, page
from registry.site.routes.asked import Dates, ServiceAsked, YesOrNo
from registry.site.routes.organisations import Within
from registry.site.tasks import task
from registry.web.conditional import lasting
from registry.web.requests import AnyRequest

_ALL = 100_000
_LINES = 30
_LAND = 2
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
    at = scope.at
    question = ("evaluation", at.day, at.size, scope.service, scope.within, scope.demo, behind)
    pieces: Pieces = request.app.state.pieces
    facts = await pieces.of(question, partial(_facts, reads, scope, behind or ""))
    fixed = lasting(request, known_at=at.size, as_of=asked.as_of)
    return page(request, "evaluation.html", headers=fixed, at=at, scope=scope, **facts)


async def _facts(db: Query, scope: Scope, behind: str) -> dict[str, Any]:
    """What the page says; `behind` is the service after which its matrix begins."""
    at = scope.at
    reach = await _reach(db, scope)
    used = [one for one in reach.signs if one.used and one.service > behind]
    late = store.BehindAsked(
        at=at, within=scope.within, service=scope.service, demo=scope.demo, limit=_MOST
    )
    shown = [one.service for one in used[:_LINES]]
    names = await store.service_names(db, at, [*shown, *filter(None, [scope.service])])
    return {
        "log": await last_log_position(db) if at.known is None else at.known,
        "names": names,
        "lands": store.by_name(reach.states),
        "figures": _figures(reach),
        "counts": await _counts(db, scope),
        "matrix": lines(used[:_LINES], reach.inside),
        "behind": used[_LINES - 1].service if len(used) > _LINES else None,
        "ranking": reach.ranking,
        "grid": _grid(reach, scope),
        "reported": await _reported(db, scope, reach.ranking),
        "public_stages": PUBLIC_STAGES,
        "funnel": await listings.funnel(db, scope),
        "tasks": [task(one, at.day) for one in await store.behind(db, late)],
        "says": {name: definition(name) for name in REPORTS},
        **await _timeline(db, scope, names),
    }


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """How far services reach in the Länder asked for (`inside`), and how these rank among all."""

    states: dict[str, str]
    inside: list[str]
    signs: list[Signs]
    ranking: list[StateRank]


async def _reach(db: Query, scope: Scope) -> Reach:
    """One look at all Länder gives both; a territory within a Land has a look of its own."""
    states = await coverage.states(db, scope.at, demo=scope.demo)
    signs = await coverage.signs(db, replace(scope, within=None))
    ranking = ranked(signs, states, lambda _: "")
    inside = [state for state in states if scope.within is None or state == scope.within[:_LAND]]
    if scope.within is not None and len(scope.within) > _LAND:
        signs = await coverage.signs(db, scope)
    return Reach(
        states=states,
        inside=inside,
        signs=signs if scope.within is None else [one.inside(frozenset(inside)) for one in signs],
        ranking=[row for row in ranking if row.state in inside],
    )


def _grid(reach: Reach, scope: Scope) -> dict[str, Cell]:
    """What the map shows of each Land: the sign of the one service asked for, else how many run."""
    if scope.service:
        found = lines(reach.signs, reach.inside)
        return {cell.state: cell for line in found for cell in line.cells}
    return shades({row.state: row.at_least_locally for row in reach.ranking})


def _figures(reach: Reach) -> dict[str, int]:
    return {
        "services": len(reach.signs),
        "somewhere": sum(len(one.live) for one in reach.signs),
        "everywhere": sum(len(one.everywhere) for one in reach.signs),
        "ruled": sum(len(one.ruled) for one in reach.signs),
        "pairs": len(reach.signs) * len(reach.inside),
    }


async def _counts(db: Query, scope: Scope) -> reuses.ReuseCounts | None:
    """How many reuses; not counted from the steps where an earlier knowledge is asked for."""
    if scope.at.size is not None:
        return None
    wanted = reuses.Filters(
        as_of=scope.at.day, service=scope.service, within=scope.within, demo=scope.demo
    )
    return await reuses.counts(db, wanted)


async def _reported(db: Query, scope: Scope, ranking: Sequence[StateRank]) -> list[Any]:
    """What sources state beside it: of the service, or of the ranks of the Länder."""
    if scope.service:
        return list(await figures.beside(db, scope))
    return list(beside.ranked(await figures.of_states(db, scope), ranking))


async def _timeline(db: Query, scope: Scope, names: dict[str, Names]) -> dict[str, Any]:
    first = scope.at.day.replace(year=scope.at.day.year - _YEARS, month=1, day=1)
    rows = await money.timeline(db, scope, days_until(scope.at.day, first, 3), inhabitants=False)
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
