"""Changes of arrays: their entries by position, the rest of them, what they must contain."""

from collections.abc import Iterator
from typing import cast

from registry.compatibility.changes import contained
from registry.compatibility.changes.change import Change, PlacePair, Starts
from registry.compatibility.changes.objects import rest_changes, rest_ruled
from registry.compatibility.changes.places import Account, Node, Step
from registry.dialects.strict_json import Json

_REST = ("items", "unevaluatedItems")


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
    yield from contained.changes(pair)


def children(pair: PlacePair) -> Iterator[PlacePair]:
    """The entries that both sides describe."""
    words = pair.old.words & pair.new.words
    if "prefixItems" in words:
        old, new = _by_position(pair.old), _by_position(pair.new)
        for index, (before, after) in enumerate(zip(old, new, strict=False)):
            yield pair.child(Step("index", str(index)), before, after)
    for word, old, new in rest_ruled(pair, _REST):
        yield pair.child(Step("item"), old, new, plain=word == "items")
    yield from contained.children(pair)


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
