"""What every report takes, and how it is answered: JSON, or CSV by suffix or `Accept`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response
from litestar.params import Parameter

from registry.audit import Moment, moment
from registry.catalogue import store as services
from registry.db import Query
from registry.organisations import store as organisations
from registry.reports.answers import (
    Definition,
    Report,
    ReportedBeside,
    ReportLinks,
    dated_address,
)
from registry.reports.tables import table
from registry.web.conditional import BY_CALLER, conditional, lasting
from registry.web.paging import link_to, page, place_behind
from registry.web.params import AsOf, Cursor, KnownAt, Limit, OfService
from registry.web.requests import AnyRequest, first_accepted

ALL_ROWS = 100_000


@dataclass(frozen=True, kw_only=True)
class ReportQuery:
    """The filters and dates of a report, and the form of its table."""

    service: OfService = None
    within: Annotated[
        str | None,
        Parameter(max_length=12, description="Only within the territory of this regional key."),
    ] = None
    demo: Annotated[bool, Parameter(description="Also the fictitious state with key 99.")] = False
    as_of: AsOf = None
    known_at: KnownAt = None
    separator: Annotated[
        Literal[",", ";"],
        Parameter(description="Of the columns in CSV; `;` opens in German Excel."),
    ] = ","
    bom: Annotated[bool, Parameter(description="Whether CSV begins with a byte order mark.")] = (
        False
    )
    limit: Limit = 50
    cursor: Cursor = None

    async def resolved(self, db: Query, request: AnyRequest) -> "Asked":
        """The dates found, the territory as its shortest key, the cursor read."""
        as_table = wants_table(request)
        at = await moment(db, self.as_of, self.known_at)
        await services.require_recorded(db, self.service, at.size)
        return Asked(
            at=at,
            service=self.service,
            within=await organisations.territory(db, self.within, at.size),
            demo=self.demo,
            after=place_behind(request, self.cursor),
            limit=ALL_ROWS if as_table else self.limit,
            as_table=as_table,
            query=self,
        )


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A question to a report, ready for its statement."""

    at: Moment
    service: str | None
    within: str | None
    demo: bool
    after: Sequence[Any] | None
    limit: int
    as_table: bool
    query: ReportQuery

    @property
    def filters(self) -> dict[str, str | bool | None]:
        return {"service": self.service, "within": self.within, "demo": self.demo}


def wants_table(request: AnyRequest) -> bool:
    """Whether CSV is asked for, by the suffix or by a header that names it first."""
    if request.url.path.endswith(".csv"):
        return True
    return first_accepted(request) == "text/csv"


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The rows of a report: one more than asked for where there are more; `places` order them."""

    items: Sequence[msgspec.Struct]
    places: Sequence[tuple[str, ...]]
    reported: Sequence[ReportedBeside] = ()
    rows: str


def answer(
    request: AnyRequest, asked: Asked, kind: type[Any], says: Definition, found: Found
) -> Response[bytes]:
    """The report as JSON or CSV, with its ETag."""
    pairs = list(zip(found.items, found.places, strict=True))
    shown = page(request, pairs, None, asked.limit, lambda pair: pair[1])
    headers = BY_CALLER | link_to(shown.next)
    headers |= lasting(request, as_of=asked.query.as_of, known_at=asked.query.known_at)
    path = request.url.path.removesuffix(".csv")
    if asked.as_table:
        return _as_table(request, asked, kind, [item for item, _ in shown.items], headers)
    report: Report[Any] = Report(
        definition=says.definition,
        denominator=says.denominator,
        as_of=asked.at.day,
        known_at=asked.at.known,
        items=[item for item, _ in shown.items],
        next=shown.next,
        reported=found.reported,
        links=ReportLinks(
            own=dated_address(path, asked.at, **asked.filters),
            csv=dated_address(f"{path}.csv", asked.at, **asked.filters),
            rows=found.rows,
        ),
    )
    return conditional(request, report, headers=headers)


def _as_table(
    request: AnyRequest,
    asked: Asked,
    kind: type[Any],
    items: Sequence[msgspec.Struct],
    headers: dict[str, str],
) -> Response[bytes]:
    known = asked.at.known
    dates = {"as_of": asked.at.day.isoformat(), "known_at": str(known.size) if known else ""}
    content = table(kind, items, dates, separator=asked.query.separator, bom=asked.query.bom)
    name = request.url.path.rsplit("/", 1)[-1].removesuffix(".csv")
    headers["Content-Disposition"] = f'attachment; filename="{name}-{asked.at.day}.csv"'
    return conditional(request, content, headers=headers, media_type="text/csv")


def reuses_address(asked: Asked, **more: str | None) -> str:
    """The list of reuses a row or a report is made from."""
    return dated_address("/v1/reuses", asked.at, **(asked.filters | more))
