"""Reuses as a list: the rows behind every figure that counts them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from litestar import get
from litestar.di import Provide
from litestar.params import Parameter

from registry.audit import Moment
from registry.catalogue import store as services
from registry.db import Query, Reads
from registry.organisations import store as organisations
from registry.reuse.model import PUBLIC_STAGES, STAGES
from registry.reuse.store import answers as reuses
from registry.site import store
from registry.site.columns import REUSES
from registry.site.rendering import Place
from registry.site.routes.answers import Page, page, place_of
from registry.site.routes.asked import Dates, ServiceAsked, YesOrNo
from registry.site.routes.organisations import Within
from registry.site.routes.tables import as_page_and_table, as_table, most_rows
from registry.web.paging import page as paged
from registry.web.paging import place_behind
from registry.web.params import Cursor, Limit
from registry.web.requests import AnyRequest


@dataclass(frozen=True, kw_only=True)
class Wanted(Dates):
    """What to list, as the interface takes it; a field left empty asks for nothing."""

    service: ServiceAsked = None
    organisation: Annotated[str | None, Parameter(max_length=80)] = None
    within: Within = None
    stage: Annotated[str | None, Parameter(pattern=rf"^({'|'.join(STAGES)})?\Z")] = None
    version: Annotated[str | None, Parameter(pattern=r"^[0-9A-Za-z.-]{0,128}\Z")] = None
    own_use: YesOrNo = None
    reported: YesOrNo = None
    demo: YesOrNo = None

    async def filters(self, db: Query, at: Moment) -> reuses.Filters:
        """The filters, with the body and the territory found."""
        await services.require_recorded(db, self.service or None, at.size)
        body = self.organisation or None
        return reuses.Filters(
            as_of=at.day,
            service=self.service or None,
            organisation_id=await organisations.resolve_id(db, body, at.day, at.size),
            within=await organisations.territory(db, self.within or None, at.size),
            stage=self.stage or None,  # pyright: ignore[reportArgumentType] - held by the pattern
            version=self.version or None,
            own_use=self.own_use == "true" if self.own_use else None,
            demo=self.demo == "true",
            reported=self.reported == "true",
        )


@get(
    as_page_and_table("/nachnutzungen"),
    dependencies={"wanted": Provide(Wanted, sync_to_thread=False)},
)
async def list_reuses(
    request: AnyRequest, reads: Reads, wanted: Wanted, limit: Limit = 100, cursor: Cursor = None
) -> Page:
    """Who reuses what on a day, by service and body."""
    at = await wanted.moment(reads)
    filters = await wanted.filters(reads, at)
    most = most_rows(request, limit)
    found = await reuses.listed(reads, filters, at.size, place_behind(request, cursor), most + 1)
    shown = paged(request, found, None, most, lambda row: row.key)
    rows = [row.state for row in shown.items]
    if most > limit:
        return as_table(request, at, REUSES, rows, shown.next)
    names = await store.service_names(reads, at, {row.service for row in rows})
    place = place_of(request)
    demo = wanted.demo == "true"
    return page(
        request,
        "reuses.html",
        at=at,
        rows=rows,
        names=names,
        next=shown.next,
        counts=await reuses.counts(reads, filters) if at.size is None else None,
        chosen=_chosen(place, wanted, names),
        kept={name: place.asked[name] for name in _KEPT if name in place.asked},
        lands=await store.states(reads, at, demo=demo),
        stages=place.choices("stage", PUBLIC_STAGES),
    )


_KEPT = ("service", "organisation", "version", "own_use", "demo", "as_of", "known_at")


def _chosen(place: Place, wanted: Wanted, names: Mapping[str, object]) -> list[str]:
    """The filters that no field of the form shows, in words."""
    found: list[str] = []
    if wanted.service:
        known = names.get(wanted.service)
        found.append(place.name(known) if known else wanted.service)
    if wanted.organisation:
        found.append(wanted.organisation)
    if wanted.version:
        found.append(f"Version {wanted.version}")
    if wanted.own_use:
        own = wanted.own_use == "true"
        found.append(
            place.t("eigene Nutzung", "own use") if own else place.t("ohne eigene", "no own use")
        )
    if wanted.demo == "true":
        found.append(place.t("mit dem erfundenen Land", "with the made-up Land"))
    return found


HANDLERS = (list_reuses,)
