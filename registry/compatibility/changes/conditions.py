"""Changes of conditions: each `if` is compared with the one that it continues."""

from collections.abc import Iterator
from typing import Literal

from registry.compatibility.changes.alignment import same
from registry.compatibility.changes.change import Case, Change, Effect, PlacePair
from registry.compatibility.changes.choices import change_of, conjoined, marks_told
from registry.compatibility.changes.excerpts import excerpt
from registry.compatibility.changes.parts import Paired, Part, paired, parts
from registry.compatibility.changes.places import Edits

_CONDITION = ("if", "then", "else")
_OUTCOMES: tuple[tuple[Literal["then", "else"], Literal["then-of", "else-of"]], ...] = (
    ("then", "then-of"),
    ("else", "else-of"),
)


def changes(pair: PlacePair) -> Iterator[Change]:
    """Conditions that came, went, or ask or lead to something else."""
    if "if" not in pair.old.words | pair.new.words:
        return
    found, lost, gained = _conditions_paired(pair)
    for old, new in found:
        if _asks_the_same(pair, old, new) and old.said.keys() == new.said.keys():
            continue
        edits = (
            ((new.steps, {**new.without(_CONDITION), **old.carried(pair.old)}),),
            ((old.steps, {**old.without(_CONDITION), **new.carried(pair.new)}),),
        )
        yield _condition_change(pair, "EFA-COMB-13", edits, (old, new))
    for old in lost:
        edits = conjoined(pair.new, old.carried(pair.old)), ((old.steps, old.without(_CONDITION)),)
        yield _condition_change(pair, "EFA-COMB-12", edits, (old, None))
    for new in gained:
        edits = ((new.steps, new.without(_CONDITION)),), conjoined(pair.old, new.carried(pair.new))
        yield _condition_change(pair, "EFA-COMB-11", edits, (None, new))


def children(pair: PlacePair) -> Iterator[PlacePair]:
    """What follows from the same condition on both sides; of several, which condition it is."""
    if "if" not in pair.old.words & pair.new.words:
        return
    sides = parts(pair.old, _CONDITION), parts(pair.new, _CONDITION)
    several = max(map(len, sides)) > 1
    places = [one.steps for one in sides[0]]
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
    conditions: tuple[Part | None, Part | None],
) -> Change:
    old, new = conditions
    effect: Effect = "either" if old and new else "narrows" if new else "widens"
    spots = (
        old.asked if old else pair.old.spot("if"),
        new.asked if new else pair.new.spot("if"),
    )
    values = (old.said if old else None), (new.said if new else None)
    return change_of(pair, rule, edits, spots, values, effect)


def _conditions_paired(pair: PlacePair) -> Paired:
    """Conditions that belong together; one left over on each side are, too: what became of it."""
    found, lost, gained = paired(pair, _CONDITION)
    if len(lost) == len(gained) == 1:
        return [*found, (lost[0], gained[0])], [], []
    return found, lost, gained


def _asks_the_same(pair: PlacePair, old: Part, new: Part) -> bool:
    return same((pair.old.view, old.node["if"]), (pair.new.view, new.node["if"]))


def _condition_named(pair: PlacePair, condition: Part) -> str:
    """What it asks for: the values that mark it, or else what is written."""
    marks = marks_told(pair.new.view.side([condition.asked]))
    return marks or excerpt(condition.node["if"])
