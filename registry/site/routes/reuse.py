"""One reuse: its steps with what they rest on, what was said of them, and what became of it."""

from typing import Any
from uuid import UUID

from litestar import get

from registry.audit import Moment
from registry.db import Query
from registry.organisations import store as organisations
from registry.organisations.model import OrganisationDetail
from registry.organisations.store.detail import details
from registry.reuse.answers import Reuse
from registry.reuse.model import PRIVATE_STAGES
from registry.reuse.store import ledger
from registry.reuse.store.whole import reuse_on
from registry.site import store
from registry.site.routes.answers import Page, both, page
from registry.site.routes.asked import Dates
from registry.site.routes.mine import may_change, may_set_parameters, speaks_for
from registry.site.routes.organisations import DATES
from registry.web.requests import AnyRequest


@get(both("/nachnutzungen/{reuse_id:uuid}"), dependencies=DATES)
async def get_reuse(request: AnyRequest, view: Query, reuse_id: UUID, dates: Dates) -> Page:
    """All that is recorded of one reuse, as this reader may see it."""
    at = await dates.moment(view)
    found = await reuse_on(view, reuse_id, at)
    body = (await details(view, [found.organisation.key], at)).get(found.organisation.key)
    steps = sorted(found.steps, key=lambda step: step.valid_from)
    agreed = {step.agreement for step in steps if step.agreement}
    return page(
        request,
        "reuse.html",
        at=at,
        reuse=found,
        steps=steps,
        mine=await may_change(request, view, reuse_id),
        speaks=speaks_for(request, body.id, found.service) if body else False,
        sets_parameters=await may_set_parameters(request, view, reuse_id),
        private=PRIVATE_STAGES,
        body=body,
        heirs=await _heirs(view, body, found.service),
        names=await store.service_names(view, at, [found.service]),
        titles=await store.agreement_names(view, agreed),
        area=await _area(view, found, at),
    )


async def _area(db: Query, reuse: Reuse, at: Moment) -> list[tuple[str, str]]:
    """The keys of the area with the names of the territories."""
    keys = (reuse.state.area if reuse.state else None) or ()
    found = await organisations.find(db, keys, at.day, at.size)
    return [(key, found[key].name if key in found else key) for key in keys]


async def _heirs(
    db: Query, body: OrganisationDetail | None, service: str
) -> list[tuple[Any, UUID | None]]:
    """Who took the place of a body that is no more, each with its own reuse of the service."""
    heirs = body.heirs if body else ()
    return [
        (heir.organisation, await ledger.find(db, service, heir.organisation.id)) for heir in heirs
    ]


HANDLERS = (get_reuse,)
