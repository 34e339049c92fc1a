"""Changing reuses: begin one, add a step, take one out, correct one, note something."""

from uuid import UUID

from litestar import Response, post
from litestar.openapi import ResponseSpec

from registry.audit import Moment
from registry.db import Tx
from registry.reuse import actions, confirming
from registry.reuse.answers import Reuse
from registry.reuse.cases import Outcome
from registry.reuse.model import CorrectionDraft, NoteDraft, ReuseDraft, StepDraft, VoidDraft
from registry.reuse.positions import DisputeDraft
from registry.reuse.store.whole import reuse_on

_ANSWERS = {
    200: ResponseSpec(Reuse, description="Recorded before; nothing was added."),
    201: ResponseSpec(Reuse, description="The reuse with what was added."),
}


@post("/reuses", summary="Record a reuse", responses=_ANSWERS)
async def post_reuse(tx: Tx, data: ReuseDraft) -> Response[Reuse]:
    """A body reuses a service. Once for each body and service; what follows are steps."""
    return await _answer(tx, await actions.start(tx, data))


@post("/reuses/{reuse_id:uuid}/steps", summary="Add a step", responses=_ANSWERS)
async def post_step(tx: Tx, reuse_id: UUID, data: StepDraft) -> Response[Reuse]:
    """A stage, a version or an area from a day on; it must fit between its neighbours."""
    return await _answer(tx, await actions.step(tx, reuse_id, data))


@post(
    "/reuses/{reuse_id:uuid}/steps/{step_id:uuid}/void",
    summary="Take a step out",
    responses=_ANSWERS,
)
async def post_void(tx: Tx, reuse_id: UUID, step_id: UUID, data: VoidDraft) -> Response[Reuse]:
    """The step answers nothing from now on; what was known before stays as it was known."""
    return await _answer(tx, await actions.void(tx, reuse_id, step_id, data))


@post(
    "/reuses/{reuse_id:uuid}/steps/{step_id:uuid}/corrections",
    summary="Correct a step",
    responses=_ANSWERS,
)
async def post_correction(
    tx: Tx, reuse_id: UUID, step_id: UUID, data: CorrectionDraft
) -> Response[Reuse]:
    """Take a step out and put the right one in its place, in one event."""
    return await _answer(tx, await actions.correct(tx, reuse_id, step_id, data))


@post(
    "/reuses/{reuse_id:uuid}/steps/{step_id:uuid}/confirmation",
    summary="Confirm a step that another recorded",
    responses=_ANSWERS,
)
async def post_confirmation(tx: Tx, reuse_id: UUID, step_id: UUID) -> Response[Reuse]:
    """Said by the body itself, or by whom it lets act; not by what stands above it."""
    return await _answer(tx, await confirming.confirm(tx, reuse_id, step_id))


@post(
    "/reuses/{reuse_id:uuid}/steps/{step_id:uuid}/dispute",
    summary="Dispute a step that another recorded",
    responses=_ANSWERS,
)
async def post_dispute(
    tx: Tx, reuse_id: UUID, step_id: UUID, data: DisputeDraft
) -> Response[Reuse]:
    """The step is shown as disputed, with the reason, until its recorder takes it out."""
    return await _answer(tx, await confirming.dispute(tx, reuse_id, step_id, data))


@post("/reuses/{reuse_id:uuid}/notes", summary="Note something", responses=_ANSWERS)
async def post_note(tx: Tx, reuse_id: UUID, data: NoteDraft) -> Response[Reuse]:
    """Keep an announcement or a remark; it is no stage and counts nowhere."""
    return await _answer(tx, await actions.note(tx, reuse_id, data))


async def _answer(tx: Tx, outcome: Outcome) -> Response[Reuse]:
    answer = await reuse_on(tx, outcome.reuse_id, Moment(day=tx.today, known=None))
    if not outcome.changed:
        return Response(answer, status_code=200)
    return Response(answer, status_code=201, headers={"Location": answer.links.own})


HANDLERS = (
    post_reuse,
    post_step,
    post_void,
    post_correction,
    post_confirmation,
    post_dispute,
    post_note,
)
