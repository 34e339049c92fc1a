"""Names only one side declares are left out on the other, at every place, and transitively."""

import itertools
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from registry.compatibility import compare, contains
from registry.compatibility.judges import Judge
from registry.compatibility.model import Budget, Schema
from registry.compatibility.plain import Plain, plain
from registry.compatibility.reserved import States, reserve, reserved_terms
from registry.compatibility.solver.terms import Graph
from registry.dialects.keywords import Dialect
from registry.dialects.strict_json import Json, Limits, read_json
from tests.versions.drawn import DOCUMENTS, cases

Node = dict[str, Json]

LIMITS = Limits(bytes=1 << 20, depth=64, nodes=20_000)
TEXT: Node = {"type": "string"}
NAMED: Node = {"properties": {"a": TEXT}}
BOTH: Node = {"properties": {"a": TEXT, "b": TEXT}}


def form(schema: Json) -> Plain:
    return plain(Schema(root=schema))


def pair(old: Json, new: Json) -> tuple[Plain, Plain]:
    return reserve(form(old), form(new))


def covers(larger: Plain, smaller: Plain) -> str:
    """Whether all documents of the one are documents of the other, says `jsonschema-rs`."""
    return str(canonical(larger).covers(canonical(smaller)).value)


def canonical(schema: Plain) -> jsonschema_rs.CanonicalSchema:
    root: Any = schema.root
    return jsonschema_rs.canonicalize(root)


CLOSED: Node = {**NAMED, "additionalProperties": False}
STEPS: list[tuple[Json, Json, Json, Json]] = [
    # old, new, an old document that no longer fits, a new one that did not fit before
    (NAMED, BOTH, None, {"b": ""}),
    (BOTH, NAMED, {"b": ""}, None),
    (NAMED, {"properties": {"a": {"type": "integer"}}}, {"a": ""}, {"a": 1}),
    (NAMED, CLOSED, {"x": 1}, None),
    (CLOSED, {**BOTH, "additionalProperties": False}, None, {"b": ""}),
    (NAMED, {**BOTH, "required": ["b"]}, {}, {"b": ""}),
    (True, NAMED, None, {"a": ""}),
    ({"properties": {"x": {}}}, {"properties": {"x": NAMED}}, None, {"x": {"a": ""}}),
    ({"items": NAMED}, {"items": BOTH}, None, [{"b": ""}]),
    ({"prefixItems": [NAMED]}, {"prefixItems": [BOTH]}, None, [{"b": ""}]),
    ({"additionalProperties": NAMED}, {"additionalProperties": BOTH}, None, {"x": {"b": ""}}),
    (
        {"patternProperties": {"^x": NAMED}},
        {"patternProperties": {"^x": BOTH}},
        None,
        {"x": {"b": ""}},
    ),
    (NAMED, {"allOf": [{"$ref": "#/$defs/b"}], "$defs": {"b": BOTH}}, None, {"b": ""}),
    (NAMED, {**NAMED, "anyOf": [{"properties": {"b": TEXT}}, {}]}, None, {"b": 1}),
    (NAMED, {**NAMED, "$defs": {"unused": BOTH}}, None, None),
    (NAMED, {"properties": {"a": TEXT, "b": False}}, {"b": 1}, None),
]


@pytest.mark.parametrize(("old", "new", "lost", "gained"), STEPS)
def test_a_step_is_judged_by_what_is_declared(
    old: Json, new: Json, lost: Json, gained: Json
) -> None:
    reads = pair(old, new)
    for (before, after), proof in zip((reads, reads[::-1]), (lost, gained), strict=True):
        if proof is None:
            assert covers(after, before) == "yes"
            continue
        for said in (Judge(before).valid_rs, Judge(before).valid_py):
            assert said(proof) is True
        for said in (Judge(after).valid_rs, Judge(after).valid_py):
            assert said(proof) is False


def test_names_are_left_out_on_the_side_that_does_not_declare_them() -> None:
    old, new = pair(NAMED, BOTH)
    assert old.root == {**NAMED, "allOf": [{"properties": {"b": False}}]}
    assert new.root == BOTH


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (NAMED, NAMED),
        (NAMED, {"properties": {"a": {"type": "integer"}}}),
        (CLOSED, NAMED),
        (True, False),
        ({"$ref": "#/$defs/x", "$defs": {"x": NAMED}}, NAMED),
    ],
)
def test_schemas_that_declare_the_same_stay_as_they_are(old: Json, new: Json) -> None:
    old_form, new_form = form(old), form(new)
    old_read, new_read = reserve(old_form, new_form)
    assert old_read is old_form
    assert new_read is new_form


def test_recursive_schemas_stay_finite() -> None:
    old: Node = {"properties": {"child": {"$ref": "#"}}}
    new: Node = {"properties": {"child": {"$ref": "#"}, "b": TEXT}}
    old_read, new_read = pair(old, new)
    deep: Json = {"child": {"child": {"child": {"b": 1}}}}
    assert Judge(form(old)).valid_rs(deep) is True
    assert (Judge(old_read).valid_rs(deep), Judge(old_read).valid_py(deep)) == (False, False)
    assert Judge(old_read).valid_rs({"child": {"child": {"c": 1}}}) is True
    assert new_read.root == form(new).root


def test_what_is_left_out_does_not_count_as_evaluated() -> None:
    old: Node = {"properties": {"x": NAMED}, "unevaluatedProperties": False}
    new: Node = {"properties": {"y": {"properties": {"z": TEXT}}, "x": BOTH}}
    old_read, _ = pair(old, new)
    documents: list[tuple[Json, bool]] = [
        ({"x": {}}, True),
        ({"x": {"b": 1}}, False),
        ({"w": 1}, False),
    ]
    for document, valid in documents:
        assert Judge(old_read).valid_rs(document) is valid
        assert Judge(old_read).valid_py(document) is valid


def test_other_names_and_places_are_held_apart() -> None:
    old: Node = {
        "properties": {"x": {}},
        "patternProperties": {"^p": NAMED},
        "additionalProperties": NAMED,
        "prefixItems": [{}],
        "items": NAMED,
    }
    new: Node = {
        "properties": {"x": NAMED},
        "patternProperties": {"^p": BOTH},
        "additionalProperties": {"properties": {"a": TEXT, "c": TEXT}},
        "prefixItems": [NAMED],
        "items": BOTH,
    }
    judge = Judge(pair(old, new)[0])
    barred: list[Json] = [{"x": {"a": ""}}, {"p": {"b": 1}}, {"q": {"c": 1}}, [{"a": ""}]]
    kept: list[Json] = [{"x": {"b": ""}}, {"p": {"c": 1}}, {"q": {"b": 1}}, [{"b": ""}, {"a": ""}]]
    assert [judge.valid_rs(document) for document in barred] == [False] * 4
    assert [judge.valid_rs(document) for document in kept] == [True] * 4
    assert judge.valid_rs([1, {"b": 1}]) is False


def test_a_rewritten_schema_knows_where_it_comes_from() -> None:
    old_read, new_read = pair({**NAMED, "title": "A", "unevaluatedProperties": False}, BOTH)
    assert old_read.origins["/allOf/0/properties/a/type"] == "/properties/a/type"
    assert old_read.annotations["/allOf/0"] == {"title": "A"}
    assert new_read.origins["/properties/b"] == "/properties/b"


def test_schemas_with_too_many_places_are_not_read() -> None:
    def branches(name: str) -> Node:
        return {
            f"{name}{n}": {
                "properties": {
                    "l": {"allOf": [{"$ref": f"#/$defs/{name}{(n + 1) % 17}"}]},
                    "r": {
                        "allOf": [
                            {"$ref": f"#/$defs/{name}{(n + 1) % 17}"},
                            {"$ref": f"#/$defs/{name}0"},
                        ]
                    },
                    f"{name}{n}": True,
                }
            }
            for n in range(17)
        }

    old: Node = {"$ref": "#/$defs/a0", "$defs": branches("a")}
    new: Node = {"$ref": "#/$defs/b0", "$defs": branches("b")}
    forms = form(old), form(new)
    old_read, new_read = reserve(*forms)
    told = [[(each.keyword, each.pointer) for each in one.opaque] for one in (old_read, new_read)]
    assert told == [[("properties", "")]] * 2
    assert old_read.root != new_read.root
    assert old_read.sources is forms[0].sources
    states = States(Graph())
    first, second = (states.graph.add(each.root) for each in forms)
    terms = reserved_terms(first, second, states)
    assert [one.keywords for one in terms] == [old_read.root, new_read.root]
    assert contains(new, old).answer == "unknown"
    assert contains(old, old).answer == "yes"


TYPES: st.SearchStrategy[Json] = st.sampled_from(
    [{"type": "string"}, {"type": "integer"}, {"type": "boolean"}]
)
VALUES: list[Json] = [1, "x", True, {"a": 1}, {"b": "x"}, {"a": 1, "c": 1}]
DEEP: list[Json] = [
    dict(zip(names, members, strict=True))
    for size in range(3)
    for names in itertools.combinations("abc", size)
    for members in itertools.product(VALUES, repeat=size)
]


def _object(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    def assembled(named: dict[str, Json], closed: bool, required: bool, rest: Json) -> Json:
        schema: Node = {"type": "object", "properties": named}
        schema |= {"additionalProperties": False if closed else rest}
        schema |= {"required": [*sorted(named)[:1]]} if required else {}
        return schema

    named = st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    return st.builds(
        assembled, named, st.booleans(), st.booleans(), st.one_of(st.just(True), inner)
    )


VERSIONS = _object(st.one_of(TYPES, _object(TYPES)))


@cache
def values() -> list[Json]:
    return [*DEEP, *({"a": inner} for inner in DEEP), *({"b": inner} for inner in DEEP)]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(VERSIONS, min_size=3, max_size=3))
def test_what_fits_step_by_step_fits_over_all(chain: list[Json]) -> None:
    """Three versions, and the middle one as a late version between the others."""
    forms = [form(version) for version in chain]

    def fits(smaller: int, larger: int) -> bool:
        old, new = reserve(forms[smaller], forms[larger])
        return covers(new, old) == "yes"

    if fits(0, 1) and fits(1, 2):
        old, new = (Judge(each) for each in reserve(forms[0], forms[2]))
        assert not [v for v in values() if old.valid_rs(v) and not new.valid_rs(v)]
        assert fits(0, 2)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases(), cases(), st.lists(DOCUMENTS, max_size=5))
def test_documents_are_left_out_only_for_a_name(
    one: tuple[Dialect, str, list[str]], other: tuple[Dialect, str, list[str]], more: list[str]
) -> None:
    """What is valid as rewritten is valid; without names both sides stay as they are."""
    old, new = (
        plain(Schema(root=read_json(text.encode(), LIMITS), dialect=dialect))
        for dialect, text, _ in (one, other)
    )
    for kept, rewritten in zip((old, new), reserve(old, new), strict=True):
        before, after = Judge(kept), Judge(rewritten)
        for document in (*one[2], *other[2], *more):
            note(document)
            value = read_json(document.encode(), LIMITS)
            assert before.valid_rs(value) or not after.valid_rs(value)
            if not isinstance(value, dict | list):
                assert before.valid_rs(value) == after.valid_rs(value)
            assert after.valid_rs(value) == after.valid_py(value)


def test_a_name_that_is_required_hides_no_break_beside_it() -> None:
    old: Json = {"type": "object", "required": ["b"], "properties": {"x": {"type": "string"}}}
    new: Json = {
        "type": "object",
        "required": ["b"],
        "properties": {"b": {"type": "string"}, "x": {"type": "integer"}},
    }
    assert compare(Schema(root=old), Schema(root=new)).bump == "major"
    listed: Json = {"enum": [{"b": 1}, {"b": 2}]}
    other: Json = {"properties": {"b": {"type": "string"}}, "required": ["c"]}
    assert contains(Schema(root=other), Schema(root=listed)).answer != "yes"


STRING_X: Node = {"x": TEXT}
INTEGER_X: Node = {"b": True, "x": {"type": "integer"}}
NEW_X: Node = {"type": "object", "properties": INTEGER_X, "required": ["x"]}
CLOSED_PATTERN: Node = {
    "type": "object",
    "patternProperties": {"^b$": True},
    "properties": STRING_X,
    "required": ["x"],
    "additionalProperties": False,
}
TWO: Node = {"minProperties": 2}
HIDING: list[tuple[Json, Json]] = [
    ({**CLOSED_PATTERN, **TWO}, NEW_X),
    ({"allOf": [CLOSED_PATTERN, TWO]}, NEW_X),
    ({**CLOSED_PATTERN, "anyOf": [TWO, {"properties": {"x": {"maxLength": 3}}}]}, NEW_X),
    ({**CLOSED_PATTERN, "if": {"properties": {"x": {"maxLength": 3}}}, "else": TWO}, NEW_X),
    ({**CLOSED_PATTERN, "if": {"properties": {"x": {"maxLength": 3}}}, "then": TWO}, NEW_X),
    ({**CLOSED_PATTERN, "dependentSchemas": {"x": TWO}}, NEW_X),
    (
        {
            **CLOSED_PATTERN,
            "required": [],
            "dependentSchemas": {"x": {"anyOf": [TWO, {"properties": {"x": False}}]}},
        },
        {"type": "object", "properties": INTEGER_X},
    ),
    (
        {
            "type": "object",
            "properties": STRING_X,
            "required": ["x"],
            "propertyNames": {"enum": ["b", "x"]},
            **TWO,
        },
        NEW_X,
    ),
    (
        {"type": "object", "not": {"properties": {"b": False}}, "properties": STRING_X},
        {"type": "object", "properties": INTEGER_X},
    ),
    (
        {"properties": {**STRING_X, "a": {}}, "enum": [{"a": {"b": 1}, "x": "s"}]},
        {"properties": {"x": {"type": "integer"}, "a": {"properties": {"b": True}}}},
    ),
    (
        {"properties": {**STRING_X, "a": {"enum": [[{"b": 1}]]}}, "required": ["a"]},
        {
            "properties": {
                "x": {"type": "integer"},
                "a": {"items": {"properties": {"b": True}}},
            }
        },
    ),
]


def test_an_optional_name_beside_demands_of_others_is_a_newcomer() -> None:
    demands: list[Node] = [
        TWO,
        {"oneOf": [{"required": ["a"]}, {"required": ["c"]}]},
        {"not": {"required": ["c"]}},
        {"if": {"required": ["a"]}, "then": {"required": ["c"]}},
        {"dependentSchemas": {"a": {"minProperties": 2}}},
    ]
    for more in demands:
        old: Json = {"type": "object", **NAMED, **more}
        new: Json = {"type": "object", **BOTH, **more}
        assert contains(new, old).answer == "yes"


@pytest.mark.parametrize(("old", "new"), HIDING)
def test_a_name_that_its_own_side_needs_hides_no_break_beside_it(old: Json, new: Json) -> None:
    assert compare(old, new).bump == "major"
    assert contains(new, old).answer != "yes"


NUMBER: Node = {"type": "integer"}
HUNDRED: Node = {"minimum": 100}
DECLARED: Node = {"properties": {"k1": {"properties": {"t": NUMBER}}}}
BY_PATTERN: Node = {"patternProperties": {"^k[0-9]": {"properties": {"t": HUNDRED}}}}
OVERLAPPING: list[tuple[Json, Json, Json]] = [
    # old, new, an old document that uses no new name and no longer fits
    (DECLARED, {**DECLARED, **BY_PATTERN}, {"k1": {"t": 5}}),
    (
        {"patternProperties": {"^a": {"properties": {"t": NUMBER}}}},
        {
            "patternProperties": {
                "^a": {"properties": {"t": NUMBER}},
                "b$": {"properties": {"t": HUNDRED}},
            }
        },
        {"ab": {"t": 5}},
    ),
    (
        {"properties": {"x-y": NAMED}, "patternProperties": {"^x-": {"type": "object"}}},
        {
            "properties": {"x-y": NAMED},
            "patternProperties": {"^x-": {"properties": {"a": {"maxLength": 5}}}},
        },
        {"x-y": {"a": "Annegret"}},
    ),
]


@pytest.mark.parametrize(("old", "new", "document"), OVERLAPPING)
def test_a_name_that_fits_a_pattern_is_held_to_what_is_declared_for_it(
    old: Json, new: Json, document: Json
) -> None:
    found = compare(old, new)
    assert found.backward.answer == "no"
    assert [one for one in found.findings if one.severity == "breaking"]
    read = pair(old, new)
    assert Judge(read[0]).valid_rs(document) is True
    assert Judge(read[1]).valid_rs(document) is False


def test_what_fits_a_pattern_and_is_declared_nowhere_is_a_newcomer() -> None:
    new: Json = {**DECLARED, "patternProperties": {"^k[2-9]": {"properties": {"t": HUNDRED}}}}
    assert contains(new, DECLARED).answer == "yes"


def test_a_pattern_that_says_what_is_declared_changes_nothing() -> None:
    closed: Node = {"properties": {"ab": NAMED}, "additionalProperties": False}
    written: Json = {**closed, "patternProperties": {"^ab$": NAMED}}
    assert compare(written, closed).relation == "equal"
    assert compare(closed, written).relation == "equal"


def test_patterns_that_overlap_in_too_many_ways_are_not_read() -> None:
    many: Json = {"patternProperties": {f"{letter}": NAMED for letter in "abcdefgh"}}
    other: Json = {"patternProperties": {f"{letter}": BOTH for letter in "abcdefgh"}}
    assert contains(other, many).answer == "unknown"


KONTAKT: Node = {
    "type": "object",
    "required": ["k", "x"],
    "properties": {
        "k": {
            "type": "object",
            "patternProperties": {"^(b|c)$": TEXT},
            "additionalProperties": False,
        },
        "x": TEXT,
    },
}
NEW_KONTAKT: Node = {
    "type": "object",
    "properties": {"k": {"properties": {"b": TEXT, "c": TEXT}}, "x": NUMBER},
}
FORCED: list[tuple[Json, Json]] = [
    ({**KONTAKT, "if": {"properties": {"k": {"maxProperties": 0}}}, "then": False}, NEW_KONTAKT),
    ({**KONTAKT, "not": {"properties": {"k": {"maxProperties": 0}}}}, NEW_KONTAKT),
    (
        {
            "type": "object",
            "properties": STRING_X,
            "required": ["x"],
            "propertyNames": {"enum": ["b", "x"]},
            "not": {"maxProperties": 1},
        },
        NEW_X,
    ),
    (
        {
            "type": "array",
            "items": {"type": "object", "propertyNames": {"const": "b"}},
            "uniqueItems": True,
            "minItems": 2,
        },
        {"type": "array", "items": {"properties": {"b": True}}, "minItems": 3},
    ),
    (
        {
            "type": ["array", "string"],
            "items": {"type": "object", "propertyNames": {"const": "b"}},
            "uniqueItems": True,
            "minItems": 2,
        },
        {
            "anyOf": [
                {"type": "array", "items": {"properties": {"b": True}}, "minItems": 3},
                {"type": "string"},
            ]
        },
    ),
]


@pytest.mark.parametrize(("old", "new"), FORCED)
def test_a_name_that_other_places_or_entries_call_for_hides_no_break(old: Json, new: Json) -> None:
    assert contains(new, old).answer != "yes"


LONG: Node = {"type": "array", "contains": {"type": "integer"}, "minContains": 70, "maxItems": 100}
NEEDS: Node = {"type": "object", "required": ["b"]}
DESCRIBES: Node = {**NEEDS, "properties": {"b": {"type": "integer"}}}
HARD: list[tuple[Json, Json]] = [
    (NEEDS, DESCRIBES),
    ({"anyOf": [LONG, NEEDS]}, {"anyOf": [{**LONG, "maxItems": 200}, DESCRIBES]}),
    (NAMED, BOTH),
    (NAMED, {**BOTH, "required": ["b"]}),
]


@pytest.mark.parametrize(("old", "new"), HARD)
def test_less_time_makes_no_yes(old: Json, new: Json) -> None:
    """What the second engine alone knows is held to the same guard."""
    full = contains(new, old).answer
    for steps in (*range(12), 15, 20, 30, 50, 100, 1_000):
        assert contains(new, old, budget=Budget(steps=steps)).answer in {full, "unknown"}
