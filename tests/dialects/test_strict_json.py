"""Strict reading of JSON that strangers send."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.dialects.strict_json import (
    Limits,
    Unreadable,
    compact,
    has_more_values,
    lines_of,
    pointer_to,
    read_json,
    steps_of,
    walk,
)

LIMITS = Limits(bytes=10_000, depth=8, nodes=100)

values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


def refused(text: bytes) -> tuple[str, str]:
    with pytest.raises(Unreadable) as refusal:
        read_json(text, LIMITS)
    return refusal.value.fault.rule, refusal.value.fault.pointer


@pytest.mark.parametrize(
    ("text", "rule", "pointer"),
    [
        (b"", "no-json", ""),
        (b"{} {}", "no-json", ""),
        (b"{'a': 1}", "no-json", ""),
        (b'{"a": 1,}', "no-json", ""),
        (b'{"a": 01}', "no-json", ""),
        (b"[Infinity]", "not-a-number", "/0"),
        (b"[0, -Infinity]", "not-a-number", "/1"),
        (b'{"NaN": "NaN", "a": NaN}', "not-a-number", "/a"),
        (b'"\xc3"', "not-utf-8", ""),
        (b"\xef\xbb\xbf{}", "byte-order-mark", ""),
        (b'{"a": {"b": 1, "c": 2, "b": 3}}', "key-twice", "/a/b"),
        (b'[{"a": 1, "\\u0061": 2}]', "key-twice", "/0/a"),
        (b'{"x": ["\\ud800"]}', "lone-surrogate", "/x/0"),
        (b'{"x": {"\\udc00": 1}}', "lone-surrogate", "/x"),
        (b"1" * 500, "number-too-long", ""),
        (b"1e309", "number-too-long", ""),
        (b"1e-" + b"9" * 300, "number-too-long", ""),
        (b"0." + b"3" * 500, "number-too-long", ""),
        (b'{"a": {"maximum": 1e308, "1e309": [true, 1e309]}, oh', "number-too-long", "/a/1e309/1"),
        (b'{"a": 1, "a": {"b": 1e400}}', "number-too-long", "/a/b"),
        (b"[" * 9 + b"]" * 9, "too-deep", "/0" * 8),
        (b"[" * 5000, "too-deep", ""),
        (b"[" + b"1," * 100 + b"1]", "too-many-values", ""),
        (b" " * 10_001, "too-many-bytes", ""),
    ],
)
def test_what_no_two_readers_would_read_alike_is_refused(
    text: bytes, rule: str, pointer: str
) -> None:
    assert refused(text) == (rule, pointer)


@pytest.mark.parametrize(
    ("text", "shown"), [("1e99999", "1e99999"), ("[" + "7" * 500 + "]", "7" * 40)]
)
def test_a_number_that_is_too_long_is_shown(text: str, shown: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_json(text.encode(), LIMITS)
    assert refusal.value.fault.facts["given"] == shown


@given(values, st.sampled_from([None, 1, "\t"]))
def test_values_are_counted_without_reading_them(value: object, indent: int | str | None) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False).encode(errors="replace")
    count = len([*walk(json.loads(text))])
    assert not has_more_values(text, count)
    assert has_more_values(text, count - 1)


def test_what_looks_like_values_within_texts_is_none() -> None:
    text = json.dumps({"a": ["[,{\\", '",[\\\\"', ""], "[,[,[": {}}).encode()
    assert not has_more_values(text, 6)
    assert has_more_values(text, 5)


def test_a_syntax_error_names_line_and_column() -> None:
    with pytest.raises(Unreadable) as refusal:
        read_json(b'{\n  "a": }', LIMITS)
    assert refusal.value.fault.facts == {"line": 2, "column": 8}


def test_numbers_are_exact() -> None:
    read = read_json(b"[1, 1.0, 0.1, 9007199254740993, 1e2]", LIMITS)
    assert repr(read) == repr([1, Decimal("1.0"), Decimal("0.1"), 9007199254740993, Decimal("1e2")])


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert read_json(b'"\\ud83d\\ude00"', LIMITS) == "😀"


@given(values)
def test_what_is_read_is_what_python_reads(value: object) -> None:
    text = json.dumps(value).encode()
    roomy = Limits(bytes=1 << 20, depth=64, nodes=10_000)
    if "\\ud" not in text.decode():
        assert read_json(text, roomy) == value


@given(values, st.sampled_from([None, 1, "\t"]))
def test_compacting_drops_white_space_and_nothing_else(
    value: object, indent: int | str | None
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False).encode(errors="replace")
    plain = compact(text)
    assert plain == compact(plain)
    assert json.loads(plain) == json.loads(text)
    assert plain == json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False).encode()


def test_compacting_keeps_order_numbers_and_escapes() -> None:
    text = b'{ "b" : 1.0 ,\n "a" : [ 1e2 , "\\u00e4 \\" x" ] }'
    assert compact(text) == b'{"b":1.0,"a":[1e2,"\\u00e4 \\" x"]}'


def test_lines_are_found_by_pointer() -> None:
    text = '{\n "a": [\n  1,\n  {"b": "}\\"{",\n   "c/d": {}}],\n "e": null\n}'
    pointers = ["", "/a", "/a/0", "/a/1/b", "/a/1/c~1d", "/e"]
    assert lines_of(text, pointers) == dict(zip(pointers, [1, 2, 3, 4, 5, 6], strict=True))


@given(values)
def test_every_value_has_a_line(value: object) -> None:
    text = json.dumps(value, indent=1)
    if isinstance(value, dict | list):
        pointers = [pointer_to(steps) for steps, _ in walk(json.loads(text))]
        assert lines_of(text, pointers).keys() == set(pointers)


@given(st.lists(st.text(max_size=4), max_size=4))
def test_pointers_keep_their_steps(steps: list[str]) -> None:
    assert list(steps_of(pointer_to(tuple(steps)))) == steps
