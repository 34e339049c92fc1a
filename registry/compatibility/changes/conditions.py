"""Changes of conditions: each `if` is compared with the one that it continues."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from registry.compatibility.changes.alignment import align, same
from registry.compatibility.changes.change import Case, Change, Effect, PlacePair
from registry.compatibility.changes.choices import change_of, conjoined, marks_told
from registry.compatibility.changes.excerpts import excerpt
from registry.compatibility.changes.places import Account, Edits, Node
from registry.dialects.strict_json import Json, Steps

_CONDITION = ("if", "then", "else")
_OUTCOMES: tuple[tuple[Literal["then", "else"], Literal["then-of", "else-of"]], ...] = (
    ("then", "then-of"),
    ("else", "else-of"),
)
_MANY = 60


class Condition(NamedTuple):
    """An `if` with what follows from it."""

    steps: Steps
    node: Node

    @property
    def said(self) -> Node:
        return {word: self.node[word] for word in _CONDITION if word in self.node}


def changes(pair: PlacePair) -> Iterator[Change]:
    """Conditions that came, went, or ask or lead to something else."""
    if "if" not in pair.old.words | pair.new.words:
        return
    paired, lost, gained = _conditions_paired(pair)
    for old, new in paired:
        if _asks_the_same(pair, old, new) and old.said.keys() == new.said.keys():
            continue
        edits = (
            ((new.steps, {**_unconditional(new), **_carried(pair.old, old)}),),
            ((old.steps, {**_unconditional(old), **_carried(pair.new, new)}),),
        )
        yield _condition_change(pair, "EFA-COMB-13", edits, (old, new))
    for old in lost:
        edits = conjoined(pair.new, _carried(pair.old, old)), ((old.steps, _unconditional(old)),)
        yield _condition_change(pair, "EFA-COMB-12", edits, (old, None))
    for new in gained:
        edits = ((new.steps, _unconditional(new)),), conjoined(pair.old, _carried(pair.new, new))
        yield _condition_change(pair, "EFA-COMB-11", edits, (None, new))


def children(pair: PlacePair) -> Iterator[PlacePair]:
    """What follows from the same condition on both sides; of several, which condition it is."""
    if "if" not in pair.old.words & pair.new.words:
        return
    several = max(len(_conditions_of(pair.old)), len(_conditions_of(pair.new))) > 1
    places = [one.steps for one in _conditions_of(pair.old)]
    for old, new in _conditions_paired(pair)[0]:
        if not _asks_the_same(pair, old, new):
            continue
        asked = _condition_named(pair, new) if several else ""
        for word, of_several in _OUTCOMES:
            if word in old.node and word in new.node:
                steps = ((*old.steps, word),), ((*new.steps, word),)
                name = f"{word} {asked}@{places.index(old.steps)}" if several else word
                yield pair.part(name, *steps, Case(of_several if asked else word, asked))


def _condition_change(
    pair: PlacePair,
    rule: str,
    edits: tuple[Edits, Edits],
    conditions: tuple[Condition | None, Condition | None],
) -> Change:
    old, new = conditions
    effect: Effect = "either" if old and new else "narrows" if new else "widens"
    spots = (
        (*old.steps, "if") if old else pair.old.spot("if"),
        (*new.steps, "if") if new else pair.new.spot("if"),
    )
    values = (old.said if old else None), (new.said if new else None)
    return change_of(pair, rule, edits, spots, values, effect)


def _conditions_of(side: Account) -> list[Condition]:
    return [Condition(one.steps, one.node) for one in side.members if "if" in one.node]


def _conditions_paired(
    pair: PlacePair,
) -> tuple[list[tuple[Condition, Condition]], list[Condition], list[Condition]]:
    """Conditions that belong together: equal ones first, then those that ask for the like.

    One left over on each side are a pair, too: it is what became of it.
    """
    old, new = _conditions_of(pair.old), _conditions_of(pair.new)
    found: list[tuple[Condition, Condition]] = []
    for left in [*old] if max(len(old), len(new)) <= _MANY else ():
        right = next((right for right in new if _says_the_same(pair, left, right)), None)
        if right is not None:
            found.append((left, right))
            old.remove(left)
            new.remove(right)
    matched, lost, gained = align(_asked(pair.old, old), _asked(pair.new, new))
    if len(lost) == len(gained) == 1:
        matched, lost, gained = [*matched, (lost[0], gained[0])], [], []
    found += [(old[left], new[right]) for left, right in matched]
    return found, [old[index] for index in lost], [new[index] for index in gained]


def _asked(side: Account, conditions: list[Condition]) -> list[Account]:
    return [side.view.side([(*one.steps, "if")]) for one in conditions]


def _says_the_same(pair: PlacePair, old: Condition, new: Condition) -> bool:
    whole: tuple[Json, Json] = {"allOf": [old.said]}, {"allOf": [new.said]}
    return same((pair.old.view, whole[0]), (pair.new.view, whole[1]))


def _asks_the_same(pair: PlacePair, old: Condition, new: Condition) -> bool:
    return same((pair.old.view, old.node["if"]), (pair.new.view, new.node["if"]))


def _unconditional(condition: Condition) -> Node:
    return {word: value for word, value in condition.node.items() if word not in _CONDITION}


def _carried(side: Account, condition: Condition) -> Node:
    return {word: side.view.carried(value) for word, value in condition.said.items()}


def _condition_named(pair: PlacePair, condition: Condition) -> str:
    """What it asks for: the values that mark it, or else what is written."""
    marks = marks_told(pair.new.view.side([(*condition.steps, "if")]))
    return marks or excerpt(condition.node["if"])
