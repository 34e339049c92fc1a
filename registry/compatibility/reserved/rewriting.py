"""The reserved reading: names that only one side declares are left out on the other.

A side declares a name at a place of a document when it stands in `properties` of any schema that
may apply there: in all branches, through `$ref`, but not with `false`, which offers nothing (and
would make the reading intransitive: a name forbidden in between hides what is lost). A document
that uses, at any place, a name the other side declares there and its own does not is left out: an
overlay says so, `properties: {name: false}`, and the schemas stay as they are. What may apply at a
place depends on one side alone, so a chain of comparisons agrees with the comparison of its ends.
"""

from collections import ChainMap
from collections.abc import Iterator
from dataclasses import replace

from registry.compatibility.plain import Opaque, Plain
from registry.compatibility.reserved.groups import Step, steps
from registry.compatibility.reserved.states import State, States
from registry.compatibility.solver.terms import Graph, Reader
from registry.compatibility.solver.terms import Node as Term
from registry.dialects.strict_json import Json

Node = dict[str, Json]


def reserve(old: Plain, new: Plain, states: States | None = None) -> tuple[Plain, Plain]:
    """Both schemas as they are compared; themselves where no name is declared on one side only."""
    states = states or States(Graph())
    old_term, new_term = states.graph.add(old.root), states.graph.add(new.root)
    if old_term is new_term:
        return old, new
    first = states.of(old_term, new_term)
    if first is None:
        return _unread(old, "old"), _unread(new, "new")
    return _overlaid(old, first, 0), _overlaid(new, first, 1)


def reserved_terms(old: Term, new: Term, states: States) -> tuple[Term, Term]:
    """The same for schemas read already, as the solver knows them."""
    if old is new:
        return old, new
    first = states.of(old, new)
    if first is None:
        intern = states.graph.intern
        return intern({"$opaque": "reserved:old"}), intern({"$opaque": "reserved:new"})
    return _held(old, first, 0, states), _held(new, first, 1, states)


def _overlaid(plain: Plain, first: State, side: int) -> Plain:
    if not first.wanted[side] or plain.root is False:
        return plain
    root: Node = plain.root if isinstance(plain.root, dict) else {}
    definitions = root.get("$defs")
    known: Node = definitions if isinstance(definitions, dict) else {}
    writer = _Overlays(first, side, known)
    overlay = writer.reference(first)
    defs: Node = {"$defs": {**known, **writer.definitions}} if known or writer.definitions else {}
    if first.groups[side].evaluates:
        return _beside(plain, root, overlay, defs)
    members = root.get("allOf")
    joined: list[Json] = [*members, overlay] if isinstance(members, list) else [overlay]
    return _moved(plain, {**root, "allOf": joined, **defs})


def _held(schema: Term, first: State, side: int, states: States) -> Term:
    """The schema with the overlay, as `_overlaid` has it."""
    graph = states.graph
    if not first.wanted[side] or schema is graph.false:
        return schema
    overlay = overlay_of(first, side, states)
    if first.groups[side].evaluates:
        return graph.intern({"allOf": (schema, overlay)})
    if schema is graph.true:
        return overlay
    members = schema.keywords.get("allOf", ())
    return graph.intern({**schema.keywords, "allOf": (*members, overlay)})


def overlay_of(state: State, side: int, states: States) -> Term:
    """What leaves out the names of the other side, there and below."""
    if (state, side) not in states.overlays:
        writer = _Overlays(state, side, {})
        overlay = writer.reference(state)
        reader = Reader(states.graph, {"$defs": writer.definitions})
        states.overlays[state, side] = reader.read(overlay)
    return states.overlays[state, side]


def _beside(plain: Plain, root: Node, overlay: Json, defs: Node) -> Plain:
    """The overlay apart from the schema: there nothing it says counts as evaluated."""
    body = {keyword: value for keyword, value in root.items() if keyword != "$defs"}
    moved = _moved(plain, body)
    return moved.rewritten({"allOf": [body, overlay], **defs})


def _moved(plain: Plain, root: Node) -> Plain:
    """The schema under another root that comes from where its own root came from."""
    source = plain.sources.get(id(plain.root))
    if source is None:
        return plain.rewritten(root)
    own = {id(root): replace(source, node=root)}
    return Plain(root, plain.opaque, ChainMap(own, dict(plain.sources)))


def _unread(plain: Plain, side: str) -> Plain:
    """Nothing can be said of schemas whose places are too many."""
    unread = Opaque("properties", "")
    return Plain({"$opaque": f"reserved:{side}"}, (*plain.opaque, unread), plain.sources)


class _Overlays:
    """The overlays of one side; one that is asked for twice becomes a definition."""

    def __init__(self, first: State, side: int, known: Node) -> None:
        self.definitions: Node = {}
        self._side = side
        self._taken = known
        self._uses = self._counted(first)
        self._keys: dict[State, str] = {}

    def reference(self, state: State) -> Json:
        if self._uses[state] == 1:
            return self._overlay(state)
        if state not in self._keys:
            key = self._keys[state] = self._new_key()
            self.definitions[key] = True
            self.definitions[key] = self._overlay(state)
        return {"$ref": "#/$defs/" + self._keys[state]}

    def _counted(self, first: State) -> dict[State, int]:
        uses, waiting = {first: 1}, [first]
        while waiting:
            for _, inner in self._below(waiting.pop()):
                waiting += [] if inner in uses else [inner]
                uses[inner] = uses.get(inner, 0) + 1
        return uses

    def _below(self, state: State) -> Iterator[tuple[Step, State]]:
        return (pair for pair in state.inner(self._side) if pair[1].wanted[self._side])

    def _new_key(self) -> str:
        number = len(self._keys) + 1
        while f"reserved-{number}" in self._taken or f"reserved-{number}" in self.definitions:
            number += 1
        return f"reserved-{number}"

    def _overlay(self, state: State) -> Json:
        found = {step: self.reference(inner) for step, inner in self._below(state)}
        spoken = list(steps(*state.groups))
        properties: Node = dict.fromkeys(sorted(state.barred[self._side]), False)
        properties |= {step.name: found[step] for step in found if step.kind == "property"}
        patterns: Node = {step.name: found[step] for step in found if step.kind == "pattern"}
        overlay: Node = {}
        if (rest := Step("other")) in found:
            for group in state.groups:
                properties = {**dict.fromkeys(group.properties, True), **properties}
                patterns = {**dict.fromkeys(group.patterns, True), **patterns}
            overlay["additionalProperties"] = found[rest]
        overlay |= {"properties": properties} if properties else {}
        overlay |= {"patternProperties": patterns} if patterns else {}
        return {**overlay, **_array(spoken, found)}


def _array(spoken: list[Step], found: dict[Step, Json]) -> Node:
    first: list[Json] = [found.get(step, True) for step in spoken if step.kind == "index"]
    rest = found.get(Step("item"))
    while first and first[-1] is True and rest is None:
        first.pop()
    overlay: Node = {"prefixItems": first} if first else {}
    return overlay if rest is None else {**overlay, "items": rest}
