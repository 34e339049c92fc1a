"""Documents are checked exactly, explained without their values, and as a second validator says."""

import json

import pytest
from hypothesis import HealthCheck, given, note, settings

from registry.compatibility.judges import Judge
from registry.compatibility.model import Formats, Schema
from registry.dialects.keywords import DIALECTS, SCHEMA_URI, Dialect
from registry.dialects.strict_json import read_json
from registry.versions.documents.defects import Defect
from registry.versions.documents.validation import DOCUMENT_LIMITS, MAX_DEFECTS, DocumentValidator
from registry.versions.schemas.guard import Published, examine
from tests.versions.drawn import cases

PLACE = ("dienst", "1.0.0", "application")


def validator(
    schema: str | dict[str, object], formats: Formats = "assert", **siblings: object
) -> DocumentValidator:
    texts = {PLACE: schema if isinstance(schema, str) else json.dumps(schema)}
    texts |= {("dienst", "1.0.0", name): json.dumps(text) for name, text in siblings.items()}
    encoded: dict[Published, bytes] = {place: text.encode() for place, text in texts.items()}
    return DocumentValidator(PLACE, encoded, formats)


def defects(schema: dict[str, object], document: object) -> list[Defect]:
    return validator(schema).check(json.dumps(document).encode()).defects


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_two_validators_agree(case: tuple[Dialect, str, list[str]]) -> None:
    dialect, schema, documents = case
    note(schema)
    examined = examine("dienst", "1.0.0", {"application": schema.encode()}, None)
    assert examined.faults == {}
    ours = validator(schema)
    theirs = Judge(Schema(root=read_json(schema.encode(), DOCUMENT_LIMITS), dialect=dialect))
    for text in documents:
        note(text)
        value = read_json(text.encode(), DOCUMENT_LIMITS)
        expected = theirs.valid_py(value)
        outcome = ours.check(text.encode())
        assert outcome.valid == expected
        assert bool(outcome.defects) == (not expected)


@pytest.mark.parametrize(
    ("schema", "document", "pointer", "keyword", "limit"),
    [
        ({"type": "string"}, 1, "", "type", "string"),
        ({"properties": {"a/b": {"maximum": 3}}}, {"a/b": 4}, "/a~1b", "maximum", "3"),
        ({"required": ["name"]}, {}, "", "required", "name"),
        ({"additionalProperties": False}, {"x": 1}, "/x", "additionalProperties", ""),
        ({"items": {"enum": ["a", "b"]}}, ["c"], "/0", "enum", "a, b"),
        ({"const": 5}, 4, "", "const", "5"),
        ({"pattern": r"^\p{L}.$"}, "1", "", "pattern", r"^\p{L}.$"),
        ({"format": "date"}, "31.12.2024", "", "format", "date"),
        ({"multipleOf": 0.01}, 0.005, "", "multipleOf", "0.01"),
        ({"unevaluatedItems": False}, [1], "", "unevaluatedItems", ""),
        ({"unevaluatedProperties": False}, {"x": 1}, "/x", "unevaluatedProperties", ""),
    ],
)
def test_a_finding_names_place_keyword_and_limit(
    schema: dict[str, object], document: object, pointer: str, keyword: str, limit: str
) -> None:
    (found,) = defects(schema, document)
    assert (found.pointer, found.keyword, found.facts["limit"]) == (pointer, keyword, limit)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_format_counts_where_the_service_says_so_and_content_never(dialect: Dialect) -> None:
    """As where versions are compared."""
    dated: dict[str, object] = {"$schema": SCHEMA_URI[dialect], "format": "date"}
    content = {"contentEncoding": "base64", "contentMediaType": "application/json"}
    coded: dict[str, object] = {"$schema": SCHEMA_URI[dialect], **content}
    given: tuple[Formats, ...] = ("annotate", "assert")
    assert [validator(dated, each).is_valid(b'"31.12."') for each in given] == [True, False]
    assert [validator(coded, each).is_valid(b'"{"') for each in given] == [True, True]


def test_no_value_of_the_document_is_repeated() -> None:
    secret = "geheim-4711"
    schema: dict[str, object] = {
        "type": ["integer", "array"],
        "enum": [1],
        "const": 2,
        "pattern": "^x$",
        "format": "date",
        "maxLength": 3,
        "not": {"minLength": 1},
        "anyOf": [{"const": 3}, {"type": "null"}],
        "oneOf": [{"minLength": 1}, {"maxLength": 90}],
    }
    found = defects(
        {"properties": {"a": schema, "b": {"items": schema}}}, {"a": secret, "b": [secret]}
    )
    assert len(found) > 15
    assert secret not in repr(found)


def test_the_closest_alternative_explains_itself() -> None:
    schema: dict[str, object] = {
        "oneOf": [
            {"type": "null"},
            {"properties": {"kind": {"const": "a"}, "size": {"type": "integer"}}},
            {"properties": {"kind": {"const": "b"}}, "required": ["name"]},
        ]
    }
    (found,) = defects(schema, {"kind": "a", "size": "x"})
    assert [(cause.pointer, cause.keyword) for cause in found.causes] == [("/size", "type")]


def test_several_fitting_alternatives_are_told_apart_from_none() -> None:
    assert defects({"oneOf": [True, True]}, 1)[0].rule == "keyword-oneOf-several"
    assert defects({"oneOf": [False, False]}, 1)[0].rule == "keyword-oneOf"


def test_a_pattern_is_shown_as_it_was_published() -> None:
    schema: dict[str, object] = {"patternProperties": {r"^\d.": {"type": "string"}}}
    (found,) = defects(schema, {"12": 1})
    assert found.schema_pointer == r"/patternProperties/^\d./type"


def test_a_finding_in_another_schema_names_its_address() -> None:
    schema: dict[str, object] = {"properties": {"s": {"$ref": "./status"}}}
    (found,) = validator(schema, status={"type": "integer"}).check(b'{"s":"x"}').defects
    assert found.schema_pointer == "efa:dienst/1.0.0/status#/type"


def test_long_lists_are_cut() -> None:
    outcome = validator({"items": {"type": "string"}}).check(json.dumps([1] * 500).encode())
    assert (len(outcome.defects), outcome.complete) == (MAX_DEFECTS, False)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (b"{", "no-json"),
        (b'{"a":1,"a":2}', "key-twice"),
        (b"[" * 100 + b"]" * 100, "too-deep"),
        (b"NaN", "not-a-number"),
        (b"1e999", "number-too-long"),
        (b'"\\ud800"', "lone-surrogate"),
        (b"\xff", "not-utf-8"),
    ],
)
def test_a_text_that_is_no_json_is_a_finding(text: bytes, rule: str) -> None:
    outcome = validator({}).check(text)
    assert not outcome.valid
    assert [found.rule for found in outcome.defects] == [rule]


def test_numbers_keep_their_exact_value() -> None:
    cents = validator({"multipleOf": 0.01})
    assert cents.is_valid(b"19.99")
    assert not cents.is_valid(b"19.995")
    assert not validator({"maximum": 9007199254740992}).is_valid(b"9007199254740993")
