"""The rules of the ledger, pure: what stands, what may be added, what holds on a day.

Steps stand in valid time; a void takes a step out. The sequence in force is always one the table of
transitions allows, so a step must fit after its predecessor and before its successor, and a void
must leave neighbours that fit.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypeVar
from uuid import UUID

import msgspec
from msgspec import UnsetType

from registry.dates import PartialDate, Precision, first_day, last_day, precision
from registry.reuse.model import (
    CLOSED_STAGES,
    FIRST_STAGES,
    STAGES,
    TRANSITIONS,
    Basis,
    NoteFacts,
    Stage,
    StepDraft,
    StepFacts,
    StepNotAllowed,
    VoidNotAllowed,
)

T = TypeVar("T")

_WRITTEN: dict[Precision, int] = {"year": 4, "month": 7, "day": 10}


class Ledger(msgspec.Struct, frozen=True):
    """All that was recorded of one reuse, in the order of the log."""

    steps: tuple[StepFacts, ...] = ()
    voided: frozenset[UUID] = frozenset()
    notes: tuple[NoteFacts, ...] = ()

    @property
    def sequence(self) -> list[StepFacts]:
        """The steps in force in valid time; of several on one day the later record is last."""
        return sorted(self.in_force, key=lambda step: step.order)

    @property
    def in_force(self) -> list[StepFacts]:
        return [step for step in self.steps if step.id not in self.voided]

    def with_step(self, step: StepFacts) -> "Ledger":
        return msgspec.structs.replace(self, steps=(*self.steps, step))

    def without(self, step_id: UUID) -> "Ledger":
        return msgspec.structs.replace(self, voided=self.voided | {step_id})


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What a step takes from around: the legal day and the body's territory."""

    today: date
    territory: tuple[str, ...] | None


def state_at(sequence: Sequence[StepFacts], as_of: date) -> StepFacts | None:
    """The step with the greatest `valid_from` not after `as_of`, the later record winning."""
    return next((step for step in reversed(sequence) if step.valid_from <= as_of), None)


def neighbours(
    sequence: Sequence[StepFacts], place: tuple[date, int]
) -> tuple[StepFacts | None, StepFacts | None]:
    """The steps directly before and after a place in valid time."""
    before = next((step for step in reversed(sequence) if step.order < place), None)
    after = next((step for step in sequence if step.order > place), None)
    return before, after


def may_follow(stage: Stage, basis: Basis, before: StepFacts | None) -> bool:
    """Whether a stage may come after `before`; what was observed may come first at any stage."""
    if before is None:
        return stage in FIRST_STAGES or basis != "since"
    return stage == before.stage or stage in TRANSITIONS[before.stage]


def require_step_fits(sequence: Sequence[StepFacts], step: StepFacts) -> None:
    """Refuse a step that may not stand between its neighbours, saying which stages may."""
    before, after = neighbours(sequence, step.order)
    if not _fits(step.stage, step, before, after):
        raise StepNotAllowed(
            stage=step.stage,
            valid_from=step.valid_from.isoformat(),
            after=before.stage if before else None,
            before=after.stage if after else None,
            allowed=[stage for stage in STAGES if _fits(stage, step, before, after)],
        )


def require_void_fits(sequence: Sequence[StepFacts], step: StepFacts) -> None:
    """Refuse to take out a step between two that may not follow each other."""
    before, after = neighbours(sequence, step.order)
    if after is not None and not may_follow(after.stage, after.basis, before):
        raise VoidNotAllowed(
            stage=step.stage,
            after=before.stage if before else None,
            before=after.stage,
            next_step=str(after.id),
        )


def _fits(stage: Stage, step: StepFacts, before: StepFacts | None, after: StepFacts | None) -> bool:
    if not may_follow(stage, step.basis, before):
        return False
    return after is None or after.stage == stage or after.stage in TRANSITIONS[stage]


def holds_from(
    stated: PartialDate | None, basis: Basis, today: date
) -> tuple[date, Precision, Basis]:
    """From which day a statement holds.

    `since`: from the first day of the period. `observed`: from its last day, or from `today` while
    the period still runs. Without a date: from `today`, the day of recording.
    """
    if stated is None:
        return today, "day", "recorded"
    if basis == "since":
        return first_day(stated), precision(stated), "since"
    return max(first_day(stated), min(last_day(stated), today)), precision(stated), "observed"


def stated_date(step: StepFacts) -> str | None:
    """The date as the source gave it: `2023-10` for a month; None where it gave none."""
    if step.basis == "recorded":
        return None
    return step.valid_from.isoformat()[: _WRITTEN[step.precision]]


def resolve(draft: StepDraft, step_id: UUID, ledger: Ledger, setting: Setting) -> StepFacts:
    """The step a draft means; what it leaves out is as before, unless that had come to an end."""
    valid_from, precise, basis = holds_from(draft.date, draft.basis, setting.today)
    ordinal = len(ledger.steps) + 1
    before, _ = neighbours(ledger.sequence, (valid_from, ordinal))
    open_before = before if before and before.stage not in CLOSED_STAGES else None
    return StepFacts(
        id=step_id,
        ordinal=ordinal,
        stage=draft.stage,
        valid_from=valid_from,
        precision=precise,
        basis=basis,
        version=_kept(draft.version, open_before.version if open_before else None),
        area=_kept(draft.area, open_before.area if open_before else setting.territory),
        back_end=_kept(draft.back_end, open_before.back_end if open_before else None),
        evidence=draft.evidence,
        note=draft.note,
    )


def _kept(given: T | UnsetType, before: T) -> T:
    return before if isinstance(given, UnsetType) else given


def repeated(
    steps: Iterable[StepFacts], draft: StepDraft, candidate: StepFacts
) -> StepFacts | None:
    """The step among `steps` that states what `draft` states; what it leaves out does not count."""
    for step in steps:
        given = msgspec.structs.replace(
            candidate,
            version=_kept(draft.version, step.version),
            area=_kept(draft.area, step.area),
            back_end=_kept(draft.back_end, step.back_end),
        )
        if _statement(given) == _statement(step):
            return step
    return None


def sent_again(ledger: Ledger, draft: StepDraft, candidate: StepFacts) -> StepFacts | None:
    """The step in force that `draft` states again.

    Without a date a statement is of the day of recording: only what holds then states the same.
    """
    if draft.date is not None:
        return repeated(ledger.in_force, draft, candidate)
    before, _ = neighbours(ledger.sequence, candidate.order)
    return repeated([before] if before else [], draft, candidate)


def _statement(step: StepFacts) -> tuple[object, ...]:
    return (
        step.stage,
        step.version,
        stated_date(step),
        step.basis,
        step.area,
        step.back_end,
        step.evidence,
        step.note,
    )
