"""The verdict: relation, number called for, both readings, directions; nothing makes it raise."""

import json
from decimal import Decimal

import pytest

from registry.compatibility import canonical
from registry.compatibility.compare import compare
from registry.compatibility.containment import contains, decide
from registry.compatibility.model import Budget, Direction, Reading, Schema, Verdict
from registry.compatibility.plain import plain
from registry.dialects.keywords import Dialect
from registry.dialects.strict_json import Json

OPEN: Json = {"type": "object", "properties": {"a": {"type": "string"}}}
MORE: Json = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}
CLOSED: Json = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "additionalProperties": False,
}


def verdict(
    old: Json, new: Json, direction: Direction = "accepts", reading: Reading = "reserved"
) -> Verdict:
    return compare(Schema(root=old), Schema(root=new), direction=direction, reading=reading)


@pytest.mark.parametrize(
    ("direction", "bump"), [("accepts", "minor"), ("emits", "major"), ("exchanges", "major")]
)
def test_a_wider_schema_is_harmless_to_readers_only(direction: Direction, bump: str) -> None:
    found = verdict({"enum": [1]}, {"enum": [1, 2]}, direction)
    assert (found.relation, found.bump) == ("wider", bump)


@pytest.mark.parametrize(
    ("direction", "bump"), [("accepts", "major"), ("emits", "minor"), ("exchanges", "major")]
)
def test_a_narrower_schema_is_harmless_to_writers_only(direction: Direction, bump: str) -> None:
    found = verdict({"enum": [1, 2]}, {"enum": [1]}, direction)
    assert (found.relation, found.bump) == ("narrower", bump)


def test_an_optional_property_more_is_minor_reserved_and_major_open() -> None:
    reserved, open_ = verdict(OPEN, MORE), verdict(OPEN, MORE, reading="open")
    assert (reserved.bump, open_.bump) == ("minor", "major")
    remark = reserved.remarks[0]
    assert (remark.rule, remark.severity) == ("EFA-PROP-02", "remark")
    assert remark.witness is not None
    assert "b" in json.loads(remark.witness.text)


def test_a_property_dropped_from_an_open_object_breaks_with_a_rewritten_witness() -> None:
    found = verdict(MORE, OPEN)
    assert found.bump == "major"
    assert [(one.rule, one.place) for one in found.findings] == [("EFA-PROP-01", "/b")]
    witness = found.findings[0].witness
    assert witness is not None
    assert witness.rewritten
    assert "reserved" in found.findings[0].message_en
    assert verdict(MORE, OPEN, reading="open").bump == "minor"


@pytest.mark.parametrize(
    "new",
    [
        {
            "properties": {"a": {"$ref": "#/$defs/text"}},
            "type": "object",
            "$defs": {"text": {"type": "string"}},
        },
        {"$ref": "#/$defs/x", "$defs": {"x": OPEN}},
        {"properties": {"a": {"type": "string"}}, "type": "object"},
    ],
)
def test_order_and_definitions_are_no_change(new: Json) -> None:
    found = verdict(OPEN, new)
    assert (found.relation, found.bump, found.findings, found.remarks) == ("equal", "none", [], [])


def test_a_renamed_definition_that_refers_to_itself_is_no_change() -> None:
    def tree(name: str) -> Json:
        node: Json = {"properties": {"child": {"$ref": f"#/$defs/{name}"}, "v": {"type": "string"}}}
        return {"$ref": f"#/$defs/{name}", "$defs": {name: node}}

    assert verdict(tree("node"), tree("branch")).bump == "none"


def test_alternatives_for_a_list_of_types_are_the_same_documents() -> None:
    found = verdict({"type": ["string", "null"]}, {"anyOf": [{"type": "null"}, {"type": "string"}]})
    assert (found.relation, found.bump, found.findings) == ("equal", "patch", [])


def test_texts_are_a_patch_and_deprecation_is_minor() -> None:
    titled: Json = {"type": "string", "title": "Name"}
    deprecated: Json = {"type": "string", "deprecated": True}
    assert verdict({"type": "string"}, titled).bump == "patch"
    assert verdict({"type": "string"}, deprecated).bump == "minor"


def test_undecided_counts_as_a_break_where_it_matters_only() -> None:
    old: Json = {"pattern": "(a+)b\\1$"}
    new: Json = {"pattern": "(a+)c\\1$"}
    assert verdict(old, new).bump == "major"
    wider: Json = {"type": ["string", "null"], "minLength": 1}
    odd: Json = {"type": "string", "pattern": "(a+)b\\1$"}
    assert verdict(odd, {"type": "string"}).bump == "minor"
    assert verdict(odd, wider).bump in ("minor", "major")


def test_what_was_not_decided_is_a_finding_that_can_be_overridden() -> None:
    found = verdict({"pattern": "(a+)b\\1$"}, {"pattern": "(a+)c\\1$"})
    assert found.relation == "unknown"
    assert [one.severity for one in found.findings] == ["unknown", "unknown"]
    assert len(found.findings[0].fingerprint) == 16


def deep(leaf: Json, depth: int) -> Json:
    for _ in range(depth):
        leaf = {"type": "object", "properties": {"a": leaf}, "required": ["a"]}
    return leaf


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"pattern": "(a+)b\\1$"}, {"pattern": "(a+)c\\1$"}),
        (deep({"type": "string"}, 400), deep({"type": "integer"}, 400)),
    ],
)
def test_every_side_that_is_not_decided_is_a_finding_of_its_own(old: Json, new: Json) -> None:
    marks: dict[Direction, dict[str, str]] = {}
    directions: tuple[Direction, ...] = ("accepts", "emits", "exchanges")
    for direction in directions:
        whole = [one for one in verdict(old, new, direction).findings if one.rule == "EFA-UNK-01"]
        marks[direction] = {one.fingerprint: one.message_en for one in whole}
    assert [len(marks[direction]) for direction in directions] == [1, 1, 2]
    assert marks["exchanges"] == {**marks["accepts"], **marks["emits"]}
    assert "every old document" in next(iter(marks["accepts"].values()))
    assert "every new document" in next(iter(marks["emits"].values()))


def test_an_undecided_side_is_not_covered_by_a_break_of_the_other() -> None:
    odd: Json = {"type": "string", "pattern": "(a+)b\\1$"}
    found = verdict(odd, {"type": ["string", "null"], "minLength": 3}, "exchanges")
    assert (found.backward.answer, found.forward.answer) == ("unknown", "no")
    assert {"breaking", "unknown"} <= {one.severity for one in found.findings}
    assert "EFA-UNK-01" in {one.rule for one in found.findings}


def test_what_could_not_be_looked_at_may_have_become_deprecated() -> None:
    for depth in range(150, 180, 2):
        old: Json = {"type": "string"}
        new: Json = {"type": "string", "deprecated": True}
        for _ in range(depth):
            old = {"anyOf": [old, {"type": "integer"}]}
            new = {"anyOf": [new, {"type": "integer"}]}
        assert verdict(old, new).bump in ("minor", "major")


def test_a_recursion_that_the_library_below_dies_of_is_answered() -> None:
    item: Json = {"unevaluatedItems": {}, "anyOf": [{"$ref": "#/$defs/a"}]}
    again: Json = {"oneOf": [{"prefixItems": [item]}, {}]}
    first: Json = {"prefixItems": [{"anyOf": [{"$ref": "#/$defs/a"}]}]}
    schema: Json = {"oneOf": [first], "$defs": {"a": again}}
    assert verdict(schema, {**schema, "minimum": 3}).relation == "narrower"


def test_the_same_question_has_the_same_answer() -> None:
    assert verdict(MORE, CLOSED, "exchanges") == verdict(MORE, CLOSED, "exchanges")


def test_dialects_may_differ() -> None:
    old: Json = {"type": "number", "minimum": 0, "exclusiveMinimum": True}
    new: Json = {"type": "number", "exclusiveMinimum": 0}
    dialects: tuple[Dialect, Dialect] = ("draft-04", "2020-12")
    found = compare(Schema(root=old, dialect=dialects[0]), Schema(root=new, dialect=dialects[1]))
    assert found.relation == "equal"


def _deep(levels: int, leaf: Json, keyword: str) -> Json:
    for _ in range(levels):
        leaf = {keyword: leaf}
    return leaf


HOSTILE: list[tuple[Json, Json]] = [
    *(
        (_deep(depth, {}, word), _deep(depth, False, word))
        for word in ("not", "items")
        for depth in (90, 2_000)
    ),
    ({"const": _deep(400, 1, "a")}, {"const": _deep(400, 2, "a")}),
    ({"$ref": "#"}, {"$ref": "#", "type": "string"}),
    ({"properties": 3, "required": "x", "enum": 5, "$ref": 1, "pattern": "["}, {"allOf": 3}),
    (5, [1]),
    ({"const": "\ud800"}, {"const": "\ud801"}),
    ({"properties": {"\ud800": {"type": "string"}}}, {"properties": {"\ud800": {"minLength": 1}}}),
    ({"$ref": "https://example.org/missing"}, {"$ref": "#/nowhere"}),
    ({"required": [f"n{index}" for index in range(3_000)]}, {"minProperties": 10**30}),
    ({"multipleOf": Decimal("1E-300")}, {"multipleOf": Decimal("1E300")}),
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
@pytest.mark.parametrize("direction", ["accepts", "exchanges"])
def test_no_schema_makes_it_raise(number: int, direction: Direction) -> None:
    old, new = (Schema(root=root) for root in HOSTILE[number])
    budget = Budget(steps=5_000, seconds=0.5)
    assert compare(old, new, direction=direction, budget=budget).engine
    assert compare(new, old, direction=direction, budget=budget).engine
    assert decide(new, old, budget=budget)
    assert contains(new, old, budget=budget).answer


HARD_TO_COVER: list[tuple[Json, Json, str]] = [
    ({"contains": {"type": "integer"}}, {"contains": {"type": "number"}}, "no"),
    ({"contains": {"type": "number"}}, {"contains": {"type": "integer"}}, "yes"),
    ({"pattern": "^[a-z]+$"}, {"type": "string", "pattern": "^[a-z]{3}$"}, "yes"),
    ({"pattern": "^[a-z]{3}$"}, {"type": "string", "pattern": "^[a-z]+$"}, "no"),
    ({"uniqueItems": True}, {"type": "array", "maxItems": 1}, "yes"),
    ({"uniqueItems": True}, {"type": "array", "maxItems": 2}, "no"),
]


@pytest.mark.parametrize(("larger", "smaller", "answer"), HARD_TO_COVER)
def test_the_bare_answer_does_not_hang_on_the_second_engine(
    larger: Json, smaller: Json, answer: str
) -> None:
    assert decide(larger, smaller) == answer
    spent = decide(larger, smaller, budget=Budget(steps=0))
    assert spent in {answer, "unknown"}


@pytest.mark.parametrize("length", [1_000, 3_001])
def test_a_large_witness_is_put_to_one_validator_and_says_so(length: int) -> None:
    found = contains({"maxItems": 3}, {"const": [*range(length)]})
    assert found.answer == "no"
    assert found.witness is not None
    assert found.witness.confirmed is (length == 1_000)
    assert (found.witness.doubt is None) is found.witness.confirmed


@pytest.mark.parametrize(("count", "asked"), [(90, True), (110, False)])
def test_the_library_below_is_asked_only_what_it_answers_soon(count: int, asked: bool) -> None:
    """It takes the fourth power of what `oneOf` names: 300 alternatives are 14 seconds to it."""
    text: Json = {"type": "string"}
    many: Json = {"oneOf": [{"type": "string", "minLength": least} for least in range(count)]}
    told = canonical.covers(plain(Schema(root=text)), plain(Schema(root=many)))
    assert (told == "yes") is asked
    told = canonical.covers_as_written(Schema(root=text), Schema(root=many))
    assert (told == "yes") is asked
    assert decide(text, many) == "yes"


def _named(count: int, more: dict[str, Json] | None = None) -> Json:
    return {"required": [f"n{index}" for index in range(count)], **(more or {})}


REFERS: dict[str, Json] = {
    "properties": {"a": {"$ref": "#/$defs/a"}},
    "$defs": {"a": {"type": "string"}},
}
LISTS: dict[str, Json] = {"properties": {"a": {"enum": [*range(100)]}}}
LEAST: list[Json] = [{"minLength": least} for least in range(30)]


def _all(schemas: list[Json]) -> Json:
    return {"allOf": schemas}


def _condition(number: int, more: dict[str, Json] | None = None) -> Json:
    return {"if": {"required": [f"n{number}"]}, "then": {"required": ["m"]}, **(more or {})}


@pytest.mark.parametrize(
    ("schema", "asked"),
    [
        # 20,000 values: the object, the list and its names, and what stands beside them.
        (_named(19_998), True),
        (_named(19_999), False),
        (_named(19_992, REFERS), True),
        (_named(19_993, REFERS), False),
        (_named(19_976, LISTS), True),
        (_named(19_977, LISTS), False),
        # 500 cases: alternatives beside each other multiply, others add up.
        ({"anyOf": [{"minLength": least} for least in range(500)]}, True),
        ({"anyOf": [{"minLength": least} for least in range(501)]}, False),
        ({"allOf": [{"anyOf": LEAST[:20]}, {"anyOf": LEAST[:25]}]}, True),
        ({"allOf": [{"anyOf": LEAST[:20]}, {"anyOf": LEAST[:26]}]}, False),
        ({"anyOf": LEAST[:20], "not": {"anyOf": LEAST[:26]}}, False),
        ({"anyOf": [{"anyOf": LEAST} for _ in range(17)]}, False),
        # So do conditions, and what is refused or depends: each is a case for other types too.
        ({"dependentRequired": {f"n{at}": ["m"] for at in range(5)}}, True),
        ({"dependentRequired": {f"n{at}": ["m"] for at in range(6)}}, False),
        ({"dependentSchemas": {f"n{at}": _named(1) for at in range(5)}}, True),
        ({"dependentSchemas": {f"n{at}": _named(1) for at in range(6)}}, False),
        ({"dependentSchemas": {f"n{at}": {"anyOf": LEAST[:6]} for at in range(2)}}, True),
        ({"dependentSchemas": {f"n{at}": {"anyOf": LEAST[:6]} for at in range(3)}}, False),
        (_all([_condition(at) for at in range(5)]), True),
        (_all([_condition(at) for at in range(6)]), False),
        (_all([_condition(at, {"else": {"anyOf": LEAST[:20]}}) for at in range(2)]), True),
        (_all([_condition(at, {"else": {"anyOf": LEAST[:21]}}) for at in range(2)]), False),
        ({"if": {"anyOf": LEAST}, "then": {"anyOf": LEAST[:16]}}, True),
        ({"if": {"anyOf": LEAST}, "then": {"anyOf": LEAST[:17]}}, False),
        (_all([{"not": _named(2)}] * 5), True),
        (_all([{"not": _named(2)}] * 6), False),
        (_all([{"not": _named(1)}] * 30), True),
        ({"not": _all([{"anyOf": LEAST[:2]}] * 8)}, True),
        ({"not": _all([{"anyOf": LEAST[:2]}] * 9)}, False),
        ({"not": {"not": _named(498)}}, True),
        ({"not": {"not": {"not": _named(500)}}}, False),
        ({"not": {"oneOf": LEAST[:8]}}, True),
        ({"not": {"oneOf": LEAST[:9]}}, False),
    ],
)
def test_the_library_below_is_asked_up_to_a_size(schema: Json, asked: bool) -> None:
    given = plain(Schema(root=schema))
    everything = plain(Schema(root={}))
    assert (canonical.covers(everything, given) == "yes") is asked
    assert decide({}, schema) == "yes"


def test_listed_values_may_look_like_schemas() -> None:
    listed: Json = {"const": {"$ref": "x", "allOf": [{"$ref": "#/$defs/none"}]}}
    found = verdict({"properties": {"a": listed}}, {"properties": {"a": listed, "b": True}})
    assert (found.bump, found.relation) == ("minor", "wider")


def test_edges_of_words_and_look_around_in_one_schema_are_judged() -> None:
    looks: Json = {"pattern": "^(?!x)"}
    old: Json = {"properties": {"n": {"type": "string", "pattern": r"\bab"}, "m": looks}}
    longer: Json = {"type": "string", "pattern": r"\bab", "minLength": 3}
    found = verdict(old, {"properties": {"n": longer, "m": looks}})
    assert (found.relation, [one.rule for one in found.findings]) == ("narrower", ["EFA-STR-01"])
    assert found.backward.witness is not None
    assert found.backward.witness.confirmed
