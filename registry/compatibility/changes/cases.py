"""Which documents a change concerns: in which alternatives and conditions its place is met."""

from collections.abc import Sequence
from dataclasses import replace

from registry.compatibility.changes.change import Case, Change, PlacePair, Starts
from registry.compatibility.changes.places import Place

_Met = tuple[Place, Starts, Starts]


class Cases:
    """In which cases each pair of places was met: alternatives may share what they refer to."""

    def __init__(self) -> None:
        self._met: dict[_Met, dict[Case | None, None]] = {}
        self._inner: dict[_Met, list[_Met]] = {}

    def meet(self, pair: PlacePair) -> None:
        """A pair is come to, in its case or with no condition."""
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
