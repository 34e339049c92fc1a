"""Bodies: what each builds, what it reuses, what it has to do, and its history."""

from typing import Annotated, Any
from uuid import UUID

from litestar import get
from litestar.di import Provide
from litestar.params import Parameter

from registry.agreements.store import documents as agreements
from registry.audit import Moment
from registry.db import Reads
from registry.organisations.model import (
    DEMO_STATE,
    Filters,
    Level,
    Organisation,
    OrganisationDetail,
    UnknownOrganisation,
    forms_of,
)
from registry.organisations.names import search_query, sort_key
from registry.organisations.store import territory
from registry.organisations.store.detail import details
from registry.organisations.store.listing import matches
from registry.reports.searching import service_filter
from registry.reports.store import service_list
from registry.reuse.store import answers as reuses
from registry.site import store
from registry.site.columns import BODIES
from registry.site.routes.answers import Page, both, page
from registry.site.routes.asked import Dates, YesOrNo
from registry.site.routes.tables import as_page_and_table, as_table, most_rows
from registry.site.tasks import task
from registry.web.paging import page as paged
from registry.web.paging import place_behind
from registry.web.params import Cursor, Limit
from registry.web.requests import AnyRequest

KeyInPath = Annotated[str, Parameter(max_length=80)]
Words = Annotated[str | None, Parameter(max_length=200)]
Within = Annotated[str | None, Parameter(max_length=12)]
DATES = {"dates": Provide(Dates, sync_to_thread=False)}
_LEVELS: tuple[Level, ...] = ("state", "region", "district", "association", "municipality")
_MOST = 50
_ALL = 200
# A query that nothing matches.
_NO_WORD = ""


@get(as_page_and_table("/stellen"), dependencies=DATES)
async def list_bodies(  # noqa: PLR0913 - the filters of the list
    request: AnyRequest,
    reads: Reads,
    dates: Dates,
    q: Words = None,
    level: Annotated[
        str | None,
        Parameter(pattern=r"^(state|region|district|association|municipality|unincorporated)?\Z"),
    ] = None,
    within: Within = None,
    demo: YesOrNo = None,
    limit: Limit = 40,
    cursor: Cursor = None,
) -> Page:
    """Bodies by name or key, on any day since 1990."""
    at = await dates.moment(reads)
    words = (q or "").strip()
    prefix = await territory(reads, within or None, at.size)
    wanted = Filters(
        as_of=at.day if dates.as_of or dates.known_at else None,
        level=level or None,  # pyright: ignore[reportArgumentType] - held by the pattern
        words=search_query(words) or _NO_WORD if words and not words.isdecimal() else None,
        prefix=max(prefix or "", words if words.isdecimal() else "", key=len) or None,
        demo=demo == "true",
        size=at.size,
        today=at.day,
    )
    behind = place_behind(request, cursor)
    after = (behind[0], UUID(behind[1])) if behind else None
    most = most_rows(request, limit)
    found = await matches(reads, wanted, after, most + 1)
    shown = paged(request, found.items, found.total, most, _place)
    if most > limit:
        return as_table(request, at, BODIES, shown.items, shown.next)
    return page(
        request,
        "organisations.html",
        at=at,
        items=shown.items,
        total=found.total,
        next=shown.next,
        q=q or "",
        level=level or "",
        within=within or "",
        demo=demo == "true",
        lands=await store.states(reads, at, demo=demo == "true"),
        levels=_LEVELS,
    )


def _place(body: Organisation) -> tuple[str, str]:
    return sort_key(body.name), str(body.id)


@get(both("/stellen/{key:str}"), dependencies=DATES)
async def get_body(request: AnyRequest, reads: Reads, key: KeyInPath, dates: Dates) -> Page:
    """Everything about one body on one page; a key that is no more leads to the body it had."""
    forms_of(key)
    at = await dates.moment(reads)
    body = (await details(reads, [key], at)).get(key)
    if body is None:
        raise UnknownOrganisation(key=key)
    demo = _is_demo(body)
    uses = await _uses(reads, body, at, demo=demo)
    within = _territory(body)
    late = store.BehindAsked(
        at=at, body=None if within else body.id, within=within, demo=demo, limit=_MOST
    )
    behind = await store.behind(reads, late)
    return page(
        request,
        "organisation.html",
        at=at,
        body=body,
        demo=demo,
        within=bool(within),
        most=_MOST,
        tasks=[task(one, at.day) for one in behind],
        builds=await _builds(reads, body, at, demo=demo),
        agreements=await _agreements(reads, body, at, demo=demo),
        **uses,
    )


def _is_demo(body: OrganisationDetail) -> bool:
    return body.key.startswith(DEMO_STATE)


def _territory(body: OrganisationDetail) -> str | None:
    """The key of a territory that others lie in."""
    return body.key if body.key.isdecimal() and len(body.key) < 12 and body.keys else None


async def _uses(db: Reads, body: OrganisationDetail, at: Moment, *, demo: bool) -> dict[str, Any]:
    wanted = reuses.Filters(as_of=at.day, organisation_id=body.id, demo=demo)
    rows = [row.state for row in await reuses.listed(db, wanted, at.size, None, _ALL)]
    return {
        "uses": rows,
        "unknown": sum(1 for row in rows if row.version is None),
        "names": await store.service_names(db, at, [row.service for row in rows]),
    }


async def _builds(db: Reads, body: OrganisationDetail, at: Moment, *, demo: bool) -> list[Any]:
    by = await service_filter(db, at, None, {"builder": body.key}, demo=demo)
    return [found.item for found in await service_list.find_services(db, by, None, _ALL)]


async def _agreements(db: Reads, body: OrganisationDetail, at: Moment, *, demo: bool) -> list[Any]:
    wanted = agreements.Filters(party=body.id, demo=demo)
    return [one.item for one in await agreements.agreements(db, wanted, at, None, _MOST)]


HANDLERS = (list_bodies, get_body)
