"""Changes of what a single value may be: the values listed, bounds, patterns."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple, cast

from registry.compatibility.changes.change import Change, Effect, PlacePair
from registry.compatibility.changes.effective import (
    FAMILIES,
    LISTS,
    kind_of,
    kinds,
    listed,
    listing_words,
    on_one_side,
)
from registry.compatibility.changes.entries import entry
from registry.compatibility.changes.excerpts import enumerated, excerpt
from registry.compatibility.changes.places import Account, Edits, Node, within
from registry.compatibility.solver.terms import Key, key_of
from registry.compatibility.texts import sorted_text
from registry.dialects.strict_json import Json

Number = int | Decimal

SAMPLES: dict[str, tuple[Json, ...]] = {
    "null": (None,),
    "boolean": (True, False),
    "integer": (1, 0),
    "fraction": (Decimal("1.5"), Decimal("0.5")),
    "string": ("A", ""),
    "array": ([],),
    "object": ({},),
}


class _Bound(NamedTuple):
    """A keyword that is a least or a greatest number, and the rules for its changes."""

    word: str
    least: bool
    tighter: str
    looser: str


_BOUNDS = (
    _Bound("minLength", True, "EFA-STR-01", "EFA-STR-02"),
    _Bound("maxLength", False, "EFA-STR-03", "EFA-STR-04"),
    _Bound("minItems", True, "EFA-ARR-01", "EFA-ARR-02"),
    _Bound("maxItems", False, "EFA-ARR-03", "EFA-ARR-04"),
    _Bound("minProperties", True, "EFA-OBJ-05", "EFA-OBJ-06"),
    _Bound("maxProperties", False, "EFA-OBJ-07", "EFA-OBJ-08"),
)
_LIMITS = (
    (("minimum", "exclusiveMinimum"), True, "EFA-NUM-01", "EFA-NUM-02"),
    (("maximum", "exclusiveMaximum"), False, "EFA-NUM-03", "EFA-NUM-04"),
)
_SETS = (
    ("multipleOf", "EFA-NUM-05", "EFA-NUM-06", "EFA-NUM-07"),
    ("pattern", "EFA-STR-05", "EFA-STR-06", "EFA-STR-07"),
    ("format", "EFA-FMT-01", "EFA-FMT-02", "EFA-FMT-03"),
    ("$opaque", "EFA-UNK-02", "EFA-UNK-02", "EFA-UNK-02"),
)


def changes(pair: PlacePair) -> Iterator[Change]:
    """What a value may be, family by family."""
    words = _telling(pair)
    yield from _enums(pair)
    words -= _of_one_side(pair)
    for limit, least, tighter, looser in _LIMITS:
        if not words.isdisjoint(limit):
            yield from _limits(pair, limit, (tighter, looser), least=least)
    for bound in _BOUNDS:
        if bound.word in words:
            yield from _bounds(pair, bound)
    for word, introduced, dropped, changed in _SETS:
        if word in words:
            yield from _sets(pair, word, (introduced, dropped, changed))


def _of_one_side(pair: PlacePair) -> frozenset[str]:
    """Keywords for types that only one side has: of these, the types tell."""
    apart = (FAMILIES[name][1] for name in FAMILIES if on_one_side(pair, name))
    return frozenset(word for words in apart for word in words)


def _telling(pair: PlacePair) -> frozenset[str]:
    """The keywords whose change says something: a list of values needs none beside it."""
    if listed(pair.new) is None:
        return pair.old.words | pair.new.words
    return pair.new.words | (pair.old.words & {"type"})


def forbidden(pair: PlacePair) -> Change:
    """Nothing may stand at the place any more, or something may again."""
    old, new = whole(pair.old), whole(pair.new)
    return Change(
        "EFA-PROP-03" if pair.new.never else "EFA-PROP-08",
        pair,
        instead(pair.new, pair.old.view.carried(old)),
        instead(pair.old, pair.new.view.carried(new)),
        "narrows" if pair.new.never else "widens",
        old=pair.old.spot(),
        new=pair.new.spot(),
        before=old,
        after=new,
    )


def whole(side: Account) -> Json:
    """All that a side says of a place, as one schema."""
    nodes: list[Json] = [
        {word: value for word, value in member.node.items() if word != "$defs"}
        for member in side.members
    ]
    return nodes[0] if len(nodes) == 1 else {"allOf": nodes} if nodes else {}


def instead(side: Account, schema: Json) -> Edits:
    """Everything a side says of a place replaced by this schema.

    What stands within something that is replaced is gone with it.
    """
    steps = [member.steps for member in side.members] or [side.visited[0]]
    apart = [one for one in steps if not any(within(one, other) for other in steps)]
    return ((apart[0], schema), *((other, True) for other in apart[1:]))


def swap(pair: PlacePair, rule: str, words: Sequence[str], sides: tuple[Node, Node]) -> Change:
    """The change of keywords whose values hold no schemas."""
    old, new = sides
    return Change(
        rule,
        pair,
        pair.new.put(words, old),
        pair.old.put(words, new),
        subject=f"{excerpt(_only(old))} {excerpt(_only(new))}",
        old=pair.old.spot(*words),
        new=pair.new.spot(*words),
        before=_only(old),
        after=_only(new),
    )


def _only(values: Node) -> Json:
    return next(iter(values.values())) if len(values) == 1 else (values or None)


def altered(change: Change, **more: object) -> Change:
    """The change with more said of it."""
    return Change(**{**vars(change), **more})  # pyright: ignore[reportArgumentType]


# --- listed values


def _enums(pair: PlacePair) -> Iterator[Change]:
    old, new = listed(pair.old), listed(pair.new)
    if old is None or new is None:
        yield from _list_alone(pair, old, new)
    else:
        lost = [value for key, value in old.items() if key not in new]
        gained = [value for key, value in new.items() if key not in old]
        if lost and gained and len(old) == len(new) == 1:
            yield _enum(pair, "EFA-ENUM-05", old, new, "either", lost, gained)
            return
        if lost:
            kept = {key: value for key, value in new.items() if key in old}
            more = {**new, **old}
            yield _enum_part(pair, "EFA-ENUM-02", (more, kept or {}), "narrows", lost)
        if gained:
            less = {key: value for key, value in new.items() if key in old}
            yield _enum_part(pair, "EFA-ENUM-03", (less, {**old, **new}), "widens", gained)


def _list_alone(
    pair: PlacePair, old: dict[Key, Json] | None, new: dict[Key, Json] | None
) -> Iterator[Change]:
    """A list on one side; one of all that may stand there limits nothing."""
    if new is not None and not _all_listed(pair, 0, new):
        yield _enum(pair, "EFA-ENUM-01", None, new, "narrows")
    if old is not None and not _all_listed(pair, 1, old):
        yield _enum(pair, "EFA-ENUM-04", old, None, "widens")


def _all_listed(pair: PlacePair, index: int, values: dict[Key, Json]) -> bool:
    """Whether one side names types whose few values the other lists all, and of no other type."""
    types = kinds(pair, index)[0]
    few = frozenset({"null", "boolean"})
    return (
        types <= few
        and all(kind_of(value) in few for value in values.values())
        and all(key_of(value) in values for kind in types for value in SAMPLES[kind])
    )


def _list_words(pair: PlacePair) -> Sequence[str]:
    """The keywords that list values on either side."""
    return (*LISTS, *{*listing_words(pair.old), *listing_words(pair.new)})


def _enum(
    pair: PlacePair,
    rule: str,
    old: dict[Key, Json] | None,
    new: dict[Key, Json] | None,
    effect: Effect,
    *hints: list[Json],
) -> Change:
    sides = _enum_node(old), _enum_node(new)
    values = (old or new or {}).values()
    types = _types_listed(pair)
    words = (*_list_words(pair), *types)
    typed = (
        sides[0] or _types_beside(pair.old, words),
        sides[1] or _types_beside(pair.new, words),
    )
    return altered(
        swap(pair, rule, words, typed),
        effect="either" if types else effect,
        subject=f"{excerpt(_only(sides[0]))} {excerpt(_only(sides[1]))}",
        before=_only(sides[0]),
        after=_only(sides[1]),
        facts={"values": enumerated(map(excerpt, values))},
        hints=tuple(value for values in hints for value in values),
    )


def _types_listed(pair: PlacePair) -> Sequence[str]:
    """The keyword for types where only one side needs it, as the other lists values."""
    return ("type",) if ("type" in pair.old.words) != ("type" in pair.new.words) else ()


def _types_beside(side: Account, words: Sequence[str]) -> Node:
    """The types a side names in place of a list."""
    given = side.values("type") if "type" in words else []
    return conjoined("type", given)


def _enum_node(values: dict[Key, Json] | None) -> Node:
    return {} if values is None else {"enum": [*values.values()]}


def _enum_part(
    pair: PlacePair,
    rule: str,
    lists: tuple[dict[Key, Json], dict[Key, Json]],
    effect: Effect,
    values: list[Json],
) -> Change:
    """Some values less or more; what else changed in the list is another change."""
    undone, applied = lists
    words = _list_words(pair)
    return Change(
        rule,
        pair,
        pair.new.put(words, _enum_node(undone)),
        pair.old.put(words, _enum_node(applied)),
        effect,
        told=",".join(sorted(map(sorted_text, values))),
        old=entry(pair.old, words, values[0]),
        new=entry(pair.new, words, values[0]),
        before=[*(listed(pair.old) or {}).values()],
        after=[*(listed(pair.new) or {}).values()],
        facts={"values": enumerated(map(excerpt, values))},
        hints=tuple(values[:5]),
    )


# --- numbers and sizes


def _limits(
    pair: PlacePair, words: tuple[str, str], rules: tuple[str, str], *, least: bool
) -> Iterator[Change]:
    old, new = _limit(pair.old, words, least=least), _limit(pair.new, words, least=least)
    if old == new:
        return
    tighter = old is None or (new is not None and new > old)
    sides = _limit_node(words, old, least=least), _limit_node(words, new, least=least)
    change = swap(pair, rules[0] if tighter else rules[1], words, sides)
    yield altered(
        change,
        effect="narrows" if tighter else "widens",
        hints=_around(old, new, least=least),
    )


def _limit(side: Account, words: tuple[str, str], *, least: bool) -> tuple[Number, bool] | None:
    """The strictest limit, mirrored where it is an upper one, and whether it is excluded."""
    sign = 1 if least else -1
    found = [(sign * cast("Number", value), False) for value in side.values(words[0])]
    found += [(sign * cast("Number", value), True) for value in side.values(words[1])]
    return max(found, default=None)


def _limit_node(words: tuple[str, str], limit: tuple[Number, bool] | None, *, least: bool) -> Node:
    if limit is None:
        return {}
    return {words[limit[1]]: limit[0] if least else -limit[0]}


def _around(
    old: tuple[Number, bool] | None, new: tuple[Number, bool] | None, *, least: bool
) -> tuple[Json, ...]:
    sign = 1 if least else -1
    values = [limit[0] for limit in (old, new) if limit is not None]
    if len(values) == 2:
        values.insert(1, (values[0] + values[1]) / Decimal(2))
    near = [value + step for value in values for step in (0, -1, Decimal("-0.5"))]
    return tuple(sign * value for value in near)


def _bounds(pair: PlacePair, bound: _Bound) -> Iterator[Change]:
    old, new = _size(pair.old, bound), _size(pair.new, bound)
    if old == new:
        return
    tighter = new is not None and (old is None or (new > old if bound.least else new < old))
    sides: tuple[Node, Node] = (
        {} if old is None else {bound.word: old},
        {} if new is None else {bound.word: new},
    )
    change = swap(pair, bound.tighter if tighter else bound.looser, (bound.word,), sides)
    yield altered(change, effect="narrows" if tighter else "widens")


def _size(side: Account, bound: _Bound) -> int | None:
    values = [int(cast("Number", value)) for value in side.values(bound.word)]
    if bound.least:
        return max(values, default=0) or None
    return min(values, default=None)


# --- patterns, divisors, formats: all that are named must hold


def _sets(pair: PlacePair, word: str, rules: tuple[str, str, str]) -> Iterator[Change]:
    old = {key_of(value): value for value in pair.old.values(word)}
    new = {key_of(value): value for value in pair.new.values(word)}
    if old.keys() == new.keys():
        return
    rule, effect = _kind(old, new, rules)
    sides = conjoined(word, [*old.values()]), conjoined(word, [*new.values()])
    change = swap(pair, rule, (word,), sides)
    before, after = _one(old), _one(new)
    told = f"{excerpt(before)} {excerpt(after)}"
    yield altered(change, effect=effect, subject=told, before=before, after=after)


def _kind(
    old: dict[Key, Json], new: dict[Key, Json], rules: tuple[str, str, str]
) -> tuple[str, Effect]:
    if old.keys() < new.keys():
        return rules[0], "narrows"
    if new.keys() < old.keys():
        return rules[1], "widens"
    return rules[2], "either"


def _one(values: dict[Key, Json]) -> Json:
    found = [*values.values()]
    return found[0] if len(found) == 1 else (found or None)


def conjoined(word: str, values: list[Json]) -> Node:
    """All of these values for a keyword that can be given once in an object."""
    if not values:
        return {}
    more: list[Json] = [{word: value} for value in values[1:]]
    return {word: values[0], "allOf": more} if more else {word: values[0]}
