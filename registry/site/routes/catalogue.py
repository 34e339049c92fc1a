"""The start page and the catalogue."""

from typing import Annotated

from litestar import get
from litestar.params import Parameter

from registry.audit import moment
from registry.catalogue.parts import CODE
from registry.db import Reads
from registry.reports.model import FacetName
from registry.reports.searching import service_filter
from registry.reports.store import service_list
from registry.reuse.store import answers as reuses
from registry.site import store
from registry.site.columns import SERVICES
from registry.site.routes.answers import Page, both, page
from registry.site.routes.asked import Dates, YesOrNo
from registry.site.routes.organisations import DATES
from registry.site.routes.tables import as_page_and_table, as_table, most_rows
from registry.web.paging import page as paged
from registry.web.paging import place_behind
from registry.web.params import Cursor, Limit
from registry.web.requests import AnyRequest

SHOWN_FACETS: tuple[FacetName, ...] = (
    "reused_within", "builder", "theme", "has_versions", "reused_by_states", "status", "portal",
)  # fmt: skip
Value = Annotated[str | None, Parameter(max_length=80)]
Code = Annotated[str | None, Parameter(pattern=rf"{CODE}|^\Z", max_length=80)]
Words = Annotated[str | None, Parameter(max_length=200)]


@get(both(""))
async def get_start(request: AnyRequest, reads: Reads) -> Page:
    """What this is, five figures, what is new."""
    at = await moment(reads, None, None)
    return page(
        request,
        "start.html",
        today=at.day,
        figures=await store.figures(reads, at.day),
        counts=await reuses.counts(reads, reuses.Filters(as_of=at.day)),
        newest=await store.newest_versions(reads, at.day, 8),
        sunsets=await store.next_sunsets(reads, at.day, 8),
        demo=await store.demo_loaded(reads),
    )


@get(as_page_and_table("/dienste"), dependencies=DATES)
async def list_services(  # noqa: PLR0913 - the filters of the list
    request: AnyRequest,
    reads: Reads,
    dates: Dates,
    q: Words = None,
    theme: Code = None,
    builder: Value = None,
    reused_within: Annotated[str | None, Parameter(pattern=r"^([0-9]{2,12})?$")] = None,
    reused_by_states: Annotated[str | None, Parameter(pattern=r"^([0-9]{1,2})?$")] = None,
    has_versions: Annotated[str | None, Parameter(pattern=r"^(true|false)?$")] = None,
    status: Code = None,
    portal: Code = None,
    demo: YesOrNo = None,
    limit: Limit = 40,
    cursor: Cursor = None,
) -> Page:
    """Search and facets as a plain form; every list has a permanent address."""
    at = await dates.moment(reads)
    given = {
        "theme": theme, "builder": builder, "reused_within": reused_within,
        "reused_by_states": reused_by_states, "has_versions": has_versions,
        "status": status, "portal": portal,
    }  # fmt: skip
    chosen = {name: value for name, value in given.items() if value}
    by = await service_filter(reads, at, (q or "").strip() or None, chosen, demo=demo == "true")
    most = most_rows(request, limit)
    found = await service_list.find_services(reads, by, place_behind(request, cursor), most + 1)
    counted = await service_list.facets(reads, by)
    shown = paged(
        request, found, counted.total, most, lambda one: (one.rank, one.sort_key, one.item.slug)
    )
    items = [entry.item for entry in shown.items]
    if most > limit:
        return as_table(request, at, SERVICES, items, shown.next)
    return page(
        request,
        "catalogue.html",
        items=items,
        total=counted.total,
        facets=[(name, counted.facets.get(name, [])) for name in SHOWN_FACETS],
        chosen=chosen,
        q=q or "",
        at=at,
        next=shown.next,
    )


HANDLERS = (get_start, list_services)
