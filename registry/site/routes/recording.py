"""Recording reuses by forms: the first step, further ones, and what a body has of its own."""

from functools import partial
from uuid import UUID

import msgspec
from litestar import get, post

from registry.audit import moment
from registry.catalogue.kinds import SERVICES
from registry.catalogue.model import Service
from registry.catalogue.store import documents
from registry.db import Query, Reads, Tx
from registry.identity.guard import view_of
from registry.organisations.model import DEMO_STATE
from registry.reuse import actions
from registry.reuse.cases import Outcome, require_mine
from registry.reuse.model import ReuseDraft, StepDraft
from registry.reuse.store import answers as reuses
from registry.reuse.store.whole import reuse_on
from registry.site import store
from registry.site.forms import Form, Given, draft_of
from registry.site.reuse_forms import asks_before_the_end, start_form, step_form
from registry.site.routes.acting import ActingFor, acted_for, chosen
from registry.site.routes.answers import Page, both, page, place_of
from registry.site.routes.filling import SENT, carry_out, form_page, leave, person_of
from registry.versions import store as versions
from registry.web.paging import page as paged
from registry.web.paging import place_behind
from registry.web.params import Cursor, Limit, SlugInPath
from registry.web.requests import AnyRequest

_ALL_VERSIONS = 200


async def _start_form(request: AnyRequest, db: Reads, slug: str) -> Form:
    at = await moment(db, None, None)
    stored = await documents.as_of(db, SERVICES, slug, at.day, None)
    service = msgspec.json.decode(stored.body, type=Service)
    place, bodies = place_of(request), await acted_for(db, person_of(request), slug)
    known = [(one.key, one.name) for one in bodies]
    name, numbers = place.name(service.names), await _numbers(db, slug)
    return start_form(place, slug, name, numbers, known)


async def _numbers(db: Query, slug: str) -> list[str]:
    """The versions of a service, the newest first."""
    at = await moment(db, None, None)
    return [one.version for one in await versions.highest(db, slug, at, _ALL_VERSIONS)]


@get(both("/dienste/{slug:str}/nachnutzen"))
async def get_start(
    request: AnyRequest, reads: Reads, slug: SlugInPath, acting_for: ActingFor = None
) -> Page:
    """The form for a body's first step with a service."""
    bodies = await acted_for(reads, person_of(request), slug)
    form = await _start_form(request, reads, slug)
    given = {"organisation": [chosen(bodies, acting_for).key], "basis": ["since"]}
    return form_page(request, form, given)


@post(both("/dienste/{slug:str}/nachnutzen"), **SENT)
async def post_start(request: AnyRequest, reads: Reads, slug: SlugInPath) -> Page:
    """Begins the reuse."""
    form = await _start_form(request, reads, slug)

    async def act(tx: Tx, given: Given) -> Outcome:
        return await actions.start(tx, draft_of(form, given, ReuseDraft, service=slug))

    return await carry_out(request, form, act, partial(leave_to_reuse, request))


def leave_to_reuse(request: AnyRequest, outcome: Outcome) -> Page:
    """To the page of the reuse, which says what became of it."""
    notice = "recorded" if outcome.changed else "unchanged"
    return leave(request, f"/nachnutzungen/{outcome.reuse_id}", notice)


async def _step_form(request: AnyRequest, db: Query, reuse_id: UUID) -> Form:
    """The form for a further step, for who may add one."""
    await require_mine(db, person_of(request), reuse_id)
    at = await moment(db, None, None)
    reuse = await reuse_on(db, reuse_id, at)
    names = await store.service_names(db, at, [reuse.service])
    place = place_of(request)
    title = f"{place.name(names[reuse.service])} – {reuse.organisation.name}"
    numbers = await _numbers(db, reuse.service)
    return step_form(place, f"/nachnutzungen/{reuse_id}", title, numbers)


@get(both("/nachnutzungen/{reuse_id:uuid}/schritt"))
async def get_step(request: AnyRequest, view: Query, reuse_id: UUID) -> Page:
    """The form for a further step of a reuse."""
    form = await _step_form(request, view, reuse_id)
    return form_page(request, form, {"basis": ["since"]})


@post(both("/nachnutzungen/{reuse_id:uuid}/schritt"), **SENT)
async def post_step(request: AnyRequest, reuse_id: UUID) -> Page:
    """Adds the step; one that closes the reuse is asked for again first."""
    async with view_of(request.app.state.database, person_of(request)) as view:
        form = await _step_form(request, view, reuse_id)

    async def act(tx: Tx, given: Given) -> Outcome:
        return await actions.step(tx, reuse_id, draft_of(form, given, StepDraft))

    asks = partial(asks_before_the_end, place_of(request))
    return await carry_out(request, form, act, partial(leave_to_reuse, request), asks)


@get(both("/meine-stelle"))
async def get_own(
    request: AnyRequest,
    view: Query,
    acting_for: ActingFor = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page:
    """What a body reuses, with what is private of it: one's own, or one that one acts for."""
    at, bodies = await moment(view, None, None), await acted_for(view, person_of(request))
    body = chosen(bodies, acting_for)
    territory = body.key if body.key.isdecimal() else None
    wanted = reuses.Filters(
        as_of=at.day,
        within=territory,
        organisation_id=None if territory else body.organisation,
        demo=body.key.startswith(DEMO_STATE),
    )
    found = await reuses.listed(view, wanted, None, place_behind(request, cursor), limit + 1)
    shown = paged(request, found, None, limit, lambda row: row.key)
    rows = [row.state for row in shown.items]
    return page(
        request,
        "own.html",
        bodies=bodies,
        body=body,
        rows=rows,
        next=shown.next,
        names=await store.service_names(view, at, {row.service for row in rows}),
    )


HANDLERS = (get_start, post_start, get_step, post_step, get_own)
