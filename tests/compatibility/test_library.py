"""The engine as a library: bare JSON will do, and nothing that Python can hold makes it raise."""

import math
import time
from decimal import Decimal
from typing import Any

import pytest

from registry.compatibility import Budget, Schema, compare, contains, decide
from registry.compatibility.judges import Judge
from registry.dialects.strict_json import Json

META = "https://json-schema.org/draft/2020-12/schema"
META_7 = "http://json-schema.org/draft-07/schema#"


def nested(levels: int, word: str) -> Any:
    schema: Any = {"type": "string"}
    for _ in range(levels):
        inner: Any = {"a": schema} if word == "properties" else schema
        schema = {word: [schema] if word == "anyOf" else inner}
    return schema


def array(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def discriminated(alternatives: int) -> Any:
    return {
        "oneOf": [
            {"type": "object", "required": ["t"], "properties": {"t": {"const": str(number)}}}
            for number in range(alternatives)
        ]
    }


def overlapping(alternatives: int) -> Any:
    return {"oneOf": [{"required": [f"n{number}"]} for number in range(alternatives)]}


ODD: dict[str, tuple[Any, Any]] = {
    "reference that is no URI": ({"$ref": "http://[::1"}, {"$ref": "//[#a"}),
    "name that is no URI": ({"$id": "http://[::1", "$ref": "#a"}, {"$id": 5}),
    "escaped byte": ({"$ref": "#/%ff"}, {"$ref": "%zz"}),
    "not a number": ({"const": math.nan}, {"minimum": math.inf}),
    "no number either": ({"enum": [Decimal("sNaN")]}, {"maximum": Decimal("Infinity")}),
    "10,000 digits": ({"minimum": 10**10_000}, {"const": 10**10_000}),
    "a vast exponent": ({"const": Decimal("1e999999999")}, {"multipleOf": Decimal("1e-999999999")}),
    "no JSON": ({"const": b"x", "default": object()}, {"enum": ({1}, 2)}),
    "no name": ({"properties": {5: {"type": "string"}}}, {5: 6}),
    "lone surrogate": ({"enum": ["\ud800"]}, {"properties": {"\udfff": {"pattern": "\ud800"}}}),
    "no schemas": ([1], "a"),
    "all words wrong": ({"allOf": {}, "items": 3, "properties": [1]}, {"type": 5, "not": None}),
    "deep items": (nested(2_000, "items"), nested(2_001, "items")),
    "deep properties": (nested(20_000, "properties"), True),
    "deep alternatives": (nested(20_000, "anyOf"), nested(200, "anyOf")),
    "deep constant": ({"const": array(20_000)}, {"enum": [array(200)]}),
    "patterns to look ahead": ({"pattern": "^(?!x)a"}, {"patternProperties": {"^(?=a)": False}}),
}


@pytest.mark.parametrize(("old", "new"), ODD.values(), ids=ODD.keys())
def test_nothing_makes_it_raise(old: Any, new: Any) -> None:
    """What cannot be read is unknown; a schema still contains itself or is unknown."""
    for one, other in ((old, new), (new, old), (old, old)):
        assert contains(other, one).answer in ("yes", "no", "unknown")
        assert decide(other, one) in ("yes", "no", "unknown")
        assert compare(one, other).bump in ("none", "patch", "minor", "major")
    assert contains(old, old).answer != "no"


def test_a_number_without_exact_value_is_no_text() -> None:
    number: Json = {"const": Decimal("1e5000")}
    assert contains({"type": "string"}, number).answer != "yes"
    assert contains({"const": "1E+5000"}, number).answer != "yes"


@pytest.mark.parametrize("schema", [{"type": "integer"}, True, {"multipleOf": 0.1}])
def test_bare_json_is_a_schema(schema: Json) -> None:
    whole = Schema(root=schema)
    for larger in (schema, {}):
        assert contains(larger, schema) == contains(Schema(root=larger), whole)
        assert decide(larger, schema) == "yes"
        assert compare(schema, larger) == compare(whole, Schema(root=larger))


def test_floats_count_as_they_are_written() -> None:
    steps: list[Any] = [{"multipleOf": 0.1}, {"multipleOf": 0.3}]
    limits: list[Any] = [{"minimum": 0.2}, {"minimum": 0.1}]
    assert contains(*steps).answer == "yes"
    answer = contains(*limits)
    assert answer.witness is not None
    assert Decimal("0.1") <= Decimal(answer.witness.text) < Decimal("0.2")


def test_both_validators_take_a_float_as_it_is_written() -> None:
    """0.3 is a multiple of 0.1, though 0.3 / 0.1 is none of floats."""
    steps: list[Any] = [{"multipleOf": 0.5}, {"multipleOf": 0.1}]
    found = contains(*steps, reading="open")
    assert found.answer == "no"
    assert found.witness is not None


def test_definitions_stay_when_the_root_is_replaced() -> None:
    """A change at a root that is a reference alone; the meta-schemas have many."""
    assert compare({"$ref": META}, {"$ref": META_7}, reading="open").findings != []


@pytest.mark.parametrize("make", [discriminated, overlapping])
def test_very_many_alternatives_end_in_time(make: Any) -> None:
    budget = Budget(seconds=0.5)
    start = time.process_time()
    contains(make(1_001), make(1_000), reading="open", budget=budget)
    assert time.process_time() - start < 5


def test_alternatives_told_apart_by_a_constant_are_decided() -> None:
    assert contains(discriminated(301), discriminated(300), reading="open").answer == "yes"
    assert contains(discriminated(300), discriminated(301), reading="open").answer == "no"
    same = discriminated(2)["oneOf"] + discriminated(1)["oneOf"]
    twice = contains({"oneOf": same}, discriminated(2), reading="open")
    assert twice.answer == "no"


@pytest.mark.parametrize("end", ["\r", "\u2028", "\u2029", "\n"])
def test_a_dot_stops_at_every_line_end(end: str) -> None:
    """ECMA-262, 22.2.2.7.1; the library's dot stops at line feeds alone."""
    one: Json = {"type": "string", "pattern": "^x.$"}
    text: Json = {"const": "x" + end}
    assert contains(one, text).answer == "no"
    assert decide(one, text) == "no"
    assert contains({"not": text}, one).answer == "yes"
    assert decide({"not": text}, one) == "yes"


def test_a_long_list_of_one_value_is_shown_to_both_validators() -> None:
    rows: Json = {"type": "array", "minItems": 20_000, "items": {"prefixItems": [{"minimum": 1}]}}
    fewer = {**rows, "minItems": 19_999}
    answer = contains(rows, fewer, reading="open")
    assert answer.witness is not None
    assert answer.witness.confirmed
    good: Json = [1]
    bad: Json = [0]
    late: Json = [*[good] * 20_000, bad]
    early: Json = [good, *[bad] * 20_000]
    assert not Judge(Schema(root=fewer)).valid_py(late)
    assert not Judge(Schema(root={"prefixItems": [True], **rows})).valid_py(early)
