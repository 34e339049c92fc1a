"""Schemas as a graph in which equal schemas are one node, those behind references included."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cached_property
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
_SCHEMAS = _ONE | _MANY | _NAMED
_ORDERLESS = frozenset({"allOf", "anyOf", "oneOf"})


class Node:
    """One schema; `keywords` hold nodes where the schema holds schemas."""

    __slots__ = ("keywords", "uid")

    def __init__(self, uid: int, keywords: dict[str, Any]) -> None:
        self.uid = uid
        self.keywords = keywords


class Graph:
    """All nodes of one question, or of several about schemas that share most of what they say.

    What was read is known by the identity of the schema read, which is kept for as long.
    """

    def __init__(self) -> None:
        self.size = 0
        self._by_key: dict[Key, Node] = {}
        self._nodes: list[Node] = []
        self._numbers: dict[Key, int] = {}
        self._read: dict[Key, tuple[Json, Node]] = {}
        self._names: dict[int, tuple[Json, tuple[str, ...]]] = {}
        self.true = self._new({})
        self.false = self._new({"not": self.true})
        self._by_key[self._key({})] = self.true

    def __getitem__(self, uid: int) -> Node:
        return self._nodes[uid]

    def add(self, root: Json) -> Node:
        """The node of a plain schema, with all it refers to."""
        return Reader(self, root).read(root)

    def names(self, schema: Json) -> tuple[str, ...]:
        """The definitions a plain schema refers to, each once; data in `enum` is no schema."""
        if not isinstance(schema, dict):
            return ()
        known = self._names.get(id(schema))
        if known is None:
            found: dict[str, None] = {}
            for inner in () if _SCHEMAS.isdisjoint(schema) else _within(schema):
                found |= dict.fromkeys(self.names(inner))
            own = schema.get("$ref")
            if isinstance(own, str):
                found[own.removeprefix(PREFIX)] = None
            known = self._names[id(schema)] = (schema, tuple(found))
        return known[1]

    def known(self, key: Key) -> Node | None:
        """What was read under this key: the schema's identity, and the nodes it refers to."""
        found = self._read.get(key)
        return None if found is None else found[1]

    def keep(self, key: Key, schema: Json, node: Node) -> None:
        """Know what was read, and keep the schema: its identity must not become another's."""
        self.size += 4
        self._read[key] = (schema, node)

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
        self.size += 4 + sum(len(value) for value in keywords.values() if _is_many(value))
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


class Reader:
    """Turns one plain schema into nodes, definitions that refer to themselves included."""

    def __init__(self, graph: Graph, root: Json) -> None:
        self.graph = graph
        given: Json = root.get("$defs", {}) if isinstance(root, dict) else {}
        self.definitions = cast("dict[str, Json]", given)
        self.known: dict[str, Node] = {}

    @cached_property
    def cycles(self) -> dict[str, frozenset[str]]:
        """The definitions on cycles, each with all that are on them."""
        return cycles(
            {name: set(self.graph.names(schema)) for name, schema in self.definitions.items()}
        )

    def read(self, schema: Json) -> Node:
        """The node of the root, or of a schema within it."""
        if not isinstance(schema, dict):
            return self.graph.false if schema is False else self.graph.true
        names = self.graph.names(schema)
        key = (id(schema), *(self.definition(name).uid for name in names))
        known = self.graph.known(key)
        if known is None:
            known = self._node(schema)
            self.graph.keep(key, schema, known)
        return known

    def _node(self, schema: dict[str, Json]) -> Node:
        keywords = {
            word: self._value(word, value) if word in _SCHEMAS else value
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
                self._find_cycle(self.cycles[name])
            else:
                self.known[name] = self.read(self.definitions[name])
        return self.known[name]

    def _find_cycle(self, names: frozenset[str]) -> None:
        """The nodes of definitions that lead to each other, if those were read before."""
        members = sorted(names)
        schemas = [self.definitions[name] for name in members]
        outer = dict.fromkeys(name for each in schemas for name in self.graph.names(each))
        uids = [self.definition(name).uid for name in outer if name not in names]
        shared = (*members, *map(id, schemas), *uids)
        found = {name: self.graph.known((name, shared)) for name in members}
        if None in found.values():
            self._define_cycle(names)
            for name in members:
                self.graph.keep((name, shared), schemas, self.known[name])
        else:
            self.known |= cast("dict[str, Node]", found)

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


def _within(schema: dict[str, Json]) -> Iterator[Json]:
    """The schemas directly within a plain schema, definitions apart."""
    for word, value in schema.items():
        if word in _ONE:
            yield value
        elif word in _MANY and isinstance(value, list):
            yield from value
        elif word in _NAMED and isinstance(value, dict):
            yield from value.values()


def _is_many(value: Any) -> bool:
    return isinstance(value, dict | list | tuple)
