"""Forms made from schemas: which field each part gets, and that a document comes through whole."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.dialects.strict_json import read_json
from registry.reuse.parameters import LIMITS
from registry.site.forms import InvalidForm
from registry.site.rendering import Place
from registry.site.schema_forms import entries, filled_in, number_of, secrets_of, text_of, texts_in

DE = Place(path="", query="", language="de")
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "rate": {"type": "number", "title": "Satz", "maximum": 10},
        "count": {"type": "integer"},
        "open": {"type": "boolean"},
        "day": {"type": "string", "format": "date"},
        "mode": {"enum": ["a", 1, None, True]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "sizes": {"type": "array", "items": {"$ref": "#/$defs/size"}},
        "marks": {"type": "array", "items": {"enum": ["x", "y", 3]}},
        "contact": {
            "type": "object",
            "title": "Kontakt",
            "properties": {"post box/1": {"type": "string"}, "deep": {"$ref": "#/$defs/deep"}},
            "required": ["post box/1"],
        },
        "either": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        "nullable": {"type": ["string", "null"]},
        "map": {"type": "object", "additionalProperties": {"type": "integer"}},
        "word": {"type": "string", "writeOnly": True},
    },
    "required": ["rate"],
    "$defs": {
        "size": {"type": "number"},
        "deep": {"type": "object", "properties": {"deep": {"$ref": "#/$defs/deep"}}},
    },
}
FULL = """{"rate": 7.50, "count": 900719925474099312345, "open": false, "day": "2024-03-01",
 "mode": true, "tags": ["a b", "c"], "sizes": [1, 2.50], "marks": ["y", 3],
 "contact": {"post box/1": " x ", "other": 1}, "either": 1, "nullable": null, "map": {"a": 1},
 "unknown": {"kept": [1.10]}}"""


def test_each_part_of_a_schema_gets_its_field() -> None:
    kinds = {one.field.name: one.field.kind for one in entries(SCHEMA, DE)}
    assert kinds == {
        "/rate": "text",
        "/count": "text",
        "/open": "radio",
        "/day": "text",
        "/mode": "choice",
        "/tags": "long",
        "/sizes": "long",
        "/marks": "several",
        "/contact/post box~11": "text",
        "/contact/deep/deep/deep": "long",
        "/either": "long",
        "/nullable": "long",
        "/map": "long",
    }
    labels = [one.field.label for one in entries(SCHEMA, DE)]
    assert {"Satz", "Kontakt: post box/1"} <= set(labels)
    assert secrets_of(SCHEMA) == ["word"]
    for one in entries(SCHEMA, DE):
        assert not set(one.field.id) & set(" /~\"'<>") - {"~"}


def test_no_name_of_a_schema_looks_other_than_it_is() -> None:
    turned = "\u202egnp.exe"
    schema = {
        "type": "object",
        "properties": {
            turned: {"type": "string"},
            "a": {"title": turned, "description": f"one\n{turned}", "enum": [turned]},
            f"{turned}2": {"writeOnly": True},
        },
    }
    first, second = entries(schema, DE)
    (_, (value, called)) = second.field.choices
    shown = [first.field.label, second.field.label, second.field.hint, called, *secrets_of(schema)]
    assert [turned in text for text in shown] == [False] * 5
    assert second.field.hint.splitlines()[0] == "one"
    assert first.field.name == f"/{turned}"
    assert filled_in(None, [second], {"/a": [value]}) == {"a": turned}


ODD: list[Any] = [
    True,
    {},
    {"type": "array"},
    {"oneOf": [{}]},
    SCHEMA | {"allOf": [{}]},
    {"$ref": "./status"},
]


@pytest.mark.parametrize("schema", ODD)
def test_what_is_no_plain_object_is_one_field_for_all_of_it(schema: Any) -> None:
    (one,) = entries(schema, DE)
    assert (one.field.place, one.field.kind) == ("", "long")
    assert filled_in(None, [one], {one.field.name: ['{"a": 1.50}']}) == {"a": Decimal("1.50")}


def test_a_document_comes_back_from_its_form_as_it_was() -> None:
    document, asked = read_json(FULL.encode(), LIMITS), entries(SCHEMA, DE)
    shown = texts_in(document, asked)
    assert shown["/rate"] == ["7,50"]
    assert shown["/tags"] == ["a b\nc"]
    sent = {name: [text.replace("\n", "\r\n") for text in texts] for name, texts in shown.items()}
    assert filled_in(document, asked, sent) == document
    assert filled_in(document, asked, {}) == {k: v for k, v in dict_of(document) if k != "marks"}
    assert read_json(text_of(document), LIMITS) == document
    assert b"7.50" in text_of(document)


def dict_of(document: Any) -> list[tuple[str, Any]]:
    return list(document.items())


def test_what_is_filled_in_is_what_the_document_says() -> None:
    asked = entries(SCHEMA, DE)
    told = {
        "/rate": ["7,5"],
        "/count": ["05"],
        "/open": ["true"],
        "/day": ["1.3.2024"],
        "/mode": ["null"],
        "/tags": ["a\r\n\r\n b "],
        "/sizes": ["1\n2,5\nx"],
        "/marks": ["3", "z"],
        "/contact/post box~11": ["p"],
        "/either": ["[1]"],
        "/map": [""],
        "/forged": ["x"],
        "/word": ["secret"],
    }
    assert filled_in(None, asked, told) == {
        "rate": Decimal("7.5"),
        "count": "05",
        "open": True,
        "day": "2024-03-01",
        "mode": None,
        "tags": ["a", "b"],
        "sizes": [1, Decimal("2.5"), "x"],
        "marks": [3, "z"],
        "contact": {"post box/1": "p"},
        "either": [1],
    }
    before = {"contact": {"post box/1": "p"}, "rate": 1}
    assert filled_in(before, asked, {"/contact/post box~11": [" "]}) == {"rate": 1}
    assert filled_in({"rate": 1}, asked, {"/rate": [""]}) == {}


def test_json_that_cannot_be_read_is_told_at_its_field() -> None:
    asked = entries(SCHEMA, DE)
    with pytest.raises(InvalidForm) as refused:
        filled_in(None, asked, {"/either": ['{"a":1,"a":2}'], "/map": ["{"], "/rate": ["1"]})
    assert [fault.pointer for fault in refused.value.faults] == ["/either", "/map"]


@pytest.mark.parametrize(
    "text", ["1.000,50", "1,2,3", "٣", "1e400", "NaN", "--1", "0x1", "1_0", ""]
)
def test_what_is_no_number_stays_a_text(text: str) -> None:
    assert number_of(text) == text


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=9))
def test_any_schema_and_any_document_make_some_form(value: Any) -> None:
    schema = {"type": "object", "properties": {"a": value, "b": {"type": value, "items": value}}}
    for each in (value, schema, {"properties": value, "type": "object", "required": value}):
        asked = entries(each, DE)
        shown = texts_in({"a": value, "b": value}, asked)
        again = filled_in({"a": value, "b": value}, asked, shown)
        assert again == {"a": value, "b": value}
        assert msgspec.json.decode(text_of(again)) == again
