"""The ledger against a plain model: a list of what was said, searched from its end."""

from datetime import date, timedelta
from typing import Literal
from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from registry.reuse.ledger import (
    Ledger,
    Setting,
    require_step_fits,
    require_void_fits,
    resolve,
    state_at,
)
from registry.reuse.model import (
    STAGES,
    TRANSITIONS,
    StepDraft,
    StepFacts,
    StepNotAllowed,
    VoidNotAllowed,
)

FIRST_DAY = date(2024, 1, 1)
SETTING = Setting(today=date(2024, 1, 15), territory=None)
DAYS = st.integers(0, 20).map(lambda n: FIRST_DAY + timedelta(days=n))

BASES: tuple[Literal["since", "observed"], ...] = ("since", "observed")
steps = st.builds(
    StepDraft,
    stage=st.sampled_from(STAGES),
    date=DAYS.map(date.isoformat),
    basis=st.sampled_from(BASES),
)
voids = st.integers(0, 30)
histories = st.lists(st.one_of(steps, steps, voids), max_size=25)

Said = list[StepFacts | UUID]


def after(history: list[StepDraft | int]) -> tuple[Ledger, Said]:
    """The ledger after what of a history was allowed, and all that was said, in order."""
    ledger, said = Ledger(), list[StepFacts | UUID]()
    for action in history:
        try:
            if isinstance(action, StepDraft):
                step = resolve(action, uuid4(), ledger, SETTING)
                require_step_fits(ledger.sequence, step)
                ledger, what = ledger.with_step(step), step
            elif action < len(ledger.steps) and ledger.steps[action].id not in ledger.voided:
                wrong = ledger.steps[action]
                require_void_fits(ledger.without(wrong.id).sequence, wrong)
                ledger, what = ledger.without(wrong.id), wrong.id
            else:
                continue
        except (StepNotAllowed, VoidNotAllowed):
            continue
        said.append(what)
    return ledger, said


def plain_state(said: Said, as_of: date) -> StepFacts | None:
    """The model: the last said among the latest days not after `as_of`, unless taken back."""
    best: StepFacts | None = None
    for what in said:
        if isinstance(what, UUID) or what.id in said or what.valid_from > as_of:
            continue
        if best is None or what.valid_from >= best.valid_from:
            best = what
    return best


@given(histories, DAYS)
@settings(max_examples=300, deadline=None)
def test_the_state_is_that_of_the_plain_model(history: list[StepDraft | int], day: date) -> None:
    ledger, said = after(history)
    assert state_at(ledger.sequence, day) == plain_state(said, day)


@given(histories)
@settings(max_examples=300, deadline=None)
def test_the_sequence_in_force_is_always_one_the_table_allows(
    history: list[StepDraft | int],
) -> None:
    ledger, _ = after(history)
    for earlier, later in zip(ledger.sequence, ledger.sequence[1:], strict=False):
        assert later.stage == earlier.stage or later.stage in TRANSITIONS[earlier.stage]


@given(histories, steps)
@settings(max_examples=200, deadline=None)
def test_every_stage_a_refusal_allows_is_allowed(
    history: list[StepDraft | int], new: StepDraft
) -> None:
    ledger, _ = after(history)
    step = resolve(new, uuid4(), ledger, SETTING)
    try:
        require_step_fits(ledger.sequence, step)
    except StepNotAllowed as refused:
        allowed = refused.facts["allowed"]
        assert isinstance(allowed, list)
        for stage in allowed:
            other = StepDraft(stage=stage, date=new.date, basis=new.basis)  # pyright: ignore[reportArgumentType]
            require_step_fits(ledger.sequence, resolve(other, uuid4(), ledger, SETTING))
