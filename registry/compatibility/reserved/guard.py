"""Whether the reading leaves out what its own side requires, and so may hide a break.

A document that must use a name, by its own schema, is no newcomer to it: leaving it out says
nothing of what breaks beside the name. Whether a name must be used is for the search to say, at
each place and for each branch there, also where what is said of the place must not hold; where
entries must differ, of the array; and of the document as a whole.
"""

from collections.abc import Callable, Iterator, Sequence

from registry.compatibility.plain import Plain
from registry.compatibility.reserved.groups import Group
from registry.compatibility.reserved.rewriting import overlay_of
from registry.compatibility.reserved.states import State, States, reachable
from registry.compatibility.solver import Empty, Found, Outcome
from registry.compatibility.solver.terms import Graph, Node
from registry.dialects.strict_json import Json

_DEMANDING = frozenset(("not", "oneOf", "if", "dependentSchemas", "minProperties"))
_REFUSING = frozenset(("not", "oneOf", "if", "maxContains"))
_MOST_CASES = 300

Find = Callable[[Sequence[Node], Sequence[Node]], Outcome]
_Case = tuple[list[Node], list[Node]]


def hides(old: Plain, new: Plain, states: States, side: int, find: Find) -> bool:
    """Whether a break may be hidden of documents of the side (0 old, 1 new); doubt counts.

    What breaks nothing in the open reading hides nothing either.
    """
    terms = states.graph.add(old.root), states.graph.add(new.root)
    first = states.of(*terms)
    if first is None:
        return True
    if isinstance(find([terms[side]], [terms[1 - side]]), Empty):
        return False
    return _lists(first, side) or _Needs(states, side, find).anywhere(first, terms[side])


def _lists(first: State, side: int) -> bool:
    """Whether a value that is listed anywhere, at any depth, uses a name that is left out."""
    places = [*reachable(first)]
    barred = {name for state in places for name in state.barred[side]}
    return any(not barred.isdisjoint(state.groups[side].listed) for state in places)


class _Needs:
    """Whether documents of one side must use names that are left out there."""

    def __init__(self, states: States, side: int, find: Find) -> None:
        self.states = states
        self.graph = states.graph
        self.side = side
        self.find = find

    def anywhere(self, first: State, whole: Node) -> bool:
        overlay = overlay_of(first, self.side, self.states)
        if self._only_with(([whole], []), overlay, self.graph.true):
            return True
        refused = _below_refusals(first, self.side)
        return any(self._at(state, refused=state in refused) for state in reachable(first))

    def _at(self, state: State, *, refused: bool) -> bool:
        group = state.groups[self.side]
        if state.wanted[self.side] and any("uniqueItems" in node for node in group.nodes):
            overlay = overlay_of(state, self.side, self.states)
            if self._in_some_case(group, overlay, "array", refused=refused):
                return True
        barred = state.barred[self.side]
        if not barred or not (refused or self._may_need(state)):
            return False
        absent: dict[str, Json] = dict.fromkeys(sorted(barred), False)
        without = self.graph.add({"properties": absent})
        return self._requires(state) or self._in_some_case(
            group, without, "object", refused=refused
        )

    def _may_need(self, state: State) -> bool:
        """Whether anything said there can make a name needed; else an empty object would do."""
        nodes = state.groups[self.side].nodes
        return self._requires(state) or any(not _DEMANDING.isdisjoint(node) for node in nodes)

    def _requires(self, state: State) -> bool:
        return not state.barred[self.side].isdisjoint(state.groups[self.side].needed)

    def _in_some_case(self, group: Group, without: Node, kind: str, *, refused: bool) -> bool:
        """Whether in some case there are values of the type, but none without the names."""
        cases = [*_cases(group, self.graph), *(_refusals(group) if refused else ())]
        some = self.graph.add({"type": kind})
        return len(cases) > _MOST_CASES or any(
            self._only_with(case, without, some) for case in cases
        )

    def _only_with(self, case: _Case, without: Node, some: Node) -> bool:
        """Whether there are such values, but none without the names; doubt counts."""
        valid, invalid = case
        found = self.find([*valid, some, without], invalid)
        if isinstance(found, Empty):
            return not isinstance(self.find([*valid, some], invalid), Empty)
        return not isinstance(found, Found)


def _below_refusals(first: State, side: int) -> set[State]:
    """Places that lie below schemas which must not hold, or may not."""
    starts = (
        below
        for state in reachable(first)
        if any(not _REFUSING.isdisjoint(node) for node in state.groups[side].nodes)
        for below in state.below.values()
    )
    return set(reachable(*starts))


def _cases(group: Group, graph: Graph) -> Iterator[_Case]:
    """What applies together at a place: all schemas there, and each with each of its branches."""
    yield [*group.entries], []
    for entry in group.entries:
        yield [entry], []
        for node in group.terms:
            yield [entry, node], []
            if "if" in node.keywords:
                yield [entry, node], [node.keywords["if"]]
            for name in node.keywords.get("dependentSchemas", {}):
                yield [entry, node, graph.add({"required": [name]})], []


def _refusals(group: Group) -> Iterator[_Case]:
    """Each schema as one that must not hold, alone, beside the others and beside each."""
    for refused in group.entries:
        others = [entry for entry in group.entries if entry is not refused]
        yield [], [refused]
        yield others, [refused]
        yield from (([entry], [refused]) for entry in others)
