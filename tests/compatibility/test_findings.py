"""A break is explained: without the one change, its witness is valid again or less is found."""

import json
from collections.abc import Sequence
from decimal import Decimal

import pytest

from registry.compatibility.changes.change import Change
from registry.compatibility.changes.places import View, place_text
from registry.compatibility.changes.walk import walk
from registry.compatibility.compare import compare
from registry.compatibility.containment import SchemaPair
from registry.compatibility.findings.listing import Inquiry
from registry.compatibility.findings.open_sides import open_side
from registry.compatibility.findings.proof import Case, Proof
from registry.compatibility.findings.purse import Purse
from registry.compatibility.findings.shrink import cost
from registry.compatibility.findings.undone import together
from registry.compatibility.judges import Judge
from registry.compatibility.model import (
    Budget,
    Containment,
    Direction,
    Reading,
    Schema,
    Side,
    Verdict,
)
from registry.compatibility.plain import Plain
from registry.compatibility.reserved import reserve
from registry.dialects.strict_json import Json
from tests.compatibility import labelled

PERSON = """{
  "type": "object",
  "required": ["name"],
  "properties": {
    "name": {"title": "Familienname", "type": "string", "minLength": 1},
    "birth": {"type": "string", "pattern": "^\\\\d{4}-\\\\d{2}-\\\\d{2}$"},
    "children": {"type": "array", "maxItems": 9, "items": {"$ref": "#/$defs/child"}},
    "state": {"enum": ["single", "married", "widowed"]}
  },
  "$defs": {
    "child": {
      "type": "object",
      "required": ["name"],
      "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}}
    }
  }
}"""
CHILD = "/$defs/child"
EDITS: list[tuple[str, Json, str, str]] = [
    ("/required", ["name", "birth"], "EFA-REQ-01", "/birth"),
    ("/properties/name/minLength", 2, "EFA-STR-01", "/name"),
    ("/properties/birth/pattern", "^[0-9]{8}$", "EFA-STR-07", "/birth"),
    ("/properties/children/maxItems", 3, "EFA-ARR-03", "/children"),
    ("/properties/state/enum", ["single", "married"], "EFA-ENUM-02", "/state"),
    (f"{CHILD}/required", ["name", "age"], "EFA-REQ-01", "/children/*/age"),
    (f"{CHILD}/properties/age/minimum", 1, "EFA-NUM-01", "/children/*/age"),
    (f"{CHILD}/properties/name", {"type": "integer"}, "EFA-TYPE-03", "/children/*/name"),
    (f"{CHILD}/additionalProperties", False, "EFA-PROP-04", "/children/*"),
]


def exact(text: str) -> Json:
    return json.loads(text, parse_float=Decimal)


def changed(root: Json, pointer: str, value: Json) -> Json:
    copy = json.loads(json.dumps(root))
    node = copy
    *way, last = pointer.split("/")[1:]
    for step in way:
        node = node[step]
    node[last] = value
    return copy


def verdict(new: Json, direction: Direction = "accepts", reading: Reading = "reserved") -> Verdict:
    old = Schema(root=exact(PERSON), text=PERSON)
    return compare(old, Schema(root=new), direction=direction, reading=reading)


@pytest.mark.parametrize(("pointer", "value", "rule", "place"), EDITS)
def test_one_edit_gives_one_finding_at_its_place(
    pointer: str, value: Json, rule: str, place: str
) -> None:
    found = verdict(changed(exact(PERSON), pointer, value))
    assert [(one.rule, one.severity, one.place) for one in found.findings] == [
        (rule, "breaking", place)
    ]
    assert found.findings[0].witness is not None
    assert found.bump == "major"


@pytest.mark.parametrize(("pointer", "value", "rule", "place"), EDITS)
def test_what_breaks_readers_is_harmless_the_other_way_round(
    pointer: str, value: Json, rule: str, place: str
) -> None:
    found = verdict(changed(exact(PERSON), pointer, value), "emits")
    breaking = {one.rule for one in found.findings if one.severity == "breaking"}
    assert breaking <= {"EFA-TYPE-03", "EFA-STR-07"}


def test_all_edits_together_are_found_each_with_its_own_witness() -> None:
    new = exact(PERSON)
    for pointer, value, _, _ in EDITS:
        new = changed(new, pointer, value)
    found = verdict(new).findings
    assert {(one.rule, one.place) for one in found} == {(rule, place) for *_, rule, place in EDITS}
    assert all(one.witness is not None for one in found)
    assert len({one.fingerprint for one in found}) == len(found)


def test_a_finding_names_the_place_in_the_text_and_what_people_call_it() -> None:
    new = changed(exact(PERSON), "/properties/name/minLength", 2)
    found = verdict(new).findings[0]
    assert found.old is not None
    assert (found.old.pointer, found.old.line) == ("/properties/name/minLength", 5)
    assert found.message_de.startswith("Die Angabe „Familienname“ (`name`) muss mindestens 2")
    assert (found.before, found.after) == ("1", "2")


def test_a_fingerprint_survives_other_words_and_other_edits() -> None:
    new = changed(exact(PERSON), "/properties/name/minLength", 2)
    alone = verdict(new).findings[0].fingerprint
    reworded = changed(new, "/properties/name/title", "Name")
    reworded = changed(reworded, "/required", ["name", "birth"])
    assert alone in {one.fingerprint for one in verdict(reworded).findings}


def test_alternatives_that_change_alike_are_findings_of_their_own() -> None:
    def either(longest: int) -> dict[str, Json]:
        text: Json = {"type": "string", "maxLength": longest}
        kinds = ("x", "y")
        return {"oneOf": [{"properties": {"kind": {"const": one}, "a": text}} for one in kinds]}

    found = compare(either(9), either(5)).findings
    assert [one.place for one in found] == ["/a", "/a"]
    assert len({one.fingerprint for one in found}) == 2
    again = compare(either(9), {**either(5), "title": "A", "minProperties": 1}).findings
    assert {one.fingerprint for one in again} > {one.fingerprint for one in found}
    other = compare(either(9), either(6)).findings
    assert {one.fingerprint for one in other}.isdisjoint(one.fingerprint for one in found)


def test_what_is_only_written_differently_says_so() -> None:
    found = compare({"type": "string", "minLength": 0}, {"type": "string"})
    assert (found.bump, found.relation) == ("patch", "equal")
    assert [one.rule for one in found.remarks] == ["EFA-REF-03"]


def test_what_others_let_in_again_is_said_to_have_no_effect() -> None:
    def either(longest: int, *others: Json) -> Json:
        return {"oneOf": [{"type": "string", "maxLength": longest}, *others]}

    lists: Json = {"type": "array", "maxItems": 3}
    new = either(3, lists, {"type": "string", "minLength": 4})
    found = compare(either(5, {"type": "array"}), new)
    (shorter,) = (one for one in found.findings if one.rule == "EFA-STR-03")
    assert shorter.severity == "compatible"
    assert shorter.message_en.endswith("Beside the other changes this has no effect.")


@pytest.mark.parametrize(
    ("old", "new", "german", "english"),
    [
        ({}, {"minLength": 2}, "jetzt mindestens 2 Zeichen lang", "now be at least 2 characters"),
        ({"maxLength": 5}, {}, "bisher höchstens 5 Zeichen.", "so far at most 5 characters"),
        ({"maxItems": 5}, {}, "darf beliebig viele Einträge haben;", "any number of entries;"),
        ({"maximum": 5}, {}, "keine obere Grenze mehr;", "no upper bound any more;"),
        ({}, {"maximum": 5}, "muss jetzt höchstens 5 sein.", "must now be at most 5."),
        ({"format": None}, {}, "das Format null nicht mehr.", "the format null."),
        (
            {"default": 1},
            {},
            "keinen Vorgabewert mehr; bisher war es 1.",
            "default any more; it was 1",
        ),
        ({"default": None}, {"default": 1}, "Vorgabewert: 1 statt null.", "1 instead of null."),
        ({"default": 1}, {"default": None}, "Vorgabewert: null statt 1.", "null instead of 1."),
        ({"readOnly": True}, {}, "`readOnly` nicht mehr; bisher war es true.", "it was true."),
        ({}, {"readOnly": True}, "hat jetzt `readOnly`: true.", "now has `readOnly`: true."),
    ],
)
def test_a_message_speaks_only_of_what_there_is(
    old: Json, new: Json, german: str, english: str
) -> None:
    found = compare(old, new)
    (one,) = (*found.findings, *found.remarks)
    assert german in one.message_de
    assert english in one.message_en


def test_a_document_around_a_place_within_others_is_known() -> None:
    def deep(**said: Json) -> Json:
        inner: Json = {"type": "object", "properties": {"b": {"type": "string", **said}}}
        return {"type": "object", "required": ["a"], "properties": {"a": inner}}

    old, new = Schema(root=deep()), Schema(root=deep(maxLength=1))
    pair = SchemaPair(old, new, "reserved", "annotate")
    inquiry = Inquiry(pair, (old, new), ("old",), Purse(Budget()))
    (change,) = inquiry.walk.changes
    around = inquiry.cases["old"].around
    assert around.document(change.pair.place, "xx") == ({"a": {"b": "xx"}},)


def test_who_vouches_for_a_question_vouches_for_its_kind_and_side_and_schemas_only() -> None:
    def asked(side: Side, reason: str | None, subject: str = "1") -> str:
        return open_side(side, Containment(answer="unknown", reason=reason), subject).fingerprint

    assert asked("old", "pattern: look-behind") == asked("old", "pattern: back-reference")
    assert asked("old", None) == asked("old", "budget")
    others = asked("new", "pattern: look-behind"), asked("old", "format"), asked("old", "budget")
    assert len({asked("old", "pattern: look-behind"), *others, asked("old", "budget", "2")}) == 5


def both(parts: tuple[Json, Json], maximum: tuple[int, int]) -> tuple[Json, Json]:
    """Two versions of an object: a part that changed, beside a bound that did."""
    old, new = zip(parts, maximum, strict=True)
    return _beside(*old), _beside(*new)


def _beside(part: Json, maximum: int) -> Json:
    return {"properties": {"u": part, "w": {"maximum": maximum}}}


def unless(status: str) -> Json:
    active: Json = {"properties": {"status": {"const": status}}, "required": ["status"]}
    return {"not": {"type": "object", **active}}


NAMED: Json = {"type": "object", "properties": {"name": {}}, "required": ["name"]}
UNNAMED: list[tuple[Json, Json]] = [
    (unless("active"), NAMED),
    (unless("closed"), NAMED),
    (unless("active"), {"type": "object", "minProperties": 1, "properties": {"name": {}}}),
]


@pytest.mark.parametrize("parts", UNNAMED)
def test_what_still_breaks_with_all_findings_undone_is_a_finding(parts: tuple[Json, Json]) -> None:
    """Whoever makes an exception for what is named makes none for this."""
    verdict = compare(*both(parts, (10, 9)))
    assert ("EFA-NUM-03", "/w") in {(one.rule, one.place) for one in verdict.findings}
    others = [one for one in verdict.findings if one.rule == "EFA-ANY-04"]
    assert others
    assert all(one.witness is not None and '"u"' in one.witness.text for one in others)


def test_the_doubt_of_the_reading_is_heard_beside_a_break() -> None:
    listed: Json = {"enum": [{"n": 1}, {"n": "a"}, {}]}
    fewer: Json = {"enum": [{"n": "a"}, {}], "properties": {"n": {"type": "string"}}}
    alone = compare(*both((listed, fewer), (10, 10)))
    beside = compare(*both((listed, fewer), (10, 9)))
    assert [one.rule for one in alone.findings if one.severity == "unknown"] == ["EFA-UNK-01"]
    assert [one.rule for one in beside.findings if one.severity == "unknown"] == ["EFA-UNK-03"]


def test_nothing_is_left_where_all_that_breaks_is_named() -> None:
    """Also where changes alter the same part of a schema, or put it among alternatives."""
    text: dict[str, Json] = {"type": "string"}
    person: Json = {"type": "object", "required": ["a", "b", "c"]}
    pairs: list[tuple[Json, Json]] = [
        ({**text, "minLength": 1}, {"anyOf": [text, {"type": "number"}]}),
        (person, {"type": "array"}),
        (
            {"$ref": "#/$defs/p", "$defs": {"p": person}},
            {"$ref": "#/$defs/p", "$defs": {"p": {"required": ["b"]}}},
        ),
        ({**text, "minLength": 1, "maxLength": 9}, {**text, "minLength": 3, "maxLength": 5}),
    ]
    for old, new in pairs:
        verdict = compare(old, new, direction="exchanges")
        assert {one.rule for one in verdict.findings}.isdisjoint({"EFA-ANY-04", "EFA-UNK-03"})
        assert "breaking" in {one.severity for one in verdict.findings}


def test_a_break_of_the_whole_is_told_from_every_other() -> None:
    fingerprints = {
        one.fingerprint
        for parts in UNNAMED
        for one in compare(*both(parts, (10, 9))).findings
        if one.rule == "EFA-ANY-04"
    }
    assert len(fingerprints) == len(UNNAMED)


def fingerprints(old: Json, new: Json) -> set[str]:
    return {one.fingerprint for one in compare(old, new).findings}


def dated(pattern: str, other: str) -> Json:
    return {
        "properties": {"from": {"$ref": "#/$defs/date"}, "until": {"$ref": f"#/$defs/{other}"}},
        "$defs": {"date": {"pattern": pattern}, "kept": {"pattern": "^1"}},
    }


def test_a_change_of_a_definition_names_all_places_that_use_it() -> None:
    (both_places,) = compare(dated("^1", "date"), dated("^2", "date")).findings
    assert (both_places.place, "„until“" in both_places.message_de) == ("/from", True)
    assert "“until”" in both_places.message_en
    (one_place,) = compare(dated("^1", "date"), dated("^2", "kept")).findings
    assert (one_place.place, "until" in one_place.message_de) == ("/from", False)
    assert one_place.fingerprint != both_places.fingerprint


def test_a_definition_that_refers_to_itself_names_its_place_once() -> None:
    def tree(kind: str) -> Json:
        node: Json = {"properties": {"n": {"$ref": "#/$defs/t"}, "v": {"type": kind}}}
        return {"properties": {"n": {"$ref": "#/$defs/t"}}, "$defs": {"t": node}}

    (found,) = compare(tree("string"), tree("integer")).findings
    assert "Dasselbe gilt" not in found.message_de


def conditional(then: int, always: int) -> Json:
    met: Json = {"properties": {"k": {"const": 1}}, "required": ["k"]}
    shorter: Json = {"properties": {"x": {"maxLength": then}}}
    return {"properties": {"k": {}, "x": {"maxLength": always}}, "if": met, "then": shorter}


def variants(first: int, second: int) -> Json:
    return {
        "oneOf": [
            {
                "title": title,
                "properties": {"x": {"maxLength": most}, "k": {"const": title}},
                "required": ["k"],
            }
            for title, most in (("A", first), ("B", second))
        ]
    }


def arms(*marks: int) -> Json:
    filler: dict[str, Json] = {f"property{number}": {} for number in range(30)}
    return {
        "oneOf": [
            {"properties": {**filler, "z": {"const": mark}}, "required": ["z"]} for mark in marks
        ]
    }


UNLIKE: list[tuple[tuple[Json, Json], tuple[Json, Json]]] = [
    ((conditional(50, 50), conditional(40, 50)), (conditional(50, 50), conditional(50, 40))),
    ((variants(50, 50), variants(40, 50)), (variants(50, 50), variants(50, 40))),
    (({"enum": [*"abcdef"]}, {"enum": [*"def"]}), ({"enum": [*"abcdef"]}, {"enum": [*"ef"]})),
    ((arms(1, 2, 3), arms(2, 3)), (arms(1, 2, 3), arms(1, 3))),
    (
        ({}, {"items": {"type": "string"}}),
        ({}, {"items": {"type": "string", "maxLength": 1}}),
    ),
    (
        ({}, {"propertyNames": {"maxLength": 9}}),
        ({}, {"propertyNames": {"maxLength": 9, "minLength": 2}}),
    ),
    (
        ({}, {"patternProperties": {"^a": {"type": "string"}}}),
        ({}, {"patternProperties": {"^a": {"type": "null"}}}),
    ),
]


@pytest.mark.parametrize(("one", "other"), UNLIKE)
def test_an_exception_for_one_change_is_none_for_another(
    one: tuple[Json, Json], other: tuple[Json, Json]
) -> None:
    """Of other documents, of other values or of a schema that differs beyond what is shown."""
    assert fingerprints(*one)
    assert fingerprints(*other)
    assert not fingerprints(*one) & fingerprints(*other)


def test_a_closing_is_shown_by_a_name_that_nobody_declares() -> None:
    """A name that the new version declares is no witness: undoing the closing leaves it refused."""
    declared: Json = {"w": {}, "andere": {"type": "string"}}
    closed: Json = {"type": "object", "properties": declared, "additionalProperties": False}
    found = compare({"type": "object", "properties": {"w": {}}}, closed).findings
    (closing,) = (one for one in found if one.rule == "EFA-PROP-04")
    assert closing.witness is not None
    assert json.loads(closing.witness.text).keys().isdisjoint({"w", "andere"})


def test_only_what_means_the_same_is_said_to() -> None:
    less = compare({"enum": ["A1", "B1"], "pattern": "^A"}, {"enum": ["A1", "B1"]})
    assert (less.relation, less.remarks) == ("wider", [])


UNDONE: list[tuple[Json, list[Json], Json]] = [
    ({"a": 1, "b": 2}, [{"a": 3, "b": 2}, {"a": 1}], {"a": 3}),
    ({"r": ["a", "b", "c"]}, [{"r": ["a", "c"]}, {"r": ["a", "b"]}], {"r": ["a"]}),
    ({"e": [1, 2]}, [{"e": [1]}, {"e": [1, 2, 3]}], {"e": [1, 3]}),
    ({"x": [{"a": 1}, {"b": 1}]}, [{"x": [{}, {"b": 1}]}, {"x": [{"a": 1}, {}]}], {"x": [{}, {}]}),
    ({}, [{"allOf": [{"a": 1}]}, {"allOf": [{"b": 1}]}], {"allOf": [{"b": 1}, {"a": 1}]}),
    ({}, [{"$defs": {"a": True}}, {"$defs": {"b": True}}], {"$defs": {"a": True, "b": True}}),
    ({"a": 1}, [{"a": 2}, {"a": 3}], {"a": 2}),
    ({"a": 1}, [{"a": 1}, {"a": True}], {"a": True}),
    ({"a": 1}, [{}, {"a": 1, "b": 1}], {"b": 1}),
    (True, [{"not": {}}, True], {"not": {}}),
]


@pytest.mark.parametrize(("root", "versions", "expected"), UNDONE)
def test_what_several_versions_altered_is_altered(
    root: Json, versions: list[Json], expected: Json
) -> None:
    found = together(root, versions)
    assert json.dumps(found, sort_keys=True) == json.dumps(expected, sort_keys=True)


def test_what_ran_out_of_steps_says_so_also_where_a_break_was_found() -> None:
    def either(number: int, shift: int) -> Json:
        pattern = f"^[a-z]{{{number + 2 - shift},{40 - shift}}}$"
        return {
            "anyOf": [{"type": "string", "pattern": pattern}, {"type": "integer", "minimum": shift}]
        }

    def several(shift: int) -> Json:
        return {"properties": {f"p{number}": either(number, shift) for number in range(4)}}

    hurried = compare(several(0), several(1), budget=Budget(steps=60))
    assert [one.severity for one in hurried.findings][:1] == ["breaking"]
    assert hurried.findings[-1].severity == "unknown"
    assert hurried.ran_out
    assert not compare(several(0), several(1)).ran_out


def test_a_document_costs_what_there_is_to_read() -> None:
    plainer: list[tuple[Json, Json]] = [
        ({"a": ""}, {"a": "x"}),
        ({"a": [1]}, {"a": [1, 1]}),
        ({"a": 1}, {"ab": 1}),
        ([0], [Decimal("0.5")]),
        ("a", "\u0001"),
        ("ž", "ſ"),
        (None, 10),
    ]
    for one, other in plainer:
        assert cost(one) < cost(other)


# --- the explanation, on all labelled pairs


def _undone(case: Case, change: Change) -> tuple[Plain, Plain]:
    """Old and new with the change undone."""
    lenient = case.lenient(change)
    valid = case.valid.plain
    return (valid, lenient) if case.side == "old" else (lenient, valid)


FOLLOWING = frozenset({"EFA-PROP-11", "EFA-PROP-12", "EFA-COMB-07"})
"""What a closing forbids follows from the names that other changes bring or take; how many of the
alternatives may fit, from what is added to the only one."""


def _own(changes: Sequence[Change]) -> int:
    return sum(change.rule not in FOLLOWING for change in changes)


def _count(old: Plain, new: Plain) -> int:
    return _own(walk(View(old, "old"), View(new, "new")).changes)


def _explained(inquiry: Inquiry, case: Case, change: Change, proof: Proof) -> bool:
    old, new = _undone(case, change)
    read = reserve(old, new) if case.pair.reading == "reserved" else (old, new)
    assert proof.witness is not None
    value = exact(proof.witness.text)
    if Judge(read[1 if case.side == "old" else 0]).valid_rs(value):
        return True
    return _count(old, new) < _own(inquiry.walk.changes)


@pytest.mark.parametrize("reading", ["open", "reserved"])
@pytest.mark.parametrize("name", labelled.FILES)
def test_every_break_of_the_labelled_pairs_is_explained(name: str, reading: Reading) -> None:
    unexplained: list[str] = []
    for pair in labelled.labelled(name):
        asked = SchemaPair(pair.old, pair.new, reading, "annotate")
        inquiry = Inquiry(asked, (pair.old, pair.new), ("old", "new"), Purse(Budget()))
        for case in inquiry.cases.values():
            for change in inquiry.walk.changes:
                proof = case.prove(change)
                breaks = proof.answer == "breaks"
                if breaks and not _explained(inquiry, case, change, proof):
                    unexplained.append(f"{pair.id} {change.rule} {place_text(change.place)}")
    assert unexplained == []


def referring(word: str, definition: Json, **more: Json) -> Json:
    return {"$defs": {"X": definition}, word: {"$ref": "#/$defs/X"}, **more}


def excluding(*values: Json) -> Json:
    return {"allOf": [{"not": {"const": value}} for value in values]}


def all_of(*schemas: Json) -> Json:
    return {"allOf": [*schemas]}


def variant(kind: str, least: int) -> Json:
    amount: Json = {"anyOf": [{"type": "integer", "minimum": least}, {"type": "null"}]}
    return {"properties": {"kind": {"const": kind}, "amount": amount}, "required": ["kind"]}


def when(kind: str, required: list[Json]) -> Json:
    asked: Json = {"properties": {"k": {"const": "x"}, "m": {"type": kind}}, "required": ["k", "m"]}
    return {"if": asked, "then": {"required": required}}


def entitled(demanded: str, most: int) -> Json:
    return {"title": "T", "required": [demanded], "properties": {"v": {"maxLength": most}}}


def textual(most: int, other: str) -> Json:
    return {"oneOf": [{"type": "string", "maxLength": most}, {"type": other}]}


SHORT: dict[str, Json] = {"maxLength": 3, "type": "string"}
ARMS: list[Json] = [{"type": "integer"}, {"minimum": 5}]
OTHERS: list[Json] = [{"type": "integer"}, {"multipleOf": 7}]
CONTAINED: dict[str, Json] = {"contains": {"const": 1}}
CONTAINED_TOO: dict[str, Json] = {"contains": {"const": 2}}
TWICE: dict[str, Json] = {"minContains": 2}
APART: list[tuple[Json, Json, Json]] = [
    *(
        ({"$defs": {"X": {}}}, referring(word, {"maxLength": 100}), referring(word, SHORT))
        for word in ("additionalProperties", "unevaluatedProperties", "propertyNames")
    ),
    *(
        ({"$defs": {"X": {}}}, referring(word, {"maxLength": 100}), referring(word, SHORT))
        for word in ("contains", "items", "not")
    ),
    *(
        ({}, {word: {"type": "string"}}, all_of({word: {"type": "string"}}, {word: SHORT}))
        for word in ("contains", "items", "additionalProperties")
    ),
    (excluding("x"), excluding("x", "y"), excluding("x", "y", "z")),
    ({}, excluding("x"), excluding("x", "y")),
    (
        {"oneOf": [variant("x", 0), variant("y", 0)]},
        {"oneOf": [variant("x", 1), variant("y", 0)]},
        {"oneOf": [variant("x", 0), variant("y", 1)]},
    ),
    (
        all_of(CONTAINED, CONTAINED_TOO),
        all_of({**CONTAINED, **TWICE}, CONTAINED_TOO),
        all_of(CONTAINED, {**CONTAINED_TOO, **TWICE}),
    ),
    (
        all_of({"anyOf": ARMS}, {"anyOf": OTHERS}),
        all_of({"oneOf": ARMS}, {"anyOf": OTHERS}),
        all_of({"anyOf": ARMS}, {"oneOf": OTHERS}),
    ),
    (
        all_of(textual(9, "null"), textual(9, "integer")),
        all_of(textual(8, "null"), textual(9, "integer")),
        all_of(textual(9, "null"), textual(8, "integer")),
    ),
    (
        {"oneOf": [entitled("a", 9), entitled("b", 9)]},
        {"oneOf": [entitled("a", 8), entitled("b", 9)]},
        {"oneOf": [entitled("a", 9), entitled("b", 8)]},
    ),
    (
        all_of(when("string", []), when("number", [])),
        all_of(when("string", ["r"]), when("number", [])),
        all_of(when("string", []), when("number", ["r"])),
    ),
]


@pytest.mark.parametrize(("old", "one", "other"), APART)
def test_an_exception_for_one_break_covers_no_other(old: Json, one: Json, other: Json) -> None:
    first, second = (compare(old, new) for new in (one, other))
    excepted = {found.fingerprint for found in first.findings}
    breaking = [found for found in second.findings if found.severity == "breaking"]
    assert first.bump == second.bump == "major"
    assert any(found.fingerprint not in excepted for found in breaking)


def test_what_refers_to_itself_is_told_where_a_definition_is_put_in_it() -> None:
    old: Json = {"items": {"$ref": "#"}, "properties": {"a": {"type": "string"}}}
    new: Json = {
        "items": {"$ref": "#", "items": {"type": "string"}},
        "properties": {"a": {"type": "integer"}},
    }
    places = {one.place for one in compare(old, new).findings if one.severity == "breaking"}
    assert {"/a", "/*/*"} <= places


def test_values_that_no_text_holds_are_told_like_others() -> None:
    """Half a surrogate pair, which JSON can escape and UTF-8 cannot hold."""
    old: Json = {"properties": {"a": {"enum": ["\ud800", "b"]}}}
    verdict = compare(old, {"properties": {"a": {"enum": ["b"]}}})
    assert "EFA-ENUM-02" in {one.rule for one in verdict.findings}
    assert verdict.complete
