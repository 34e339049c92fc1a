r"""Patterns of JSON Schema (ECMA-262 regular expressions) for an engine that runs in linear time.

What was read is written again so that it means the same to the engine: `.` stops at the four line
ends of ECMA-262, `\b` knows ASCII words only. Look-around and back-references cannot run in linear
time and are refused; for an engine that knows look-around, it is written too.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from registry.dialects.pattern_tree import (
    BackReference,
    Bracket,
    Choice,
    Dot,
    Edge,
    Group,
    Kind,
    Letter,
    Look,
    OddPattern,
    Repeat,
    Sequence,
    Span,
    Tree,
    read_tree,
)

__all__ = ["OddPattern", "Pattern", "read_pattern"]

_META = frozenset("\\^$.*+?()[]{}|/-&~#")
_LITERAL_WEIGHT, _CLASS_WEIGHT, _UNICODE_WEIGHT = 1, 10, 1000

_WORD = "[0-9A-Za-z_]"
# Written out: beside look-around that engine takes `\d`, `\s` and `\w` as Unicode has them.
_KINDS = {
    "d": "0-9",
    "D": "\0-\\/:-\U0010ffff",
    "w": "0-9A-Za-z_",
    "W": "\0-\\/:-@\\[-\\^`\\{-\U0010ffff",
    "s": "\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff",
    "S": "\0-\x08\x0e-\x1f!-\u009f\u00a1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e"
    "\u2030-\u205e\u2060-\u2fff\u3001-\ufefe\uff00-\U0010ffff",
}
_LOOKS = {
    r"\b": f"(?:(?<={_WORD})(?!{_WORD})|(?<!{_WORD})(?={_WORD}))",
    r"\B": f"(?:(?<={_WORD})(?={_WORD})|(?<!{_WORD})(?!{_WORD}))",
}

_Written = tuple[str, int]
"""The engine's text and its weight."""
_Write = Callable[[Tree | Span], _Written]


class Pattern(msgspec.Struct, frozen=True):
    """A pattern for the linear engine; `weight` is about its size, in units of 100 bytes."""

    engine: str
    weight: int


def read_pattern(source: str, *, look_around: bool = False) -> Pattern:
    """The pattern `source` for the linear engine, or the other; raises OddPattern."""
    writers = _LOOKING if look_around else _WRITERS

    def write(tree: Tree | Span) -> _Written:
        return writers[type(tree)](tree, write)

    return Pattern(*write(read_tree(source)))


def _letter(tree: Letter, _write: _Write) -> _Written:
    return _literal(tree.character), _LITERAL_WEIGHT


def _kind(tree: Kind, _write: _Write) -> _Written:
    weight = _UNICODE_WEIGHT if "{" in tree.name else _CLASS_WEIGHT
    return f"\\{tree.name}", weight


def _span(tree: Span, _write: _Write) -> _Written:
    weight = _LITERAL_WEIGHT if tree.high.isascii() else _CLASS_WEIGHT
    return f"{_literal(tree.low)}-{_literal(tree.high)}", weight


def _bracket(tree: Bracket, write: _Write) -> _Written:
    if not tree.parts:
        return ("[\\s\\S]" if tree.negated else "[^\\s\\S]"), _CLASS_WEIGHT
    parts = [write(part) for part in tree.parts]
    least = _CLASS_WEIGHT if tree.negated else _LITERAL_WEIGHT
    text = "".join(text for text, _ in parts)
    return f"[{'^' if tree.negated else ''}{text}]", max(least, *(weight for _, weight in parts))


def _dot(_tree: Dot, _write: _Write) -> _Written:
    return "[^\n\r\u2028\u2029]", _CLASS_WEIGHT


def _edge(tree: Edge, _write: _Write) -> _Written:
    return (tree.sign if tree.sign in "^$" else f"(?-u:{tree.sign})"), _LITERAL_WEIGHT


def _sequence(tree: Sequence, write: _Write) -> _Written:
    parts = [write(part) for part in tree.parts]
    return "".join(text for text, _ in parts), sum(weight for _, weight in parts)


def _choice(tree: Choice, write: _Write) -> _Written:
    arms = [write(arm) for arm in tree.arms]
    return "|".join(text for text, _ in arms), sum(weight for _, weight in arms)


def _repeat(tree: Repeat, write: _Write) -> _Written:
    text, weight = write(tree.inner)
    return text + tree.written, weight * max(tree.least, tree.most or 0, 1)


def _group(tree: Group, write: _Write) -> _Written:
    text, weight = write(tree.inner)
    return f"(?:{text})", weight


def _look(tree: Look, _write: _Write) -> _Written:
    raise OddPattern("pattern-look-around", tree.position)


def _kind_looking(tree: Kind, write: _Write) -> _Written:
    return (f"[{_KINDS[tree.name]}]", _CLASS_WEIGHT) if tree.name in _KINDS else _kind(tree, write)


def _bracket_looking(tree: Bracket, write: _Write) -> _Written:
    def inside(part: Tree | Span) -> _Written:
        known = _KINDS.get(part.name) if isinstance(part, Kind) else None
        return write(part) if known is None else (known, _CLASS_WEIGHT)

    return _bracket(tree, inside)


def _edge_looking(tree: Edge, write: _Write) -> _Written:
    return (_LOOKS[tree.sign], _CLASS_WEIGHT) if tree.sign in _LOOKS else _edge(tree, write)


def _look_looking(tree: Look, write: _Write) -> _Written:
    text, weight = write(tree.inner)
    return f"(?{'<' if tree.behind else ''}{'!' if tree.negated else '='}{text})", weight


def _back_reference(tree: BackReference, _write: _Write) -> _Written:
    raise OddPattern("pattern-back-reference", tree.position)


def _literal(character: str) -> str:
    return "\\" + character if character in _META else character


_WRITERS: dict[type, Callable[[Any, _Write], _Written]] = {
    Letter: _letter,
    Kind: _kind,
    Span: _span,
    Bracket: _bracket,
    Dot: _dot,
    Edge: _edge,
    Sequence: _sequence,
    Choice: _choice,
    Repeat: _repeat,
    Group: _group,
    Look: _look,
    BackReference: _back_reference,
}
_LOOKING: dict[type, Callable[[Any, _Write], _Written]] = {
    **_WRITERS,
    Kind: _kind_looking,
    Bracket: _bracket_looking,
    Edge: _edge_looking,
    Look: _look_looking,
}
