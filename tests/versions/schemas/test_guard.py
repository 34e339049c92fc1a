"""What may be published as a schema, and how each refusal names place, rule and facts."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from registry.errors import Fault
from registry.versions.schemas.guard import MAX_ENUM, Examined, Published, examine

DATA = Path(__file__).parent / "data"


def examined(published: dict[Published, Any] | None = None, **schemas: Any) -> Examined:
    return examine(
        "dienst",
        "1.2.0",
        {name: text(schema) for name, schema in schemas.items()},
        None if published is None else {place: text(its) for place, its in published.items()},
    )


def text(schema: Any) -> bytes:
    return schema if isinstance(schema, bytes) else json.dumps(schema).encode()


def faults(schema: Any, **others: Any) -> list[Fault]:
    return examined(application=schema, **others).faults.get("application", [])


def refused(schema: Any, **others: Any) -> tuple[str, str]:
    (fault,) = faults(schema, **others)
    return fault.pointer, fault.rule


@pytest.mark.parametrize("file", sorted(DATA.glob("*.json")), ids=lambda file: file.stem)
def test_real_schemas_are_accepted(file: Path) -> None:
    assert faults(file.read_bytes()) == []


@pytest.mark.parametrize(
    ("declared", "schema"),
    [
        ("http://json-schema.org/draft-04/schema#", {"minimum": 1, "exclusiveMinimum": True}),
        ("http://json-schema.org/draft-04/schema", {"id": "x", "dependencies": {"a": ["b"]}}),
        ("http://json-schema.org/draft-06/schema#", {"const": 1, "contains": {}}),
        ("https://json-schema.org/draft-07/schema#", {"if": True, "then": False}),
        ("https://json-schema.org/draft/2019-09/schema", {"items": [True], "$anchor": "a"}),
        ("http://json-schema.org/draft/2020-12/schema", {"prefixItems": [True]}),
        (None, {"prefixItems": [True], "unevaluatedItems": False}),
    ],
)
def test_five_dialects_are_known_in_the_spellings_in_use(
    declared: str | None, schema: dict[str, Any]
) -> None:
    assert faults({"$schema": declared, **schema} if declared else schema) == []


@pytest.mark.parametrize(
    "declared",
    ["http://json-schema.org/draft-03/schema#", "http://json-schema.org/schema#", "x", 7, None],
)
def test_other_dialects_are_refused_by_name(declared: Any) -> None:
    schema = {"$schema": declared}
    if declared is None:
        assert faults(schema) == []
        return
    assert refused(schema) == ("/$schema", "dialect-unknown")


@pytest.mark.parametrize(
    ("schema", "pointer", "rule"),
    [
        ({"properties": {"a": {"minimum": "x"}}}, "/properties/a/minimum", "dialect-violated"),
        ({"type": "text"}, "/type", "dialect-violated"),
        ({"required": True}, "/required", "dialect-violated"),
        ([1], "", "dialect-violated"),
        ({"minimum": 1, "exclusiveMinimum": True}, "/exclusiveMinimum", "dialect-violated"),
        ({"items": {"pattern": "(?=a)"}}, "/items/pattern", "pattern-look-around"),
        (
            {"patternProperties": {r"(a)\1": {}}},
            r"/patternProperties/(a)\1",
            "pattern-back-reference",
        ),
        ({"propertyNames": {"pattern": "["}}, "/propertyNames/pattern", "pattern-syntax"),
        ({"$defs": {"unused": {"pattern": r"\Z"}}}, "/$defs/unused/pattern", "pattern-escape"),
        ({"enum": list(range(MAX_ENUM + 1))}, "/enum", "enum-too-long"),
        ({"pattern": "(.{1000}){500}"}, "", "patterns-too-large"),
        ({"$ref": "#/nowhere"}, "/$ref", "reference-dangling"),
        ({"$ref": "#nowhere"}, "/$ref", "reference-dangling"),
        ({"$ref": "./status"}, "/$ref", "reference-dangling"),
        ({"$ref": "efa:dienst/1.2.0/status"}, "/$ref", "reference-dangling"),
        ({"$ref": "efa:dienst/latest/status"}, "/$ref", "reference-outside"),
        ({"$ref": "efa:dienst/^1.2/status"}, "/$ref", "reference-outside"),
        ({"$ref": "efa:Dienst/1.2.0/status"}, "/$ref", "reference-outside"),
        ({"$ref": "Location.json"}, "/$ref", "reference-outside"),
        ({"$ref": "../1.1.0/status"}, "/$ref", "reference-outside"),
        ({"$ref": "https://example.org/x"}, "/$ref", "reference-outside"),
        ({"$ref": "//example.org/x"}, "/$ref", "reference-outside"),
        ({"$ref": "file:///etc/passwd"}, "/$ref", "reference-outside"),
        ({"$dynamicRef": "https://example.org/x#a"}, "/$dynamicRef", "reference-outside"),
        ({"$id": "https://a.example/x", "$ref": "./status"}, "/$ref", "reference-outside"),
        ({"$ref": "./../1.2.0/status"}, "/$ref", "reference-outside"),
        ({"$id": "efa:other/1.0.0/status"}, "/$id", "id-reserved"),
        ({"$defs": {"a": {"$anchor": "x"}, "b": {"$anchor": "x"}}}, "/$defs/b/$anchor", "id-twice"),
        ({"$ref": "#"}, "", "reference-loop"),
        ({"allOf": [{"$ref": "#"}]}, "", "reference-loop"),
        (
            {"$defs": {"a": {"not": {"$ref": "#/$defs/a"}}}, "$ref": "#/$defs/a"},
            "/$defs/a",
            "reference-loop",
        ),
        ({"$dynamicAnchor": "n", "anyOf": [{"$dynamicRef": "#n"}]}, "", "reference-loop"),
    ],
)
def test_each_refusal_names_place_and_rule(schema: Any, pointer: str, rule: str) -> None:
    assert refused(schema) == (pointer, rule)


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {"properties": {"next": {"$ref": "#"}}},
        {"items": {"$ref": "#"}, "additionalProperties": {"$ref": "#/items"}},
        {"$id": "https://a.example/x", "$defs": {"y": {"$anchor": "y"}}, "$ref": "#y"},
        {
            "$id": "https://a.example/x",
            "allOf": [{"$ref": "https://a.example/x#/$defs/y"}],
            "$defs": {"y": {}},
        },
        {"$id": "urn:example:x", "$ref": "#/$defs/y", "$defs": {"y": {}}},
        {"$id": "x.schema.json", "$defs": {"y": {"$id": "y.schema.json"}}, "$ref": "y.schema.json"},
        {"$dynamicAnchor": "n", "properties": {"c": {"$dynamicRef": "#n"}}},
        {"$ref": "#/x-parts/a", "x-parts": {"a": {"type": "string"}}},
        {"properties": {"$ref": {"type": "string"}, "$schema": {"const": "x"}}},
        {"enum": [{"$ref": "https://example.org"}], "default": {"$ref": "nowhere"}},
        {"const": {"pattern": "(?=a)", "enum": []}},
        {"$ref": "#/$defs/a%20b~1c", "$defs": {"a b/c": {}}},
    ],
)
def test_what_stays_within_the_document_is_accepted(schema: Any) -> None:
    assert faults(schema) == []


def test_a_part_that_is_only_referred_to_is_checked_too() -> None:
    schema = {"$ref": "#/x-parts/a", "x-parts": {"a": {"pattern": "(?=a)"}}}
    assert refused(schema) == ("/x-parts/a/pattern", "pattern-look-around")


def test_below_draft_2019_a_reference_hides_its_siblings() -> None:
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {
            "a": {"$ref": "#/definitions/b", "allOf": [{"$ref": "#/definitions/a"}]},
            "b": {},
        },
        "$ref": "#/definitions/a",
    }
    assert faults(schema) == []
    assert (
        refused({**schema, "$schema": "https://json-schema.org/draft/2019-09/schema"})[1]
        == "reference-loop"
    )


def test_interfaces_of_one_version_may_refer_to_each_other() -> None:
    found = examined(
        application={"properties": {"status": {"$ref": "./status#/$defs/code"}}},
        status={"$defs": {"code": {"enum": [1]}}, "properties": {"of": {"$ref": "./application"}}},
    )
    assert (found.faults, found.wanted) == ({}, [])
    application, status = (("dienst", "1.2.0", name) for name in ("application", "status"))
    assert found.references == {"application": [status], "status": [application]}


def test_a_schema_may_not_take_the_address_of_another() -> None:
    for own in ("status", "./status", "efa:dienst/1.2.0/status"):
        assert refused({"$id": own}, status={}) == ("/$id", "id-reserved")
        assert faults({"$id": own}) == []


def test_a_loop_across_interfaces_is_found() -> None:
    found = examined(
        application={"$ref": "./status"}, status={"allOf": [{"$ref": "./application"}]}
    )
    assert {fault.rule for faults in found.faults.values() for fault in faults} == {
        "reference-loop"
    }


def test_a_published_version_is_asked_for_then_followed() -> None:
    schema = {"$ref": "efa:anderer/2.0.1/adresse#/$defs/plz"}
    place = ("anderer", "2.0.1", "adresse")
    assert examined(application=schema).wanted == [place]
    given = examined({place: {"$defs": {"plz": {"pattern": "^[0-9]{5}$"}}}}, application=schema)
    assert (given.faults, given.wanted, given.references["application"]) == ({}, [], [place])
    assert refused(schema, published={place: {}}) == ("/$ref", "reference-dangling")
    assert refused(schema, published={}) == ("/$ref", "reference-dangling")


def test_a_schema_in_another_dialect_may_be_referred_to_but_not_embedded() -> None:
    old = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "minimum": 1,
        "exclusiveMinimum": True,
    }
    place = ("anderer", "1.0.0", "alt")
    assert examined({place: old}, application={"$ref": "efa:anderer/1.0.0/alt"}).faults == {}
    embedded = {"$defs": {"old": {"$id": "https://a.example/old", **old}}}
    assert ("/$defs/old/$schema", "dialect-mixed") in [
        (fault.pointer, fault.rule) for fault in faults(embedded)
    ]


def test_faults_tell_the_line_in_the_text() -> None:
    schema = b'{\n  "properties": {\n    "a": {\n      "pattern": "(?=x)"\n    }\n  }\n}'
    (fault,) = faults(schema)
    assert fault.facts == {"given": "(?=x)", "position": 0, "line": 4}


def test_many_faults_are_reported_at_once() -> None:
    schema = {"properties": {str(number): {"pattern": "("} for number in range(80)}}
    assert len(faults(schema)) == 50


def test_each_interface_has_its_own_faults() -> None:
    found = examined(application=b"{", status={"type": 1}, parameters={})
    assert {name: [fault.rule for fault in its] for name, its in found.faults.items()} == {
        "application": ["no-json"],
        "status": ["dialect-violated"],
    }


def test_references_that_lead_from_one_to_the_next_are_followed_in_linear_time() -> None:
    links = {f"d{place}": {"$ref": f"#/unknown/d{place + 1}"} for place in range(4_000)}
    chain = {"$ref": "#/unknown/d0", "unknown": {**links, "d4000": {"type": "string"}}}
    began = time.process_time()
    assert faults(chain) == []
    assert time.process_time() - began < 3


def test_a_name_given_where_no_schema_stands_is_a_fault_of_the_schema() -> None:
    named = {"d": {"$id": "later", "type": "string"}}
    schema = {"anyOf": [{"$ref": "later"}, {"$ref": "#/unknown/d"}], "unknown": named}
    assert refused(schema) == ("", "schema-unusable")
