"""A service: its versions, any two compared, who reuses it, its fields."""

from typing import Annotated, Any

import msgspec
from litestar import get
from litestar.params import Parameter, QueryParameter

from registry.audit import Moment, moment
from registry.catalogue.kinds import SERVICES
from registry.catalogue.model import Service
from registry.catalogue.store import documents
from registry.characters import VERSION_NUMBER
from registry.db import Reads
from registry.reports.store import coverage
from registry.reports.store.coverage import Scope
from registry.reuse.store import answers as reuses
from registry.site.fields import FieldRow, fields
from registry.site.routes.answers import Page, as_data, both, page
from registry.site.words import LAENDER
from registry.versions import actions
from registry.versions import store as versions
from registry.versions.comparisons.shown import Comparison, comparison
from registry.versions.model import VersionItem
from registry.web.params import AsOf, KnownAt, SlugInPath
from registry.web.requests import AnyRequest

_BODIES = 200
_LONGEST = 2_000
Number = Annotated[str, Parameter(max_length=100, pattern=VERSION_NUMBER)]
Old = Annotated[str | None, QueryParameter(name="from", max_length=100)]
New = Annotated[str | None, QueryParameter(name="to", max_length=100)]


async def _service(db: Reads, slug: str, at: Moment) -> Service:
    stored = await documents.as_of(db, SERVICES, slug, at.day, at.size)
    return msgspec.json.decode(stored.body, type=Service)


async def _documentation(db: Reads, version: VersionItem) -> dict[str, list[FieldRow]]:
    rows: dict[str, list[FieldRow]] = {}
    for interface in version.interfaces:
        stored = await versions.schema(db, version.service, version.version, interface.name)
        if stored:
            rows[interface.name] = fields(msgspec.json.decode(stored.identity))
    return rows


async def _compared(request: AnyRequest, slug: str, pair: list[str]) -> Comparison:
    state = request.app.state
    return comparison(
        slug, await actions.compare(state.database, state.workers, slug, pair, "reserved")
    )


def _pair(found: list[Any], old: str | None, new: str | None) -> list[str]:
    """The two versions to compare: those asked for, or the newest with the one before."""
    numbers = [version.version for version in found]
    if old and new:
        return [old, new]
    return numbers[1::-1] if len(numbers) > 1 else []


async def _use(db: Reads, slug: str, at: Moment) -> dict[str, Any]:
    """Who reuses it: by Land, and the first bodies."""
    wanted = reuses.Filters(as_of=at.day, service=slug)
    rows = await reuses.listed(db, wanted, at.size, None, _BODIES)
    scope = Scope(at=at, service=slug, within=None, demo=False)
    by_land = {row["state"]: row for row in await coverage.coverage(db, scope, None, 17)}
    return {
        "grid": {key: _sign(by_land.get(key)) for key in LAENDER},
        "bodies": [row.state for row in rows],
        "counts": await reuses.counts(db, wanted) if at.size is None else None,
        "by_land": by_land,
    }


def _sign(row: Any) -> tuple[int, str]:
    """How dark a tile is, and the sign on it: in operation, in a pilot, the Land takes part."""
    if row is None:
        return 0, "–"
    for level, sign, holds in ((4, "B", row["at_least_one"]), (2, "P", row["pilot"])):
        if holds:
            return level, sign
    return (1, "L") if row["land_takes_part"] else (0, "–")


def _readable(document: bytes) -> str:
    """A document as indented text, cut where it is long."""
    text = msgspec.json.format(bytes(document), indent=2).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


@get(both("/dienste/{slug:str}"), include_in_schema=False)
async def get_service(  # noqa: PLR0913 - the filters of the page
    request: AnyRequest,
    reads: Reads,
    slug: SlugInPath,
    old: Old = None,
    new: New = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Page:
    """Everything about one service on one page."""
    if data := as_data(request, f"/v1/services/{slug}"):
        return data
    at = await moment(reads, as_of, known_at)
    service = await _service(reads, slug, at)
    found = [*reversed(await versions.find(reads, slug, at, None, 200))]
    pair = _pair(found, old, new)
    return page(
        request,
        "service.html",
        service=service,
        own=[builder.key[:2] for builder in service.record.builders],
        readable=_readable,
        versions=found,
        pair=pair,
        comparison=await _compared(request, slug, pair) if pair else None,
        documentation=await _documentation(reads, found[0]) if found else {},
        as_of=at.day,
        **await _use(reads, slug, at),
    )


@get(both("/dienste/{slug:str}/{version:str}"), include_in_schema=False)
async def get_version(request: AnyRequest, reads: Reads, slug: SlugInPath, version: Number) -> Page:
    """One version: its interfaces, their fields, how it compares with its neighbours."""
    if data := as_data(request, f"/v1/services/{slug}/versions/{version}"):
        return data
    at = await moment(reads, None, None)
    found = await versions.version(reads, slug, version, at.day, None)
    return page(
        request,
        "version.html",
        service=await _service(reads, slug, at),
        version=found,
        documentation=await _documentation(reads, found),
    )


HANDLERS = (get_service, get_version)
