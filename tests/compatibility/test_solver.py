"""Finding a document, and proving that there is none, for each theory of the search."""

import itertools
from decimal import Decimal
from typing import Any

import jsonschema_rs
import pytest

from registry.compatibility import Budget, Schema, contains
from registry.compatibility.solver import Empty, Found, Undecided, find

TREE: dict[str, Any] = {
    "$ref": "#/$defs/tree",
    "$defs": {"tree": {"type": "object", "properties": {"child": {"$ref": "#/$defs/tree"}}}},
}
WORDS: Any = {"type": "string", "pattern": "^[a-z]{2,}$"}

NONE: list[tuple[Any, Any]] = [
    ({"type": "integer", "minimum": 1, "maximum": 8}, {"type": "number"}),
    ({"multipleOf": 6}, {"multipleOf": 3}),
    ({"multipleOf": Decimal("0.3")}, {"multipleOf": Decimal("0.1")}),
    ({"minimum": 5, "maximum": 5}, {"not": {"type": "number", "exclusiveMinimum": 5}}),
    ({"enum": [[1, 2]]}, {"prefixItems": [{"enum": [1]}, {"enum": [2]}], "items": False}),
    ({"type": "string", "minLength": 3}, {"minLength": 2}),
    ({"type": "string", "pattern": "^[ab]$"}, {"enum": ["a", "b"]}),
    ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, {"contains": True}),
    (
        {"type": "array", "prefixItems": [{"type": "integer"}], "items": {"type": "string"}},
        {"contains": {"type": "integer"}, "minContains": 0, "maxContains": 1},
    ),
    ({"type": "array", "uniqueItems": True, "items": {"enum": [1, 2]}}, {"maxItems": 2}),
    ({"type": "array", "maxItems": 1}, {"uniqueItems": True}),
    (
        {"type": "object", "properties": {"a": {"enum": [1]}}, "additionalProperties": False},
        {"enum": [{}, {"a": 1}]},
    ),
    (
        {"type": "object", "propertyNames": {"enum": ["a", "b"]}, "minProperties": 2},
        {"required": ["a", "b"]},
    ),
    (
        {"type": "object", "patternProperties": {"^a": {"type": "integer"}}},
        {"properties": {"ab": {"type": "number"}}},
    ),
    (TREE, {"properties": {"child": {"properties": {"child": {"type": "object"}}}}}),
    (
        {
            "type": "object",
            "properties": {"a": {}},
            "anyOf": [{"properties": {"b": {}}}],
            "unevaluatedProperties": False,
        },
        {"type": "object", "maxProperties": 2, "propertyNames": {"enum": ["a", "b"]}},
    ),
    ({"dependentRequired": {"a": ["b"]}, "required": ["a"]}, {"dependentRequired": {"c": ["b"]}}),
    (
        {"type": "array", "items": {"type": "integer"}, "minItems": 1},
        {"contains": {"type": "integer"}, "unevaluatedItems": False},
    ),
    ({"if": {"type": "string"}, "then": False, "else": {"type": "integer"}}, {"type": "number"}),
    ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, {"not": {"type": "integer"}}),
    ({"$opaque": "x", "type": "string"}, {"$opaque": "x"}),
]

SOME: list[tuple[Any, Any]] = [
    ({"type": "number"}, {"type": "integer"}),
    (
        {"type": "number", "exclusiveMinimum": 0, "maximum": Decimal("0.1")},
        {"multipleOf": Decimal("0.1")},
    ),
    ({"minimum": 10**400, "type": "integer"}, {"maximum": 10**400}),
    ({"type": "string"}, {"maxLength": 5000}),
    (WORDS, {"maxLength": 2}),
    ({"type": "array"}, {"uniqueItems": True}),
    ({"type": "array", "contains": {"type": "string"}, "minContains": 2}, {"uniqueItems": True}),
    ({"type": "array", "uniqueItems": True, "minItems": 40}, {"maxItems": 39}),
    ({"type": "array", "minItems": 20_000, "items": {"type": "null"}}, {"maxItems": 100}),
    (
        {"contains": {"type": "number"}, "maxContains": 2},
        {"contains": {"type": "number"}, "maxContains": 1},
    ),
    ({"type": "object", "minProperties": 3}, {"properties": {"a": True}, "required": ["a"]}),
    (
        {"type": "object", "patternProperties": {"^a": {"type": "integer"}}},
        {"additionalProperties": {"type": "integer"}},
    ),
    ({"type": "object"}, {"propertyNames": {"maxLength": 3}}),
    (
        {"type": "object", "maxProperties": 1},
        {"anyOf": [{"propertyNames": {"not": {"pattern": word}}} for word in ("a", "b")]},
    ),
    (
        {"type": "object", "maxProperties": 1, "not": {"additionalProperties": {"type": "string"}}},
        {"propertyNames": {"not": {"pattern": "zz"}}},
    ),
    (TREE, {"properties": {"child": {"properties": {"child": {"maxProperties": 0}}}}}),
    (
        {
            "anyOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}],
            "unevaluatedProperties": False,
        },
        {"properties": {"a": False}},
    ),
    ({"dependentSchemas": {"a": {"required": ["b"]}}, "type": "object"}, {"maxProperties": 1}),
    ({"enum": [1, "a", None, [], {"a": [1]}]}, {"enum": [1, "a", None, []]}),
    ({"contains": {"type": "integer"}, "unevaluatedItems": {"type": "string"}}, {"minItems": 2}),
    (
        {
            "type": "object",
            "properties": {"a": {"not": {"const": 1}}},
            "anyOf": [{"properties": {"a": {"const": 1}}}, {"not": {"required": ["a"]}}],
        },
        {"minProperties": 1},
    ),
    (
        {"allOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"a": {"const": 2}}}]},
        {"type": ["array", "string", "number", "boolean", "null"]},
    ),
]


def _validator(schema: Any) -> jsonschema_rs.Validator:
    return jsonschema_rs.Draft202012Validator(schema)


@pytest.mark.parametrize(("valid", "invalid"), NONE)
def test_where_all_documents_fit_that_is_proven(valid: Any, invalid: Any) -> None:
    assert isinstance(find([valid], [invalid], Budget()), Empty)


@pytest.mark.parametrize(("valid", "invalid"), SOME)
def test_where_a_document_does_not_fit_it_is_found(valid: Any, invalid: Any) -> None:
    found = find([valid], [invalid], Budget())
    assert isinstance(found, Found)
    assert _validator(valid).is_valid(found.value)
    assert not _validator(invalid).is_valid(found.value)


def test_the_same_recursion_under_another_name_is_the_same() -> None:
    renamed: Any = {
        "$ref": "#/$defs/node",
        "$defs": {
            "node": {"type": "object", "properties": {"child": {"$ref": "#/$defs/other"}}},
            "other": {"type": "object", "properties": {"child": {"$ref": "#/$defs/node"}}},
        },
    }
    assert isinstance(find([renamed], [TREE], Budget()), Empty)
    assert isinstance(find([TREE], [renamed], Budget()), Empty)


def test_a_recursion_no_document_ends_has_no_document() -> None:
    endless: Any = {
        "$ref": "#/$defs/x",
        "$defs": {
            "x": {"type": "object", "required": ["x"], "properties": {"x": {"$ref": "#/$defs/x"}}}
        },
    }
    assert isinstance(find([endless], [], Budget()), Empty)


def test_what_nobody_knows_stays_undecided_with_a_guess() -> None:
    found = find([{"$opaque": "x", "type": "string"}], [{"$opaque": "y"}], Budget())
    assert isinstance(found, Undecided)
    assert found.reason.startswith("opaque")
    assert found.guess is not None
    assert isinstance(found.guess.value, str)


def test_the_name_of_a_member_may_be_what_nobody_can_tell() -> None:
    valid: Any = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
    found = find([valid], [{"patternProperties": {"(?<=x)y": {"type": "string"}}}], Budget())
    assert isinstance(found, Undecided)
    assert found.reason.startswith("pattern")


def test_the_budget_ends_a_search() -> None:
    pairs: Any = [{"anyOf": [{"required": [f"a{n}"]}, {"required": [f"b{n}"]}]} for n in range(40)]
    hard: Any = {"allOf": pairs, "maxProperties": 39, "type": "object"}
    assert find([hard], [], Budget(steps=500)) == Undecided("budget")


@pytest.mark.parametrize(("steps", "count"), [((2, 3), 6_680), ((2, 3, 5, 7, 11), 4_170)])
def test_a_long_list_of_numbers_leaves_no_others_unseen(steps: tuple[int, ...], count: int) -> None:
    """Of those that no step hits, one more than was tried."""
    barred: Any = {"anyOf": [{"multipleOf": step} for step in steps]}
    smaller: Any = {"type": "integer", "minimum": 1, "not": barred}
    fitting = (number for number in itertools.count(1) if all(number % step for step in steps))
    larger: Any = {"enum": [*itertools.islice(fitting, count)]}
    assert contains(larger, smaller, reading="open").answer != "yes"


@pytest.mark.parametrize(
    ("numbers", "lists"),
    [
        ({"exclusiveMinimum": 0}, [range(1, 20_000)]),
        ({"exclusiveMaximum": 0}, [range(-19_999, 0)]),
        (
            {"exclusiveMinimum": 1, "not": {"multipleOf": 2}},
            [range(3, 10_003, 2), range(10_003, 20_000, 2)],
        ),
    ],
)
def test_the_first_number_that_a_long_list_leaves_out_is_found(
    numbers: dict[str, Any], lists: list[range]
) -> None:
    listed: Any = {"anyOf": [{"enum": [*values]} for values in lists]}
    found = contains(listed, {"type": "integer", **numbers})
    assert found.answer == "no"
    assert found.witness is not None
    assert found.witness.confirmed


def test_the_few_numbers_a_list_leaves_are_proven_to_be_none() -> None:
    smaller: Any = {"type": "integer", "multipleOf": 2, "not": {"multipleOf": 6}}
    assert contains({"not": {"multipleOf": 3}}, smaller, reading="open").answer == "yes"


def test_numbers_and_booleans_are_never_equal() -> None:
    assert find([{"enum": [0]}], [{"enum": [False]}], Budget()) == Found(0)
    assert find([{"enum": [True]}], [{"enum": [1]}], Budget()) == Found(value=True)
    assert isinstance(find([{"enum": [1]}], [{"enum": [Decimal("1.0")]}], Budget()), Empty)


@pytest.mark.parametrize(
    ("smaller", "larger", "answer"),
    [
        ("uri", "iri", "yes"),
        ("date", "date", "yes"),
        ("date", "ipv4", "no"),
        ("uri-reference", "uri", "no"),
        ("iri", "uri", "no"),
        ("idn-hostname", "hostname", "no"),
        ("json-pointer", "date-time", "no"),
        ("hostname", "idn-hostname", "no"),
        ("email", "idn-email", "unknown"),
        ("idn-email", "email", "unknown"),
    ],
)
def test_formats_count_only_when_they_assert(smaller: str, larger: str, answer: str) -> None:
    a, b = Schema(root={"format": larger}), Schema(root={"format": smaller})
    assert contains(a, b, formats="assert").answer == answer
    assert contains(a, b).answer == "yes"


def test_a_text_in_a_format_avoids_what_a_pattern_bars() -> None:
    dated: Any = {"type": "string", "format": "date"}
    found = contains({**dated, "pattern": "^2026"}, dated, formats="assert")
    assert found.answer == "no"
    assert contains(dated, {**dated, "pattern": "^2026"}, formats="assert").answer == "yes"


def test_many_alternatives_are_apart_by_a_member_that_marks_them() -> None:
    def arm(kind: int) -> Any:
        return {"type": "object", "required": ["kind"], "properties": {"kind": {"const": kind}}}

    many: Any = {"oneOf": [arm(kind) for kind in range(150)]}
    assert contains(many, arm(7)).answer == "yes"
    assert contains(many, arm(150)).answer == "no"


def test_many_limits_on_what_is_contained_keep_to_the_budget() -> None:
    """The ways to be or not to be each of 40 limited things are not written out before."""
    limited: Any = {
        "minItems": 3,
        "allOf": [
            {"contains": {"minimum": least}, "minContains": 0, "maxContains": 2}
            for least in range(40)
        ],
    }
    few = Budget(steps=2_000, seconds=60)
    assert contains({"minItems": 2, "uniqueItems": True}, limited, budget=few).answer == "no"
    assert contains({"minItems": 2}, limited, budget=few).answer != "no"


COUNT = range(30)
PAIRS: Any = {
    "allOf": [{"anyOf": [{"required": [f"a{n}"]}, {"required": [f"b{n}"]}]} for n in COUNT]
}
MANY: dict[str, Any] = {
    "dependentRequired": {"dependentRequired": {f"a{n}": [f"b{n}"] for n in COUNT}},
    "dependentSchemas": {"dependentSchemas": {f"a{n}": {"required": [f"b{n}"]} for n in COUNT}},
    "if": {
        "allOf": [
            {"if": {"required": [f"a{n}"]}, "then": {"required": [f"b{n}"]}, "title": f"{n}"}
            for n in COUNT
        ]
    },
    "not": {"allOf": [{"not": {"required": [f"a{n}", f"b{n}"]}} for n in COUNT]},
    "anyOf": PAIRS,
}


def _apart(conditions: Any, longest: int) -> Any:
    return {**conditions, "properties": {"z": {"type": "string", "maxLength": longest}}}


@pytest.mark.parametrize("word", MANY)
def test_what_both_share_is_not_tried_out(word: str) -> None:
    short, long = _apart(MANY[word], 9), _apart(MANY[word], 20)
    budget = Budget(steps=2_000, seconds=60)
    assert isinstance(find([short], [long], budget), Empty)
    found = find([long], [short], budget)
    assert isinstance(found, Found)
    assert _validator(long).is_valid(found.value)
    assert not _validator(short).is_valid(found.value)


def _told_apart(longest: int) -> Any:
    """Each kind of document needs a member of its own."""
    return {
        "type": "object",
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
                "then": {
                    "required": [f"b{kind}"],
                    "properties": {f"b{kind}": {"type": "string", "maxLength": longest}},
                },
            }
            for kind in COUNT
        ],
    }


def _either(least: int) -> Any:
    return {
        "allOf": [
            {"anyOf": [{"required": [f"a{n}"]}, {"required": [f"b{n}"], "minProperties": least}]}
            for n in COUNT
        ]
    }


def _by_turns(step: int) -> Any:
    return {
        "allOf": [
            {
                "if": {"required": [f"a{n}"]},
                "then": {"required": [f"b{n}"]},
                "else": {"required": [f"c{n + step}"]},
            }
            for n in COUNT
        ]
    }


@pytest.mark.parametrize(
    ("valid", "invalid", "outcome"),
    [
        (_told_apart(9), _told_apart(20), Empty),
        (_told_apart(20), _told_apart(9), Found),
        (_either(0), _either(1), Empty),
        (_by_turns(0), _by_turns(1), Found),
    ],
)
def test_many_conditions_that_differ_are_not_all_tried_out(
    valid: Any, invalid: Any, outcome: type
) -> None:
    found = find([valid], [invalid], Budget(seconds=60))
    assert isinstance(found, outcome)
    if isinstance(found, Found):
        assert _validator(valid).is_valid(found.value)
        assert not _validator(invalid).is_valid(found.value)
