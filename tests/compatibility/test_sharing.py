"""What is shared by the questions of one comparison is what each would have made anew."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.compatibility import compare
from registry.compatibility.changes.change import Change
from registry.compatibility.changes.places import View
from registry.compatibility.changes.walk import Walk, walk
from registry.compatibility.containment import SchemaPair
from registry.compatibility.findings.forms import Form
from registry.compatibility.findings.listing import Inquiry
from registry.compatibility.findings.proof import Case
from registry.compatibility.findings.purse import Purse
from registry.compatibility.judges import Judge
from registry.compatibility.model import Budget, Schema, Side
from registry.compatibility.plain import Plain, plain
from registry.compatibility.reserved import States, reserve, reserved_terms
from registry.compatibility.solver import Empty, Found, Questions, find
from registry.compatibility.solver.terms import Graph
from registry.dialects.strict_json import Json
from tests.compatibility import labelled
from tests.compatibility.generated import case

RANDOM = st.randoms(use_true_random=False)
SIDES: tuple[Side, ...] = ("old", "new")
SETTINGS = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TREE: Json = {
    "$ref": "#/$defs/tree",
    "$defs": {
        "tree": {
            "properties": {"left": {"$ref": "#/$defs/tree"}, "leaf": {"$ref": "#/$defs/leaf"}}
        },
        "leaf": {"type": "string"},
    },
}


def inquiries(name: str) -> list[Inquiry]:
    """The comparisons of one family, in the reserved reading."""
    found: list[Inquiry] = []
    for step in labelled.steps(name):
        old, new = step.reserved.old, step.reserved.new
        asked = SchemaPair(old, new, "reserved", "annotate")
        found.append(Inquiry(asked, (old, new), SIDES, Purse(Budget(seconds=60.0))))
    return found


def undone(case: Case, change: Change) -> list[Plain]:
    return [case.lenient(change), case.strict(change)]


@pytest.mark.parametrize("name", ["eu-dcc", "fit-connect-destination", "oparl-meeting"])
def test_a_schema_with_a_change_undone_is_read_as_it_would_be_alone(name: str) -> None:
    for inquiry in inquiries(name):
        graph = inquiry.pair.questions.graph
        for proving in inquiry.cases.values():
            for change in inquiry.walk.changes:
                for edited in undone(proving, change):
                    shared = Form(graph, edited.root).at(((),))
                    # Copied, nothing of it is known by identity: it is read anew.
                    assert graph.add(copied(edited.root)) is shared


def copied(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: copied(inner) for key, inner in value.items()}
    return [copied(inner) for inner in value] if isinstance(value, list) else value


def test_a_definition_that_changed_is_not_taken_for_the_one_read_before() -> None:
    graph = Graph()
    before = graph.add(TREE)
    assert isinstance(TREE, dict)
    definitions = TREE["$defs"]
    assert isinstance(definitions, dict)
    changed = graph.add({**TREE, "$defs": {**definitions, "leaf": {"type": "integer"}}})
    assert changed is not before
    assert graph.add(copied(TREE)) is graph.add(TREE) is before


@SETTINGS
@given(RANDOM)
def test_the_reserved_reading_of_what_was_read_is_that_of_the_schemas(random: Random) -> None:
    """The overlays written into a schema, and those the solver is given, say the same."""
    found = case(random, documents=0)
    old, new = plain(found.old), plain(found.new)
    graph = Graph()
    states = States(graph)
    written = [graph.add(each.root) for each in reserve(old, new, states)]
    shared = reserved_terms(graph.add(old.root), graph.add(new.root), states)
    questions = Questions(graph)
    for one, other in (*zip(written, shared, strict=True), *zip(shared, written, strict=True)):
        assert not isinstance(questions.find([one], [other], Budget(steps=2_000)), Found)


@SETTINGS
@given(RANDOM)
def test_questions_after_others_have_the_answers_they_have_alone(random: Random) -> None:
    questions = Questions()
    budget = Budget(steps=2_000, seconds=5.0)
    for _ in range(3):
        found = case(random, documents=0)
        one, other = plain(found.old).root, plain(found.new).root
        for valid, invalid in ((one, other), (other, one)):
            alone = find([valid], [invalid], budget)
            shared = questions.find_read([valid], [invalid], budget)
            decided = {type(alone), type(shared)} & {Found, Empty}
            assert len(decided) < 2


@SETTINGS
@given(RANDOM)
def test_what_fits_for_the_solver_fits_for_the_validator(random: Random) -> None:
    found = case(random)
    form = plain(found.old)
    questions, judge = Questions(), Judge(form)
    node = questions.graph.add(form.root)
    for document in found.documents:
        said = questions.fits(node, document)
        assert said is None or judge.valid_rs(document) in (said, None)


# --- what is the same on both sides is not walked


def walked(old: Json, new: Json) -> Walk:
    return walk(View(plain(Schema(root=old)), "old"), View(plain(Schema(root=new)), "new"))


def test_what_both_sides_wrote_alike_is_not_walked() -> None:
    same: Json = {"properties": {"deep": {"properties": {"deeper": {"title": "A"}}}}}
    found = walked(
        {"properties": {"kept": same, "x": {"minLength": 1}}},
        {"properties": {"kept": same, "x": {"minLength": 2}}},
    )
    assert [change.rule for change in found.changes] == ["EFA-STR-01"]
    assert {len(place) for place in found.anchors} == {0, 1}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"title": "A"}, {"title": "B"}),
        ({"const": 1}, {"const": True}),
        ({"$ref": "#/$defs/d"}, {"$ref": "#/$defs/d"}),
    ],
)
def test_what_only_looks_alike_is_walked(old: Json, new: Json) -> None:
    def around(inner: Json, other: str) -> Json:
        within: Json = {"a": {"properties": {"b": inner}}}
        return {"properties": within, "$defs": {"d": {"type": other}}}

    verdict = compare(around(old, "string"), around(new, "integer"))
    assert [one.place for one in (*verdict.findings, *verdict.remarks)] == ["/a/b"]


def test_the_same_text_in_another_dialect_is_walked() -> None:
    root: Json = {"properties": {"a": {"items": [{"type": "string"}], "const": 1}}}
    verdict = compare(Schema(root=root, dialect="draft-04"), Schema(root=root, dialect="draft-07"))
    assert [one.place for one in verdict.findings] == ["/a"]
