from datetime import date

import msgspec
import pytest

from registry.reuse.intake import take_over
from registry.reuse.ledger import Ledger, Setting, state_at
from registry.reuse.model import StepNotAllowed
from tests.reuse.drafts import fact

TODAY = date(2026, 11, 22)
SETTING = Setting(today=TODAY, territory=("05",))


def test_press_words_become_stages_and_announcements_notes() -> None:
    told = [
        fact("05", "announced", "2022-09", note="entschieden"),
        fact("05", "contract", "2023-10"),
        fact("05", "live", "2024-06"),
        fact("05", "paused", "2025-01-01"),
    ]
    made = take_over(Ledger(), told, SETTING)
    assert [(s.stage, s.valid_from.isoformat()) for s in made.sequence] == [
        ("contracted", "2023-10-31"),
        ("live", "2024-06-30"),
        ("suspended", "2025-01-01"),
    ]
    (note,) = made.notes
    assert (note.kind, note.text, note.date) == ("announced", "announced: entschieden", "2022-09")


def test_use_in_a_part_is_operation_with_the_area_open() -> None:
    made = take_over(Ledger(), [fact("05", "partial", "2024")], SETTING)
    assert (made.steps[0].stage, made.steps[0].area) == ("live", None)


def test_the_same_facts_again_add_nothing_on_any_day_and_in_any_order() -> None:
    told = [
        fact("05", "live"),
        fact("05", "pilot", "2023-10"),
        fact("05", "live", "2026"),
        fact("05", "announced"),
    ]
    made = take_over(Ledger(), told, SETTING)
    later = msgspec.structs.replace(SETTING, today=date(2027, 5, 1))
    assert take_over(made, reversed(told), later) == made


def test_a_fact_taken_out_since_is_not_recorded_again() -> None:
    told = [fact("05", "live", "2024")]
    made = take_over(Ledger(), told, SETTING)
    voided = made.without(made.steps[0].id)
    assert take_over(voided, told, SETTING) == voided


def test_an_undated_fact_says_nothing_of_today_when_a_later_stage_is_known() -> None:
    told = [fact("05", "pilot", note="Pilotkommune"), fact("05", "live", "2021-11")]
    made = take_over(Ledger(), told, SETTING)
    assert [step.stage for step in made.steps] == ["live"]
    assert [(note.kind, note.text) for note in made.notes] == [("remark", "pilot: Pilotkommune")]


def test_of_two_undated_facts_the_further_stage_holds() -> None:
    made = take_over(Ledger(), [fact("05", "live"), fact("05", "pilot")], SETTING)
    state = state_at(made.sequence, TODAY)
    assert state is not None
    assert state.stage == "live"


def test_reports_that_contradict_each_other_are_all_kept() -> None:
    told = [fact("05", "live", "2022-09"), fact("05", "pilot", "2023-10")]
    made = take_over(Ledger(), told, SETTING)
    assert [step.stage for step in made.sequence] == ["live", "pilot"]


def test_a_fact_that_fits_nowhere_is_refused() -> None:
    told = [fact("05", "live", "2022-09"), fact("05", "rejected", "2023-10")]
    with pytest.raises(StepNotAllowed):
        take_over(Ledger(), told, SETTING)


@pytest.mark.parametrize(("stage", "public"), [("interest", False), ("pilot", True)])
def test_a_remark_on_a_private_stage_is_private(stage: str, public: bool) -> None:
    made = take_over(Ledger(), [fact("05", stage), fact("05", "live", "2021-11")], SETTING)
    assert [(note.kind, note.public) for note in made.notes] == [("remark", public)]
