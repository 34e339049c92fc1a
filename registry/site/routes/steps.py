"""What is said of a step that is recorded: that it is taken out, confirmed or disputed."""

from functools import partial
from typing import Literal
from uuid import UUID

from litestar import get, post

from registry.audit import moment
from registry.db import Query, Tx
from registry.identity.guard import view_of
from registry.reuse import actions, confirming
from registry.reuse.cases import Outcome, require_mine
from registry.reuse.model import UnknownStep, VoidDraft
from registry.reuse.positions import DisputeDraft
from registry.reuse.store.whole import reuse_on
from registry.site import store
from registry.site.forms import Form, Given, Question, draft_of
from registry.site.reuse_forms import form_about_step, question_about_step
from registry.site.routes.answers import Page, both, place_of
from registry.site.routes.filling import SENT, asking, carry_out, form_page, person_of
from registry.site.routes.recording import leave_to_reuse
from registry.web.requests import AnyRequest

_PATH = "/nachnutzungen/{reuse_id:uuid}/schritte/{step_id:uuid}/{verb:str}"
Verb = Literal["streichen", "bestaetigen", "bestreiten"]


async def _asked(
    request: AnyRequest, db: Query, reuse_id: UUID, step_id: UUID, verb: Verb
) -> tuple[Form, Question]:
    """The form and the question, for who may change the reuse."""
    await require_mine(db, person_of(request), reuse_id)
    at, place = await moment(db, None, None), place_of(request)
    reuse = await reuse_on(db, reuse_id, at)
    step = next((one for one in reuse.steps if one.id == step_id), None)
    if step is None:
        raise UnknownStep
    names = await store.service_names(db, at, [reuse.service])
    stage, day = place.word("stage", step.stage), place.day(step.valid_from)
    title = f"{place.name(names[reuse.service])} – {reuse.organisation.name}: {stage}, {day}"
    path = f"/nachnutzungen/{reuse_id}"
    return form_about_step(place, verb, path, title), question_about_step(place, verb, title)


@get(both(_PATH))
async def get_about_step(
    request: AnyRequest, view: Query, reuse_id: UUID, step_id: UUID, verb: Verb
) -> Page:
    """The form for a reason, or the bare question."""
    form, question = await _asked(request, view, reuse_id, step_id, verb)
    return form_page(request, form, {}) if form.fields else asking(request, form, {}, question)


@post(both(_PATH), **SENT)
async def post_about_step(request: AnyRequest, reuse_id: UUID, step_id: UUID, verb: Verb) -> Page:
    """Records it, once it is asked for again."""
    async with view_of(request.app.state.database, person_of(request)) as view:
        form, question = await _asked(request, view, reuse_id, step_id, verb)

    async def act(tx: Tx, given: Given) -> Outcome:
        if verb == "streichen":
            return await actions.void(tx, reuse_id, step_id, draft_of(form, given, VoidDraft))
        if verb == "bestreiten":
            draft = draft_of(form, given, DisputeDraft)
            return await confirming.dispute(tx, reuse_id, step_id, draft)
        return await confirming.confirm(tx, reuse_id, step_id)

    return await carry_out(request, form, act, partial(leave_to_reuse, request), lambda _: question)


HANDLERS = (get_about_step, post_about_step)
