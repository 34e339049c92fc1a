"""What speaks of a place on both sides: each pair of groups is looked at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from registry.compatibility.reserved.groups import Group, Speaker, Step, steps
from registry.compatibility.reserved.regions import TooMany
from registry.compatibility.solver.terms import Graph, Node

_Key = tuple[frozenset[int], frozenset[int]]

_MOST_WORK = 50_000
"""Schemas asked about what is within, over all places; the largest real pair asks 700."""


@dataclass(slots=True, eq=False)
class State:
    """What speaks of a place on both sides (0 old, 1 new), and of the places below.

    `barred` are the names left out on each side, `wanted` says whether there or below are any.
    """

    groups: tuple[Group, Group]
    barred: tuple[set[str], set[str]]
    below: dict[Step, "State"] = field(default_factory=dict[Step, "State"])
    wanted: list[bool] = field(default_factory=lambda: [False, False])

    def inner(self, side: int) -> Iterator[tuple[Step, "State"]]:
        """The places below that documents of a side may have."""
        for step, state in self.below.items():
            if step.kind != "property" or step.name not in self.barred[side]:
                yield step, state


class States:
    """The pairs of groups of all places, in the schemas of one graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.overlays: dict[tuple[State, int], Node] = {}
        self._speaker = Speaker(graph)
        self._known: dict[_Key, State] = {}
        self._given_up = False

    def of(self, old: Node, new: Node) -> State | None:
        """Where documents begin; None if there are too many places to look at."""
        if self._given_up:
            return None
        known = len(self._known)
        first = self._state(self._speaker.group([old]), self._speaker.group([new]))
        if len(self._known) > known:
            found = self._explored(first)
            self._given_up = found is None
            for side in (0, 1):
                _mark(found or (), side)
        return None if self._given_up else first

    def _explored(self, first: State) -> list[State] | None:
        """The states that were not known before."""
        found, waiting, work = [first], [first], 0
        while waiting:
            state = waiting.pop()
            try:
                spoken = [*steps(*state.groups)]
            except TooMany:
                return None
            for step in spoken:
                work += sum(len(group.nodes) for group in state.groups)
                if work > _MOST_WORK:
                    return None
                old, new = (self._speaker.below(group, step) for group in state.groups)
                if old.nodes or new.nodes:
                    known = len(self._known)
                    inner = state.below[step] = self._state(old, new)
                    if len(self._known) > known:
                        found.append(inner)
                        waiting.append(inner)
        return found

    def _state(self, old: Group, new: Group) -> State:
        key = (old.key, new.key)
        if key not in self._known:
            self._known[key] = State((old, new), (new.names - old.names, old.names - new.names))
        return self._known[key]


def reachable(*first: State) -> Iterable[State]:
    """The states and all below them."""
    found = dict.fromkeys(first)
    waiting = [*found]
    while waiting:
        for state in waiting.pop().below.values():
            if state not in found:
                found[state] = None
                waiting.append(state)
    return found


def _mark(states: Iterable[State], side: int) -> None:
    """Find those with a name to leave out, there or below; of other states it is known."""
    above: dict[State, list[State]] = {}
    waiting: list[State] = []
    for state in states:
        inner = [below for _, below in state.inner(side)]
        if state.barred[side] or any(below.wanted[side] for below in inner):
            waiting.append(state)
        for below in inner:
            above.setdefault(below, []).append(state)
    for state in waiting:
        state.wanted[side] = True
    while waiting:
        for state in above.get(waiting.pop(), ()):
            if not state.wanted[side]:
                state.wanted[side] = True
                waiting.append(state)
