"""What must hold of any two schemas, tried on schemas drawn at random."""

import time
from random import Random
from typing import Any, cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.compatibility import compare, contains
from registry.compatibility.containment import SchemaPair
from registry.compatibility.judges import Judge
from registry.compatibility.model import Budget, Containment, Reading, Schema
from registry.compatibility.plain import plain
from tests.compatibility.generated import Case, case, changed, mapping, refuting, rooted
from tests.compatibility.labelled import bump_for, exact
from tests.compatibility.reserved_documents import Side, left_out

READINGS: tuple[Reading, ...] = ("open", "reserved")
RANDOM = st.randoms(use_true_random=False)
BUDGET = Budget(steps=5_000, seconds=0.5)
GRACE = 2.0
"""Seconds beyond the budget for reading the schemas and for the validators' word."""
SETTINGS = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def require_honest(found: Case, reading: Reading) -> Containment:
    """The answer on a pair: in time, against no document, a "no" with its proof."""
    start = time.process_time()
    answer = contains(found.new, found.old, reading=reading, budget=BUDGET)
    assert time.process_time() - start < BUDGET.seconds + GRACE
    if answer.answer == "yes":
        assert refuting(found, reading) == []
    if answer.witness is not None:
        shown = found._replace(documents=[exact(answer.witness.text)])
        assert refuting(shown, reading if answer.witness.rewritten else "open")
    return answer


@SETTINGS
@given(RANDOM, st.sampled_from(READINGS))
def test_documents_never_contradict_an_answer(random: Random, reading: Reading) -> None:
    found = case(random)
    require_honest(found, reading)
    require_honest(found._replace(old=found.new, new=found.old), reading)


@SETTINGS
@given(RANDOM, st.sampled_from(READINGS))
def test_every_schema_contains_itself(random: Random, reading: Reading) -> None:
    schema = case(random, documents=0).old
    assert contains(schema, schema, reading=reading, budget=BUDGET).answer == "yes"


@SETTINGS
@given(RANDOM)
def test_a_choice_contains_its_parts_and_a_sum_is_contained_in_them(random: Random) -> None:
    found = case(random, documents=0)
    inner = {key: value for key, value in mapping(found.old.root).items() if key != "$schema"}
    if "#" in references(inner):
        return
    either = Schema(root=joined(found, "anyOf", inner), dialect=found.old.dialect)
    both = Schema(root=joined(found, "allOf", inner), dialect=found.old.dialect)
    for larger, smaller in ((either, found.old), (found.old, both), (either, both)):
        assert contains(larger, smaller, reading="open", budget=BUDGET).answer != "no"


def references(value: Any) -> set[str]:
    own = mapping(value).get("$ref")
    inner = [
        *mapping(value).values(),
        *(cast("list[Any]", value) if isinstance(value, list) else []),
    ]
    found = set[str]().union(*(references(part) for part in inner))
    return found | {own} if isinstance(own, str) else found


def joined(found: Case, word: str, inner: dict[str, Any]) -> dict[str, Any]:
    root = mapping(found.old.root)
    kept = {key: root[key] for key in ("$schema", "$defs", "definitions") if key in root}
    return {**kept, word: [inner, {"minLength": 2, "minimum": 1, "required": ["a"]}]}


@SETTINGS
@given(RANDOM, st.sampled_from(READINGS))
def test_what_contains_a_container_contains_what_is_in_it(random: Random, reading: Reading) -> None:
    """A chain of three versions, and the last beside the first."""
    dialect = random.choice(("draft-07", "2020-12"))
    roots = [rooted(random, dialect, 2)]
    for _ in range(2):
        roots.append(changed(random, dialect, roots[-1]))
    first, second, third = (Schema(root=root, dialect=dialect) for root in roots)
    steps = ((second, first), (third, second), (third, first))
    said = [contains(*step, reading=reading, budget=BUDGET).answer for step in steps]
    assert said != ["yes", "yes", "no"]


@SETTINGS
@given(RANDOM, st.sampled_from(READINGS))
def test_a_verdict_agrees_with_its_own_answers(random: Random, reading: Reading) -> None:
    found = case(random)
    verdict = compare(found.old, found.new, reading=reading, budget=BUDGET)
    said = (verdict.backward.answer, verdict.forward.answer)
    expected = bump_for(said[0] == "yes", said[1] == "yes", "accepts")
    assert verdict.bump == expected or (expected == "patch" and verdict.bump == "none")
    relations = {("yes", "yes"): "equal", ("yes", "no"): "wider", ("no", "yes"): "narrower"}
    relations[("no", "no")] = "incomparable"
    assert verdict.relation == relations.get(said, "unknown")
    assert said == ("yes", "yes") or verdict.findings


@SETTINGS
@given(RANDOM)
def test_the_reserved_schemas_leave_out_the_documents_that_use_the_others_names(
    random: Random,
) -> None:
    found = case(random)
    read = SchemaPair(found.old, found.new, "reserved", "annotate").read["old"]
    own, other = (Side(plain(schema).root) for schema in (found.old, found.new))
    published, rewritten = Judge(found.old), Judge(read)
    for document in found.documents:
        kept = published.valid_rs(document) and not left_out(document, own, other)
        assert rewritten.valid_rs(document) in (kept, None)
