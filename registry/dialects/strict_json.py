"""Strict reading of JSON (RFC 8259) that strangers send: no key twice, bounded in all ways.

Numbers keep their exact value: integers as int, the rest as Decimal.
"""

import json
import re
from collections.abc import Collection, Iterator
from decimal import Decimal

import msgspec

from registry.errors import Fact, Fault

Json = dict[str, "Json"] | list["Json"] | str | int | Decimal | bool | None
Steps = tuple[str | int, ...]

MAX_DIGITS = 400
_SHOWN = 40
MAX_EXPONENT = 308

_SURROGATE = re.compile("[\ud800-\udfff]")
_NUMBER = re.compile(r"-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?")
_WHITE = re.compile(rb'("(?:[^"\\]|\\.)*+")|[ \t\r\n]++', re.DOTALL)
_STRING = re.compile(rb'"[^"]*+"?')
# All that is no structure and no white space stands for a part of a value.
_STRUCTURE = bytes(each if each in b'"[]{},' else ord("1") for each in range(256))
_WHITE_AND_COLON = b" \t\r\n:"
_TOKEN = re.compile(r'[ \t\r\n]*(?:([{}\[\],:])|("(?:[^"\\]|\\.)*+")|([^{}\[\],:"\s]+))', re.DOTALL)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How large a text may be: bytes, nesting of objects and arrays, values of any kind."""

    bytes: int
    depth: int
    nodes: int


class Unreadable(Exception):
    """The text is refused as it stands; the fault says where and why."""

    def __init__(self, rule: str, pointer: str = "", **facts: Fact) -> None:
        super().__init__(rule, pointer)
        self.fault = Fault(pointer, rule, facts)


class _OddNumber(Exception):
    """A number as it is written, met while a text is decoded: its place is not known there."""

    def __init__(self, rule: str, written: str, **facts: Fact) -> None:
        super().__init__(rule)
        self.rule = rule
        self.written = written
        self.facts = facts


class _Repeating(dict[str, Json]):
    """An object with a key that occurs twice."""

    repeated: str


def read_json(text: bytes, limits: Limits) -> Json:
    """The value in `text`; raises Unreadable."""
    if len(text) > limits.bytes:
        raise Unreadable("too-many-bytes", limit=limits.bytes)
    if has_more_values(text, limits.nodes):
        raise Unreadable("too-many-values", limit=limits.nodes)
    value = _decoded(_text(text))
    _require_bounded(value, limits)
    return value


def has_more_values(text: bytes, limit: int) -> bool:
    """Whether a JSON text has more values than `limit`, told without decoding it, in linear time.

    Of what is no JSON it tells how much could be read of it. What is never closed counts as none:
    so deep nobody reads.
    """
    if text.count(b",") + text.count(b"]") + text.count(b"}") < limit:
        return False
    bare = text.replace(rb"\\", b"").replace(rb"\"", b"")
    # Each string is a value, or the key of one.
    return bare.count(b'"') > 4 * limit or _values(bare) > limit


def _values(bare: bytes) -> int:
    """How many values a JSON text has whose strings hold no escaped quotes."""
    marks = bare.translate(_STRUCTURE, _WHITE_AND_COLON)
    marks = _STRING.sub(b"1", marks)
    containers = marks.count(b"]") + marks.count(b"}")
    empty = marks.count(b"[]") + marks.count(b"{}")
    return 1 + marks.count(b",") + containers - empty


def compact(text: bytes) -> bytes:
    """The same JSON text without the white space between its tokens; nothing else changes."""
    return _WHITE.sub(lambda found: found[1] or b"", text)


def pointer_to(steps: Steps) -> str:
    """RFC 6901: the pointer that takes these steps."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def steps_of(pointer: str) -> tuple[str, ...]:
    """RFC 6901: the steps of a pointer."""
    steps = pointer.split("/")[1:]
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in steps)


def lines_of(text: str, pointers: Collection[str]) -> dict[str, int]:
    """The lines (from 1) on which the values named begin, in a text readable up to the last."""
    return {pointer: line for pointer, (line, _) in positions_of(text, pointers).items()}


def positions_of(text: str, pointers: Collection[str]) -> dict[str, tuple[int, int]]:
    """Line and column (from 1) where the values named begin, in a text readable up to the last."""
    positions: dict[str, tuple[int, int]] = {}
    line, counted = 1, 0
    for steps, position in _starts(text):
        pointer = pointer_to(steps)
        if pointer in pointers:
            line += text.count("\n", counted, position)
            counted = position
            column = position - text.rfind("\n", 0, position)
            positions.setdefault(pointer, (line, column))
            if len(positions) == len(pointers):
                break
    return positions


def _text(text: bytes) -> str:
    if text.startswith(b"\xef\xbb\xbf"):
        raise Unreadable("byte-order-mark")
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise Unreadable("not-utf-8", byte=error.start) from None


def _decoded(text: str) -> Json:
    try:
        return _DECODER.decode(text)
    except _OddNumber as odd:
        raise Unreadable(odd.rule, _first_place(text, odd.written), **odd.facts) from None
    except json.JSONDecodeError as error:
        raise Unreadable("no-json", line=error.lineno, column=error.colno) from None
    except RecursionError:
        raise Unreadable("too-deep") from None


def _first_place(text: str, written: str) -> str:
    """The pointer to the first value written so; what follows it may be no JSON at all."""
    places = (steps for steps, start in _starts(text) if text.startswith(written, start))
    return pointer_to(next(places, ()))


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    seen: set[str] = set()
    repeating = _Repeating(value)
    repeating.repeated = next(key for key, _ in pairs if key in seen or seen.add(key))
    return repeating


def _number(text: str) -> int | Decimal:
    """The exact number; refused where a reader with ordinary means could not hold it."""
    found = _NUMBER.fullmatch(text)
    if found is None or len(text) > MAX_DIGITS or abs(int(found[3] or 0)) > MAX_EXPONENT:
        raise _OddNumber("number-too-long", text, limit=MAX_DIGITS, given=text[:_SHOWN])
    return int(text) if found[2] is None and found[3] is None else Decimal(text)


def _no_number(text: str) -> Json:
    raise _OddNumber("not-a-number", text, given=text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_number,
    parse_float=_number,
    parse_constant=_no_number,
)


def _require_bounded(value: Json, limits: Limits) -> None:
    for nodes, (steps, node) in enumerate(walk(value)):
        if nodes >= limits.nodes:
            raise Unreadable("too-many-values", limit=limits.nodes)
        if len(steps) >= limits.depth and isinstance(node, dict | list):
            raise Unreadable("too-deep", pointer_to(steps), limit=limits.depth)
        if isinstance(node, _Repeating):
            raise Unreadable("key-twice", pointer_to((*steps, node.repeated)), name=node.repeated)
        if isinstance(node, str) and _SURROGATE.search(node):
            raise Unreadable("lone-surrogate", pointer_to(steps))
        if isinstance(node, dict) and any(map(_SURROGATE.search, node)):
            raise Unreadable("lone-surrogate", pointer_to(steps))


def walk(value: Json) -> Iterator[tuple[Steps, Json]]:
    """Every value within `value`, itself first, in the order of the text, with the steps to it."""
    waiting: list[Iterator[tuple[Steps, Json]]] = [iter([((), value)])]
    while waiting:
        for steps, node in waiting[-1]:
            yield steps, node
            if isinstance(node, dict | list):
                waiting.append(_children(steps, node))
                break
        else:
            waiting.pop()


def _children(steps: Steps, node: dict[str, Json] | list[Json]) -> Iterator[tuple[Steps, Json]]:
    pairs = node.items() if isinstance(node, dict) else enumerate(node)
    return (((*steps, step), child) for step, child in pairs)


def _starts(text: str) -> Iterator[tuple[Steps, int]]:
    """Where each value of a well-formed text begins, with the steps to it."""
    path: list[str | int | None] = []
    for found in _TOKEN.finditer(text):
        mark = found[1]
        if mark in ("}", "]"):
            path.pop()
        elif mark == ",":
            path[-1] = path[-1] + 1 if isinstance(path[-1], int) else None
        elif path and path[-1] is None and found[2]:
            path[-1] = json.loads(found[2])
        elif mark != ":":
            yield (
                tuple(step for step in path if step is not None),
                found.start(found.lastindex or 0),
            )
            path += {"{": [None], "[": [0]}.get(mark, [])
