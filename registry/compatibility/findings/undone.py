"""Several changes undone at once: what each of them alters is altered, whatever is beside it."""

from collections.abc import Iterable
from functools import reduce
from typing import cast

from registry.compatibility.changes.places import Node
from registry.compatibility.solver.terms import key_of
from registry.dialects.strict_json import Json


class _Missing:
    """What stands where a version has nothing."""


_MISSING = _Missing()
_Value = Json | _Missing


def together(root: Json, versions: Iterable[Json]) -> Json:
    """The schema with what each of its versions altered. Versions share what they left as it was.

    Where two altered the same, the first has it.
    """
    return cast("Json", reduce(lambda found, one: _merged(root, found, one), versions, root))


def _merged(root: _Value, first: _Value, second: _Value) -> _Value:
    if first is root or second is root:
        return second if first is root else first
    if root is _MISSING:
        root = {} if isinstance(first, dict) else [] if isinstance(first, list) else root
    if isinstance(root, dict) and isinstance(first, dict) and isinstance(second, dict):
        return _objects(root, first, second)
    if isinstance(root, list) and isinstance(first, list) and isinstance(second, list):
        return _lists(root, first, second)
    return second if _alike(root, first) else first


def _objects(root: Node, first: Node, second: Node) -> Node:
    found: Node = {}
    for name in {**root, **first, **second}:
        value = _merged(*(side.get(name, _MISSING) for side in (root, first, second)))
        if not isinstance(value, _Missing):
            found[name] = value
    return found


def _lists(root: list[Json], first: list[Json], second: list[Json]) -> list[Json]:
    """Place by place; where the length changed, what came and went."""
    if len(root) == len(first) == len(second):
        merged = (_merged(*each) for each in zip(root, first, second, strict=True))
        return cast("list[Json]", [*merged])
    before, after = {key_of(value) for value in root}, {key_of(value) for value in first}
    kept = [value for value in second if (key := key_of(value)) in after or key not in before]
    known = {key_of(value) for value in (*root, *kept)}
    return [*kept, *(value for value in first if key_of(value) not in known)]


def _alike(one: _Value, other: _Value) -> bool:
    if isinstance(one, _Missing) or isinstance(other, _Missing):
        return one is other
    return key_of(one) == key_of(other)
