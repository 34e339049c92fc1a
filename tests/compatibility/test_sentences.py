"""What is said of a change is true where alternatives, lists and conditions say it otherwise."""

import json
from typing import Any

import pytest

from registry.compatibility import compare, contains
from registry.compatibility.model import Direction
from registry.dialects.strict_json import Json

TEXT: Any = {"type": "string"}
PERSON: Any = {"type": "object", "properties": {"o": TEXT}, "required": ["o"]}
A: Any = {
    "type": "object",
    "properties": {"o": TEXT, "art": {"const": "A"}},
    "required": ["o", "art"],
}
B: Any = {
    "type": "object",
    "properties": {"p": TEXT, "art": {"const": "B"}},
    "required": ["p", "art"],
}
CODES: Any = {"oneOf": [{"const": "a", "title": "Anna"}, {"const": "b", "title": "Berta"}]}


def found(old: Json, new: Json, direction: Direction = "accepts") -> list[tuple[str, str]]:
    """The rules that speak, each with the place it speaks of."""
    verdict = compare(old, new, direction=direction)
    return sorted((one.rule, one.place) for one in verdict.findings)


SAID: list[tuple[Json, Json, list[tuple[str, str]]]] = [
    (TEXT, {"anyOf": [TEXT, {"type": "null"}]}, [("EFA-COMB-02", "")]),
    ({"anyOf": [TEXT, {"type": "null"}]}, TEXT, [("EFA-COMB-01", "")]),
    (
        {"$ref": "#/$defs/a", "$defs": {"a": PERSON}},
        {"anyOf": [{"$ref": "#/$defs/a"}, {"type": "null"}], "$defs": {"a": PERSON}},
        [("EFA-COMB-02", "")],
    ),
    (
        PERSON,
        {"oneOf": [A, B]},
        [("EFA-COMB-04", ""), ("EFA-PROP-02", "/art"), ("EFA-REQ-01", "/art")],
    ),
    (
        {"oneOf": [A, B]},
        PERSON,
        [("EFA-COMB-03", ""), ("EFA-PROP-01", "/art"), ("EFA-REQ-02", "/art")],
    ),
    (TEXT, {"oneOf": [TEXT, {**TEXT, "minLength": 5}]}, [("EFA-COMB-04", "")]),
    ({**TEXT, "enum": ["a"]}, {"enum": ["a", "b"]}, [("EFA-ENUM-03", "")]),
    (
        {"type": "integer", "minimum": 1, "maximum": 5},
        {"enum": [1, 2, 3, 4]},
        [("EFA-ENUM-01", "")],
    ),
    ({"enum": ["a", "b", "c"]}, CODES, [("EFA-ENUM-02", "")]),
    (CODES, {**TEXT, "enum": ["a", "b", "c"]}, [("EFA-ENUM-03", "")]),
    ({"enum": ["a", "b"]}, CODES, []),
    (
        {"enum": [1, 2]},
        {"anyOf": [{"type": "integer", "const": 1}, {"enum": ["x"]}]},
        [("EFA-ENUM-02", ""), ("EFA-ENUM-03", "")],
    ),
    (
        {"properties": {"a": TEXT}, "required": ["a"], "oneOf": [{"required": ["b"]}, {}]},
        {"properties": {"a": TEXT}, "oneOf": [{"required": ["a", "b"]}, {"required": ["a"]}]},
        [],
    ),
    (
        {"properties": {"n": TEXT, "art": TEXT}, "if": {"required": ["art"]}, "then": {}},
        {
            "properties": {"n": TEXT, "art": TEXT},
            "if": {"required": ["art"]},
            "then": {"properties": {"n": {"minLength": 1}}},
        },
        [("EFA-PROP-09", "/n")],
    ),
    ({}, {"properties": {"a": {"not": {}}}}, [("EFA-PROP-03", "/a")]),
    ({}, {"properties": {"a": {"enum": []}}}, [("EFA-PROP-03", "/a")]),
    (
        {"type": "array"},
        {"type": "array", "contains": {"const": 1}, "minContains": 0, "maxContains": 0},
        [("EFA-ARR-16", "")],
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), SAID)
def test_only_what_changed_is_said(old: Json, new: Json, expected: list[tuple[str, str]]) -> None:
    assert found(old, new) == expected


def test_an_alternative_is_called_by_what_marks_it() -> None:
    old: Any = {"oneOf": [A, B]}
    new: Any = {"oneOf": [A, {**B, "required": ["p", "art", "o"]}]}
    (one,) = compare(old, new).findings
    assert 'Das betrifft die Möglichkeit „art = "B"“.' in one.message_de
    assert 'This concerns the alternative “art = "B"”.' in one.message_en
    assert one.witness is not None
    assert json.loads(one.witness.text)["art"] == "B"


def test_the_same_reference_with_other_words_beside_it_is_told_apart() -> None:
    """At the third place and later, too: what was looked at before is told by its name."""
    words = ("minLength", "maxLength", "title", "description", "minLength", "maxLength")
    for many in range(1, 7):
        schemas: list[Any] = [
            {
                "properties": {
                    **{
                        f"p{n}": {"$ref": "#/$defs/text", words[n]: n or 1 if n < 2 else "x"}
                        for n in range(min(many, 4))
                    },
                    "zip": {"$ref": "#/$defs/zip", "maxLength": 5},
                },
                "$defs": {"text": TEXT, "zip": {"type": kind}},
            }
            for kind in ("string", "integer")
        ]
        old, new = schemas
        assert compare(old, new).relation == "incomparable", many
        assert compare(old, old).bump == "none"


@pytest.mark.parametrize(
    "empty",
    [
        {"not": {}},
        {"not": True},
        {"enum": []},
        {"allOf": [False, True]},
        {"const": 1, "type": "string"},
        {"type": "string", "minLength": 2, "maxLength": 1},
        {"type": "array", "minItems": 1, "items": False},
    ],
)
def test_a_name_that_nothing_fits_is_not_declared(empty: Json) -> None:
    """Whatever way it is forbidden, as with `false`: else steps would be less than their sum."""
    forbidden: Json = {"properties": {"a": empty}}
    assert contains(forbidden, {}).answer == "no"
    assert contains({"patternProperties": {"^a$": False}}, forbidden).answer == "yes"
    assert contains(forbidden, {"properties": {"a": False}}).answer == "yes"


def test_what_branches_ask_of_the_same_part_is_asked_once() -> None:
    listed: Json = "x"
    for _ in range(40):
        listed = [listed]
    branching: Json = {
        "$ref": "#/$defs/n",
        "$defs": {
            "n": {"if": {"$ref": "#/$defs/m"}, "then": True, "else": False},
            "m": {"type": ["array", "integer"], "items": {"$ref": "#/$defs/n"}},
        },
    }
    assert contains(branching, {"const": listed}).answer == "no"
    assert contains(branching, {"const": []}).answer == "yes"


@pytest.mark.parametrize(("depth", "heeded"), [(1, True), (4, True), (5, False)])
def test_what_all_alternatives_within_alternatives_require_is_required_still(
    depth: int, heeded: bool
) -> None:
    within: dict[str, Json] = {"required": ["o"]}
    for level in range(depth):
        within = {
            "anyOf": [{**within, "minProperties": 1}, {**within, "maxProperties": 50 + level}]
        }
    shorter: Json = {"type": "object", "properties": {"o": {**TEXT, "maxLength": 5}}, **within}
    assert (("EFA-REQ-02", "/o") not in found(PERSON, shorter)) is heeded
    assert (("EFA-REQ-01", "/o") not in found(shorter, PERSON)) is heeded
