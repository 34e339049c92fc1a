"""Agreements: parties, who joined, what they cover, what they rest on."""

from collections.abc import Iterable
from typing import Annotated, get_args

from litestar import get
from litestar.params import Parameter

from registry.agreements.model import Agreement, AgreementItem, AgreementKind
from registry.agreements.store import documents as agreements
from registry.catalogue.store.codelists import codelist
from registry.db import Reads
from registry.organisations.store import territory
from registry.reuse.store import answers as reuses
from registry.site import store
from registry.site.columns import AGREEMENTS
from registry.site.routes.answers import Page, both, page, place_of
from registry.site.routes.asked import Dates, YesOrNo
from registry.site.routes.organisations import DATES, Within
from registry.site.routes.tables import as_page_and_table, as_table, most_rows
from registry.web.paging import page as paged
from registry.web.paging import place_behind
from registry.web.params import Cursor, Limit, SlugInPath
from registry.web.requests import AnyRequest

_KINDS: tuple[AgreementKind, ...] = get_args(AgreementKind)
OfKind = Annotated[str | None, Parameter(pattern=rf"^({'|'.join(_KINDS)})?\Z")]
_MOST = 1_000
_SHOWN = 200


@get(as_page_and_table("/vereinbarungen"), dependencies=DATES)
async def list_agreements(  # noqa: PLR0913 - the filters of the list
    request: AnyRequest,
    reads: Reads,
    dates: Dates,
    kind: OfKind = None,
    within: Within = None,
    demo: YesOrNo = None,
    limit: Limit = 40,
    cursor: Cursor = None,
) -> Page:
    """Agreements and decisions by name, with their status on the day."""
    at = await dates.moment(reads)
    wanted = agreements.Filters(
        kind=kind or None,  # pyright: ignore[reportArgumentType] - held by the pattern
        within=await territory(reads, within or None, at.size),
        demo=demo == "true",
    )
    most = most_rows(request, limit)
    found = await agreements.agreements(reads, wanted, at, place_behind(request, cursor), most + 1)
    total = await agreements.count(reads, wanted, at)
    shown = paged(request, found, total, most, lambda one: one.key)
    items = [one.item for one in shown.items]
    if most > limit:
        return as_table(request, at, AGREEMENTS, items, shown.next)
    return page(
        request,
        "agreements.html",
        at=at,
        items=items,
        total=total,
        next=shown.next,
        kind=kind or "",
        within=within or "",
        kinds=_KINDS,
        lands=await store.states(reads, at, demo=demo == "true"),
    )


@get(both("/vereinbarungen/{slug:str}"), dependencies=DATES)
async def get_agreement(request: AnyRequest, reads: Reads, slug: SlugInPath, dates: Dates) -> Page:
    """An agreement with all that is recorded of it."""
    at = await dates.moment(reads)
    found = await agreements.agreement(reads, slug, at)
    place = place_of(request)
    others = await agreements.agreements(reads, agreements.Filters(demo=True), at, None, _MOST)
    uses = await reuses.under(reads, found.slug, at.day, at.size, _SHOWN + 1)
    themes = await codelist(reads, "themes", at, history=False) if found.themes else None
    return page(
        request,
        "agreement.html",
        at=at,
        agreement=found,
        names=await store.service_names(
            reads, at, [*found.services, *(one.service for one in uses)]
        ),
        uses=uses[:_SHOWN],
        more=len(uses) > _SHOWN,
        titles={one.item.slug: place.name(one.item.names) for one in others},
        below=_below(found, (one.item for one in others)),
        themes={code.code: place.name(code.labels) for code in themes.items} if themes else {},
    )


def _below(found: Agreement, others: Iterable[AgreementItem]) -> list[AgreementItem]:
    return [one for one in others if one.parent == found.slug]


HANDLERS = (list_agreements, get_agreement)
