"""Which alternative of the new schema continues which of the old one."""

from collections.abc import Callable, Hashable, Sequence
from itertools import zip_longest
from typing import cast

from registry.compatibility.changes.places import Account, View
from registry.compatibility.solver.terms import key_of
from registry.dialects.strict_json import Json

_ALIKE = 0.34
_MAX_ARMS = 60
_MAX_TRIES = 20_000
_NAMED = frozenset({"properties", "patternProperties", "dependentSchemas"})
_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_DATA = frozenset({"enum", "const"})
_SCHEMA = frozenset(
    {"items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else"}
    | {"unevaluatedItems", "unevaluatedProperties"}
)
_UNORDERED = frozenset({"required", "type", "enum"})

Looked = tuple[View, Json]


def align(
    old: Sequence[Account], new: Sequence[Account]
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Pairs of positions that belong together, and those left over on each side.

    Equal ones first, then those with the same distinguishing value, the same title, the greatest
    likeness; one left over on each side are a pair when they speak of the same types.
    """
    pairs = _equal_ones(old, new)
    left = sorted({*range(len(old))} - {index for index, _ in pairs})
    right = sorted({*range(len(new))} - {index for _, index in pairs})
    if len(old) > _MAX_ARMS or len(new) > _MAX_ARMS:
        return pairs, left, right
    tests: list[Callable[[Account, Account], bool]] = [_same_mark, _same_title, _alike]
    for fits in tests:
        for index in [*left]:
            found = next((other for other in right if fits(old[index], new[other])), None)
            if found is not None:
                pairs.append((index, found))
                left.remove(index)
                right.remove(found)
    return pairs, left, right


def _equal_ones(old: Sequence[Account], new: Sequence[Account]) -> list[tuple[int, int]]:
    """Equal ones by their order; looked for among those of one outline, and not for ever."""
    alike: dict[Hashable, list[int]] = {}
    for index, side in enumerate(new):
        alike.setdefault(_outline(*_looked(side)), []).append(index)
    pairs: list[tuple[int, int]] = []
    tries = _MAX_TRIES
    for index, side in enumerate(old):
        waiting = alike.get(_outline(*_looked(side)), [])
        for other in waiting[: max(tries, 0)]:
            tries -= 1
            if same(_looked(side), _looked(new[other])):
                pairs.append((index, other))
                waiting.remove(other)
                break
    return pairs


def _looked(side: Account) -> Looked:
    return side.view, side.view.at(side.visited[0])


def _outline(view: View, schema: Json, depth: int = 3) -> Hashable:
    """What schemas share that are the `same`: their words and outer values."""
    met: set[str | int] = set()
    while _refers(schema):
        if _name(schema) in met:
            return None
        met.add(_name(schema))
        schema = view.followed(schema)
    bare = _bare(schema)
    if not isinstance(bare, dict) or not depth:
        return None
    return frozenset((word, _outlined(view, word, bare[word], depth - 1)) for word in bare)


def _outlined(view: View, word: str, value: Json, depth: int) -> Hashable:
    if word in _UNORDERED or word in _DATA:
        return _values(word, value)
    if word in _NAMED and isinstance(value, dict):
        return frozenset((name, _outline(view, inner, depth)) for name, inner in value.items())
    if word in _LISTS and isinstance(value, list):
        return tuple(_outline(view, inner, depth) for inner in value)
    if word in _SCHEMA:
        return _outline(view, value, depth)
    return None if word == "$ref" else key_of(value)


def _same_mark(old: Account, new: Account) -> bool:
    """The same property has the same single value in both."""
    marks = _marks(old)
    return bool(marks) and any(item in marks for item in _marks(new))


def marks_of(side: Account) -> list[tuple[str, Json]]:
    """The properties that can have a single value only."""
    found: list[tuple[str, Json]] = []
    for name, steps in side.named("properties").items():
        for member in side.view.side(steps).members:
            values = cast("list[Json]", member.node.get("enum", []))
            if "const" in member.node:
                values = [member.node["const"]]
            if len(values) == 1:
                found.append((name, values[0]))
    return found


def _marks(side: Account) -> set[tuple[str, object]]:
    return {(name, key_of(value)) for name, value in marks_of(side)}


def _same_title(old: Account, new: Account) -> bool:
    title = old.annotations().get("title")
    return title is not None and title == new.annotations().get("title")


def _alike(old: Account, new: Account) -> bool:
    if _contradict(old, new):
        return False
    return _likeness(_traits(old), _traits(new)) >= _ALIKE


def _contradict(old: Account, new: Account) -> bool:
    """Another distinguishing value for the same property."""
    left, right = dict(_marks(old)), dict(_marks(new))
    return any(name in right and right[name] != value for name, value in left.items())


def _traits(side: Account) -> set[str]:
    found = {f"/{name}" for name in side.named("properties")}
    for value in side.values("type"):
        found |= {str(kind) for kind in (value if isinstance(value, list) else [value])}
    return found


def _likeness(left: set[str], right: set[str]) -> float:
    return len(left & right) / len(left | right) if left or right else 0.0


def same(old: Looked, new: Looked) -> bool:
    """Whether two schemas say the same word for word, definitions followed."""
    return _Comparison(old[0], new[0]).same(old[1], new[1])


class _Comparison:
    def __init__(self, old: View, new: View) -> None:
        self.old = old
        self.new = new
        self.assumed: set[tuple[str | int, str | int]] = set()

    def same(self, old: Json, new: Json) -> bool:
        """A pair met again behind references is taken to be equal: nothing told it apart so far."""
        while _refers(old) or _refers(new):
            met = _name(old), _name(new)
            if met in self.assumed:
                return True
            self.assumed.add(met)
            old = self.old.followed(old) if _refers(old) else old
            new = self.new.followed(new) if _refers(new) else new
        old, new = _bare(old), _bare(new)
        if not isinstance(old, dict) or not isinstance(new, dict):
            return old == new
        if old.keys() != new.keys():
            return False
        return all(self._same_value(word, value, new[word]) for word, value in old.items())

    def _same_value(self, word: str, old: Json, new: Json) -> bool:
        if word == "$ref":
            return self.same({word: old}, {word: new})
        if word in _UNORDERED or word in _DATA:
            return _values(word, old) == _values(word, new)
        if word in _NAMED and isinstance(old, dict) and isinstance(new, dict):
            return old.keys() == new.keys() and all(self.same(old[key], new[key]) for key in old)
        if word in _LISTS and isinstance(old, list) and isinstance(new, list):
            return len(old) == len(new) and all(
                self.same(left, right) for left, right in zip_longest(old, new)
            )
        return self.same(old, new) if word in _SCHEMA else key_of(old) == key_of(new)


def _name(schema: Json) -> str | int:
    """What tells a schema from others of its side for as long as both are looked at."""
    if isinstance(schema, dict) and _refers(schema):
        return str(schema["$ref"])
    return id(schema)


def _values(word: str, value: Json) -> Hashable:
    if word == "const":
        return key_of(value)
    given = value if isinstance(value, list) else [value]
    return frozenset(key_of(inner) for inner in given)


def _bare(schema: Json) -> Json:
    if schema is True:
        return {}
    if schema is False:
        return {"not": {}}
    if isinstance(schema, dict) and "$defs" in schema:
        return {word: value for word, value in schema.items() if word != "$defs"}
    return schema


def _refers(schema: Json) -> bool:
    return isinstance(schema, dict) and "$ref" in schema and schema.keys() <= {"$ref", "$defs"}
