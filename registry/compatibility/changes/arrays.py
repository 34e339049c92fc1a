"""Changes of arrays: their entries by position, the rest of them, what they must contain."""

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

from registry.compatibility.changes.change import Change, Effect, PlacePair, Starts
from registry.compatibility.changes.objects import rest, rest_changes, schema_changes, starts
from registry.compatibility.changes.places import Account, Node, Step
from registry.dialects.strict_json import Json

_REST = ("items", "unevaluatedItems")
_COUNTS = ("minContains", "maxContains")


def changes(pair: PlacePair) -> Iterator[Change]:
    """What an array must, may and must not contain."""
    words = pair.old.words | pair.new.words
    if "uniqueItems" in words:
        yield from _unique(pair)
    if "prefixItems" in words:
        yield from _positions(pair)
    if not words.isdisjoint(_REST):
        rules = "EFA-ARR-10", "EFA-ARR-13", "EFA-ARR-14", "EFA-ARR-15"
        yield from rest_changes(pair, _REST, rules)
    if "contains" in words:
        yield from _contained(pair)
        yield from _counts(pair)


def children(pair: PlacePair) -> Iterator[PlacePair]:
    """The entries that both sides describe."""
    words = pair.old.words & pair.new.words
    if "prefixItems" in words:
        old, new = _by_position(pair.old), _by_position(pair.new)
        for index, (before, after) in enumerate(zip(old, new, strict=False)):
            yield pair.child(Step("index", str(index)), before, after)
    for word in _REST:
        if word in words and rest(pair.old, word) == rest(pair.new, word) == "ruled":
            yield pair.child(Step("item"), *starts(pair, word), plain=word == "items")
    if "contains" in words:
        yield pair.child(Step("item"), *starts(pair, "contains"), plain=False)


def _by_position(side: Account) -> list[Starts]:
    found: list[Starts] = []
    for steps, value in side.having("prefixItems"):
        for index in range(len(cast("list[Json]", value))):
            if index == len(found):
                found.append(())
            found[index] = (*found[index], (*steps, index))
    return found


def _unique(pair: PlacePair) -> Iterator[Change]:
    old, new = ("uniqueItems" in side.words for side in (pair.old, pair.new))
    if old == new:
        return
    word = ("uniqueItems",)
    unique: Node = {"uniqueItems": True}
    yield Change(
        "EFA-ARR-05" if new else "EFA-ARR-06",
        pair,
        pair.new.put(word, unique if old else {}),
        pair.old.put(word, unique if new else {}),
        "narrows" if new else "widens",
        old=pair.old.spot(*word),
        new=pair.new.spot(*word),
        before=old or None,
        after=new or None,
    )


def _positions(pair: PlacePair) -> Iterator[Change]:
    """More or fewer positions with a schema of their own; those that both have are places."""
    old, new = _prefix(pair.old), _prefix(pair.new)
    if len(old) == len(new):
        return
    carried_old = [pair.old.view.carried(schema) for schema in old]
    carried_new = [pair.new.view.carried(schema) for schema in new]
    word = ("prefixItems",)
    undone = new[: len(old)] + carried_old[len(new) :]
    applied = old[: len(new)] + carried_new[len(old) :]
    yield Change(
        "EFA-ARR-11" if len(new) > len(old) else "EFA-ARR-12",
        pair,
        pair.new.put(word, {"prefixItems": undone} if undone else {}),
        pair.old.put(word, {"prefixItems": applied} if applied else {}),
        old=pair.old.spot("prefixItems", "items"),
        new=pair.new.spot("prefixItems", "items"),
        before=old or None,
        after=new or None,
        facts={"before": str(len(old)), "after": str(len(new))},
    )


def _prefix(side: Account) -> list[Json]:
    lists = [cast("list[Json]", value) for value in side.values("prefixItems")]
    return max(lists, key=len) if lists else []


def _contained(pair: PlacePair) -> Iterator[Change]:
    """An entry that must be there, or, where none must, how many may."""
    least, most = _count(pair.new if "contains" in pair.new.words else pair.old)
    limited = least == 0 and most is not None
    rules = ("EFA-ARR-16", "EFA-ARR-17") if limited else ("EFA-ARR-07", "EFA-ARR-08")
    for change in schema_changes(pair, "contains", rules):
        yield replace(change, facts={**change.facts, "most": str(most)})


def _counts(pair: PlacePair) -> Iterator[Change]:
    """How often what must be contained must be and may be there."""
    old, new = _count(pair.old), _count(pair.new)
    if old == new or not ("contains" in pair.old.words and "contains" in pair.new.words):
        return
    effect: Effect = "either"
    if old[0] <= new[0] and _end(new) <= _end(old):
        effect = "narrows"
    elif new[0] <= old[0] and _end(old) <= _end(new):
        effect = "widens"
    yield Change(
        "EFA-ARR-09",
        pair,
        pair.new.put(_COUNTS, _count_node(old)),
        pair.old.put(_COUNTS, _count_node(new)),
        effect,
        old=pair.old.spot(*_COUNTS, "contains"),
        new=pair.new.spot(*_COUNTS, "contains"),
        before=_count_node(old),
        after=_count_node(new),
    )


def _count(side: Account) -> tuple[int, int | None]:
    least = [int(str(value)) for value in side.values("minContains")]
    most = [int(str(value)) for value in side.values("maxContains")]
    return max(least, default=1), min(most, default=None)


def _end(count: tuple[int, int | None]) -> float:
    return float("inf") if count[1] is None else count[1]


def _count_node(count: tuple[int, int | None]) -> Node:
    least: Node = {"minContains": count[0]}
    return least if count[1] is None else {**least, "maxContains": count[1]}
