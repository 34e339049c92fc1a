"""Each step of the real histories gets the verdict a reader of the two files gives it."""

import pytest

from registry.compatibility import compare, contains
from registry.compatibility.judges import Judge
from registry.compatibility.model import Direction, Reading
from tests.compatibility.labelled import HISTORIES, WAYS, Step, bump_for, lines, schema, steps

STEPS = steps()
PROOFS = lines(HISTORIES / "proofs.jsonl")
WORD = {True: "yes", False: "no", None: "unknown"}


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: " ".join(list(proof.values())[:4]))
def test_a_document_written_by_hand_shows_each_break(proof: dict[str, str]) -> None:
    old, new = (Judge(schema(proof["family"], proof[side])) for side in ("from", "to"))
    valid, invalid = (old, new) if proof["direction"] == "backward" else (new, old)
    document = proof["document"]
    assert (valid.valid_rs(document), invalid.valid_rs(document)) == (True, False)
    assert (valid.valid_py(document), invalid.valid_py(document)) == (True, False)


def test_every_break_of_the_open_reading_is_shown() -> None:
    shown = {" ".join([row["family"], row["from"], row["to"], row["direction"]]) for row in PROOFS}
    breaks = {f"{step.name} {way}" for step in STEPS for way in WAYS if not step.pair.label(way)}
    assert shown == breaks


@pytest.mark.parametrize("reading", ["open", "reserved"])
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_step_is_decided_as_it_was_judged(step: Step, reading: Reading) -> None:
    judged = step.pair if reading == "open" else step.reserved
    said = {way: contains(*judged.sides(way), reading=reading).answer for way in WAYS}
    assert said == {way: WORD[judged.label(way)] for way in WAYS}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_step_gets_the_number_it_deserves(step: Step) -> None:
    verdict = compare(step.pair.old, step.pair.new)
    judged = step.reserved
    assert (verdict.backward.answer, verdict.forward.answer) == tuple(
        WORD[judged.label(way)] for way in WAYS
    )
    assert verdict.bump == step.bump
    assert verdict.findings or verdict.remarks or step.bump == "none"


@pytest.mark.parametrize("direction", ["emits", "exchanges"])
@pytest.mark.parametrize("step", steps("eu-dcc"), ids=lambda step: step.name)
def test_who_must_accept_the_documents_decides_too(step: Step, direction: Direction) -> None:
    judged = step.reserved
    expected = bump_for(bool(judged.backward), bool(judged.forward), direction)
    assert compare(judged.old, judged.new, direction=direction).bump == expected
