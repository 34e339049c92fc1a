"""No wrong answer on any labelled pair, few unknown ones, and a proof for every "no"."""

from collections import Counter

import pytest

from registry.compatibility import contains, decide
from registry.compatibility.containment import SchemaPair
from registry.compatibility.judges import Judge
from registry.compatibility.model import Containment, Reading
from tests.compatibility.labelled import FILES, WAYS, Pair, Way, exact, labelled, lines, reserved
from tests.compatibility.labelled import ORACLES as FOLDER

DECIDED = 0.98
SHOWN = 0.99
PARTS = 4
SHARDS = [(name, part) for name in FILES for part in range(PARTS)]
TAKE = {"open": labelled, "reserved": reserved}

Said = list[tuple[Pair, Way, bool | None, Containment]]


def answers(name: str, part: int, reading: Reading) -> Said:
    """What is said of every fourth pair of a file, both ways, beside what is known."""
    return [
        (found, way, found.label(way), contains(*found.sides(way), reading=reading))
        for found in TAKE[reading](name)[part::PARTS]
        for way in WAYS
    ]


def named(found: Pair, way: Way) -> str:
    return f"{found.id} {way}"


def require_right(said: Said) -> None:
    word = {True: "yes", False: "no"}
    wrong = {
        named(found, way): answer.answer
        for found, way, truth, answer in said
        if truth is not None and answer.answer not in (word[truth], "unknown")
    }
    assert wrong == {}


def require_proofs(said: Said, reading: Reading) -> None:
    """A witness is valid on the one side and invalid on the other, for both validators."""
    for found, way, _, answer in said:
        if answer.witness is None:
            continue
        larger, smaller = found.sides(way)
        read = SchemaPair(smaller, larger, reading, "annotate").read
        sides = (read["old"], read["new"]) if answer.witness.rewritten else (smaller, larger)
        valid, invalid = (Judge(side) for side in sides)
        document = exact(answer.witness.text)
        assert valid.valid_rs(document) is True, named(found, way)
        assert invalid.valid_rs(document) is False, named(found, way)
        if answer.witness.confirmed:
            assert valid.valid_py(document) is True, named(found, way)
            assert invalid.valid_py(document) is False, named(found, way)


@pytest.mark.parametrize("reading", ["open", "reserved"])
@pytest.mark.parametrize(("name", "part"), SHARDS)
def test_no_answer_is_wrong_and_every_witness_proves(
    name: str, part: int, reading: Reading
) -> None:
    said = answers(name, part, reading)
    require_right(said)
    require_proofs(said, reading)
    require_few_unknown(said)


def require_few_unknown(said: Said) -> None:
    """Hardly a labelled question stays open, hardly a "no" without its document."""
    counts = Counter(answer.answer for _, _, truth, answer in said if truth is not None)
    bare = [
        named(found, way)
        for found, way, truth, answer in said
        if truth is False and unshown(answer)
    ]
    assert counts["unknown"] <= (1 - DECIDED) * counts.total()
    assert len(bare) <= (1 - SHOWN) * counts["no"], bare


def unshown(answer: Containment) -> bool:
    """A "no" whose document both validators have not seen."""
    return answer.answer == "no" and (answer.witness is None or not answer.witness.confirmed)


@pytest.mark.parametrize("name", FILES)
def test_the_bare_answer_is_right_too_and_seldom_missing(name: str) -> None:
    said: Said = [
        (found, way, found.label(way), Containment(answer=decide(*found.sides(way))))
        for found in labelled(name)
        for way in WAYS
    ]
    require_right(said)
    known = [answer.answer for _, _, truth, answer in said if truth is not None]
    assert known.count("unknown") <= (1 - DECIDED) * len(known)


def test_every_pair_is_known_by_its_name() -> None:
    names = [found.id for name in FILES for found in labelled(name)]
    assert len(names) == len(set(names)) == 2251


def test_labels_held_wrong_are_of_pairs_here() -> None:
    names = {line["id"] for name in FILES for line in lines(FOLDER / f"{name}.jsonl")}
    proven = lines(FOLDER / "reserved.jsonl")
    assert {line["id"] for line in proven} <= names
