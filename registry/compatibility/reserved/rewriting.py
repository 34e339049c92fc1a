"""The reserved reading: names that only one side declares are left out on the other.

A side declares a name at a place of a document when it stands in `properties` of any schema that
may apply there: in all branches, through `$ref`, but not with `false`, which offers nothing (and
would make the reading intransitive: a name forbidden in between hides what is lost). A document
that uses, at any place, a name the other side declares there and its own does not is left out: an
overlay says so, `properties: {name: false}`, and the schemas stay as they are. What may apply at a
place depends on one side alone, so a chain of comparisons agrees with the comparison of its ends.
A name that fits a pattern is held to the overlays of both, the name's and the pattern's.
"""

from collections import ChainMap
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from registry.compatibility.plain import Opaque, Plain
from registry.compatibility.reserved.groups import Group, Speaker, Step, steps
from registry.dialects.strict_json import Json

Node = dict[str, Json]
Key = tuple[frozenset[int], frozenset[int]]

_MOST_WORK = 50_000
"""Schemas asked about what is within, over all places; the largest real pair asks 700."""


@dataclass(slots=True, eq=False)
class _State:
    """What speaks of a place on both sides (0 old, 1 new), and of the places below."""

    groups: tuple[Group, Group]
    barred: tuple[set[str], set[str]]
    below: dict[Step, "_State"] = field(default_factory=dict[Step, "_State"])


def reserve(old: Plain, new: Plain) -> tuple[Plain, Plain]:
    """Both schemas as they are compared; themselves where no name is declared on one side only."""
    if old.root == new.root:
        return old, new
    states = _states(old.root, new.root)
    if states is None:
        return _unread(old, "old"), _unread(new, "new")
    return _overlaid(old, states, 0), _overlaid(new, states, 1)


def hides(old: Plain, new: Plain) -> bool:
    """Whether a name is left out that its own side requires, or lists values with.

    Then the reading leaves out more than newcomers' names, and hides what breaks beside them.
    """
    states = _states(old.root, new.root)
    return states is None or any(
        not barred.isdisjoint(group.needed)
        for state in states
        for barred, group in zip(state.barred, state.groups, strict=True)
    )


def _states(old_root: Json, new_root: Json) -> list[_State] | None:
    """Every pair of groups some place of a document has, the outermost first; None if too many."""
    known: dict[Key, _State] = {}
    speakers = Speaker(old_root), Speaker(new_root)
    first = _state(known, speakers[0].group([old_root]), speakers[1].group([new_root]))
    waiting, work = [first], 0
    while waiting:
        state = waiting.pop()
        for step in steps(*state.groups):
            work += sum(len(group.nodes) for group in state.groups)
            if work > _MOST_WORK:
                return None
            old, new = (
                speaker.below(group, step)
                for speaker, group in zip(speakers, state.groups, strict=True)
            )
            if old.nodes or new.nodes:
                seen = len(known)
                state.below[step] = _state(known, old, new)
                waiting += [state.below[step]] if len(known) > seen else []
    return list(known.values())


def _state(known: dict[Key, _State], old: Group, new: Group) -> _State:
    key = (old.key, new.key)
    if key not in known:
        known[key] = _State((old, new), (new.names - old.names, old.names - new.names))
    return known[key]


def _overlaid(plain: Plain, states: list[_State], side: int) -> Plain:
    wanted = _wanted(states, side)
    if states[0] not in wanted or plain.root is False:
        return plain
    root: Node = plain.root if isinstance(plain.root, dict) else {}
    definitions = root.get("$defs")
    known: Node = definitions if isinstance(definitions, dict) else {}
    writer = _Overlays(states[0], wanted, side, known)
    overlay = writer.reference(states[0])
    defs: Node = {"$defs": {**known, **writer.definitions}} if known or writer.definitions else {}
    if states[0].groups[side].evaluates:
        return _beside(plain, root, overlay, defs)
    members = root.get("allOf")
    joined: list[Json] = [*members, overlay] if isinstance(members, list) else [overlay]
    return _moved(plain, {**root, "allOf": joined, **defs})


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


def _wanted(states: list[_State], side: int) -> set[_State]:
    """The states with a name to leave out, there or below."""
    above: dict[_State, list[_State]] = {}
    for state in states:
        for step, inner in state.below.items():
            if not _is_barred(state, step, side):
                above.setdefault(inner, []).append(state)
    waiting = [state for state in states if state.barred[side]]
    wanted = set(waiting)
    while waiting:
        for state in above.get(waiting.pop(), ()):
            if state not in wanted:
                wanted.add(state)
                waiting.append(state)
    return wanted


def _is_barred(state: _State, step: Step, side: int) -> bool:
    return step.kind == "property" and step.name in state.barred[side]


class _Overlays:
    """The overlays of one side; one that is asked for twice becomes a definition."""

    def __init__(self, first: _State, wanted: set[_State], side: int, known: Node) -> None:
        self.definitions: Node = {}
        self._wanted = wanted
        self._side = side
        self._taken = known
        self._uses = self._counted(first)
        self._keys: dict[_State, str] = {}

    def reference(self, state: _State) -> Json:
        if self._uses[state] == 1:
            return self._overlay(state)
        if state not in self._keys:
            key = self._keys[state] = self._new_key()
            self.definitions[key] = True
            self.definitions[key] = self._overlay(state)
        return {"$ref": "#/$defs/" + self._keys[state]}

    def _counted(self, first: _State) -> dict[_State, int]:
        uses = {**dict.fromkeys(self._wanted, 0), first: 1}
        for state in self._wanted:
            for _, inner in self._below(state):
                uses[inner] += 1
        return uses

    def _below(self, state: _State) -> Iterator[tuple[Step, _State]]:
        for step, inner in state.below.items():
            if inner in self._wanted and not _is_barred(state, step, self._side):
                yield step, inner

    def _new_key(self) -> str:
        number = len(self._keys) + 1
        while f"reserved-{number}" in self._taken or f"reserved-{number}" in self.definitions:
            number += 1
        return f"reserved-{number}"

    def _overlay(self, state: _State) -> Json:
        found = {step: self.reference(inner) for step, inner in self._below(state)}
        spoken = list(steps(*state.groups))
        properties: Node = dict.fromkeys(sorted(state.barred[self._side]), False)
        properties |= {step.name: found[step] for step in found if step.kind == "property"}
        patterns: Node = {step.name: found[step] for step in found if step.kind == "pattern"}
        overlay: Node = {}
        if (rest := Step("other")) in found:
            properties = {**_free(spoken, "property"), **properties}
            patterns = {**_free(spoken, "pattern"), **patterns}
            overlay["additionalProperties"] = found[rest]
        overlay |= {"properties": properties} if properties else {}
        overlay |= {"patternProperties": patterns} if patterns else {}
        return {**overlay, **_array(spoken, found)}


def _free(spoken: list[Step], kind: str) -> Node:
    return {step.name: True for step in spoken if step.kind == kind}


def _array(spoken: list[Step], found: dict[Step, Json]) -> Node:
    first: list[Json] = [found.get(step, True) for step in spoken if step.kind == "index"]
    rest = found.get(Step("item"))
    while first and first[-1] is True and rest is None:
        first.pop()
    overlay: Node = {"prefixItems": first} if first else {}
    return overlay if rest is None else {**overlay, "items": rest}
