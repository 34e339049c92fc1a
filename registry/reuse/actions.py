"""Verbs of reuse: begin one, add, void or correct a step, note something, take over facts."""

from collections.abc import Iterable, Sequence
from uuid import UUID, uuid4

from registry import audit
from registry.audit import Replay
from registry.authority import ADMIN, require_authority, require_scope
from registry.catalogue import store as catalogue
from registry.db import Tx
from registry.errors import Fault
from registry.organisations import store as organisations
from registry.reuse import intake
from registry.reuse.cases import (
    SCOPE,
    Case,
    Outcome,
    apply_change,
    body_named,
    first_step,
    held,
    hold,
    next_step,
    read,
    record,
    sound,
    step_of,
    unknown_names,
)
from registry.reuse.coverage import covered
from registry.reuse.drafts import below, faults, stated_day_faults, with_short_keys
from registry.reuse.figures import FigureDraft, FigureFacts, InvalidFigures
from registry.reuse.ledger import require_step_fits, require_void_fits, resolve, sent_again
from registry.reuse.model import (
    CorrectionDraft,
    Fact,
    InvalidStep,
    NoteDraft,
    NoteFacts,
    ReuseDraft,
    ReuseFacts,
    StepDraft,
    StepIsVoid,
    StepNotAllowed,
    VoidDraft,
    VoidFacts,
)
from registry.reuse.store import figures as figure_store
from registry.reuse.store import ledger as store


async def start(tx: Tx, draft: ReuseDraft) -> Outcome:
    """Record that a body reuses a service, with its first step."""
    require_scope(tx.actor, SCOPE)
    body = await body_named(tx, draft.organisation)
    require_authority(tx.actor, str(body.id), body.keys, body.key, SCOPE, draft.service)
    draft = await sound(tx, draft.service, body, draft)
    case = await hold(tx, draft.service, body)
    step = first_step(case, draft)
    if step is None:
        return Outcome(case.reuse_id, changed=False)
    steps = await covered(tx, case.service, body, [step])
    return await record(tx, "reuse.start", case, case.facts(steps=steps))


async def step(tx: Tx, reuse_id: UUID, draft: StepDraft) -> Outcome:
    """Add a step; the identical step again changes nothing."""
    case = await held(tx, reuse_id)
    draft = await sound(tx, case.service, case.body, draft)
    new = next_step(case, draft)
    if new is None:
        return Outcome(reuse_id, changed=False)
    steps = await covered(tx, case.service, case.body, [new])
    return await record(tx, "reuse.step", case, case.facts(steps=steps))


async def void(tx: Tx, reuse_id: UUID, step_id: UUID, draft: VoidDraft) -> Outcome:
    """Take a step out of all answers from now on; again changes nothing."""
    case = await held(tx, reuse_id)
    wrong = step_of(case, step_id)
    if step_id in case.ledger.voided:
        return Outcome(reuse_id, changed=False)
    require_void_fits(case.ledger.without(step_id).sequence, wrong)
    taken_out = VoidFacts(step_id=step_id, reason=draft.reason)
    return await record(tx, "reuse.void", case, case.facts(voids=(taken_out,)))


async def correct(tx: Tx, reuse_id: UUID, step_id: UUID, draft: CorrectionDraft) -> Outcome:
    """Take a step out and put another in its place, in one event; again changes nothing."""
    case = await held(tx, reuse_id)
    step_of(case, step_id)
    draft = await sound(tx, case.service, case.body, draft)
    rest = case.ledger.without(step_id)
    new = resolve(draft, uuid4(), rest, case.setting)
    if step_id in case.ledger.voided:
        if sent_again(rest, draft, new):
            return Outcome(reuse_id, changed=False)
        raise StepIsVoid(step=str(step_id))
    require_step_fits(rest.sequence, new)
    steps = await covered(tx, case.service, case.body, [new])
    taken_out = VoidFacts(step_id=step_id, reason=draft.reason)
    added = case.facts(steps=steps, voids=(taken_out,))
    return await record(tx, "reuse.correct", case, added)


async def note(tx: Tx, reuse_id: UUID, draft: NoteDraft) -> Outcome:
    """Keep something worth knowing that is no stage; the identical note again changes nothing."""
    case = await held(tx, reuse_id)
    if found := stated_day_faults(draft.date):
        raise InvalidStep(*found)
    new = NoteFacts(
        id=uuid4(),
        kind=draft.kind,
        text=draft.text,
        date=draft.date,
        source=draft.source,
        public=any(known.public for known in (*case.ledger.steps, *case.ledger.notes)),
    )
    if any(known.says_the_same(new) for known in case.ledger.notes):
        return Outcome(reuse_id, changed=False)
    return await record(tx, "reuse.note", case, case.facts(notes=(new,)))


async def take_over(tx: Tx, service: str, facts: Sequence[Fact]) -> int:
    """Record what sources say about reuse of a service; returns the number of events.

    One event for each body with something new; those recorded before add nothing, even if void.
    """
    require_scope(tx.actor, ADMIN)
    grouped = await _by_body(tx, service, facts)
    await store.hold(tx, [(service, body.id) for body, _ in grouped])
    events = 0
    for body, told in grouped:
        case = await read(tx, service, body)
        events += await _take_over_one(tx, case, told)
    return events


async def _by_body(
    tx: Tx, service: str, facts: Sequence[Fact]
) -> list[tuple[store.Body, list[Fact]]]:
    """The facts of each body, the bodies in the order of their ids; refuses all faults at once."""
    found = await organisations.find(tx, [fact.organisation for fact in facts])
    grouped: dict[UUID, tuple[store.Body, list[Fact]]] = {}
    wrong: list[Fault] = []
    for place, fact in enumerate(facts):
        if fact.organisation not in found:
            unknown = Fault("/organisation", "unknown-organisation", {"value": fact.organisation})
            wrong += below(f"/{place}", [unknown])
            continue
        known = found[fact.organisation]
        body = store.Body(id=known.id, key=known.key, keys=known.keys)
        fact = with_short_keys(fact)
        names = await unknown_names(tx, service, fact)
        wrong += below(f"/{place}", [*faults(fact, body.keys, tx.today), *names])
        grouped.setdefault(body.id, (body, []))[1].append(fact)
    if wrong:
        raise InvalidStep(*wrong)
    return [grouped[body_id] for body_id in sorted(grouped)]


async def _take_over_one(tx: Tx, case: Case, told: Sequence[Fact]) -> int:
    before = case.ledger
    try:
        after = intake.take_over(before, told, case.setting)
    except StepNotAllowed as refused:
        raise StepNotAllowed(**refused.facts, organisation=case.body.key) from None
    steps, notes = after.steps[len(before.steps) :], after.notes[len(before.notes) :]
    if not (steps or notes):
        return 0
    steps = await covered(tx, case.service, case.body, steps)
    await record(tx, "reuse.take_over", case, case.facts(steps=steps, notes=notes))
    return 1


async def record_figures(tx: Tx, figures: Sequence[FigureDraft]) -> int:
    """Keep figures as sources report them, once each; returns the number of events.

    One event for the new figures of each service, and one for those of none.
    """
    require_scope(tx.actor, ADMIN)
    await _require_sound_figures(tx, figures)
    events = 0
    for service in sorted({figure.service for figure in figures}, key=lambda slug: slug or ""):
        told = [figure for figure in figures if figure.service == service]
        events += await _record_figures_of(tx, service, told)
    return events


async def _record_figures_of(tx: Tx, service: str | None, told: Iterable[FigureDraft]) -> int:
    await figure_store.hold(tx, service)
    recorded = set(await figure_store.recorded(tx, service))
    new = [figure for figure in dict.fromkeys(told) if figure not in recorded]
    if not new:
        return 0
    facts = FigureFacts(service=service, figures=tuple((uuid4(), figure) for figure in new))
    subject = f"reported-figures/{service or 'others'}"
    event_id = await audit.record(tx, "reuse.record_figures", subject, facts)
    await apply_record_figures(tx, event_id, facts)
    return 1


async def _require_sound_figures(tx: Tx, figures: Sequence[FigureDraft]) -> None:
    services = await catalogue.known(tx, {f.service for f in figures if f.service})
    wrong: list[Fault] = []
    for place, figure in enumerate(figures):
        if figure.service and figure.service not in services:
            unknown = Fault("/service", "unknown-service", {"value": figure.service})
            wrong += below(f"/{place}", [unknown])
        wrong += below(f"/{place}", stated_day_faults(figure.as_of, "/as_of"))
    if wrong:
        raise InvalidFigures(*wrong)


async def apply_record_figures(tx: Tx, event_id: UUID, facts: FigureFacts) -> None:
    """Write the rows of one event of reported figures."""
    await figure_store.insert_figures(tx, event_id, facts)


REPLAY = {
    "reuse.start": Replay(ReuseFacts, apply_change),
    "reuse.step": Replay(ReuseFacts, apply_change),
    "reuse.void": Replay(ReuseFacts, apply_change),
    "reuse.correct": Replay(ReuseFacts, apply_change),
    "reuse.note": Replay(ReuseFacts, apply_change),
    "reuse.take_over": Replay(ReuseFacts, apply_change),
    "reuse.record_figures": Replay(FigureFacts, apply_record_figures),
}
