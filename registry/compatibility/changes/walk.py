"""What changed: old and new side by side, place by place, one change per keyword family."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from registry.compatibility.changes import (
    arrays,
    choices,
    closed,
    conditions,
    notes,
    objects,
    types,
    values,
)
from registry.compatibility.changes.cases import Cases
from registry.compatibility.changes.change import Change, PlacePair, Starts
from registry.compatibility.changes.effective import kinds, names_required, on_one_side
from registry.compatibility.changes.places import Place, View, place_text
from registry.compatibility.changes.repeats import Repeats
from registry.dialects.strict_json import Steps

_MAX_PAIRS = 20_000
_MAX_CHANGES = 2_000

_FAMILIES: tuple[tuple[Callable[[PlacePair], Iterator[Change]], str], ...] = (
    (types.changes, ""),
    (values.changes, ""),
    (objects.changes, "object"),
    (closed.changes, "object"),
    (arrays.changes, "array"),
    (choices.changes, ""),
    (conditions.changes, ""),
)
"""What finds changes; some are about one type, and found where both sides have values of it."""

_CHILDREN: tuple[Callable[[PlacePair], Iterator[PlacePair]], ...] = (
    objects.children,
    arrays.children,
    choices.children,
    conditions.children,
)


_Key = tuple[str, Place, str, Starts, Starts, Steps | None, Steps | None]
_Around = tuple[frozenset[str], ...]
_Looked = tuple[Starts, Starts, _Around]


@dataclass
class Walk:
    """All changes between two schemas, those of annotations apart; how each place is reached."""

    changes: list[Change] = field(default_factory=list[Change])
    notes: list[Change] = field(default_factory=list[Change])
    anchors: dict[Place, tuple[Starts, Starts]] = field(
        default_factory=dict[Place, tuple[Starts, Starts]]
    )
    partners: tuple[dict[Steps, set[Starts]], dict[Steps, set[Starts]]] = field(
        default_factory=lambda: ({}, {})
    )
    complete: bool = True

    def shared(self, side: int, steps: Steps) -> bool:
        """Whether a definition of one side stands beside different ones of the other."""
        return len(self.partners[side].get(steps, ())) > 1


def walk(old: View, new: View) -> Walk:
    """Old and new compared place by place; definitions met again are compared once."""
    found, cases = Walk(), Cases()
    known: dict[_Key, Change] = {}
    seen: dict[_Looked, bool] = {}
    first: dict[_Looked, Place] = {}
    spreads: dict[_Looked, choices.Spread | None] = {}
    repeats = Repeats()
    waiting = [PlacePair.of((), (old, ((),)), (new, ((),)))]
    while waiting and len(seen) < _MAX_PAIRS and len(known) < _MAX_CHANGES:
        pair = waiting.pop()
        sides = pair.old.steps, pair.new.steps
        key = *sides, _around(pair)
        found.anchors.setdefault(pair.place, pair.anchor)
        if _unchanged(pair):
            continue
        cases.meet(pair)
        if key not in spreads:
            spreads[key] = None if pair.old.never or pair.new.never else choices.spread(pair)
        its = spreads[key]
        found.notes += _notes(pair, its, again=key in seen)
        repeats.add(first.setdefault(key, pair.place), pair.place)
        if key in seen and (pair.plain or not seen[key]):
            continue
        seen[key] = pair.plain
        for side in (0, 1):
            for steps in sides[side]:
                found.partners[side].setdefault(steps, set()).add(sides[1 - side])
        its_changes = _changes(pair, its)
        for change in islice(its_changes, _MAX_CHANGES):
            _keep(known, change)
        found.complete &= next(its_changes, None) is None
        inner = _inner(pair, its)
        cases.lead(pair, inner)
        waiting += reversed(inner)
    cases.spread()
    found.complete &= not waiting
    changes = (replace(cases.told(one), also=repeats.of(one.place)) for one in known.values())
    found.changes = sorted(changes, key=_order)
    found.notes = [*map(cases.told, found.notes)]
    return found


def _around(pair: PlacePair) -> _Around:
    """What is said around an alternative, and so need not be said in it."""
    if pair.outer is None:
        return ()
    told = ((kinds(pair.outer, side)[1], names_required(pair.outer, side)) for side in (0, 1))
    return tuple(each for side in told for each in side)


def _unchanged(pair: PlacePair) -> bool:
    """Whether both sides wrote the same here, where that means the same: nothing is within.

    What refers to definitions, or is one, may stand beside different ones elsewhere.
    """
    starts = (*pair.anchor[0], *pair.anchor[1])
    if len(starts) != 2 or pair.part_of or any("$defs" in steps[:1] for steps in starts):
        return False
    old, new = (
        side.view.written(steps) for side, steps in zip((pair.old, pair.new), starts, strict=True)
    )
    return old is not None and old == new


def _keep(known: dict[_Key, Change], change: Change) -> None:
    """A definition in use at several places has its changes at the first; all of them count."""
    pair = change.pair
    sides = pair.old.steps, pair.new.steps
    key = change.rule, change.about, change.subject, *sides, change.old, change.new
    first = known.setdefault(key, change)
    if first.pair.plain and not pair.plain:
        known[key] = replace(first, pair=replace(first.pair, plain=False))


def _notes(pair: PlacePair, its: choices.Spread | None, *, again: bool) -> Iterator[Change]:
    if pair.noted:
        return iter(())
    if its is not None:
        return choices.spread_notes(pair, its, again=again)
    return notes.changes(pair, again=again)


def _changes(pair: PlacePair, its: choices.Spread | None) -> Iterator[Change]:
    if pair.old.never != pair.new.never:
        yield values.forbidden(pair)
    elif its is not None:
        yield from choices.spread_changes(pair, its)
    elif not pair.old.never:
        for family, of_type in _FAMILIES:
            if not (of_type and on_one_side(pair, of_type)):
                yield from family(pair)


def _inner(pair: PlacePair, its: choices.Spread | None) -> Sequence[PlacePair]:
    if pair.old.never or pair.new.never:
        return ()
    if its is not None:
        return [choices.spread_part(pair, its)]
    return [child for family in _CHILDREN for child in family(pair)]


def _order(change: Change) -> tuple[int, str, str, str]:
    """Outer places first, then by name: the same for every order of keys."""
    place = change.pair.place
    return len(place), place_text(place), change.rule, change.subject
