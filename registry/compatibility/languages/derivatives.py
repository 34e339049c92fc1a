"""What may follow a first character (Brzozowski's derivative), and which characters differ."""

from collections.abc import Callable, Iterable
from functools import lru_cache

from registry.compatibility.languages.algebra import EMPTY, EPSILON, repeat, then, union
from registry.compatibility.languages.characters import LAST, Characters, characters
from registry.compatibility.languages.meeting import meet, negate
from registry.compatibility.languages.nodes import ENDLESS, Kind, Node


def after(language: Node, point: int) -> Node:
    """The rests of those words that start with the character `point`."""
    found = language.derived.get(point)
    if found is None:
        found = language.derived[point] = _DERIVE[language.kind](language, point)
    return found


def _nothing(_language: Node, _point: int) -> Node:
    return EMPTY


def _after_one(language: Node, point: int) -> Node:
    return EPSILON if point in language.characters else EMPTY


def _after_repeat(language: Node, point: int) -> Node:
    first = after(language.parts[0], point)
    if first is EMPTY:
        return EMPTY
    high = language.high if language.high == ENDLESS else language.high - 1
    return then(first, repeat(language.parts[0], max(language.low - 1, 0), high))


def _after_then(language: Node, point: int) -> Node:
    rests: list[Node] = []
    while language.kind == "then":
        head, tail = language.parts
        first = after(head, point)
        if first is not EMPTY:
            rests.append(then(first, tail))
        language = tail
        if not head.nullable:
            break
    else:
        rests.append(after(language, point))
    return rests[0] if len(rests) == 1 else union(rests)


def _after_or(language: Node, point: int) -> Node:
    return union(after(part, point) for part in language.parts)


def _after_and(language: Node, point: int) -> Node:
    rests: list[Node] = []
    for part in language.parts:
        rests.append(after(part, point))
        if rests[-1] is EMPTY:
            return EMPTY
    return meet(rests)


def _after_not(language: Node, point: int) -> Node:
    return negate(after(language.parts[0], point))


_DERIVE: dict[Kind, Callable[[Node, int], Node]] = {
    "empty": _nothing,
    "epsilon": _nothing,
    "one": _after_one,
    "repeat": _after_repeat,
    "then": _after_then,
    "or": _after_or,
    "and": _after_and,
    "not": _after_not,
}


def firsts(language: Node) -> frozenset[Characters]:
    """The sets that tell first characters apart."""
    if language.firsts is None:
        language.firsts = _firsts(language)
    return language.firsts


def _firsts(language: Node) -> frozenset[Characters]:
    if language.kind == "one":
        return frozenset((language.characters,))
    if language.kind != "then":
        return frozenset[Characters]().union(*(firsts(part) for part in language.parts))
    found: set[Characters] = set()
    while language.kind == "then":
        head, tail = language.parts
        found |= firsts(head)
        language = tail
        if not head.nullable:
            return frozenset(found)
    return frozenset(found | firsts(language))


@lru_cache(maxsize=2048)
def alike(sets: frozenset[Characters]) -> tuple[Characters, ...]:
    """All characters, in groups that no set tells apart."""
    turns: dict[int, int] = {0: 0, LAST + 1: 0}
    for place, its_characters in enumerate(sorted(sets, key=lambda each: each.ranges)):
        for low, high in its_characters.ranges:
            turns[low] = turns.get(low, 0) ^ 1 << place
            turns[high + 1] = turns.get(high + 1, 0) ^ 1 << place
    groups: dict[int, list[tuple[int, int]]] = {}
    start, inside = 0, 0
    for point in sorted(turns):
        if point > start:
            groups.setdefault(inside, []).append((start, point - 1))
        start, inside = point, inside ^ turns[point]
    return _sets(groups.values())


def _sets(groups: Iterable[list[tuple[int, int]]]) -> tuple[Characters, ...]:
    found = (characters(ranges) for ranges in groups)
    return tuple(each for each in found if each)
