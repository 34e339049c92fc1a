"""Use over time and targets over HTTP."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

import msgspec
from litestar import Response, get
from litestar.di import Provide
from litestar.openapi import ResponseSpec
from litestar.params import Parameter

from registry.audit import Moment
from registry.db import Query
from registry.reports.answers import Report, dated_address
from registry.reports.days import MOST_POINTS, days_until
from registry.reports.definitions import definition
from registry.reports.listings import Target, TimePoint
from registry.reports.routes.asked import ReportQuery, answer, reuses_address
from registry.reports.routes.coverage import ASKED, scope_of
from registry.reports.routes.listings import found
from registry.reports.store import money as store
from registry.web.requests import AnyRequest

_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, kw_only=True)
class TimeQuery(ReportQuery):
    """A report over time: from a day up to `as_of`."""

    since: Annotated[date | None, Parameter(description="First day; two years before.")] = None
    step: Annotated[
        Literal["month", "quarter", "year"], Parameter(description="From point to point.")
    ] = "month"


@get(
    ["/reports/timeline", "/reports/timeline.csv"],
    summary="Use over time",
    dependencies={"asked": Provide(TimeQuery, sync_to_thread=False)},
    responses={200: ResponseSpec(Report[TimePoint], description="Points in time, in order.")},
)
async def get_timeline(request: AnyRequest, view: Query, asked: TimeQuery) -> Response[bytes]:
    """Reusing bodies, Länder and inhabitants, with the events of the versions."""
    question = await asked.resolved(view, request)
    question = msgspec.structs.replace(question, limit=MOST_POINTS + 2)
    days = days_until(question.at.day, asked.since, _MONTHS[asked.step])
    shown = found(
        TimePoint,
        await store.timeline(view, scope_of(question), days),
        lambda row: (row["day"].isoformat(),),
        lambda row: dated_address(
            "/v1/reuses", Moment(day=row["day"], known=question.at.known), **question.filters
        ),
        reuses_address(question),
    )
    return answer(request, question, TimePoint, definition("timeline"), shown)


@get(
    ["/reports/targets", "/reports/targets.csv"],
    summary="Targets against actuals",
    dependencies=ASKED,
    responses={200: ResponseSpec(Report[Target], description="Targets as sources report them.")},
)
async def get_targets(request: AnyRequest, view: Query, asked: ReportQuery) -> Response[bytes]:
    """Reported targets beside what was reported reached, and what is counted here."""
    question = await asked.resolved(view, request)
    question = msgspec.structs.replace(question, limit=10_000)
    shown = found(
        Target,
        await store.targets(view, scope_of(question)),
        lambda row: (row["subject"], row["measure"], row["due_on"] or ""),
        lambda row: (
            "/v1/reported-figures" + (f"?service={row['service']}" if row["service"] else "")
        ),
        "/v1/reported-figures",
    )
    return answer(request, question, Target, definition("targets"), shown)


HANDLERS = (get_timeline, get_targets)
