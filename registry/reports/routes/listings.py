"""The reports on versions, stages, duplicates and money over HTTP."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from litestar import Response, get
from litestar.openapi import ResponseSpec

from registry.db import Query, Row
from registry.reports.answers import Report, dated_address
from registry.reports.definitions import definition
from registry.reports.listings import (
    Duplicate,
    FundedUse,
    FunnelStage,
    OutdatedUse,
    VanishedUse,
    VersionUse,
    ZeroReuse,
)
from registry.reports.routes.asked import Found, ReportQuery, answer, reuses_address
from registry.reports.routes.coverage import ASKED, scope_of
from registry.reports.store import listings as store
from registry.reports.store import money, vanished
from registry.web.requests import AnyRequest


def found(
    kind: type[Any],
    rows: Sequence[Row],
    place: Callable[[Row], tuple[str, ...]],
    link: Callable[[Mapping[str, Any]], str],
    whole: str,
) -> Found:
    """The rows with their places and their links."""
    named = set(kind.__struct_fields__)
    items = [
        msgspec.convert(
            {k: v for k, v in row.items() if k in named} | {"link": link(dict(row))}, kind
        )
        for row in rows
    ]
    return Found(items=items, places=[place(row) for row in rows], rows=whole)


def _documented(kind: Any, words: str) -> Any:
    return {200: ResponseSpec(Report[kind], description=words)}


@get(
    ["/reports/versions-in-use", "/reports/versions-in-use.csv"],
    summary="Versions in use",
    dependencies=ASKED,
    responses=_documented(VersionUse, "Versions by service."),
)
async def get_versions_in_use(
    request: AnyRequest, view: Query, asked: ReportQuery
) -> Response[bytes]:
    """How many bodies have which version on a day."""
    question = await asked.resolved(view, request)
    rows = await store.versions_in_use(view, scope_of(question), question.after, question.limit + 1)
    shown = found(
        VersionUse,
        rows,
        lambda row: (row["service"], row["version"] or ""),
        lambda row: reuses_address(question, service=row["service"], version=row["version"]),
        reuses_address(question),
    )
    return answer(request, question, VersionUse, definition("versions-in-use"), shown)


@get(
    ["/reports/outdated", "/reports/outdated.csv"],
    summary="Outdated versions in use",
    dependencies=ASKED,
    responses=_documented(OutdatedUse, "Who has what is deprecated, revoked or not recorded."),
)
async def get_outdated(request: AnyRequest, view: Query, asked: ReportQuery) -> Response[bytes]:
    """Who has a version that should not be used any more, and until when it runs."""
    question = await asked.resolved(view, request)
    rows = await store.outdated(view, scope_of(question), question.after, question.limit + 1)
    shown = found(
        OutdatedUse,
        rows,
        lambda row: (row["service"], row["organisation_key"]),
        lambda row: dated_address(row["link"], question.at),
        reuses_address(question),
    )
    return answer(request, question, OutdatedUse, definition("outdated"), shown)


@get(
    ["/reports/to-be-confirmed", "/reports/to-be-confirmed.csv"],
    summary="Reuses of bodies that are gone",
    dependencies=ASKED,
    responses=_documented(VanishedUse, "Reuses whose successors have to confirm or end them."),
)
async def get_to_be_confirmed(
    request: AnyRequest, view: Query, asked: ReportQuery
) -> Response[bytes]:
    """What merged and dissolved bodies reused: a merger moves nothing by itself."""
    question = await asked.resolved(view, request)
    rows = await vanished.to_be_confirmed(
        view, scope_of(question), question.after, question.limit + 1
    )
    shown = found(
        VanishedUse,
        rows,
        lambda row: (row["service"], row["organisation_key"]),
        lambda row: dated_address(row["link"], question.at),
        reuses_address(question),
    )
    return answer(request, question, VanishedUse, definition("to-be-confirmed"), shown)


@get(
    ["/reports/funnel", "/reports/funnel.csv"],
    summary="From interest to operation",
    dependencies=ASKED,
    responses=_documented(FunnelStage, "The stages in order."),
)
async def get_funnel(request: AnyRequest, view: Query, asked: ReportQuery) -> Response[bytes]:
    """How many reached each stage, how long they stayed, and where they ended for good."""
    question = await asked.resolved(view, request)
    shown = found(
        FunnelStage,
        await store.funnel(view, scope_of(question)),
        lambda row: (row["stage"],),
        lambda row: reuses_address(question, stage=row["stage"]),
        reuses_address(question),
    )
    return answer(request, question, FunnelStage, definition("funnel"), shown)


@get(
    ["/reports/duplicates", "/reports/duplicates.csv"],
    summary="Services for the same procedure",
    dependencies=ASKED,
    responses=_documented(Duplicate, "Procedures and bundles with several services."),
)
async def get_duplicates(request: AnyRequest, view: Query, asked: ReportQuery) -> Response[bytes]:
    """Where different builders have services for one procedure or OZG bundle; a hint only."""
    question = await asked.resolved(view, request)
    rows = await store.duplicates(view, scope_of(question), question.after, question.limit + 1)
    shown = found(
        Duplicate,
        rows,
        lambda row: (row["kind"], row["key"]),
        lambda row: dated_address("/v1/services", question.at, **{row["kind"]: row["key"]}),
        dated_address("/v1/services", question.at),
    )
    return answer(request, question, Duplicate, definition("duplicates"), shown)


@get(
    ["/reports/zero-reuse", "/reports/zero-reuse.csv"],
    summary="Services nobody else uses",
    dependencies=ASKED,
    responses=_documented(ZeroReuse, "Services without reuse, with their funding."),
)
async def get_zero_reuse(request: AnyRequest, view: Query, asked: ReportQuery) -> Response[bytes]:
    """Services that only their builders ever had in a pilot or in operation, and their money."""
    question = await asked.resolved(view, request)
    rows = await money.zero_reuse(view, scope_of(question), question.after, question.limit + 1)
    shown = found(
        ZeroReuse,
        rows,
        lambda row: (row["service"],),
        lambda row: reuses_address(question, service=row["service"]),
        dated_address("/v1/services", question.at, reused_by_states=0),
    )
    return answer(request, question, ZeroReuse, definition("zero-reuse"), shown)


@get(
    ["/reports/funding", "/reports/funding.csv"],
    summary="What became of the money",
    dependencies=ASKED,
    responses=_documented(FundedUse, "Agreements with money, and the use of their services."),
)
async def get_funding(request: AnyRequest, view: Query, asked: ReportQuery) -> Response[bytes]:
    """From agreement to service to who uses it; euros per live body and per counted use."""
    question = await asked.resolved(view, request)
    rows = await money.funding(view, scope_of(question), question.after, question.limit + 1)
    shown = found(
        FundedUse,
        rows,
        lambda row: (row["agreement"],),
        lambda row: dated_address(f"/v1/agreements/{row['agreement']}", question.at),
        dated_address("/v1/agreements", question.at),
    )
    return answer(request, question, FundedUse, definition("funding"), shown)


HANDLERS = (
    get_versions_in_use,
    get_outdated,
    get_to_be_confirmed,
    get_funnel,
    get_duplicates,
    get_zero_reuse,
    get_funding,
)
