"""What is said of a change is true where alternatives, lists and conditions say it otherwise."""

import json
from time import process_time
from typing import Any

import pytest

from registry.compatibility import compare, contains
from registry.compatibility.changes.places import View
from registry.compatibility.changes.walk import walk
from registry.compatibility.model import Direction, Schema
from registry.compatibility.plain import plain
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
ONE: Any = {"contains": {"const": 1}}
TWO: Any = {"contains": {"const": 2}}
OTHER: Any = {"contains": {"const": 3}}


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
    (ONE, {"allOf": [ONE, TWO]}, [("EFA-ARR-07", "")]),
    ({"allOf": [ONE, TWO]}, TWO, [("EFA-ARR-08", "")]),
    (
        {"anyOf": [{**TEXT, "minLength": 5}, {"type": "null"}]},
        {"oneOf": [TEXT, {"type": "null"}]},
        [("EFA-COMB-07", ""), ("EFA-STR-02", "")],
    ),
    ({"allOf": [ONE, TWO]}, {"allOf": [TWO, {**ONE, "maxContains": 2}]}, [("EFA-ARR-09", "")]),
    ({"allOf": [ONE, TWO]}, {"allOf": [ONE, OTHER]}, [("EFA-ENUM-05", "/*")]),
]


@pytest.mark.parametrize(("old", "new", "expected"), SAID)
def test_only_what_changed_is_said(old: Json, new: Json, expected: list[tuple[str, str]]) -> None:
    assert found(old, new) == expected


def test_entries_behind_those_by_position_are_called_further_ones() -> None:
    old: Json = {"type": "array", "items": TEXT}
    new: Json = {"type": "array", "prefixItems": [True], "items": {"type": "integer"}}
    said = [one.message_de for one in compare(old, new).findings if one.place == "/*"]
    assert said
    assert all(each.startswith("Jeder weitere Eintrag in diesem Dokument") for each in said)


def test_what_a_list_need_not_contain_is_not_said_to_be_required() -> None:
    positions: dict[str, Any] = {"type": "array", "prefixItems": [TEXT]}
    more: dict[str, Any] = {"contains": {"type": "null"}, "minContains": 0}
    old: Json = {**positions, "items": False}
    new: Json = {**positions, "unevaluatedItems": False, **more}
    verdict = compare(old, new)
    assert verdict.bump == "minor"
    assert "EFA-ARR-07" not in {one.rule for one in verdict.findings}


def test_what_a_list_must_contain_is_said_of_that_entry_only() -> None:
    (one,) = compare(ONE, OTHER).findings
    assert one.message_de == "Der gesuchte Eintrag in diesem Dokument muss jetzt 3 sein statt 1."
    (other,) = compare({"allOf": [ONE, TWO]}, {"allOf": [ONE, OTHER]}).findings
    assert 'Der gesuchte Eintrag `{"const": 3}` in' in other.message_de
    assert 'The entry `{"const": 3}` looked for in' in other.message_en


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


FORBIDDING: list[tuple[Json, Json]] = [
    ({"type": "object", "allOf": [{"required": ["n"]}]}, False),
    ({"$ref": "#/$defs/x", "type": "object"}, False),
    ({}, {"anyOf": [{"not": {}}]}),
    ({}, {"not": {}, "allOf": [{}]}),
    ({"anyOf": [{"allOf": [{"type": "string"}], "minLength": 1}]}, {"enum": []}),
]


@pytest.mark.parametrize(("old", "forbidding"), FORBIDDING)
def test_a_place_of_several_parts_that_becomes_forbidden_is_told_beside_all_else(
    old: Json, forbidding: Json
) -> None:
    """What is undone as a whole is not undone in its parts as well."""
    defs: Json = {"x": {"allOf": [{"required": ["n"]}]}}
    before: Json = {"properties": {"a": old, "b": TEXT}, "$defs": defs}
    after: Json = {"properties": {"a": forbidding, "b": {"type": "integer"}}, "$defs": defs}
    assert found(before, after) == [("EFA-PROP-03", "/a"), ("EFA-TYPE-03", "/b")]
    assert all(one.witness for one in compare(before, after).findings)
    assert ("EFA-PROP-08", "/a") in found(after, before)


def branching(*branches: tuple[str, Json]) -> Json:
    """What holds for `a` and `b` hangs on the kind."""
    whens: list[Json] = [
        {
            "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
            "then": {"properties": properties},
        }
        for kind, properties in branches
    ]
    named: Json = {"kind": {}, "a": {}, "b": {}}
    return {"type": "object", "properties": named, "allOf": [{}, *whens]}


NUMBER: Any = {"type": "integer"}
FIRST: tuple[str, Json] = ("p", {"a": NUMBER})
SECOND: tuple[str, Json] = ("q", {"b": NUMBER})


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (branching(FIRST, ("q", {"b": {**NUMBER, "deprecated": True}})), ["EFA-ANN-04 /b"]),
        (branching(FIRST, ("q", {"b": {**NUMBER, "description": "x"}})), ["EFA-ANN-01 /b"]),
        (branching(FIRST, ("q", {"b": TEXT})), ["EFA-TYPE-03 /b"]),
        (
            branching(("p", {"a": {**NUMBER, "minimum": 1}}), ("q", {"b": TEXT})),
            ["EFA-NUM-01 /a", "EFA-TYPE-03 /b"],
        ),
        (branching(SECOND, FIRST), []),
        (branching(FIRST), ["EFA-COMB-12 "]),
        (branching(SECOND), ["EFA-COMB-12 "]),
        (branching(FIRST, SECOND, ("r", {"a": TEXT})), ["EFA-COMB-11 "]),
        (branching(FIRST, ("r", {"b": NUMBER})), ["EFA-COMB-13 "]),
        (branching(), ["EFA-COMB-12 ", "EFA-COMB-12 "]),
    ],
)
def test_each_of_several_conditions_is_compared_with_the_one_it_continues(
    new: Json, expected: list[str]
) -> None:
    verdict = compare(branching(FIRST, SECOND), new)
    said = [*verdict.findings, *verdict.remarks]
    assert [f"{one.rule} {one.place}" for one in said if one.rule != "EFA-REF-03"] == expected


def test_of_several_conditions_the_one_that_is_meant_is_named() -> None:
    (one,) = compare(branching(FIRST, SECOND), branching(FIRST, ("q", {"b": TEXT}))).findings
    assert 'die Bedingung „kind = "q"“ gilt.' in one.message_de
    assert 'meet the condition “kind = "q"”.' in one.message_en
    assert one.witness is not None
    assert json.loads(one.witness.text) == {"b": 1, "kind": "q"}


def test_of_many_conditions_each_that_changed_is_found_soon() -> None:
    many = 400

    def numbered(more: int) -> Json:
        branches: list[tuple[str, Json]] = [
            (str(n), {"a": {"const": n + more}}) for n in range(many)
        ]
        return branching(*branches)

    old, new = numbered(0), numbered(1)
    start = process_time()
    sides = View(plain(Schema(root=old)), "old"), View(plain(Schema(root=new)), "new")
    changed = walk(*sides)
    assert {one.rule for one in changed.changes} == {"EFA-ENUM-05"}
    assert len(changed.changes) == many
    assert process_time() - start < 5


def place(most: int) -> Json:
    return {"type": "object", "properties": {"ort": {**TEXT, "maxLength": most}}}


def marked(kind: str, most: int) -> Json:
    said: Any = place(most)
    return {**said, "properties": {**said["properties"], "art": {"const": kind}}}


def referring(*arms: str, **defs: Json) -> Json:
    """Alternatives that are given by reference."""
    return {"oneOf": [{"$ref": f"#/$defs/{arm}"} for arm in arms], "$defs": defs}


def within(**defs: Json) -> Json:
    """Alternatives by reference at a place within."""
    arms: list[Json] = [{"$ref": f"#/$defs/{arm}"} for arm in defs]
    return {"properties": {"a": {"oneOf": arms}}, "$defs": defs}


def shared(most: int, **more: Json) -> Json:
    """A definition and what refers to it."""
    return {**more, "$defs": {"o": place(most)}}


REFERRED: Json = {"$ref": "#/$defs/o"}
EITHER: Json = [REFERRED, {"minProperties": 3}]
THREE: Json = [
    {"title": "A", "properties": {"x": REFERRED}, "required": ["p"]},
    {"title": "B", "properties": {"x": REFERRED}, "required": ["q"]},
    {"title": "C", "properties": {"x": {"maxProperties": 0}}, "required": ["r"]},
]
WHEN: dict[str, Json] = {"if": {"required": ["p"]}, "then": REFERRED}
OLD_KINDS: Json = referring("Inland", "Ausland", Inland=marked("1", 50), Ausland=marked("2", 50))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            OLD_KINDS,
            referring("Inland", "Ausland", Inland=marked("1", 40), Ausland=marked("2", 50)),
            'Das betrifft die Möglichkeit „art = "1"“.',
        ),
        (
            OLD_KINDS,
            referring("Inland", "Ausland", Inland=marked("1", 50), Ausland=marked("2", 40)),
            'Das betrifft die Möglichkeit „art = "2"“.',
        ),
        (
            within(Inland=place(50), Ausland=TEXT),
            within(Inland=place(40), Ausland=TEXT),
            "Das betrifft die Möglichkeit „Inland“.",
        ),
        (shared(50, anyOf=THREE), shared(40, anyOf=THREE), "Das betrifft die Möglichkeiten A, B."),
        (
            shared(50, **WHEN),
            shared(40, **WHEN),
            "Das betrifft Dokumente, für die die Bedingung gilt.",
        ),
        (
            shared(50, dependentSchemas={"p": REFERRED}),
            shared(40, dependentSchemas={"p": REFERRED}),
            "Das betrifft Dokumente mit der Angabe „p“.",
        ),
        (
            shared(50, anyOf=EITHER, **WHEN),
            shared(40, anyOf=EITHER, **WHEN),
            "Das betrifft nur einen Teil der Dokumente.",
        ),
        (
            shared(50, anyOf=EITHER, allOf=[REFERRED]),
            shared(40, anyOf=EITHER, allOf=[REFERRED]),
            "statt 50.",
        ),
    ],
)
def test_what_is_said_behind_a_reference_is_said_of_the_cases_that_it_serves(
    old: Json, new: Json, said: str
) -> None:
    (one,) = compare(old, new).findings
    assert one.rule == "EFA-STR-03"
    assert one.message_de.endswith(said), one.message_de


DATE: Any = {"type": "string", "format": "date"}
TITLED: Any = {**DATE, "title": "Tag"}
NULL: Any = {"type": "null"}


@pytest.mark.parametrize(
    ("nullable", "notes"),
    [
        ({"anyOf": [TITLED, NULL]}, []),
        ({"anyOf": [DATE, NULL], "title": "Tag"}, []),
        ({"oneOf": [NULL, {"$ref": "#/$defs/day"}], "$defs": {"day": TITLED}}, []),
        ({"anyOf": [DATE, NULL]}, ["EFA-ANN-01"]),
        ({"anyOf": [DATE, NULL], "title": "Day"}, ["EFA-ANN-01"]),
        ({"anyOf": [{**TITLED, "format": "date-time"}, NULL]}, ["EFA-FMT-03"]),
    ],
)
def test_what_stays_said_in_the_alternative_beside_null_did_not_change(
    nullable: Json, notes: list[str]
) -> None:
    for old, new in ((TITLED, nullable), (nullable, TITLED)):
        verdict = compare(old, new)
        assert [one.rule[:8] for one in verdict.findings] == ["EFA-COMB"]
        assert [one.rule for one in verdict.remarks] == notes


BASE: Any = {"$defs": {"base": {"properties": {"n": TEXT}}}, "allOf": [{"$ref": "#/$defs/base"}]}
OWN: Any = {**BASE, "properties": {"x": TEXT}}
SPLIT: Any = {"anyOf": [{"properties": {"a": TEXT}}, {"properties": {"b": TEXT}}]}


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        (OWN, {**OWN, "additionalProperties": False}, "n"),
        ({**OWN, "unevaluatedProperties": False}, {**OWN, "additionalProperties": False}, "n"),
        (
            {"properties": {"n": TEXT, "x": TEXT}, "additionalProperties": False},
            {**OWN, "additionalProperties": False},
            "n",
        ),
        ({**SPLIT, **BASE}, {**SPLIT, **BASE, "additionalProperties": False}, "abn"),
        (
            {**OWN, "required": ["n"]},
            {**OWN, "required": ["n"], "additionalProperties": False},
            "n",
        ),
    ],
)
def test_a_closed_object_that_forbids_names_of_its_own_schema_names_them(
    old: Json, new: Json, names: str
) -> None:
    told = ", ".join(f"`{name}`" for name in names)
    (one,) = (one for one in compare(old, new).findings if one.rule == "EFA-PROP-11")
    assert f"obwohl das Schema sie nennt: {told}." in one.message_de
    assert one.severity == "breaking"
    assert one.witness is not None
    assert not json.loads(one.witness.text).keys().isdisjoint(names)
    assert ("EFA-PROP-12", "") in found(new, old)


@pytest.mark.parametrize(
    "new",
    [
        {**OWN, "unevaluatedProperties": False},
        {**OWN, "patternProperties": {"^n": {}}, "additionalProperties": False},
        {**OWN, "properties": {"x": TEXT, "n": TEXT}, "additionalProperties": False},
        {"properties": {"x": TEXT}, "additionalProperties": False},
    ],
)
def test_a_closed_object_that_lets_in_what_it_names_forbids_none(new: Json) -> None:
    assert all(rule != "EFA-PROP-11" for rule, _ in found(OWN, new))


CITY: Any = {"type": "string", "maxLength": 50}
STREET_OR_BOX: Any = {
    "type": "object",
    "oneOf": [
        {
            "properties": {"street": TEXT, "city": CITY},
            "required": ["street", "city"],
            "additionalProperties": False,
        },
        {
            "properties": {"box": TEXT, "city": CITY},
            "required": ["box"],
            "additionalProperties": False,
        },
    ],
}


def test_an_object_that_was_split_into_closed_variants_is_continued_by_one_of_them() -> None:
    """Though its type stays beside them; rules that became stricter did not go."""
    old: Json = {"type": "object", "properties": {"street": TEXT, "city": TEXT}}
    assert found(old, STREET_OR_BOX) == [
        ("EFA-COMB-04", ""),
        ("EFA-PROP-04", ""),
        ("EFA-REQ-01", "/city"),
        ("EFA-REQ-01", "/street"),
        ("EFA-STR-03", "/city"),
    ]
    assert "EFA-PROP-09" not in {rule for rule, _ in found(STREET_OR_BOX, old)}
    wider: Json = {**STREET_OR_BOX, "properties": {"city": {}}}
    beside: Json = {
        "type": "object",
        "properties": {"street": TEXT, "city": TEXT},
        "minProperties": 0,
    }
    assert "EFA-PROP-10" not in {rule for rule, _ in found(beside, wider)}


def test_a_name_that_one_variant_forbids_is_said_to_be_forbidden_there() -> None:
    old: Json = {"type": "object", "properties": {"street": TEXT, "city": CITY, "box": TEXT}}
    (one,) = (one for one in compare(old, STREET_OR_BOX).findings if one.place == "/box")
    assert (one.rule, one.severity) == ("EFA-PROP-03", "breaking")
    assert one.message_de.startswith("Die Angabe „box“ darf nicht mehr vorkommen. Das betrifft")
    assert ("EFA-PROP-08", "/box") in found(STREET_OR_BOX, old)


ENTRY: Any = {"type": "object", "properties": {"n": TEXT}, "required": ["n"]}
FEW: Any = {"enum": [True, False, None]}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"type": "array", "items": TEXT, "minItems": 1}, TEXT, ["EFA-TYPE-03"]),
        (TEXT, {"type": "array", "items": TEXT, "minItems": 1}, ["EFA-TYPE-03"]),
        (ENTRY, {"type": "array", "items": ENTRY}, ["EFA-TYPE-03"]),
        (ENTRY, {**ENTRY, "type": ["object", "array"], "items": ENTRY}, ["EFA-TYPE-02"]),
        ({**TEXT, "maxLength": 5}, {"type": "integer", "minimum": 1}, ["EFA-TYPE-03"]),
        ({"type": "integer", "minimum": 1}, {"type": "number", "minimum": 1}, ["EFA-TYPE-02"]),
        ({**ENTRY, "type": ["object", "string"]}, TEXT, ["EFA-TYPE-01"]),
        ({"type": "boolean"}, FEW, ["EFA-TYPE-02"]),
        (FEW, {"type": "boolean"}, ["EFA-TYPE-01"]),
        ({"type": "boolean"}, {"enum": [True, None]}, ["EFA-ENUM-01", "EFA-TYPE-02"]),
    ],
)
@pytest.mark.parametrize("direction", ["accepts", "emits"])
def test_of_values_that_one_side_has_none_of_only_the_type_is_told(
    old: Json, new: Json, expected: list[str], direction: Direction
) -> None:
    before: Json = {"properties": {"a": old}}
    after: Json = {"properties": {"a": new}}
    verdict = compare(before, after, direction=direction)
    assert sorted(one.rule for one in verdict.findings) == expected
    broken = {one.rule for one in verdict.findings if one.severity == "breaking"}
    assert bool(broken) == (verdict.bump == "major")
    assert "EFA-ANY-01" not in broken


def test_an_exception_for_a_type_that_came_covers_no_other_rules_for_it() -> None:
    prints = {
        one.fingerprint
        for most in (1, 2)
        for one in compare(TEXT, {"type": ["string", "array"], "maxItems": most}).findings
    }
    assert len(prints) == 2


def test_what_was_required_and_went_is_not_said_to_be_optional() -> None:
    closed: Json = {**PERSON, "additionalProperties": False}
    gone: Json = {"type": "object", "properties": {"p": TEXT}, "additionalProperties": False}
    said = {one.rule: one.message_de for one in compare(closed, gone).findings}
    assert (
        said["EFA-REQ-02"] == "Die Angabe „o“ war Pflicht und ist im Schema nicht mehr vorgesehen."
    )


def test_a_choice_that_all_else_still_demands_is_not_said_to_be_free() -> None:
    either: Json = [{"required": ["o"]}, {"required": ["p"]}]
    (one, other) = compare({**PERSON, "required": [], "anyOf": either}, PERSON).findings
    assert (one.rule, other.rule) == ("EFA-REQ-01", "EFA-COMB-06")
    assert "steht nicht mehr im Schema" in other.message_de


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (OWN, {**OWN, "additionalProperties": False}),
        ({**OWN, "required": ["n"]}, {**OWN, "required": ["n"], "additionalProperties": False}),
        ({"type": "object", "properties": {"street": TEXT, "city": TEXT}}, STREET_OR_BOX),
        (ENTRY, {"type": "array", "items": ENTRY}),
        (branching(FIRST, SECOND), branching(("p", {"a": TEXT}), ("q", {"b": TEXT}))),
    ],
)
def test_nothing_breaks_beyond_what_is_told(old: Json, new: Json) -> None:
    for before, after in ((old, new), (new, old)):
        told = {rule for rule, _ in found(before, after, "exchanges")}
        assert told
        assert told.isdisjoint({"EFA-ANY-01", "EFA-ANY-04", "EFA-UNK-03"})


def test_what_shows_that_an_object_was_closed_has_a_name_that_nothing_names() -> None:
    needed: Any = {**OWN, "type": "object", "required": ["n"]}
    shut: Json = {**needed, "additionalProperties": False}
    one = next(one for one in compare(needed, shut).findings if one.rule == "EFA-PROP-04")
    assert one.witness is not None
    assert json.loads(one.witness.text).keys() - {"n", "x"}


ART: Any = {"properties": {"art": {"const": "juristisch"}}, "required": ["art"]}
ADULT: Any = {"properties": {"alter": {"minimum": 18}}, "required": ["alter"]}
SPOKEN: list[tuple[Json, Json, str, str]] = [
    (
        {"anyOf": [TEXT, A, ART]}, {"anyOf": [TEXT, A]},
        'Möglichkeit weniger: Nummer 3 (art = "juristisch").', 'number 3 (art = "juristisch").',
    ),
    (
        {"oneOf": [A, B]}, {"oneOf": [A, B, {"title": "Verein", "type": "null"}]},
        "(genau eine muss zutreffen): Nummer 3 („Verein“).", "number 3 (“Verein”).",
    ),
    (
        {"$defs": {"ort": PERSON}, "anyOf": [TEXT, {"$ref": "#/$defs/ort"}, {"type": "null"}]},
        {"anyOf": [TEXT, {"type": "null"}]},
        "Nummer 2 („ort“).", "number 2 (“ort”).",
    ),
    (
        {}, {"oneOf": [{"required": ["mail", "name"]}, {"required": ["fon"]}, {"enum": [1, 2]}]},
        "„mail“, „name“ angegeben; „fon“ angegeben; einer der Werte 1, 2.",
        "“mail”, “name” given; “fon” given; one of the values 1, 2.",
    ),
    (
        {}, {"if": ART, "then": {"required": ["register"]}, "else": ADULT},
        'wenn art = "juristisch", dann „register“ angegeben, sonst „alter“: mindestens 18.',
        'if art = "juristisch", then “register” given, else “alter”: at least 18.',
    ),
    (
        {}, {"not": {"properties": {"fax": {"maxLength": 3}, "art": {"const": 1}}}},
        "nicht mehr sein: „fax“: höchstens 3 Zeichen (wenn angegeben), art = 1 (wenn angegeben).",
        "“fax”: at most 3 characters (where given), art = 1 (where given).",
    ),
    (
        {"type": "array"}, {"type": "array", "contains": {"type": ["string", "null"]}},
        "der dem folgt: vom Typ string oder null.", "follows this: of type string or null.",
    ),
    (
        {}, {"additionalProperties": {"type": "object", "additionalProperties": False,
            "properties": {f"angabe-{n}": {"pattern": "x" * 40} for n in range(9)}}},
        "müssen jetzt Regeln folgen: Regeln für „angabe-0“, ", "rules for “angabe-0”, ",
    ),
    (
        {}, {"additionalProperties": {"patternProperties": {"x": {"minLength": 1}}}},
        'Regeln folgen: `{"patternProperties": {"x": {"minLength": 1}}}`.', '`{"patternProp',
    ),
    ({}, {"pattern": r"^\d+$"}, r"dem Muster `^\d+$` folgen.", r"the pattern `^\d+$`."),
    ({}, {"const": {"a": [1]}}, 'einer dieser Werte sein: `{"a": [1]}`.', 'values: `{"a": [1]}`.'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "german", "english"), SPOKEN)
def test_what_a_schema_asks_for_is_said_in_words(
    old: Json, new: Json, german: str, english: str
) -> None:
    verdict = compare(old, new)
    said = [one for one in verdict.findings if german in one.message_de]
    assert said, [one.message_de for one in verdict.findings]
    assert english in said[0].message_en, said[0].message_en


def test_of_several_conditions_the_one_meant_is_said_in_words() -> None:
    def two(least: int) -> Any:
        return {"allOf": [
            {"if": {"required": ["mail"]}, "then": {"minProperties": least}},
            {"if": {"required": ["fon"]}, "then": {"minProperties": 2}},
        ]}  # fmt: skip

    (one,) = compare(two(2), two(3)).findings
    assert "Dokumente, für die die Bedingung („mail“ angegeben) gilt." in one.message_de
    assert '{"required"' not in one.message_en
