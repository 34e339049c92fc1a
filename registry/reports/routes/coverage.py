"""Coverage and ranking over HTTP."""

import msgspec
from litestar import Response, get
from litestar.di import Provide
from litestar.openapi import ResponseSpec

from registry.db import Query
from registry.reports import reported
from registry.reports.answers import Report
from registry.reports.coverage import CoverageLinks, StateCoverage, StateRank
from registry.reports.definitions import definition
from registry.reports.ranking import ranked
from registry.reports.routes.asked import Asked, Found, ReportQuery, answer, reuses_address
from registry.reports.store import coverage as store
from registry.reports.store import reported as figures
from registry.reports.store.coverage import Scope
from registry.web.requests import AnyRequest

ASKED = {"asked": Provide(ReportQuery, sync_to_thread=False)}


def scope_of(asked: Asked) -> Scope:
    """What the statement is asked over."""
    return Scope(at=asked.at, service=asked.service, within=asked.within, demo=asked.demo)


@get(
    ["/reports/coverage", "/reports/coverage.csv"],
    summary="Coverage of services by Land",
    dependencies=ASKED,
    responses={200: ResponseSpec(Report[StateCoverage], description="Services by Land.")},
)
async def get_coverage(request: AnyRequest, view: Query, asked: ReportQuery) -> Response[bytes]:
    """Both official rules, shares of competent bodies and inhabitants, live and pilot apart."""
    question = await asked.resolved(view, request)
    rows = await store.coverage(view, scope_of(question), question.after, question.limit + 1)
    items = [
        StateCoverage(
            **dict(row),
            links=CoverageLinks(
                rows=reuses_address(question, service=row["service"], within=row["state"])
            ),
        )
        for row in rows
    ]
    beside = await figures.beside(view, scope_of(question)) if question.service else []
    found = Found(
        items=items,
        places=[(item.service, item.state) for item in items],
        reported=reported.compared(beside, items),
        rows=reuses_address(question),
    )
    return answer(request, question, StateCoverage, definition("coverage"), found)


@get(
    ["/reports/ranking", "/reports/ranking.csv"],
    summary="Ranking of the Länder",
    dependencies=ASKED,
    responses={200: ResponseSpec(Report[StateRank], description="The Länder, best first.")},
)
async def get_ranking(request: AnyRequest, view: Query, asked: ReportQuery) -> Response[bytes]:
    """By services available at least locally, and by those available everywhere, at any date."""
    question = await asked.resolved(view, request)
    scope = scope_of(question)
    everywhere = msgspec.structs.replace(scope, within=None)
    rows = ranked(
        await store.signs(view, everywhere),
        await store.states(view, question.at, demo=question.demo),
        lambda state: reuses_address(question, within=state, stage="live"),
    )
    items = [row for row in rows if scope.within is None or row.state == scope.within[:2]]
    found = Found(
        items=items,
        places=[(str(item.rank_at_least_locally), item.state) for item in items],
        reported=reported.ranked(await figures.of_states(view, scope), items),
        rows=reuses_address(question, stage="live"),
    )
    return answer(request, question, StateRank, definition("ranking"), found)


HANDLERS = (get_coverage, get_ranking)
