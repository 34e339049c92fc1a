"""Expressions of regular languages, kept once each: equal ones are the same object.

`code` comes from the structure alone, so that sorted parts stand in the same order in every
process; the bounds of length are safe estimates: no word is shorter than `least` or longer than
`most`, and every length is `base` modulo `period` (a period of 0: `base` is the only one).
"""

from collections.abc import Callable, Hashable
from math import gcd
from typing import Literal

from registry.compatibility.languages.characters import (
    ALL,
    NOTHING,
    Characters,
    both,
    either,
)

Kind = Literal["empty", "epsilon", "one", "repeat", "then", "or", "and", "not"]

ENDLESS = 1 << 60
_MOST_NODES = 50_000
_KINDS: tuple[Kind, ...] = ("empty", "epsilon", "one", "repeat", "then", "or", "and", "not")


class Node:
    """One expression; made by the functions of `algebra` only."""

    __slots__ = (
        "alphabet",
        "base",
        "characters",
        "code",
        "derived",
        "firsts",
        "high",
        "kind",
        "least",
        "low",
        "most",
        "nullable",
        "parts",
        "period",
        "size",
    )

    def __init__(
        self, kind: Kind, parts: tuple["Node", ...], low: int, high: int, characters: Characters
    ) -> None:
        self.kind: Kind = kind
        self.parts = parts
        self.low = low
        self.high = high
        self.characters = characters
        codes = tuple(part.code for part in parts)
        self.code = hash((_KINDS.index(kind), low, high, characters.hash, codes))
        self.size = min(1 + sum(part.size for part in parts), ENDLESS)
        self.derived: dict[int, Node] = {}
        self.firsts: frozenset[Characters] | None = None
        self.nullable: bool = False
        self.least, self.most = 0, ENDLESS
        self.base, self.period = 0, 1
        self.alphabet = ALL
        _MEASURES[kind](self)

    def __hash__(self) -> int:
        return self.code

    @property
    def is_class_repeat(self) -> bool:
        """Whether it is one set of characters, so and so often."""
        return self.kind == "one" or (self.kind == "repeat" and self.parts[0].kind == "one")

    @property
    def repeated(self) -> tuple[Characters, int, int]:
        """The set and the bounds of a class repeat."""
        if self.kind == "one":
            return self.characters, 1, 1
        return self.parts[0].characters, self.low, self.high


def _one(node: Node) -> None:
    node.least = node.most = node.base = 1
    node.period = 0
    node.alphabet = node.characters


def _epsilon(node: Node) -> None:
    node.nullable = True
    node.most = node.period = 0
    node.alphabet = NOTHING


def _empty(node: Node) -> None:
    node.least = ENDLESS
    node.most = node.period = 0
    node.alphabet = NOTHING


def _repeat(node: Node) -> None:
    inner = node.parts[0]
    node.nullable = node.low == 0 or inner.nullable
    node.least = min(node.low * inner.least, ENDLESS)
    node.most = min(node.high * inner.most, ENDLESS)
    node.base = node.low * inner.base
    node.period = inner.period if node.low == node.high else gcd(inner.period, inner.base)
    node.alphabet = inner.alphabet


def _then(node: Node) -> None:
    first, second = node.parts
    node.nullable = first.nullable and second.nullable
    node.least = min(first.least + second.least, ENDLESS)
    node.most = min(first.most + second.most, ENDLESS)
    node.base = first.base + second.base
    node.period = gcd(first.period, second.period)
    node.alphabet = either(first.alphabet, second.alphabet)


def _or(node: Node) -> None:
    first = node.parts[0]
    node.nullable = any(part.nullable for part in node.parts)
    node.least = min(part.least for part in node.parts)
    node.most = max(part.most for part in node.parts)
    node.base, node.period = first.base, first.period
    node.alphabet = first.alphabet
    for part in node.parts[1:]:
        node.period = gcd(node.period, part.period, node.base - part.base)
        node.alphabet = either(node.alphabet, part.alphabet)


def _and(node: Node) -> None:
    node.nullable = all(part.nullable for part in node.parts)
    node.least = max(part.least for part in node.parts)
    node.most = min(part.most for part in node.parts)
    strict = max(node.parts, key=lambda part: part.period or ENDLESS)
    node.base, node.period = strict.base, strict.period
    for part in node.parts:
        node.alphabet = both(node.alphabet, part.alphabet)


def _not(node: Node) -> None:
    node.nullable = not node.parts[0].nullable
    node.least = 0 if node.nullable else 1


_MEASURES: dict[Kind, Callable[[Node], None]] = {
    "empty": _empty,
    "epsilon": _epsilon,
    "one": _one,
    "repeat": _repeat,
    "then": _then,
    "or": _or,
    "and": _and,
    "not": _not,
}

_table: dict[Hashable, Node] = {}
_renewals: list[Callable[[], None]] = []


def node(
    kind: Kind,
    parts: tuple[Node, ...] = (),
    *,
    low: int = 0,
    high: int = 0,
    characters: Characters = NOTHING,
) -> Node:
    """The one node of this structure."""
    key = (kind, parts, low, high, characters)
    found = _table.get(key)
    if found is None:
        found = _table[key] = Node(kind, parts, low, high, characters)
    return found


def on_renewal(forget: Callable[[], None]) -> None:
    """Have `forget` called when the nodes known so far are given up."""
    _renewals.append(forget)


def renew() -> None:
    """Give up the nodes known so far when they are many; to be called between searches.

    Old nodes stay usable, only equal ones are no longer recognised as such.
    """
    if len(_table) > _MOST_NODES:
        _table.clear()
        for forget in _renewals:
            forget()
