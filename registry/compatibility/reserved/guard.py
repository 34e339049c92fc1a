"""Whether the reading leaves out what its own side requires, and so may hide a break.

A document that must use a name, by its own schema, is no newcomer to it: leaving it out says
nothing of what breaks beside the name. Whether a name must be used is for the search to say, at
each place and for each branch there.
"""

from collections.abc import Callable, Iterator, Sequence

from registry.compatibility.plain import Plain
from registry.compatibility.reserved.groups import Group
from registry.compatibility.reserved.states import State, States, reachable
from registry.compatibility.solver import Empty, Found, Outcome
from registry.compatibility.solver.terms import Graph, Node
from registry.dialects.strict_json import Json

_DEMANDING = frozenset(("not", "oneOf", "if", "dependentSchemas", "minProperties"))
_MOST_CASES = 300

Find = Callable[[Sequence[Node], Sequence[Node]], Outcome]


def hides(old: Plain, new: Plain, states: States, side: int, find: Find) -> bool:
    """Whether a break may be hidden of documents of the side (0 old, 1 new); doubt counts.

    What breaks nothing in the open reading hides nothing either.
    """
    terms = states.graph.add(old.root), states.graph.add(new.root)
    first = states.of(*terms)
    if first is None:
        return True
    doubtful = [state for state in _places(first, side) if _may_need(state, side)]
    listed = _lists(first, side)
    if not (listed or doubtful) or isinstance(find([terms[side]], [terms[1 - side]]), Empty):
        return False
    return listed or any(_needs(state, side, states.graph, find) for state in doubtful)


def _places(first: State, side: int) -> Iterator[State]:
    """Where names are left out."""
    return (state for state in reachable(first) if state.barred[side])


def _lists(first: State, side: int) -> bool:
    """Whether a value that is listed anywhere, at any depth, uses a name that is left out."""
    barred = {name for state in _places(first, side) for name in state.barred[side]}
    return any(not barred.isdisjoint(state.groups[side].listed) for state in reachable(first))


def _may_need(state: State, side: int) -> bool:
    """Whether anything said there can make a name needed; else an empty object would do."""
    group = state.groups[side]
    return _requires(state, side) or any(not _DEMANDING.isdisjoint(node) for node in group.nodes)


def _requires(state: State, side: int) -> bool:
    return not state.barred[side].isdisjoint(state.groups[side].needed)


def _needs(state: State, side: int, graph: Graph, find: Find) -> bool:
    """Whether in some case there are objects, but none without the names left out."""
    cases = [*_cases(state.groups[side], graph)]
    if _requires(state, side) or len(cases) > _MOST_CASES:
        return True
    absent: dict[str, Json] = dict.fromkeys(sorted(state.barred[side]), False)
    some = graph.add({"type": "object"})
    without = graph.add({"type": "object", "properties": absent})
    for valid, invalid in cases:
        found = find([*valid, without], invalid)
        if not isinstance(found, Found | Empty):
            return True
        if isinstance(found, Empty) and not isinstance(find([*valid, some], invalid), Empty):
            return True
    return False


def _cases(group: Group, graph: Graph) -> Iterator[tuple[list[Node], list[Node]]]:
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
