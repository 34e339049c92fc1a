"""A service: its versions, any two compared, who reuses it, its fields."""

from collections.abc import Sequence
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
from registry.organisations.model import DEMO_STATE
from registry.reports.store import coverage, reported
from registry.reports.store.coverage import Scope
from registry.reuse.store import answers as reuses
from registry.site.fields import FieldRow, fields
from registry.site.matrix import cell
from registry.site.routes.answers import Page, both, page
from registry.site.routes.asked import Dates
from registry.site.routes.mine import mine
from registry.site.routes.organisations import DATES
from registry.site.vouching import Answered, answered, answers, undecided
from registry.versions import actions
from registry.versions import store as versions
from registry.versions.comparisons import store as verdicts
from registry.versions.comparisons.shown import Comparison, comparison
from registry.versions.comparisons.verdicts import Proof, VersionVerdict
from registry.versions.model import Version, VersionItem
from registry.versions.workers.asking import workers_where_needed
from registry.web.params import SlugInPath
from registry.web.requests import AnyRequest

_BODIES = 50
_VERSIONS = 200
_LENGTH = 128
Number = Annotated[str, Parameter(max_length=_LENGTH, pattern=VERSION_NUMBER)]
Old = Annotated[str | None, QueryParameter(name="from", max_length=_LENGTH, pattern=VERSION_NUMBER)]
New = Annotated[str | None, QueryParameter(name="to", max_length=_LENGTH, pattern=VERSION_NUMBER)]


async def _service(db: Reads, slug: str, at: Moment) -> Service:
    stored = await documents.as_of(db, SERVICES, slug, at.day, at.size)
    return msgspec.json.decode(stored.body, type=Service)


def _demo(service: Service) -> str:
    """`true` for a service of the fictitious Land, as addresses ask for it."""
    builders = service.record.builders
    return "true" if any(one.key.startswith(DEMO_STATE) for one in builders) else ""


async def _documentation(db: Reads, version: VersionItem) -> dict[str, list[FieldRow]]:
    rows: dict[str, list[FieldRow]] = {}
    for interface in version.interfaces:
        stored = await versions.schema(db, version.service, version.version, interface.name)
        if stored:
            rows[interface.name] = fields(msgspec.json.decode(stored.identity))
    return rows


async def _recorded(db: Reads, version: Version) -> list[VersionVerdict]:
    """How a version compares with its neighbours, as it was found when it was published."""
    contents = await verdicts.published(db, version.service, version.version)
    return [actions.read_verdict(content) for content in contents]


async def _vouched(
    db: Reads, verdict: VersionVerdict, shown: Comparison, at: Moment
) -> Answered | None:
    """What persons answered for between two versions: for what is undecided, where anything is."""
    if not undecided(shown):
        return None
    slug = shown.service
    old = await versions.version(db, slug, verdict.old, at.day, at.size)
    return answered(verdict, old, await versions.version(db, slug, verdict.new, at.day, at.size))


def _proofs(version: Version, found: Sequence[VersionVerdict]) -> dict[str, Proof]:
    """By neighbour, how well was proven that a version breaks, when it was published."""
    return {
        one.old if one.new == version.version else one.new: one.proof for one in found if one.proof
    }


async def _newest(db: Reads, slug: str, at: Moment) -> dict[str, Any]:
    """The newest version, with its fields and how it compares with the one before it."""
    number = await versions.newest(db, slug, at)
    if number is None:
        return {"newest": None, "comparison": None, "pair": None, "documentation": {}}
    newest = await versions.version(db, slug, number, at.day, at.size)
    pair = newest.previous, newest.version
    found = [one for one in await _recorded(db, newest) if (one.old, one.new) == pair]
    shown = comparison(slug, found[0]) if found else None
    return {
        "newest": newest,
        "comparison": shown,
        "vouched": await _vouched(db, found[0], shown, at) if shown else None,
        "pair": pair if found else None,
        "documentation": await _documentation(db, newest),
    }


async def _use(db: Reads, service: Service, at: Moment) -> dict[str, Any]:
    """Who reuses it: by Land, and the first bodies; what sources report of it."""
    demo = bool(_demo(service))
    wanted = reuses.Filters(as_of=at.day, service=service.slug, demo=demo)
    rows = await reuses.listed(db, wanted, at.size, None, _BODIES)
    scope = Scope(at=at, service=service.slug, within=None, demo=demo)
    by_land = await coverage.stages(db, scope)
    return {
        "grid": {one.state: one for one in map(cell, map(dict, by_land))},
        "bodies": [row.state for row in rows],
        "counts": await reuses.counts(db, wanted) if at.size is None else None,
        "by_land": by_land,
        "reported": await reported.beside(db, scope),
    }


@get(both("/dienste/{slug:str}"), dependencies=DATES)
async def get_service(request: AnyRequest, reads: Reads, slug: SlugInPath, dates: Dates) -> Page:
    """Everything about one service on one page."""
    at = await dates.moment(reads)
    service = await _service(reads, slug, at)
    return page(
        request,
        "service.html",
        at=at,
        service=service,
        mine=await mine(request, slug, at.day),
        demo=_demo(service),
        own=[builder.key[:2] for builder in service.record.builders],
        versions=await versions.highest(reads, slug, at, _VERSIONS),
        all_versions=await versions.count(reads, slug, at),
        **await _newest(reads, slug, at),
        **await _use(reads, service, at),
    )


@get(both("/dienste/{slug:str}/vergleich"))
async def get_comparison(
    request: AnyRequest, reads: Reads, slug: SlugInPath, old: Old = None, new: New = None
) -> Page:
    """What changed between any two versions: worked out once, then kept; without two, a choice."""
    at = await moment(reads, None, None)
    service = await _service(reads, slug, at)
    listed = await versions.highest(reads, slug, at, _VERSIONS)
    chosen: dict[str, Any] = {"service": service, "versions": listed, "pair": [old, new]}
    if old is None or new is None:
        return page(request, "comparison.html", comparison=None, **chosen)
    state = request.app.state
    pair = old, new
    verdict = await actions.compare(
        state.database, workers_where_needed(request), slug, pair, "reserved"
    )
    shown = comparison(slug, verdict)
    vouched = await _vouched(reads, verdict, shown, at)
    return page(request, "comparison.html", comparison=shown, vouched=vouched, **chosen)


@get(both("/dienste/{slug:str}/{version:str}"), dependencies=DATES)
async def get_version(
    request: AnyRequest, reads: Reads, slug: SlugInPath, version: Number, dates: Dates
) -> Page:
    """One version: its interfaces, their fields, how it compares with its neighbours."""
    at = await dates.moment(reads)
    found = await versions.version(reads, slug, version, at.day, at.size)
    service = await _service(reads, slug, at)
    recorded = await _recorded(reads, found)
    return page(
        request,
        "version.html",
        at=at,
        service=service,
        demo=_demo(service),
        version=found,
        proofs=_proofs(found, recorded),
        answers=answers(found, recorded),
        documentation=await _documentation(reads, found),
    )


HANDLERS = (get_service, get_comparison, get_version)
