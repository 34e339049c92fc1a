"""Intersection and complement of regular languages, with what can be seen at once to be empty."""

from collections.abc import Iterable
from math import gcd

from registry.compatibility.languages.algebra import (
    ANYTHING,
    EMPTY,
    EPSILON,
    one,
    outside,
    repeat,
    union,
)
from registry.compatibility.languages.characters import ALL, Characters, both, others, within
from registry.compatibility.languages.nodes import ENDLESS, Node, node


def meet(parts: Iterable[Node]) -> Node:
    """What is in all of them."""
    arms = _flat(parts)
    if EMPTY in arms or any(arm.kind == "not" and arm.parts[0] in arms for arm in arms):
        return EMPTY
    if len(arms) < 2:
        return next(iter(arms), ANYTHING)
    if EPSILON in arms:
        return EPSILON if all(arm.nullable for arm in arms) else EMPTY
    settled = _lengths_of_negated(arms)
    if settled is not None:
        return meet(settled)
    repeats = [arm for arm in arms if arm.is_class_repeat]
    if len(repeats) > 1:
        return meet([arm for arm in arms if not arm.is_class_repeat] + [_common(repeats)])
    return _within_lengths(arms)


def _flat(parts: Iterable[Node]) -> set[Node]:
    found: set[Node] = set()
    for part in parts:
        found.update(part.parts if part.kind == "and" else (part,))
    found.discard(ANYTHING)
    return found


def _common(repeats: list[Node]) -> Node:
    """One set of characters so and so often, for several such."""
    characters, least, most = ALL, 0, ENDLESS
    for its_characters, low, high in (part.repeated for part in repeats):
        characters = both(characters, its_characters)
        least, most = max(least, low), min(most, high)
    return repeat(one(characters), least, most) if least <= most else EMPTY


def _lengths_of_negated(arms: set[Node]) -> list[Node] | None:
    """`not [a-z]{1,9}` among words of such letters speaks of their length only."""
    counted = [arm for arm in arms if arm.kind == "not" and arm.parts[0].is_class_repeat]
    if not counted:
        return None
    letters = _alphabet(arms)
    for arm in counted:
        characters, low, high = arm.parts[0].repeated
        if within(letters, characters):
            return [*(arms - {arm}), outside(low, high)]
    return None


def _alphabet(arms: set[Node]) -> Characters:
    letters = ALL
    for arm in arms:
        letters = both(letters, arm.alphabet)
    return letters


def _within_lengths(arms: set[Node]) -> Node:
    """A window of lengths goes where all words lie in it; where none can, all is empty."""
    least, most = max(arm.least for arm in arms), min(arm.most for arm in arms)
    if least > most or not _lengths_agree(arms, least, most):
        return EMPTY
    window = next((arm for arm in arms if is_window(arm)), None)
    if window is not None:
        rest = arms - {window}
        _, low, high = window.repeated
        if max(arm.least for arm in rest) >= low and min(arm.most for arm in rest) <= high:
            arms = rest
    if len(arms) == 1:
        return next(iter(arms))
    return node("and", tuple(sorted(arms, key=lambda arm: arm.code)))


def is_window(arm: Node) -> bool:
    return arm.is_class_repeat and arm.repeated[0] == ALL


def _lengths_agree(arms: set[Node], least: int, most: int) -> bool:
    for arm in arms:
        if arm.period == 0 and not least <= arm.base <= most:
            return False
        if arm.period and least + (arm.base - least) % arm.period > most:
            return False
    regular = [arm for arm in arms if arm.period != 1]
    return all(_agree(first, second) for first in regular for second in regular)


def _agree(first: Node, second: Node) -> bool:
    difference, step = first.base - second.base, gcd(first.period, second.period)
    return difference % step == 0 if step else difference == 0


def negate(inner: Node) -> Node:
    """All words that are not in it."""
    if inner.kind == "not":
        return inner.parts[0]
    if inner.kind in ("or", "and"):
        return (meet if inner.kind == "or" else union)(negate(part) for part in inner.parts)
    if inner is EMPTY:
        return ANYTHING
    if inner.is_class_repeat and inner.repeated[0] == ALL:
        return outside(*inner.repeated[1:])
    return _without_any(inner) or node("not", (inner,))


def _without_any(inner: Node) -> Node | None:
    """What is left where any occurrence of some character is barred."""
    if inner.kind == "then" and inner.parts[0] is ANYTHING and inner.parts[1].kind == "then":
        barred, rest = inner.parts[1].parts
        if barred.kind == "one" and rest is ANYTHING:
            return repeat(one(others(barred.characters)), 0, ENDLESS)
    return None
