"""Verbs of positions: a body confirms or disputes what another recorded for it."""

from uuid import UUID

from registry import audit
from registry.audit import Replay
from registry.authority import require_own
from registry.db import Tx
from registry.reuse.cases import SCOPE, Case, Outcome, held, step_of
from registry.reuse.model import StepIsVoid
from registry.reuse.positions import DisputeDraft, PositionFacts, PositionKind, StepIsOwn
from registry.reuse.store import positions as store


async def confirm(tx: Tx, reuse_id: UUID, step_id: UUID) -> Outcome:
    """Confirm a step that another recorded; again changes nothing."""
    return await _take(tx, reuse_id, step_id, "confirmed", None)


async def dispute(tx: Tx, reuse_id: UUID, step_id: UUID, draft: DisputeDraft) -> Outcome:
    """Dispute a step that another recorded; for the same reason again changes nothing.

    The step goes on answering, shown as disputed, until whoever recorded it takes it out.
    """
    return await _take(tx, reuse_id, step_id, "disputed", draft.reason)


async def _take(
    tx: Tx, reuse_id: UUID, step_id: UUID, kind: PositionKind, reason: str | None
) -> Outcome:
    case = await held(tx, reuse_id)
    require_own(tx.actor, str(case.body.id), case.body.key, SCOPE, case.service)
    step = step_of(case, step_id)
    await _require_others(tx, case, step_id)
    last = await store.last(tx, step_id)
    if last and (last.kind, last.reason) == (kind, reason):
        return Outcome(reuse_id, changed=False)
    facts = PositionFacts(
        reuse_id=reuse_id,
        step_id=step_id,
        ordinal=last.ordinal + 1 if last else 1,
        kind=kind,
        reason=reason,
    )
    event_id = await audit.record(
        tx,
        "reuse.confirm" if kind == "confirmed" else "reuse.dispute",
        case.subject,
        facts,
        public=step.public,
        on_behalf_of=tx.actor.on_behalf_of(case.body.id),
    )
    await apply_position(tx, event_id, facts)
    return Outcome(reuse_id, changed=True)


async def _require_others(tx: Tx, case: Case, step_id: UUID) -> None:
    """Refuse what the body recorded itself, or whoever acts for it now; and what is void."""
    if step_id in case.ledger.voided:
        raise StepIsVoid(step=str(step_id))
    recorder = str(await store.recorder(tx, step_id))
    if recorder in (str(case.body.id), tx.actor.organisation, tx.actor.acting):
        raise StepIsOwn(step=str(step_id))


async def apply_position(tx: Tx, event_id: UUID, facts: PositionFacts) -> None:
    """Write the row of one position."""
    await store.insert(tx, event_id, facts)


REPLAY = {
    "reuse.confirm": Replay(PositionFacts, apply_position),
    "reuse.dispute": Replay(PositionFacts, apply_position),
}
