"""Where formats count, a changed one has a document that shows it."""

import json

import pytest

from registry.compatibility import Budget, compare, contains
from registry.compatibility.judges.formats import KNOWN_TO_ONE
from registry.compatibility.languages.formats import FORMATS
from registry.compatibility.model import Formats
from registry.compatibility.solver import Empty, Found, Undecided, find
from registry.dialects.strict_json import Json


def one_text(**said: Json) -> Json:
    return {"type": "object", "properties": {"a": {"type": "string", **said}}}


@pytest.mark.parametrize("format_name", sorted(FORMATS))
def test_a_format_newly_asserted_breaks_and_a_document_shows_it(format_name: str) -> None:
    verdict = compare(one_text(), one_text(format=format_name), formats="assert")
    (finding,) = verdict.findings
    assert (finding.rule, finding.severity, verdict.bump) == ("EFA-FMT-01", "breaking", "major")
    assert finding.witness is not None
    assert finding.witness.confirmed is (format_name not in KNOWN_TO_ONE)
    assert (finding.witness.doubt is None) is finding.witness.confirmed


def test_a_question_of_containment_asserts_formats_where_it_is_told_to() -> None:
    assert contains(one_text(format="date"), one_text()).answer == "yes"
    told = contains(one_text(format="date"), one_text(), formats="assert")
    assert told.answer == "no"
    assert told.witness is not None
    assert told.witness.confirmed


def test_a_format_is_asserted_of_values_that_are_listed() -> None:
    listed: Json = {"enum": ["2026-01-31", "2026-02-30"]}
    assert find([listed, {"format": "date"}], [], Budget()) == Found("2026-01-31")
    outside: Json = {"not": {"format": "date"}}
    assert find([listed, outside], [], Budget()) == Found("2026-02-30")
    assert isinstance(find([{"enum": ["x"]}, {"format": "date"}], [], Budget()), Empty)


def test_a_text_in_a_format_also_meets_what_else_is_demanded() -> None:
    uri: Json = {"type": "string", "format": "uri"}
    relative: Json = {"type": "string", "format": "uri-reference", "minLength": 3}
    assert find([relative], [uri], Budget()) == Found("abc")
    assert isinstance(find([relative, {"maxLength": 2}], [uri], Budget()), Empty)
    international: Json = {"format": "iri-reference", "pattern": "ß"}
    assert find([international], [{"format": "uri-reference"}], Budget()) == Found("ß")
    short: Json = {"type": "string", "format": "uri"}
    assert find([short], [], Budget()) == Found("https://example.org/")
    assert isinstance(find([{**short, "maxLength": 3}], [], Budget()), Undecided)
    excluded: Json = {"enum": ["https://example.org/"]}
    assert find([short], [excluded], Budget()) == Found("http://example.org")


def test_a_witness_is_doubted_only_where_it_hangs_on_a_format_known_to_one() -> None:
    def constant(value: int, *needed: str) -> Json:
        members: Json = {"a": {"const": value}, "seit": {"type": "string", "format": "date-time"}}
        return {"type": "object", "properties": members, "required": [*needed]}

    without = compare(constant(1), constant(2), formats="assert").backward.witness
    with_it = compare(constant(1, "seit"), constant(2, "seit"), formats="assert").backward.witness
    assert without is not None
    assert with_it is not None
    assert (without.confirmed, with_it.confirmed) == (True, False)


@pytest.mark.parametrize(
    ("listed", "reason"),
    [("a{99999999999999999999}", None), ("\ud800", "validators disagree")],
)
def test_what_no_checker_can_read_leaves_the_rest_compared(listed: str, reason: str | None) -> None:
    def beside(other: Json) -> Json:
        return {"properties": {"a": {"enum": [listed, "x"], "format": "regex"}, "b": other}}

    found = compare(beside({}), beside({"type": "string"}), formats="assert")
    assert (found.findings[0].rule, found.findings[0].place) == ("EFA-TYPE-01", "/b")
    assert (found.bump, found.backward.reason) == ("major", reason)


def test_the_only_change_is_what_breaks_also_where_no_document_shows_it() -> None:
    name: Json = {"type": "string", "format": "hostname"}
    found = compare(name, {**name, "maxLength": 63}, formats="assert")
    assert [(one.rule, one.severity) for one in found.findings] == [("EFA-STR-03", "breaking")]
    assert found.backward.witness is None


REQUIRED: list[Json] = ["plz", "geburtsdatum", "anschrift"]
APPLICATION: dict[str, Json] = {
    "type": "object",
    "properties": {
        "plz": {"type": "string", "pattern": "^[0-9]{5}$"},
        "geburtsdatum": {"$ref": "#/$defs/tag"},
        "anschrift": {
            "type": "object",
            "properties": {"ort": {"type": "string"}, "stadt": {"enum": ["Kiel"]}},
            "required": ["ort", "stadt"],
        },
        "seit": {"type": "string", "format": "date-time"},
    },
    "required": REQUIRED,
    "$defs": {"tag": {"type": "string", "format": "date"}},
}


@pytest.mark.parametrize("formats", ["annotate", "assert"])
def test_what_the_schema_leaves_free_looks_real(formats: Formats) -> None:
    asks_more: Json = {**APPLICATION, "required": [*REQUIRED, "seit"]}
    verdict = compare(APPLICATION, asks_more, formats=formats)
    (finding,) = verdict.findings
    assert finding.witness is not None
    assert finding.witness == verdict.backward.witness
    assert json.loads(finding.witness.text) == {
        "plz": "51147",
        "geburtsdatum": "2026-01-31",
        "anschrift": {"ort": "Köln", "stadt": "Kiel"},
    }


def test_what_shows_a_change_is_not_dressed_up() -> None:
    def named(**said: Json) -> Json:
        members: Json = {"name": {"type": "string", **said}, "plz": {"type": "string"}}
        return {"type": "object", "properties": members, "required": ["plz"]}

    (finding,) = compare(named(), named(maxLength=3)).findings
    assert finding.witness is not None
    assert json.loads(finding.witness.text) == {"plz": "51147", "name": "abcd"}


def test_large_documents_are_not_dressed_up() -> None:
    def wide(**said: Json) -> Json:
        names = [f"feld{number}_name" for number in range(13)]
        members: Json = {name: {"type": "string", **said} for name in names}
        return {"type": "object", "properties": members, "required": [*names]}

    for finding in compare(wide(), wide(minLength=20)).findings:
        assert finding.witness is not None
        assert "Mustermann" not in finding.witness.text
