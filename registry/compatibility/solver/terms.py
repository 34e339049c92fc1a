"""Schemas as a graph in which equal schemas are one node, those behind references included."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, cast

from registry.dialects.strict_json import Json

Key = Any
"""What two values share when JSON says they are equal: hashable, with the type."""

PREFIX = "#/$defs/"
_ONE = frozenset(
    {"items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else"}
    | {"unevaluatedItems", "unevaluatedProperties"}
)
_MANY = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_NAMED = frozenset({"properties", "patternProperties", "dependentSchemas"})
_ORDERLESS = frozenset({"allOf", "anyOf", "oneOf"})


class Node:
    """One schema; `keywords` hold nodes where the schema holds schemas."""

    __slots__ = ("keywords", "uid")

    def __init__(self, uid: int, keywords: dict[str, Any]) -> None:
        self.uid = uid
        self.keywords = keywords


class Graph:
    """All nodes of one question."""

    def __init__(self) -> None:
        self._by_key: dict[Key, Node] = {}
        self._nodes: list[Node] = []
        self._numbers: dict[Key, int] = {}
        self.true = self._new({})
        self.false = self._new({"not": self.true})
        self._by_key[self._key({})] = self.true
        self._by_key[self._key({"not": self.true})] = self.false

    def __getitem__(self, uid: int) -> Node:
        return self._nodes[uid]

    def add(self, root: Json) -> Node:
        """The node of a plain schema, with all it refers to."""
        return _Reader(self, root).read(root)

    def values(self, values: Iterable[Json]) -> Node:
        """The schema that these values fit, and no others."""
        return self.intern({"enum": tuple(values)})

    def intern(self, keywords: dict[str, Any]) -> Node:
        """The one node with these keywords."""
        key = self._key(keywords)
        found = self._by_key.get(key)
        if found is None:
            found = self._by_key[key] = self._new(keywords)
        return found

    def number(self, key: Key) -> int:
        """A number for the key, the same for equal keys."""
        return self._numbers.setdefault(key, len(self._numbers) + 1)

    def reserve(self, key: Key) -> tuple[Node, bool]:
        """A node to be filled in later, and whether it was there before."""
        found = self._by_key.get(("cycle", key))
        if found is not None:
            return found, True
        found = self._by_key["cycle", key] = self._new({})
        return found, False

    def _new(self, keywords: dict[str, Any]) -> Node:
        node = Node(len(self._nodes), keywords)
        self._nodes.append(node)
        return node

    def _key(self, keywords: dict[str, Any]) -> Key:
        return frozenset((word, _keyword_key(word, value)) for word, value in keywords.items())


def key_of(value: Json) -> Key:
    """Equal for values that JSON Schema calls equal: 1 and 1.0, but not 1 and true."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, int | Decimal):
        return ("number", value)
    if isinstance(value, dict):
        return ("object", frozenset((name, key_of(inner)) for name, inner in value.items()))
    return ("array", tuple(key_of(inner) for inner in value))


def _keyword_key(word: str, value: Any) -> Key:
    if isinstance(value, Node):
        return value.uid
    if word in _ORDERLESS:
        uids = [node.uid for node in value]
        return tuple(sorted(uids)) if word == "oneOf" else frozenset(uids)
    if word == "prefixItems":
        return tuple(node.uid for node in value)
    if word in _NAMED:
        return frozenset((name, node.uid) for name, node in value.items())
    if word == "enum":
        return frozenset(key_of(inner) for inner in value)
    if word in ("required", "type"):
        return frozenset([value] if isinstance(value, str) else value)
    if word == "dependentRequired":
        return frozenset((name, frozenset(needed)) for name, needed in value.items())
    return key_of(value)


class _Reader:
    """Turns one plain schema into nodes, definitions that refer to themselves included."""

    def __init__(self, graph: Graph, root: Json) -> None:
        self.graph = graph
        given: Json = root.get("$defs", {}) if isinstance(root, dict) else {}
        self.definitions = cast("dict[str, Json]", given)
        self.cycles = cycles(
            {name: set(_references(schema)) for name, schema in self.definitions.items()}
        )
        self.known: dict[str, Node] = {}

    def read(self, schema: Json) -> Node:
        if not isinstance(schema, dict):
            return self.graph.false if schema is False else self.graph.true
        keywords = {
            word: self._value(word, value)
            for word, value in schema.items()
            if word not in ("$ref", "$defs")
        }
        if "const" in keywords:
            listed = self.graph.values([keywords.pop("const")])
            keywords["allOf"] = (*keywords.get("allOf", ()), listed)
        target = schema.get("$ref")
        if isinstance(target, str):
            referred = self.definition(target.removeprefix(PREFIX))
            if not keywords:
                return referred
            keywords["allOf"] = (*keywords.get("allOf", ()), referred)
        only = keywords.get("allOf", ()) if len(keywords) == 1 else ()
        return only[0] if len(only) == 1 else self.graph.intern(keywords)

    def definition(self, name: str) -> Node:
        if name not in self.known:
            if name in self.cycles:
                self._define_cycle(self.cycles[name])
            else:
                self.known[name] = self.read(self.definitions[name])
        return self.known[name]

    def _define_cycle(self, names: frozenset[str]) -> None:
        """Equal cycles of old and new become the same nodes: their shapes agree to any depth."""
        outlines = {name: self._outline(self.definitions[name], names) for name in names}
        shapes: dict[str, int] = dict.fromkeys(names, 0)
        for _ in range(2 * len(names)):
            shapes = {
                name: self.graph.number((outline, tuple(shapes[inner] for inner in refers)))
                for name, (outline, refers) in outlines.items()
            }
        new: list[tuple[Node, str]] = []
        for name in sorted(names):
            node, complete = self.graph.reserve((len(names), shapes[name]))
            self.known[name] = node
            if not complete:
                new.append((node, name))
        for node, name in new:
            node.keywords = {"allOf": (self.read(self.definitions[name]),)}

    def _outline(self, schema: Json, names: frozenset[str]) -> tuple[Key, list[str]]:
        """The schema with the references into the cycle left blank, and those in order."""
        refers: list[str] = []

        def outlined(value: Json) -> Key:
            if not isinstance(value, dict):
                return value
            return tuple((word, of_keyword(word, value[word])) for word in sorted(value))

        def of_keyword(word: str, value: Any) -> Key:
            if word in _ONE:
                return outlined(value)
            if word in _MANY:
                return tuple(outlined(inner) for inner in value)
            if word in _NAMED:
                return tuple((name, outlined(value[name])) for name in sorted(value))
            if word == "$ref":
                return self._referred(value.removeprefix(PREFIX), names, refers)
            return key_of(value)

        return outlined(schema), refers

    def _referred(self, name: str, names: frozenset[str], refers: list[str]) -> Key:
        if name in names:
            refers.append(name)
            return None
        return self.definition(name).uid

    def _value(self, word: str, value: Any) -> Any:
        if word in _ONE:
            return self.read(value)
        if word in _MANY:
            return tuple(self.read(inner) for inner in value)
        if word in _NAMED:
            return {name: self.read(inner) for name, inner in value.items()}
        return value


def cycles(edges: dict[str, set[str]]) -> dict[str, frozenset[str]]:
    """For each name that leads back to itself: all names on its cycles (Kosaraju)."""
    backwards: dict[str, set[str]] = {name: set() for name in edges}
    for name, targets in edges.items():
        for target in targets & edges.keys():
            backwards[target].add(name)
    order: list[str] = []
    seen: set[str] = set()
    for name in edges:
        order += _finished(edges, name, seen)
    found: dict[str, frozenset[str]] = {}
    seen = set()
    for name in reversed(order):
        component = frozenset(_finished(backwards, name, seen))
        if len(component) > 1 or name in edges[name]:
            found |= dict.fromkeys(component, component)
    return found


def _finished(edges: dict[str, set[str]], start: str, seen: set[str]) -> list[str]:
    """What can be reached and was not seen before, each after all it leads to."""
    if start in seen:
        return []
    seen.add(start)
    finished: list[str] = []
    path = [(start, iter(sorted(edges[start])))]
    while path:
        name, targets = path[-1]
        target = next((one for one in targets if one in edges and one not in seen), None)
        if target is None:
            finished.append(name)
            path.pop()
        else:
            seen.add(target)
            path.append((target, iter(sorted(edges[target]))))
    return finished


def _references(schema: Json) -> Iterator[str]:
    """The definitions a plain schema refers to, data in `enum` not being schemas."""
    if isinstance(schema, list):
        for inner in schema:
            yield from _references(inner)
    elif isinstance(schema, dict):
        for word, value in schema.items():
            if word == "$ref" and isinstance(value, str):
                yield value.removeprefix(PREFIX)
            elif word in _ONE or word in _MANY:
                yield from _references(value)
            elif word in _NAMED and isinstance(value, dict):
                yield from _references(list(value.values()))
