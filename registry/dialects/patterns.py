r"""Patterns of JSON Schema (ECMA-262 regular expressions) for an engine that runs in linear time.

What was read is written again so that it means the same to the engine: `.` stops at the four line
ends of ECMA-262, `\b` knows ASCII words only. Look-around and back-references cannot run in linear
time and are refused.
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

_Written = tuple[str, int]
"""The engine's text and its weight."""


class Pattern(msgspec.Struct, frozen=True):
    """A pattern for the linear engine; `weight` is about its size, in units of 100 bytes."""

    engine: str
    weight: int


def read_pattern(source: str) -> Pattern:
    """The pattern `source` for the linear engine; raises OddPattern."""
    return Pattern(*_written(read_tree(source)))


def _written(tree: Tree | Span) -> _Written:
    return _WRITERS[type(tree)](tree)


def _letter(tree: Letter) -> _Written:
    return _literal(tree.character), _LITERAL_WEIGHT


def _kind(tree: Kind) -> _Written:
    weight = _UNICODE_WEIGHT if "{" in tree.name else _CLASS_WEIGHT
    return f"\\{tree.name}", weight


def _span(tree: Span) -> _Written:
    weight = _LITERAL_WEIGHT if tree.high.isascii() else _CLASS_WEIGHT
    return f"{_literal(tree.low)}-{_literal(tree.high)}", weight


def _bracket(tree: Bracket) -> _Written:
    if not tree.parts:
        return ("[\\s\\S]" if tree.negated else "[^\\s\\S]"), _CLASS_WEIGHT
    parts = [_written(part) for part in tree.parts]
    least = _CLASS_WEIGHT if tree.negated else _LITERAL_WEIGHT
    text = "".join(text for text, _ in parts)
    return f"[{'^' if tree.negated else ''}{text}]", max(least, *(weight for _, weight in parts))


def _dot(_: Dot) -> _Written:
    return "[^\n\r\u2028\u2029]", _CLASS_WEIGHT


def _edge(tree: Edge) -> _Written:
    return (tree.sign if tree.sign in "^$" else f"(?-u:{tree.sign})"), _LITERAL_WEIGHT


def _sequence(tree: Sequence) -> _Written:
    parts = [_written(part) for part in tree.parts]
    return "".join(text for text, _ in parts), sum(weight for _, weight in parts)


def _choice(tree: Choice) -> _Written:
    arms = [_written(arm) for arm in tree.arms]
    return "|".join(text for text, _ in arms), sum(weight for _, weight in arms)


def _repeat(tree: Repeat) -> _Written:
    text, weight = _written(tree.inner)
    return text + tree.written, weight * max(tree.least, tree.most or 0, 1)


def _group(tree: Group) -> _Written:
    text, weight = _written(tree.inner)
    return f"(?:{text})", weight


def _look(tree: Look) -> _Written:
    raise OddPattern("pattern-look-around", tree.position)


def _back_reference(tree: BackReference) -> _Written:
    raise OddPattern("pattern-back-reference", tree.position)


def _literal(character: str) -> str:
    return "\\" + character if character in _META else character


_WRITERS: dict[type, Callable[[Any], _Written]] = {
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
