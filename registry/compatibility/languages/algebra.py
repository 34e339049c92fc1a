"""The operations on regular languages, each giving its result in a simple form."""

from collections.abc import Iterable

from registry.compatibility.languages.characters import ALL, Characters, either
from registry.compatibility.languages.nodes import ENDLESS, Node, node, on_renewal

EMPTY = node("empty")
EPSILON = node("epsilon")
"""The language of the empty word alone."""


def one(characters: Characters) -> Node:
    """One character of a set."""
    return node("one", characters=characters) if characters else EMPTY


def repeat(inner: Node, low: int, high: int) -> Node:
    """`inner` from `low` to `high` times."""
    if high == 0 or inner is EPSILON:
        return EPSILON
    if inner is EMPTY:
        return EPSILON if low == 0 else EMPTY
    if inner.nullable:
        low = 0
    if inner.kind == "repeat" and inner.high == ENDLESS and inner.low <= 1:
        return repeat(inner.parts[0], 0 if low == 0 else inner.low * low, ENDLESS)
    if inner.kind == "repeat" and high == ENDLESS and inner.low <= 1 and low <= 1:
        return repeat(inner.parts[0], min(low, inner.low), ENDLESS)
    return inner if low == high == 1 else node("repeat", (inner,), low=low, high=high)


ANYTHING = repeat(one(ALL), 0, ENDLESS)
"""All words."""


def length_between(low: int, high: int) -> Node:
    return repeat(one(ALL), low, high)


def _as_repeat(part: Node) -> tuple[Node, int, int]:
    return (part.parts[0], part.low, part.high) if part.kind == "repeat" else (part, 1, 1)


def plus(first: int, second: int) -> int:
    return min(first + second, ENDLESS)


_chained: dict[tuple[Node, Node], Node] = {}
on_renewal(_chained.clear)


def then(first: Node, rest: Node) -> Node:
    """One after the other; always leaning to the right."""
    known = _chained.get((first, rest))
    if known is not None:
        return known
    parts = [first]
    while parts[-1].kind == "then":
        last = parts.pop()
        parts += last.parts
    joined = rest
    for part in reversed(parts):
        joined = _joined(part, joined)
    _chained[first, rest] = joined
    return joined


def _joined(first: Node, rest: Node) -> Node:
    if first is EMPTY or rest is EMPTY:
        return EMPTY
    if first is EPSILON:
        return rest
    if rest is EPSILON:
        return first
    if rest is ANYTHING:
        return _before_anything(first)
    head, tail = rest.parts if rest.kind == "then" else (rest, EPSILON)
    inner, low, high = _as_repeat(first)
    same, its_low, its_high = _as_repeat(head)
    if inner is same:
        return _joined(repeat(inner, low + its_low, plus(high, its_high)), tail)
    return node("then", (first, rest))


def _before_anything(first: Node) -> Node:
    if first.nullable:
        return ANYTHING
    if first.kind == "repeat" and first.high > first.low:
        return _joined(repeat(first.parts[0], first.low, first.low), ANYTHING)
    return node("then", (first, ANYTHING))


def union(parts: Iterable[Node]) -> Node:
    """What is in any of them."""
    arms = _flat(parts)
    arms.discard(EMPTY)
    if ANYTHING in arms or any(arm.kind == "not" and arm.parts[0] in arms for arm in arms):
        return ANYTHING
    if len(arms) > 1:
        arms = _merged(arms)
        if ANYTHING in arms:
            return ANYTHING
    if len(arms) > 1 and EPSILON in arms:
        arms = _with_epsilon(arms)
    if len(arms) < 2:
        return next(iter(arms), EMPTY)
    return node("or", tuple(sorted(arms, key=lambda arm: arm.code)))


def _flat(parts: Iterable[Node]) -> set[Node]:
    found: set[Node] = set()
    for part in parts:
        found.update(part.parts if part.kind == "or" else (part,))
    return found


def _merged(arms: set[Node]) -> set[Node]:
    """Arms that differ in one set of characters, or in one number, are one arm."""
    heads: dict[Node, list[Node]] = {}
    for arm in arms:
        head, tail = arm.parts if arm.kind == "then" else (arm, EPSILON)
        heads.setdefault(tail, []).append(head)
    merged: set[Node] = set()
    for tail, group in heads.items():
        joined = group if len(group) == 1 else _merged_heads(group, tail is ANYTHING)
        merged.update(_joined(head, tail) for head in joined)
    return merged


def _merged_heads(heads: list[Node], open_end: bool) -> list[Node]:
    sets = [head.characters for head in heads if head.kind == "one"]
    if len(sets) > 1:
        whole = sets[0]
        for more in sets[1:]:
            whole = either(whole, more)
        heads = [one(whole), *(head for head in heads if head.kind != "one")]
    bounds: dict[Node, list[tuple[int, int]]] = {}
    for head in heads:
        inner, low, high = _as_repeat(head)
        bounds.setdefault(inner, []).append((low, high))
    return [
        repeat(inner, low, high)
        for inner, ranges in bounds.items()
        for low, high in _joined_ranges(ranges, open_end)
    ]


def _joined_ranges(ranges: list[tuple[int, int]], open_end: bool) -> list[tuple[int, int]]:
    if open_end:
        return [min(ranges)]
    joined: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if joined and low <= plus(joined[-1][1], 1):
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined


def _with_epsilon(arms: set[Node]) -> set[Node]:
    arms = arms - {EPSILON}
    if any(arm.nullable for arm in arms):
        return arms
    for arm in sorted(arms, key=lambda arm: arm.code):
        if arm.kind == "repeat" and arm.low == 1:
            return (arms - {arm}) | {repeat(arm.parts[0], 0, arm.high)}
    return arms | {EPSILON}


def outside(low: int, high: int) -> Node:
    """All words shorter than `low` or longer than `high`."""
    shorter = length_between(0, low - 1) if low else EMPTY
    longer = length_between(high + 1, ENDLESS) if high < ENDLESS else EMPTY
    return union((shorter, longer))
