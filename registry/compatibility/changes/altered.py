"""What edits alter, as text: whoever vouches for a change vouches for that and nothing else."""

import hashlib
from collections.abc import Iterator
from typing import cast

from registry.compatibility.changes.places import Edits, Node, View
from registry.compatibility.solver.terms import key_of
from registry.compatibility.texts import sorted_text
from registry.dialects.strict_json import Json

_DEFS = "#/$defs/"
_ORDERED = frozenset({"oneOf", "prefixItems"})


def altered(view: View, other: View, edits: Edits) -> str:
    """What is taken and put, and all definitions that it refers to, of this side or the other."""
    found = [_difference(view.at(steps), node, "") for steps, node in edits]
    definitions = {**other.carried_defs, **view.defs}
    reached: dict[str, Json] = {}
    waiting = [*_references(found)]
    while waiting:
        name = waiting.pop()
        if name in definitions and name not in reached:
            reached[name] = definitions[name]
            waiting += _references(definitions[name])
    return hashlib.sha256(sorted_text([found, reached]).encode()).hexdigest()[:16]


def _difference(before: Json, after: Json, word: str) -> Json:
    """What is only in one of two: of objects by name, of lists the members that went or came."""
    if isinstance(before, dict) and isinstance(after, dict):
        names = sorted(before.keys() | after.keys())
        return {
            name: _difference(before.get(name), after.get(name), name)
            for name in names
            if before.get(name) is not after.get(name)
        }
    if isinstance(before, list) and isinstance(after, list):
        return [_only(before, after, word), _only(after, before, word)]
    return [before, after]


def _only(members: list[Json], others: list[Json], word: str) -> list[Json]:
    """Members that the others are not, with their place where that counts."""
    same = {id(one) for one in others}
    new = [(index, one) for index, one in enumerate(members) if id(one) not in same]
    known = {key_of(one) for one in others} if new else set[object]()
    only = [(index, one) for index, one in new if key_of(one) not in known]
    if word in _ORDERED:
        return [[index, one] for index, one in only]
    return [one for _, one in only]


def _references(value: Json) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            waiting += one.values()
            target = cast("Node", one).get("$ref")
            if isinstance(target, str) and target.startswith(_DEFS):
                yield target.removeprefix(_DEFS)
