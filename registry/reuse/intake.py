"""Taking over facts from sources, pure: which steps and notes they add to a ledger.

Facts go in by valid time, so that each meets the one it follows. A fact recorded before adds
nothing, not even when it was taken out since.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal
from uuid import uuid4

import msgspec

from registry.dates import first_day, last_day
from registry.reuse.ledger import Ledger, Setting, repeated, require_step_fits, resolve
from registry.reuse.model import (
    PRIVATE_STAGES,
    STAGES,
    Fact,
    NoteFacts,
    Stage,
    StepDraft,
    StepFacts,
)

_STAGES: dict[str, Stage] = {stage: stage for stage in STAGES}
_STAGES.update({"contract": "contracted", "partial": "live", "paused": "suspended"})


def take_over(ledger: Ledger, facts: Iterable[Fact], setting: Setting) -> Ledger:
    """The ledger with what `facts` add; refuses a fact that fits nowhere."""
    for fact in sorted(facts, key=_order):
        ledger = _with_fact(ledger, fact, setting)
    return ledger


def draft_of(fact: Fact) -> StepDraft:
    """The step a fact states; use in a part of the territory leaves the area open."""
    return StepDraft(
        stage=_STAGES[fact.status],
        date=fact.date,
        basis=fact.basis,
        version=fact.version,
        area=None if fact.status == "partial" else fact.area,
        back_end=fact.back_end,
        evidence=fact.evidence,
        note=fact.note,
    )


def _order(fact: Fact) -> tuple[date, int]:
    """By valid time, undated last; of one day the less advanced stage first."""
    if fact.date is None:
        return date.max, _rank(fact)
    return last_day(fact.date) if fact.basis == "observed" else first_day(fact.date), _rank(fact)


def _rank(fact: Fact) -> int:
    return -1 if fact.status == "announced" else STAGES.index(_STAGES[fact.status])


def _with_fact(ledger: Ledger, fact: Fact, setting: Setting) -> Ledger:
    if fact.status == "announced":
        return _with_note(ledger, fact, "announced")
    draft = draft_of(fact)
    step = resolve(draft, uuid4(), ledger, setting)
    if repeated(ledger.steps, draft, step):
        return ledger
    if fact.date is None and _overtaken(ledger.sequence, _rank(fact)):
        return _with_note(ledger, fact, "remark")
    require_step_fits(ledger.sequence, step)
    return ledger.with_step(step)


def _overtaken(sequence: Sequence[StepFacts], rank: int) -> bool:
    """Whether a later stage is recorded: what is told without a date then says nothing of today."""
    return any(STAGES.index(step.stage) > rank for step in sequence)


def _with_note(ledger: Ledger, fact: Fact, kind: Literal["announced", "remark"]) -> Ledger:
    note = NoteFacts(
        id=uuid4(),
        kind=kind,
        text=": ".join(part for part in (fact.status, fact.note) if part),
        date=fact.date,
        source=fact.evidence.reference if fact.evidence else None,
        public=_STAGES.get(fact.status) not in PRIVATE_STAGES,
    )
    if any(known.says_the_same(note) for known in ledger.notes):
        return ledger
    return msgspec.structs.replace(ledger, notes=(*ledger.notes, note))
