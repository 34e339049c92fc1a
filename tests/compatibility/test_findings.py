"""A break is explained: without the one change, its witness is valid again or less is found."""

import json
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


def test_who_vouches_for_a_question_vouches_for_its_kind_and_side_only() -> None:
    def asked(side: Side, reason: str | None) -> str:
        return open_side(side, Containment(answer="unknown", reason=reason)).fingerprint

    assert asked("old", "pattern: look-behind") == asked("old", "pattern: back-reference")
    assert asked("old", None) == asked("old", "budget")
    others = asked("new", "pattern: look-behind"), asked("old", "format"), asked("old", "budget")
    assert len({asked("old", "pattern: look-behind"), *others}) == 4


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


def _count(old: Plain, new: Plain) -> int:
    return len(walk(View(old, "old"), View(new, "new")).changes)


def _explained(inquiry: Inquiry, case: Case, change: Change, proof: Proof) -> bool:
    old, new = _undone(case, change)
    read = reserve(old, new) if case.pair.reading == "reserved" else (old, new)
    assert proof.witness is not None
    value = exact(proof.witness.text)
    if Judge(read[1 if case.side == "old" else 0]).valid_rs(value):
        return True
    return _count(old, new) < len(inquiry.walk.changes)


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
