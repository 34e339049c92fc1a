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
from registry.compatibility.changes.change import Case, Change, PlacePair, Starts
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


_Key = tuple[str, Place, str, Starts, Starts]
_Around = tuple[frozenset[str], ...]
_Looked = tuple[Starts, Starts, _Around]
_Met = tuple[Place, Starts, Starts]


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


class _Cases:
    """In which cases each pair of places was met: alternatives may share what they refer to."""

    def __init__(self) -> None:
        self._met: dict[_Met, dict[Case | None, None]] = {}
        self._inner: dict[_Met, list[_Met]] = {}

    def meet(self, pair: PlacePair) -> None:
        self._met.setdefault(_met(pair), {})[pair.case] = None

    def lead(self, pair: PlacePair, inner: Sequence[PlacePair]) -> None:
        """What lies within a place is met in all the cases in which the place is."""
        below = [_met(one) for one in inner if one.place != pair.place]
        self._inner.setdefault(_met(pair), []).extend(below)

    def spread(self) -> None:
        """Also to what was not looked at again."""
        waiting = [place for place, cases in self._met.items() if len(cases) > 1]
        while waiting:
            place = waiting.pop()
            for inner in self._inner.get(place, ()):
                cases = self._met.setdefault(inner, {})
                more = self._met[place].keys() - cases.keys()
                if more:
                    cases.update({case: None for case in self._met[place] if case in more})
                    waiting.append(inner)

    def told(self, change: Change) -> Change:
        """The change with the cases that it concerns."""
        case = Case.of_all(self._met.get(_met(change.pair), {change.pair.case: None}))
        if case == change.pair.case:
            return change
        return replace(change, pair=replace(change.pair, case=case))


def _met(pair: PlacePair) -> _Met:
    return pair.place, pair.old.steps, pair.new.steps


def walk(old: View, new: View) -> Walk:
    """Old and new compared place by place; definitions met again are compared once."""
    found, cases = Walk(), _Cases()
    known: dict[_Key, Change] = {}
    seen: dict[_Looked, bool] = {}
    first: dict[_Looked, Place] = {}
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
        repeats.add(first.setdefault(key, pair.place), pair.place)
        its = None if pair.old.never or pair.new.never else choices.spread(pair)
        found.notes += _notes(pair, its, again=key in seen)
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
    told = (replace(cases.told(one), also=repeats.of(one.place)) for one in known.values())
    found.changes = sorted(told, key=_order)
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
    key = change.rule, change.about, change.subject, pair.old.steps, pair.new.steps
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
