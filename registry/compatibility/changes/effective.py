"""What holds at a place whichever alternative is taken: more than the keywords beside them say."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import reduce
from typing import NamedTuple, cast
from weakref import WeakKeyDictionary

from registry.compatibility.changes.change import PlacePair
from registry.compatibility.changes.closed import forbidden
from registry.compatibility.changes.places import Account, Node
from registry.compatibility.solver.terms import Key, key_of
from registry.dialects.strict_json import Json, Steps

KINDS = ("null", "boolean", "integer", "fraction", "string", "array", "object")
LISTS = ("enum", "const")
CHOICES = ("anyOf", "oneOf")

FAMILIES: dict[str, tuple[frozenset[str], tuple[str, ...]]] = {
    "number": (
        frozenset({"integer", "fraction"}),
        ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf"),
    ),
    "string": (frozenset({"string"}), ("minLength", "maxLength", "pattern")),
    "array": (
        frozenset({"array"}),
        (
            *("prefixItems", "items", "contains", "minContains", "maxContains"),
            *("minItems", "maxItems", "uniqueItems"),
        ),
    ),
    "object": (
        frozenset({"object"}),
        (
            *("properties", "patternProperties", "additionalProperties", "propertyNames"),
            *("required", "dependentRequired", "dependentSchemas"),
            *("minProperties", "maxProperties"),
        ),
    ),
}
"""Types that keywords rule together, and those keywords."""

_UNEVALUATED = frozenset({"unevaluatedItems", "unevaluatedProperties"})
_NONE: frozenset[str] = frozenset()
_DEEPEST = 4
_LISTING = frozenset((*LISTS, "type"))
_NAMES: dict[str, type] = {
    "boolean": bool, "integer": int, "string": str, "array": list, "object": dict
}  # fmt: skip


Names = frozenset[str]
Telling = Callable[[Account, int], Names]
"""What is told of a place, alternatives looked into so and so deep."""


def _once(tell: Telling) -> Telling:
    """Places within alternatives within alternatives are asked for again from each of them."""
    known: WeakKeyDictionary[Account, dict[int, Names]] = WeakKeyDictionary()

    def told(side: Account, depth: int) -> Names:
        of_side = known.setdefault(side, {})
        if depth not in of_side:
            of_side[depth] = tell(side, depth)
        return of_side[depth]

    return told


class Choice(NamedTuple):
    """A list of alternatives: `anyOf` or `oneOf`."""

    steps: Steps
    node: Node
    word: str

    @property
    def arms(self) -> list[Json]:
        return cast("list[Json]", self.node[self.word])

    def arm(self, index: int) -> Steps:
        return (*self.steps, self.word, index)


def choices_of(side: Account) -> list[Choice]:
    """The alternatives given at a place, but for those that only list values."""
    return [choice for choice in _all_choices(side) if choice.word not in listing_words(side)]


def listing_choices(side: Account) -> list[Choice]:
    """The alternatives that only list values, as code lists with titles do."""
    words = listing_words(side)
    return [choice for choice in _all_choices(side) if choice.word in words]


def _all_choices(side: Account) -> list[Choice]:
    return [
        Choice(member.steps, member.node, word)
        for word in CHOICES
        if word in side.words
        for member in side.members
        if word in member.node and len(cast("list[Json]", member.node[word])) > 1
    ]


def listing_words(side: Account) -> tuple[str, ...]:
    """`anyOf` or `oneOf`, where all that is given under it lists values."""
    found = _all_choices(side)
    return tuple(
        word
        for word in CHOICES
        if any(choice.word == word for choice in found)
        and all(_lists_values(choice) for choice in found if choice.word == word)
    )


def _lists_values(choice: Choice) -> bool:
    values = [listed_in(arm) for arm in choice.arms]
    counted = [key for arm in values if arm is not None for key in arm]
    return None not in values and len(counted) == len(set(counted))


def listed_in(schema: Json) -> dict[Key, Json] | None:
    """The values that an alternative lists, by their keys; None where it says anything else."""
    if not isinstance(schema, dict) or schema.keys() - _LISTING:
        return None
    lists = [cast("list[Json]", schema["enum"])] if "enum" in schema else []
    lists += [[schema["const"]]] if "const" in schema else []
    found = _common([_keyed(values) for values in lists])
    if found is None or "type" not in schema:
        return found
    kinds = _kinds_named(schema["type"])
    return {key: value for key, value in found.items() if kind_of(value) in kinds}


def listed(side: Account) -> dict[Key, Json] | None:
    """The values a place is limited to by a list, by their keys; None where there is no list."""
    given = (*side.values("enum"), *([value] for value in side.values("const")))
    lists = [_keyed(cast("list[Json]", values)) for values in given]
    for choice in listing_choices(side):
        arms = [listed_in(arm) or {} for arm in choice.arms]
        lists.append({key: value for arm in arms for key, value in arm.items()})
    return _common(lists)


def _keyed(values: list[Json]) -> dict[Key, Json]:
    return {key_of(value): value for value in values}


def _common(lists: list[dict[Key, Json]]) -> dict[Key, Json] | None:
    """What all of them list; None where there are none."""
    if not lists:
        return None
    return reduce(lambda kept, more: {k: v for k, v in kept.items() if k in more}, lists)


# --- types


def kind_of(value: Json) -> str:
    """The one of the kinds that a value is of."""
    if value is None:
        return "null"
    for name, of in _NAMES.items():
        if isinstance(value, of):
            return name
    return "integer" if value == cast("Decimal", value).to_integral_value() else "fraction"


def _kinds_named(given: Json) -> Names:
    names = {*cast("list[str]", given if isinstance(given, list) else [given])}
    return frozenset(names | {"integer", "fraction"} if "number" in names else names)


def kinds(pair: PlacePair, index: int) -> tuple[Names, Names]:
    """The types values of a place may have on one side, lists and alternatives heeded.

    First by what is said there, then also by what is said around the alternative that it is.
    """
    own, *around = (_kinds(side, _DEEPEST) for side in _sides(pair, index))
    return own, own.intersection(*around)


@_once
def _kinds(side: Account, depth: int) -> Names:
    found = frozenset(KINDS)
    if "type" in side.words:
        for given in side.values("type"):
            found &= _kinds_named(given)
        return found
    values = listed(side)
    if values is not None:
        return frozenset(kind_of(value) for value in values.values())
    for arms in _arms(side, depth):
        found &= frozenset[str]().union(*(_kinds(arm, depth - 1) for arm in arms))
    return found


def types_exchanged(pair: PlacePair) -> tuple[Names, Names]:
    """Types that went and came by the keyword; what lists and alternatives bar, they tell."""
    (old, possible), (new, allowed) = kinds(pair, 0), kinds(pair, 1)
    lost = (old - new) & possible if "type" in pair.new.words else _NONE
    gained = (new - old) & allowed if "type" in pair.old.words else _NONE
    return lost, gained


def on_one_side(pair: PlacePair, family: str) -> bool:
    """Whether only one side has values of some types, as the keyword says: rules for them are its.

    What counts what else was evaluated is no rule of one type alone.
    """
    words = pair.old.words | pair.new.words
    if "type" not in words or not words.isdisjoint(_UNEVALUATED):
        return False
    types = FAMILIES[family][0]
    lost, gained = types_exchanged(pair)
    both = kinds(pair, 0)[0] & kinds(pair, 1)[0]
    return not types.isdisjoint(lost | gained) and types.isdisjoint(both)


# --- what must be there


def names_required(pair: PlacePair, index: int) -> Names:
    """The names an object must have on one side, whichever alternative it takes."""
    return frozenset[str]().union(*(_required(side, _DEEPEST) for side in _sides(pair, index)))


@_once
def _required(side: Account, depth: int) -> Names:
    names = {name for value in side.values("required") for name in cast("list[str]", value)}
    for first, *others in _arms(side, depth):
        common = _required(first, depth - 1)
        for arm in others:
            common &= _required(arm, depth - 1)
        names |= common
    return frozenset(names)


# --- what is said of a name


def is_said(pair: PlacePair, index: int, name: str, implies: Callable[[Account], bool]) -> bool:
    """Whether what one side says of a property beside and around alternatives implies something.

    Or what all of them say, but for those in which the property is forbidden.
    """
    return any(_said(side, name, implies, _DEEPEST) for side in _sides(pair, index))


def _said(side: Account, name: str, implies: Callable[[Account], bool], depth: int) -> bool:
    named = side.named("properties")
    if name in named and implies(side.view.side(named[name])):
        return True
    return any(
        all(forbidden(arm, [name]) or _said(arm, name, implies, depth - 1) for arm in arms)
        for arms in _arms(side, depth)
    )


def _sides(pair: PlacePair, index: int) -> Iterator[Account]:
    """What is said of a place on one side, and around the alternative that it is."""
    looked: PlacePair | None = pair
    while looked is not None:
        yield looked.new if index else looked.old
        looked = looked.outer


def _arms(side: Account, depth: int) -> Iterator[Sequence[Account]]:
    for choice in choices_of(side) if depth else ():
        yield [side.view.side([choice.arm(index)]) for index in range(len(choice.arms))]
