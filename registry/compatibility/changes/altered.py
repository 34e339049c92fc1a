"""What edits alter, as text: whoever vouches for a change vouches for that and nothing else."""

from registry.compatibility.changes.places import Edits, View
from registry.compatibility.plain import references
from registry.compatibility.solver.terms import key_of
from registry.compatibility.texts import digest
from registry.dialects.strict_json import Json

_ORDERED = frozenset({"oneOf", "prefixItems"})


def altered(view: View, other: View, edits: Edits) -> str:
    """What is taken and put, and all definitions that it refers to, of this side or the other."""
    found = [_difference(view.at(steps), node, "") for steps, node in edits]
    reached: dict[str, Json] = {}
    waiting = [*references(found)]
    while waiting:
        name = waiting.pop()
        definitions = view.defs if name in view.defs else other.carried_defs
        if name in definitions and name not in reached:
            reached[name] = definitions[name]
            waiting += references(definitions[name])
    return digest([found, reached])[:16]


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
