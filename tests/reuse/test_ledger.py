from datetime import date
from uuid import uuid4

import pytest

from registry.reuse.ledger import (
    Ledger,
    Setting,
    holds_from,
    repeated,
    require_step_fits,
    require_void_fits,
    resolve,
    sent_again,
    state_at,
    stated_date,
)
from registry.reuse.model import (
    FIRST_STAGES,
    STAGES,
    TRANSITIONS,
    StepDraft,
    StepNotAllowed,
    VoidNotAllowed,
)

TODAY = date(2026, 11, 22)
SETTING = Setting(today=TODAY, territory=("05",))


def ledger(*drafts: StepDraft) -> Ledger:
    """A ledger to which the drafts were added one after the other, each allowed."""
    made = Ledger()
    for draft in drafts:
        step = resolve(draft, uuid4(), made, SETTING)
        require_step_fits(made.sequence, step)
        made = made.with_step(step)
    return made


def since(stage: str, day: str) -> StepDraft:
    return StepDraft(stage=stage, date=day)  # pyright: ignore[reportArgumentType]


def test_every_stage_has_its_row_and_leads_somewhere() -> None:
    assert set(TRANSITIONS) == set(STAGES)
    assert all(TRANSITIONS[stage] for stage in STAGES)
    assert all(stage not in TRANSITIONS[stage] for stage in STAGES)


@pytest.mark.parametrize(
    ("stated", "basis", "expected"),
    [
        ("2023-10", "observed", (date(2023, 10, 31), "month", "observed")),
        ("2023", "observed", (date(2023, 12, 31), "year", "observed")),
        ("2024-02", "observed", (date(2024, 2, 29), "month", "observed")),
        ("2023-10-05", "observed", (date(2023, 10, 5), "day", "observed")),
        ("2023-10", "since", (date(2023, 10, 1), "month", "since")),
        ("2023", "since", (date(2023, 1, 1), "year", "since")),
        (None, "since", (TODAY, "day", "recorded")),
        (None, "observed", (TODAY, "day", "recorded")),
    ],
)
def test_a_statement_holds_from(stated: str | None, basis: str, expected: object) -> None:
    assert holds_from(stated, basis, TODAY) == expected  # pyright: ignore[reportArgumentType]


def test_what_is_observed_in_a_period_that_still_runs_holds_from_today() -> None:
    assert holds_from("2026", "observed", TODAY) == (TODAY, "year", "observed")
    assert holds_from("2026-11", "observed", TODAY) == (TODAY, "month", "observed")


def test_the_state_is_the_step_with_the_greatest_day_not_after_the_one_asked_for() -> None:
    made = ledger(since("pilot", "2023-01-01"), since("live", "2024-01-01"))
    assert state_at(made.sequence, date(2022, 12, 31)) is None
    assert state_at(made.sequence, date(2023, 12, 31)) == made.steps[0]
    assert state_at(made.sequence, date(2024, 1, 1)) == made.steps[1]


def test_of_two_steps_on_one_day_the_later_record_holds() -> None:
    made = ledger(since("live", "2024-01-01"), since("suspended", "2024-01-01"))
    assert state_at(made.sequence, date(2024, 1, 1)) == made.steps[1]


def test_a_step_must_fit_after_its_predecessor_and_the_refusal_says_what_may_stand() -> None:
    made = ledger(since("live", "2024-01-01"))
    step = resolve(since("rejected", "2024-06-01"), uuid4(), made, SETTING)
    with pytest.raises(StepNotAllowed) as refused:
        require_step_fits(made.sequence, step)
    assert refused.value.facts["after"] == "live"
    assert refused.value.facts["allowed"] == ["pilot", "live", "suspended", "ended"]


def test_a_step_must_fit_before_its_successor_as_well() -> None:
    made = ledger(since("pilot", "2023-01-01"), since("suspended", "2024-01-01"))
    step = resolve(since("contracted", "2023-06-01"), uuid4(), made, SETTING)
    with pytest.raises(StepNotAllowed) as refused:
        require_step_fits(made.sequence, step)
    assert refused.value.facts["before"] == "suspended"
    assert refused.value.facts["allowed"] == ["connecting", "pilot", "live", "suspended"]


def test_a_back_dated_step_takes_its_place_between_the_others() -> None:
    made = ledger(since("interest", "2023-01-01"), since("live", "2024-01-01"))
    made = made.with_step(resolve(since("pilot", "2023-06-01"), uuid4(), made, SETTING))
    assert [step.stage for step in made.sequence] == ["interest", "pilot", "live"]


def test_only_what_was_observed_may_begin_at_any_stage() -> None:
    for stage in STAGES:
        step = resolve(since(stage, "2024"), uuid4(), Ledger(), SETTING)
        if stage in FIRST_STAGES:
            require_step_fits([], step)
        else:
            with pytest.raises(StepNotAllowed):
                require_step_fits([], step)
        seen = StepDraft(stage=stage, date="2024", basis="observed")
        require_step_fits([], resolve(seen, uuid4(), Ledger(), SETTING))


def test_a_void_is_refused_when_its_neighbours_may_not_meet() -> None:
    made = ledger(since("interest", "2023"), since("live", "2024"), since("ended", "2025"))
    live = made.steps[1]
    with pytest.raises(VoidNotAllowed):
        require_void_fits(made.without(live.id).sequence, live)
    require_void_fits(made.without(made.steps[2].id).sequence, made.steps[2])


def test_what_a_step_leaves_out_is_as_before() -> None:
    first = StepDraft(stage="live", date="2023", version="1.0.0", area=("05315",), back_end="form")
    made = ledger(first, since("suspended", "2024"))
    assert made.steps[1].version == "1.0.0"
    assert made.steps[1].area == ("05315",)
    assert made.steps[1].back_end == "form"
    unknown = StepDraft(stage="live", date="2025", version=None, area=None)
    step = resolve(unknown, uuid4(), made, SETTING)
    assert (step.version, step.area, step.back_end) == (None, None, "form")


def test_what_had_come_to_an_end_begins_anew() -> None:
    first = StepDraft(stage="live", date="2023", version="1.0.0", area=("05315",))
    made = ledger(first, since("ended", "2024"), since("contracted", "2025"))
    assert made.steps[2].version is None
    assert made.steps[2].area == ("05",)


def test_the_identical_step_is_recognised_whatever_it_leaves_out() -> None:
    first = StepDraft(stage="live", date="2023-10", basis="observed", area=("05315",))
    made = ledger(first)
    again = StepDraft(stage="live", date="2023-10", basis="observed")
    assert repeated(made.steps, again, resolve(again, uuid4(), made, SETTING)) == made.steps[0]
    other = StepDraft(stage="live", date="2023-10", basis="observed", version="1.0.0")
    assert repeated(made.steps, other, resolve(other, uuid4(), made, SETTING)) is None


def test_a_step_without_a_date_is_recognised_on_another_day() -> None:
    undated = StepDraft(stage="live")
    made = ledger(undated)
    later = Setting(today=date(2027, 1, 1), territory=("05",))
    assert repeated(made.steps, undated, resolve(undated, uuid4(), made, later))
    assert stated_date(made.steps[0]) is None


def test_a_step_without_a_date_repeats_only_what_holds_now() -> None:
    undated = StepDraft(stage="live")
    made = ledger(undated, StepDraft(stage="suspended"))
    later = Setting(today=date(2027, 1, 1), territory=("05",))
    assert sent_again(made, undated, resolve(undated, uuid4(), made, later)) is None
    suspended = StepDraft(stage="suspended")
    candidate = resolve(suspended, uuid4(), made, later)
    assert sent_again(made, suspended, candidate) == made.steps[1]


def test_a_step_with_a_date_repeats_any_step_in_force() -> None:
    pilot = since("pilot", "2023-01-01")
    made = ledger(pilot, since("live", "2024-01-01"))
    assert sent_again(made, pilot, resolve(pilot, uuid4(), made, SETTING)) == made.steps[0]
    without = made.without(made.steps[0].id)
    assert sent_again(without, pilot, resolve(pilot, uuid4(), without, SETTING)) is None
