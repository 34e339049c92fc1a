"""Changes of alternatives and exclusions."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from registry.compatibility.changes import notes
from registry.compatibility.changes.alignment import align, marks_of, same
from registry.compatibility.changes.change import Case, Change, Effect, PlacePair
from registry.compatibility.changes.effective import Choice, choices_of, kinds, listing_choices
from registry.compatibility.changes.excerpts import excerpt
from registry.compatibility.changes.places import Account, Edits, Node, View
from registry.compatibility.changes.values import instead, whole
from registry.compatibility.texts import text_of
from registry.dialects.strict_json import Json, Steps

_RULES = {"anyOf": ("EFA-COMB-01", "EFA-COMB-02"), "oneOf": ("EFA-COMB-03", "EFA-COMB-04")}


def changes(pair: PlacePair) -> Iterator[Change]:
    """Alternatives, exclusions."""
    words = pair.old.words | pair.new.words
    if "anyOf" in words or "oneOf" in words:
        yield from _choices(pair)
    if "not" in words:
        yield from _exclusions(pair)


def children(pair: PlacePair) -> Iterator[PlacePair]:
    """Alternatives that belong together."""
    if all(not side.words.isdisjoint(_RULES) for side in (pair.old, pair.new)):
        yield from _listed(pair)
        for old, new in _paired(pair)[0]:
            plain = old.word == new.word == "anyOf"
            named = _named_apart(pair.old, old)
            for left, right in _aligned(pair, old, new)[0]:
                name, case = named[left]
                yield pair.part(name, (old.arm(left),), (new.arm(right),), case, plain=plain)


def _named_apart(side: Account, choice: Choice) -> list[tuple[str, Case]]:
    """All alternatives; those of one name, and those of several lists, are told apart."""
    steps = [one.steps for one in choices_of(side)]
    listed = f"@{steps.index(choice.steps)}" if len(steps) > 1 else ""
    named = [_named(side.view, choice, index) for index in range(len(choice.arms))]
    often = Counter(name for name, _ in named)
    return [
        (f"{name}{listed}@{at}" if often[name] > 1 else f"{name}{listed}", case)
        for at, (name, case) in enumerate(named)
    ]


def _listed(pair: PlacePair) -> Iterator[PlacePair]:
    """Values that both sides list one by one: what is said of them may differ."""
    for old in listing_choices(pair.old):
        for new in listing_choices(pair.new):
            for left, right in _aligned(pair, old, new)[0]:
                if same((pair.old.view, old.arms[left]), (pair.new.view, new.arms[right])):
                    name, case = _named(pair.old.view, old, left)
                    yield pair.part(name, (old.arm(left),), (new.arm(right),), case)


# --- alternatives on one side


class Spread(NamedTuple):
    """A place that is one of the alternatives of the other side, and which.

    `side` is the one (0 old, 1 new) that has alternatives.
    """

    choice: Choice
    arm: int
    side: int


def spread(pair: PlacePair) -> Spread | None:
    """Whether one side is nothing but alternatives, of which the other continues one."""
    for index, (side, other) in enumerate(((pair.old, pair.new), (pair.new, pair.old))):
        choice = _only_choice(pair, side)
        if choice is None or not other.words or choices_of(other):
            continue
        arms = [side.view.side([choice.arm(place)]) for place in range(len(choice.arms))]
        matched = align(arms, [other])[0]
        if matched:
            return Spread(choice, matched[0][0], index)
    return None


def _only_choice(pair: PlacePair, side: Account) -> Choice | None:
    """The alternatives that are all a side says, but for types that the other names as well."""
    found = choices_of(side)
    if not len(found) == len(side.members) == 1:
        return None
    beside = side.words - {found[0].word, "$defs"}
    alike = beside <= {"type"} and kinds(pair, 0)[0] == kinds(pair, 1)[0]
    return found[0] if alike or not beside else None


def spread_part(pair: PlacePair, its: Spread) -> PlacePair:
    """The alternative and what continues it."""
    side = pair.old if its.side == 0 else pair.new
    arm = side.view.side([its.choice.arm(its.arm)])
    sides = (arm, pair.new) if its.side == 0 else (pair.old, arm)
    name, case = _named(arm.view, its.choice, its.arm)
    part_of, path = f"{pair.part_of}/{name}", f"{pair.path}/{name}"
    plain = pair.plain and its.choice.word == "anyOf"
    outer = pair if "type" in side.words else pair.outer
    return PlacePair(
        pair.place, *sides, plain, pair.anchor, part_of, outer, case, noted=True, path=path
    )


def spread_notes(pair: PlacePair, its: Spread, *, again: bool) -> Iterator[Change]:
    """What is said besides: of alternatives and the one among them that continues the other side.

    What only the alternative says, concerns it alone.
    """
    side = pair.old if its.side == 0 else pair.new
    both = side.view.side((*side.visited, its.choice.arm(its.arm)))
    sides = (both, pair.new) if its.side == 0 else (pair.old, both)
    noted = replace(pair, old=sides[0], new=sides[1])
    case, around = spread_part(pair, its).case, side.annotations()
    for note in notes.changes(noted, again=again):
        apart = note.subject in both.annotations() and note.subject not in around
        yield replace(note, pair=replace(noted, case=case)) if apart else note


def spread_changes(pair: PlacePair, its: Spread) -> Iterator[Change]:
    """The alternatives that came beside what was the only one, or went."""
    side, other = (pair.old, pair.new) if its.side == 0 else (pair.new, pair.old)
    word, rule = its.choice.word, _RULES[its.choice.word][its.side]
    effects: tuple[Effect, Effect] = ("narrows", "widens")
    for place, arm in enumerate(its.choice.arms):
        if place == its.arm:
            continue
        dropped: Edits = ((its.choice.steps, _arm_dropped(its.choice, place)),)
        added = instead(other, {"anyOf": [whole(other), side.view.carried(arm)]})
        there, here = its.choice.arm(place), other.spot()
        edits, spots, values = (added, dropped), (there, here), (arm, None)
        if its.side:
            edits, spots, values = (dropped, added), (here, there), (None, arm)
        effect = effects[its.side] if word == "anyOf" else "either"
        yield change_of(pair, rule, edits, spots, values, effect)


# --- alternatives


def _choices(pair: PlacePair) -> Iterator[Change]:
    paired, lost, gained = _paired(pair)
    for old, new in paired:
        if old.word != new.word:
            yield _exchange(pair, old, new)
        yield from _arms(pair, old, new)
    for choice in lost:
        schema: Json = {choice.word: choice.arms}
        carried = pair.old.view.carried(schema)
        edits = conjoined(pair.new, carried), _without(choice)
        spots = (*choice.steps, choice.word), pair.new.spot()
        yield change_of(pair, "EFA-COMB-06", edits, spots, (schema, None), "widens")
    for choice in gained:
        schema = {choice.word: choice.arms}
        carried = pair.new.view.carried(schema)
        edits = _without(choice), conjoined(pair.old, carried)
        spots = pair.old.spot(), (*choice.steps, choice.word)
        yield change_of(pair, "EFA-COMB-05", edits, spots, (None, schema), "narrows")


def _paired(pair: PlacePair) -> tuple[list[tuple[Choice, Choice]], list[Choice], list[Choice]]:
    """Lists of alternatives that belong together: equal ones first, then of a kind, in order."""
    old, new = choices_of(pair.old), choices_of(pair.new)
    found: list[tuple[Choice, Choice]] = []
    for fits in (_equal, _of_a_kind, _any):
        for left in [*old]:
            right = next((right for right in new if fits(pair, left, right)), None)
            if right is not None:
                found.append((left, right))
                old.remove(left)
                new.remove(right)
    return found, old, new


def _equal(pair: PlacePair, left: Choice, right: Choice) -> bool:
    return left.word == right.word and same(
        (pair.old.view, {left.word: left.arms}), (pair.new.view, {right.word: right.arms})
    )


def _of_a_kind(_pair: PlacePair, left: Choice, right: Choice) -> bool:
    return left.word == right.word


def _any(_pair: PlacePair, _left: Choice, _right: Choice) -> bool:
    return True


def _aligned(
    pair: PlacePair, old: Choice, new: Choice
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    left = [pair.old.view.side([old.arm(index)]) for index in range(len(old.arms))]
    right = [pair.new.view.side([new.arm(index)]) for index in range(len(new.arms))]
    return align(left, right)


def _arms(pair: PlacePair, old: Choice, new: Choice) -> Iterator[Change]:
    _, lost, gained = _aligned(pair, old, new)
    removed, added = _RULES[old.word]
    monotone = old.word == new.word == "anyOf"
    effects: tuple[Effect, Effect] = ("narrows", "widens") if monotone else ("either", "either")
    for index in lost:
        arm = old.arms[index]
        edits = (
            ((new.steps, _arm_added(new, pair.old.view.carried(arm))),),
            ((old.steps, _arm_dropped(old, index)),),
        )
        spots = old.arm(index), (*new.steps, new.word)
        yield change_of(pair, removed, edits, spots, (arm, None), effects[0])
    for index in gained:
        arm = new.arms[index]
        edits = (
            ((new.steps, _arm_dropped(new, index)),),
            ((old.steps, _arm_added(old, pair.new.view.carried(arm))),),
        )
        spots = (*old.steps, old.word), new.arm(index)
        yield change_of(pair, added, edits, spots, (None, arm), effects[1])


def _arm_added(choice: Choice, arm: Json) -> Json:
    return {**choice.node, choice.word: [*choice.arms, arm]}


def _arm_dropped(choice: Choice, index: int) -> Json:
    """The list without one: what came after it moves, so nothing else may be edited below."""
    arms = [arm for place, arm in enumerate(choice.arms) if place != index]
    return {**choice.node, choice.word: arms}


def _exchange(pair: PlacePair, old: Choice, new: Choice) -> Change:
    """`anyOf` became `oneOf`, or the reverse."""
    edits: tuple[Edits, Edits] = (
        ((new.steps, _reworded(new, old.word)),),
        ((old.steps, _reworded(old, new.word)),),
    )
    spots = (*old.steps, old.word), (*new.steps, new.word)
    return change_of(pair, "EFA-COMB-07", edits, spots, (old.word, new.word), "either")


def _reworded(choice: Choice, word: str) -> Json:
    node = {key: value for key, value in choice.node.items() if key != choice.word}
    return {**node, word: choice.arms}


def _without(choice: Choice) -> Edits:
    node = {key: value for key, value in choice.node.items() if key != choice.word}
    return ((choice.steps, node),)


def conjoined(side: Account, schema: Json) -> Edits:
    """A schema that is to hold besides what a side says of a place."""
    return side.put((), {"allOf": [schema]})


def change_of(
    pair: PlacePair,
    rule: str,
    edits: tuple[Edits, Edits],
    spots: tuple[Steps, Steps],
    values: tuple[Json, Json],
    effect: Effect,
) -> Change:
    """The change of keywords whose values are schemas."""
    old, new = spots
    before, after = values
    given = after if before is None else before
    return Change(
        rule,
        pair,
        *edits,
        effect,
        subject=excerpt(given),
        old=old,
        new=new,
        before=before,
        after=after,
        facts={"schema": excerpt(given)},
    )


# --- exclusions


def _exclusions(pair: PlacePair) -> Iterator[Change]:
    old, new = _differing(pair)
    if not old and not new:
        return
    rule = "EFA-COMB-10" if old and new else "EFA-COMB-08" if new else "EFA-COMB-09"
    effect: Effect = "either" if old and new else "narrows" if new else "widens"
    before, after = pair.old.values("not"), pair.new.values("not")
    edits = (
        pair.new.put(("not",), _excluded(pair.old, before)),
        pair.old.put(("not",), _excluded(pair.new, after)),
    )
    spots = pair.old.spot("not"), pair.new.spot("not")
    shown = (old[0] if old else None), (new[0] if new else None)
    yield change_of(pair, rule, edits, spots, shown, effect)


def _differing(pair: PlacePair) -> tuple[list[Json], list[Json]]:
    old, new = pair.old.values("not"), pair.new.values("not")
    equal = [
        (left, right)
        for left in range(len(old))
        for right in range(len(new))
        if same((pair.old.view, old[left]), (pair.new.view, new[right]))
    ]
    kept, found = {left for left, _ in equal}, {right for _, right in equal}
    lost = [schema for index, schema in enumerate(old) if index not in kept]
    return lost, [schema for index, schema in enumerate(new) if index not in found]


def _excluded(side: Account, schemas: list[Json]) -> Node:
    carried = [side.view.carried(schema) for schema in schemas]
    if not carried:
        return {}
    return {"not": carried[0] if len(carried) == 1 else {"anyOf": carried}}


def _named(view: View, choice: Choice, index: int) -> tuple[str, Case]:
    """Its title, the name of its definition, or else its position; people know it by its mark."""
    side = view.side([choice.arm(index)])
    title, arm = side.annotations().get("title"), choice.arms[index]
    reference = arm.get("$ref") if isinstance(arm, dict) else None
    if isinstance(title, str):
        return title, Case("arm", title)
    called = str(index + 1) if reference is None else str(reference).rpartition("/")[2]
    return str(index if reference is None else reference), Case("arm", marks_told(side) or called)


def marks_told(side: Account) -> str:
    """The values that mark what applies to a place."""
    return ", ".join(f"{word} = {text_of(value)}" for word, value in marks_of(side))
