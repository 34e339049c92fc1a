"""Procedures: which services were built for each."""

from typing import Annotated

from litestar import get
from litestar.params import Parameter

from registry.catalogue.procedures import require_procedure_key
from registry.catalogue.store import procedures as store
from registry.db import Reads
from registry.organisations import store as organisations
from registry.organisations.names import search_query
from registry.site.columns import PROCEDURES
from registry.site.routes.answers import Page, both, page
from registry.site.routes.asked import Dates, YesOrNo
from registry.site.routes.organisations import DATES, Words
from registry.site.routes.tables import as_page_and_table, as_table, most_rows
from registry.web.paging import page as paged
from registry.web.paging import place_behind
from registry.web.params import Cursor, Limit
from registry.web.requests import AnyRequest

_KINDS = ("leika", "ozg", "unlisted")


@get(as_page_and_table("/leistungen"), dependencies=DATES)
async def list_procedures(  # noqa: PLR0913 - the filters of the list
    request: AnyRequest,
    reads: Reads,
    dates: Dates,
    q: Words = None,
    kind: Annotated[str | None, Parameter(pattern=r"^(leika|ozg|unlisted)?\Z")] = None,
    limit: Limit = 40,
    cursor: Cursor = None,
) -> Page:
    """Leistungen and OZG bundles; with words the best matches come first."""
    at = await dates.moment(reads)
    words = (q or "").strip() or None
    prefixes = None if words is None else search_query(words) or ""
    matching = (words, prefixes, None, None, kind or None)
    most = most_rows(request, limit)
    found = await store.find_procedures(
        reads, matching, at, place_behind(request, cursor), most + 1
    )
    total = await store.count_procedures(reads, matching, at.size)
    shown = paged(request, found, total, most, lambda one: (one.rank, one.place))
    items = [one.item for one in shown.items]
    if most > limit:
        return as_table(request, at, PROCEDURES, items, shown.next)
    return page(
        request,
        "procedures.html",
        at=at,
        items=items,
        total=total,
        next=shown.next,
        q=q or "",
        kind=kind or "",
        kinds=_KINDS,
    )


@get(both("/leistungen/{key:str}"), dependencies=DATES)
async def get_procedure(
    request: AnyRequest,
    reads: Reads,
    dates: Dates,
    key: Annotated[str, Parameter(max_length=80)],
    demo: YesOrNo = None,
) -> Page:
    """A procedure with all services that serve it."""
    wanted = require_procedure_key(key)
    at = await dates.moment(reads)
    found = await store.procedure(reads, wanted, at, demo=demo == "true")
    builders = {builder for service in found.services for builder in service.builders}
    bodies = await organisations.find(reads, builders, at.day, at.size)
    return page(
        request,
        "procedure.html",
        at=at,
        procedure=found,
        bodies={asked: body.name for asked, body in bodies.items()},
    )


HANDLERS = (list_procedures, get_procedure)
