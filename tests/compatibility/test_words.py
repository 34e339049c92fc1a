"""Findings in words a case worker understands: what a place is called, what it said before."""

import hashlib

import pytest

from registry.compatibility import compare
from registry.compatibility.changes.excerpts import enumerated, excerpt
from registry.compatibility.changes.places import Step, place_text
from registry.compatibility.findings.words import fingerprint
from registry.compatibility.model import Finding, Schema
from registry.dialects.strict_json import Json

TEXT: Json = {"type": "string"}
NUMBER: Json = {"type": "integer"}


def found(old: Json, new: Json) -> Finding:
    """The one finding between two schemas."""
    (finding,) = compare(Schema(root=old), Schema(root=new)).findings
    return finding


def below(inner: dict[str, Json]) -> Json:
    """A schema that says something of the list `children` of a document."""
    children: Json = {"title": " Kinder ", "type": "array", **inner}
    return {"type": "object", "properties": {"children": children}}


@pytest.mark.parametrize(
    ("old", "new", "german", "english"),
    [
        (TEXT, NUMBER, "Das Dokument ", "The document "),
        (
            {"properties": {"a": TEXT}},
            {"properties": {"a": NUMBER}},
            "Die Angabe „a“ ",
            "The property “a” ",
        ),
        (
            {"properties": {"a": {"title": "Alter", **TEXT}}},
            {"properties": {"a": {"title": " Lebensalter ", **NUMBER}}},
            "Die Angabe „Lebensalter“ (`a`) ",
            "The property “Lebensalter” (`a`) ",
        ),
        (
            {"properties": {"a": {"title": "Alter", **TEXT}}},
            {"properties": {"a": {"title": "Alter", "type": "string", "maxLength": 3}}},
            "Die Angabe „Alter“ (`a`) ",
            "The property “Alter” (`a`) ",
        ),
        (
            {"properties": {"a": {"title": "a", **TEXT}}},
            {"properties": {"a": {"title": "a", **NUMBER}}},
            "Die Angabe „a“ ",
            "The property “a” ",
        ),
        (
            {"patternProperties": {"^x": TEXT}},
            {"patternProperties": {"^x": NUMBER}},
            "Jede Angabe mit einem Namen nach `^x` in diesem Dokument ",
            "Each property with a name like `^x` in this document ",
        ),
        (
            {"additionalProperties": TEXT},
            {"additionalProperties": NUMBER},
            "Jede weitere Angabe in diesem Dokument ",
            "Each further property in this document ",
        ),
        (
            {"propertyNames": {"maxLength": 5}},
            {"propertyNames": {"maxLength": 4}},
            "Jeder Name in diesem Dokument ",
            "Each name in this document ",
        ),
        (
            below({"items": TEXT}),
            below({"items": NUMBER}),
            "Jeder Eintrag in „Kinder“ ",
            "Each entry in “Kinder” ",
        ),
        (
            below({"prefixItems": [TEXT, TEXT]}),
            below({"prefixItems": [TEXT, NUMBER]}),
            "Eintrag 2 in „Kinder“ ",
            "Entry 2 in “Kinder” ",
        ),
        (
            {"properties": {"a": {"additionalProperties": {"items": TEXT}}}},
            {"properties": {"a": {"additionalProperties": {"items": NUMBER}}}},
            "Jeder Eintrag in „a“ ",
            "Each entry in “a” ",
        ),
    ],
)
def test_a_place_is_called_what_people_call_it(
    old: Json, new: Json, german: str, english: str
) -> None:
    finding = found(old, new)
    assert finding.message_de.startswith(german)
    assert finding.message_en.startswith(english)


def test_the_title_of_the_version_that_has_one_is_used() -> None:
    old: Json = {"properties": {"a": {"title": "Alter", "type": "string"}}}
    finding = found(old, {"properties": {"a": {"type": "integer", "title": "  "}}})
    assert "„Alter“ (`a`)" in finding.message_de


def test_a_finding_shows_both_sides_and_a_dash_where_nothing_was_said() -> None:
    finding = found({"properties": {"a": {}}}, {"properties": {"a": {"maxLength": 7}}})
    assert (finding.before, finding.after) == (None, "7")
    assert "7" in finding.message_de
    assert "None" not in finding.message_de + finding.message_en


def test_each_version_gives_the_line_of_its_own_text() -> None:
    old, new = '{\n"type": "string"}', '\n\n{  "type": "integer"}'
    (finding,) = compare(Schema(root=TEXT, text=old), Schema(root=NUMBER, text=new)).findings
    assert finding.old is not None
    assert finding.new is not None
    assert (finding.old.pointer, finding.old.line, finding.old.column) == ("/type", 2, 9)
    assert (finding.new.pointer, finding.new.line, finding.new.column) == ("/type", 3, 12)


def test_without_a_text_there_is_a_pointer_and_no_line() -> None:
    (finding,) = compare(
        Schema(root=TEXT), Schema(root=NUMBER, text='{"type": "integer"}')
    ).findings
    assert finding.old is not None
    assert finding.new is not None
    assert (finding.old.pointer, finding.old.line, finding.old.column) == ("/type", None, None)
    assert (finding.new.line, finding.new.column) == (1, 10)


def test_a_fingerprint_hangs_on_rule_place_and_subject_and_never_changes() -> None:
    place = (Step("property", "a/b"), Step("item", ""))
    digest = hashlib.sha256(b"EFA-REQ-01\n/property:a~1b/item:\nname").hexdigest()
    assert fingerprint("EFA-REQ-01", place, "name") == digest[:16]
    assert len({fingerprint("R", (), each) for each in ("a", "b", "\ud800")}) == 3


def test_places_that_are_called_the_same_have_other_fingerprints() -> None:
    for one, other in (
        (Step("property", "0"), Step("index", "0")),
        (Step("property", "*"), Step("item")),
        (Step("other"), Step("item")),
        (Step("property", "{^x$}"), Step("pattern", "^x$")),
    ):
        assert place_text((one,)) == place_text((other,))
        assert fingerprint("R", (one,), "") != fingerprint("R", (other,), "")


def test_an_excerpt_of_200_characters_is_whole_and_a_longer_one_is_cut() -> None:
    whole, longer = "x" * 198, "x" * 199
    assert excerpt(whole) == f'"{whole}"'
    assert excerpt(longer) == '"' + "x" * 198 + "…"


def test_a_list_in_a_sentence_shows_eight_and_counts_the_rest() -> None:
    texts = [str(number) for number in range(9)]
    assert enumerated(texts[:8]) == "0, 1, 2, 3, 4, 5, 6, 7"
    assert enumerated(texts) == "0, 1, 2, 3, 4, 5, 6, 7, … (9)"
