"""Findings in words a case worker understands: what a place is called, what it said before."""

import hashlib

import pytest

from registry.compatibility import compare
from registry.compatibility.changes.excerpts import enumerated, excerpt
from registry.compatibility.changes.places import Step, place_text
from registry.compatibility.findings.words import fingerprint
from registry.compatibility.model import Finding, Schema, Spot
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


def told(old: Json, new: Json) -> tuple[str, str]:
    """The two sentences of the one finding or remark between two schemas."""
    verdict = compare(Schema(root=old), Schema(root=new))
    (finding,) = [*verdict.findings, *verdict.remarks]
    return finding.message_de, finding.message_en


@pytest.mark.parametrize(
    ("old", "new", "german", "english"),
    [
        (
            {"maximum": 100}, {"exclusiveMaximum": 100},
            "muss jetzt weniger als 100 sein statt höchstens 100.",
            "must now be less than 100 instead of at most 100.",
        ),
        (
            {"exclusiveMinimum": 0, "minimum": 0}, {"minimum": 0},
            "darf jetzt kleiner sein: mindestens 0 statt mehr als 0.",
            "may now be smaller: at least 0 instead of more than 0.",
        ),
        ({}, {"minimum": 1}, "muss jetzt mindestens 1 sein.", "must now be at least 1."),
        ({}, {"minItems": 1}, "jetzt mindestens 1 Eintrag haben.", "have at least 1 entry."),
        ({}, {"maxItems": 0}, "jetzt höchstens 0 Einträge haben.", "have at most 0 entries."),
        ({}, {"minProperties": 1}, "mindestens 1 Angabe enthalten.", "at least 1 property."),
        ({"minItems": 2}, {}, "darf weniger Einträge haben, auch keinen;", "entries, or none;"),
        ({}, {"maxLength": 1}, "höchstens 1 Zeichen lang sein.", "at most 1 character long."),
        ({"const": "1.0"}, {"const": "1.1"}, 'muss jetzt "1.1" sein statt "1.0".', '"1.1" now'),
        ({"const": 1}, {"const": None}, "muss jetzt null sein statt 1.", "must be null now"),
        ({"type": "number"}, NUMBER, "sind nur noch ganze Zahlen zulässig.", "only integers are"),
        (NUMBER, {"type": "number"}, "nicht nur ganze Zahlen zulässig.", "not only integers are"),
        (
            {"type": ["number", "null"]}, NUMBER,
            "vom Typ null, number (ganze Zahlen bleiben) sein.", "null, number (integers stay)",
        ),
        ({}, {"maximum": 10**308}, "muss jetzt höchstens 1e308 sein.", "at most 1e308."),
        ({}, {"maximum": 10**21 + 1}, "1000000000000000000001 sein.", "1000000000000000000001."),
    ],
)  # fmt: skip
def test_a_sentence_says_what_a_bound_means_and_counts_in_words(
    old: Json, new: Json, german: str, english: str
) -> None:
    found = told(old, new)
    assert german in found[0]
    assert english in found[1]


def test_names_that_are_no_longer_allowed_do_not_sound_freed() -> None:
    names: dict[str, Json] = {"patternProperties": {"^x-": TEXT}}
    closed: dict[str, Json] = {"additionalProperties": False}
    assert "verboten, soweit sie nicht eigens genannt ist" in told({**names, **closed}, closed)[0]
    assert "es gilt, was sonst für solche Namen gilt" in told(names, {})[0]
    wider: dict[str, Json] = {"patternProperties": {"^x": TEXT}, **closed}
    verdict = compare(Schema(root={**names, **closed}), Schema(root=wider))
    assert not [one for one in verdict.findings if "verboten" in one.message_de]


def test_entries_that_are_no_longer_allowed_do_not_sound_freed() -> None:
    two: dict[str, Json] = {"prefixItems": [TEXT, NUMBER]}
    one: dict[str, Json] = {"prefixItems": [TEXT]}
    closed: dict[str, Json] = {"items": False}
    german, english = told({**two, **closed}, {**one, **closed})
    assert "darf nur noch 1 Eintrag haben: Weitere sind nicht erlaubt." in german
    assert "must now have at most 1 entry:" in english
    assert "gilt, was für weitere Einträge gilt" in told(two, one)[0]


def test_what_cannot_be_evaluated_is_named_with_where_it_leads() -> None:
    outside: Json = {"$ref": "https://example.org/x.json"}
    findings = compare(Schema(root={}), Schema(root=outside)).findings
    assert {one.rule for one in findings} == {"EFA-UNK-01", "EFA-UNK-02"}
    assert all("`$ref` auf https://example.org/x.json" in one.message_de for one in findings)
    assert all("`$ref` to https://example.org/x.json" in one.message_en for one in findings)


def test_a_keyword_that_counts_on_one_side_is_no_note_of_the_other() -> None:
    field: Json = {"$ref": "#/definitions/t", "maxLength": 5, "x-note": 1}
    root: dict[str, Json] = {"properties": {"a": field}, "definitions": {"t": TEXT}}
    draft, later = (
        "http://json-schema.org/draft-07/schema#",
        "https://json-schema.org/draft/2020-12/schema",
    )
    verdict = compare(
        Schema(root={"$schema": draft, **root}), Schema(root={"$schema": later, **root})
    )
    assert [one.rule for one in verdict.findings] == ["EFA-STR-03"]
    assert [one.rule for one in verdict.remarks] == ["EFA-REF-02"]


def test_a_keyword_ignored_beside_a_reference_stays_a_note_where_what_is_referred_to_has_it() -> (
    None
):
    draft: dict[str, Json] = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {"t": NUMBER},
    }
    old: Json = {**draft, "properties": {"a": {"$ref": "#/definitions/t"}}}
    new: Json = {**draft, "properties": {"a": {"$ref": "#/definitions/t", "type": "integer"}}}
    verdict = compare(Schema(root=old), Schema(root=new))
    assert [one.rule for one in verdict.remarks] == ["EFA-ANN-08"]
    assert verdict.bump == "patch"


def test_long_json_is_cut_in_the_sentence_and_longer_beside_it() -> None:
    names: Json = {f"^name-{number}": {"minLength": 1} for number in range(6)}
    rules: Json = {"additionalProperties": {"patternProperties": names}}
    (finding,) = compare(Schema(root={}), Schema(root=rules)).findings
    assert finding.after is not None
    assert len(finding.after) > 150
    assert f": `{finding.after[:79]}…`." in finding.message_de


def test_what_is_written_differently_and_means_the_same_is_pointed_at() -> None:
    old: Json = {"properties": {"a": {"allOf": [TEXT, {"minLength": 0}]}, "b": {}}}
    new: Json = {"properties": {"a": {"allOf": [TEXT, {"minItems": 0}]}, "b": {}}}
    (remark,) = compare(Schema(root=old), Schema(root=new)).remarks
    assert remark.rule == "EFA-REF-03"
    assert remark.old == remark.new == Spot(pointer="/properties/a/allOf/1")
    more: Json = {"properties": {"a": {"allOf": [TEXT, {"minItems": 0}]}, "b": {"minItems": 0}}}
    (remark,) = compare(Schema(root=old), Schema(root=more)).remarks
    assert remark.new == Spot(pointer="/properties")
