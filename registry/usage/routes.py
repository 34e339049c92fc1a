"""Usage over HTTP: files of counts or single ones in, figures and their sums out; all public."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get, post
from litestar.di import Provide
from litestar.openapi import ResponseSpec
from litestar.params import Parameter, QueryParameter

from registry.audit import Moment, moment, position_known_at
from registry.catalogue import store as services
from registry.dates import MONTH
from registry.db import Query, Reads, Tx
from registry.identity.door import COSTLY
from registry.organisations import store as organisations
from registry.usage import actions, contents, store, sums_store
from registry.usage.model import FigurePage, Outcome, Sums, SumsPage, UsageDraft
from registry.usage.store import Filters
from registry.web.conditional import conditional, lasting
from registry.web.intake import TableOperation
from registry.web.paging import link_to, page, place_behind
from registry.web.params import Cursor, Demo, KnownAt, Limit, OfBody, OfService
from registry.web.requests import AnyRequest
from registry.web.tables import TABLES

Within = Annotated[
    str | None,
    Parameter(
        max_length=12,
        description="Only of bodies recorded under this regional key, or one that it contains.",
    ),
]
OfState = Annotated[
    str | None, Parameter(pattern=r"^[0-9]{2}\Z", description="Only of this Land (two digits).")
]
From = Annotated[
    str | None,
    QueryParameter(name="from", pattern=MONTH, description="From this month on (YYYY-MM)."),
]
To = Annotated[
    str | None,
    QueryParameter(name="to", pattern=MONTH, description="Up to this month, itself included."),
]

_ANSWERS = {
    200: ResponseSpec(Outcome, description="All of it was told before; nothing was recorded."),
    201: ResponseSpec(Outcome, description="The events of what was new, by service."),
}


@dataclass(frozen=True, kw_only=True)
class Months:
    """Which service and months, and what was known of them when."""

    service: OfService = None
    first: From = None
    last: To = None
    demo: Demo = False
    known_at: KnownAt = None

    def filters(self, size: int | None, **more: Any) -> Filters:
        """The same with months as days; `size` is how many events are known."""
        return Filters(
            first=date.fromisoformat(f"{self.first}-01") if self.first else date.min,
            last=date.fromisoformat(f"{self.last}-01") if self.last else date.max,
            size=size,
            service=self.service,
            demo=self.demo,
            **more,
        )


@dataclass(frozen=True, kw_only=True)
class SumsQuery(Months):
    """Which sums to list."""

    within: OfState = None


@dataclass(frozen=True, kw_only=True)
class FigureQuery(Months):
    """Which figures to list."""

    within: Within = None
    organisation: OfBody = None

    async def found(self, db: Query, at: Moment) -> Filters:
        """The filters, with the body and the territory found."""
        within = await organisations.territory(db, self.within, at.size)
        await services.require_recorded(db, self.service, at.size)
        return self.filters(
            at.size,
            within=None if within is None else await _shortest(db, within),
            organisation_id=await organisations.resolve_id(db, self.organisation, at.day, at.size),
        )


async def _shortest(db: Query, key: str) -> str:
    """The shortest key of the body that holds this one: a city of its own has several."""
    found = await organisations.find(db, [key])
    shortest = found[key].key if key in found else key
    return shortest if shortest.isdigit() else key


@post(
    "/usage/batches",
    summary="Record a file of usage figures",
    operation_class=TableOperation,
    opt={"reads": TABLES, COSTLY: True},
    responses=_ANSWERS,
)
async def post_usage_batch(request: AnyRequest, tx: Tx, body: bytes) -> Response[Outcome]:
    """CSV with German or English headers, or one figure as JSON in each line; all or nothing.

    Columns: `organisation` (Stelle), `service` (Dienst), `month` (Monat), `channel` (Kanal),
    `version`, `started` (begonnen), `completed` (abgeschlossen), `withdrawn` (zurückgezogen).
    A later figure of the same takes the place of the earlier one; the same file again adds nothing.
    At most 200,000 rows; the whole of a request is limited as everywhere (413).
    """
    table = await contents.read_in_thread(body, request.headers.get("content-type", ""))
    return _answer(await actions.record(tx, table, body))


@post("/usage", summary="Record a usage figure", responses=_ANSWERS)
async def post_usage(tx: Tx, data: UsageDraft) -> Response[Outcome]:
    """A single figure, by the same rules as a file of them."""
    sent = msgspec.json.encode(data)
    return _answer(await actions.record(tx, contents.one_row(data), sent))


def _answer(outcome: Outcome) -> Response[Outcome]:
    return Response(outcome, status_code=201 if outcome.events else 200)


@get(
    "/usage",
    summary="How often services are used",
    dependencies={"wanted": Provide(FigureQuery, sync_to_thread=False)},
    responses={200: ResponseSpec(FigurePage, description="One page of figures.")},
)
async def list_usage(
    request: AnyRequest,
    reads: Reads,
    wanted: FigureQuery,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[bytes]:
    """The figures that stand, by body, service and month. A month without one is a gap, no zero.

    `total` is null where it would have to be counted from the figures themselves.
    """
    at = await moment(reads, None, wanted.known_at)
    filters = await wanted.found(reads, at)
    rows = await store.figures(reads, filters, at.day, place_behind(request, cursor), limit + 1)
    total = await sums_store.count(reads, filters)
    shown = page(request, rows, total, limit, _figure_key)
    found = FigurePage(
        items=[row.figure for row in shown.items],
        total=total,
        next=shown.next,
        known_at=at.known,
    )
    return _kept(request, wanted, found)


@get(
    "/usage/months",
    summary="Usage by service, Land and month",
    dependencies={"wanted": Provide(SumsQuery, sync_to_thread=False)},
    responses={200: ResponseSpec(SumsPage, description="One page of sums.")},
)
async def list_sums(
    request: AnyRequest,
    reads: Reads,
    wanted: SumsQuery,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[bytes]:
    """The sums of the figures that stand, and over how many figures they go."""
    known = await position_known_at(reads, wanted.known_at)
    size = known.size if known else None
    await services.require_recorded(reads, wanted.service, size)
    filters = wanted.filters(size, within=await organisations.territory(reads, wanted.within, size))
    rows = await sums_store.sums(reads, filters, place_behind(request, cursor), limit + 1)
    shown = page(request, rows, None, limit, _sums_key)
    found = SumsPage(items=list(shown.items), total=None, next=shown.next, known_at=known)
    return _kept(request, wanted, found)


def _kept(request: AnyRequest, wanted: Months, found: FigurePage | SumsPage) -> Response[bytes]:
    """The page; what was known in the past is kept, since bodies have their names of that day."""
    headers = link_to(found.next) | lasting(request, known_at=wanted.known_at)
    return conditional(request, found, headers=headers)


def _figure_key(row: store.Listed) -> tuple[str, ...]:
    return row.key


def _sums_key(row: Sums) -> tuple[str, str, str]:
    return (row.service, row.state or "", row.month)


def router() -> Router:
    """The routes of this room, below /v1."""
    handlers = [post_usage_batch, post_usage, list_usage, list_sums]
    return Router("/", route_handlers=handlers, tags=["usage"])
