"""What one side says of a place: all schemas that may apply there, in every branch."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from registry.compatibility.languages import matches
from registry.dialects.strict_json import Json

Node = dict[str, Json]

_ONE = ("not", "if", "then", "else")
_MANY = ("allOf", "anyOf", "oneOf")
_INNER = frozenset(
    (
        *("properties", "patternProperties", "additionalProperties", "unevaluatedProperties"),
        *("prefixItems", "items", "contains", "unevaluatedItems"),
    )
)
_NEEDING = frozenset(("required", "dependentRequired", "enum", "const"))
_SPEAKING = _INNER | _NEEDING | {*_ONE, *_MANY, "$ref", "dependentSchemas"}
_EVALUATES = ("unevaluatedProperties", "unevaluatedItems")


class Step(NamedTuple):
    """One step down: a property, what fits a pattern, any other name, a position, other items."""

    kind: Literal["property", "pattern", "other", "index", "item"]
    name: str = ""
    position: int = 0


class Group:
    """The schemas of one side at a place, as far as they speak of what is within."""

    def __init__(self, nodes: dict[int, Node]) -> None:
        self.nodes = tuple(nodes.values())
        self.key = frozenset(nodes)
        self.properties = _keys(self.nodes, "properties")
        self.patterns = _keys(self.nodes, "patternProperties")
        self.names = {
            name
            for node in self.nodes
            for name, schema in _named(node, "properties").items()
            if schema is not False
        }
        self.needed = {name for node in self.nodes for name in _needed(node)}
        self.positions = max((len(_listed(node, "prefixItems")) for node in self.nodes), default=0)
        self.evaluates = any(keyword in node for node in self.nodes for keyword in _EVALUATES)


def steps(old: Group, new: Group) -> Iterator[Step]:
    """The steps down that either side tells apart."""
    yield from (Step("property", name) for name in (old.properties | new.properties))
    yield from (Step("pattern", source) for source in (old.patterns | new.patterns))
    yield Step("other")
    for position in range(max(old.positions, new.positions)):
        yield Step("index", position=position)
    yield Step("item")


class Speaker:
    """One side: finds the groups of its places."""

    def __init__(self, root: Json) -> None:
        self._definitions = _named(root if isinstance(root, dict) else {}, "$defs")
        self._groups: dict[frozenset[int], Group] = {}
        self._silent = Group({})

    def group(self, schemas: Iterable[Json]) -> Group:
        """The schemas given and all that apply in place with them."""
        waiting = _speaking(schemas)
        if not waiting:
            return self._silent
        seen: set[int] = set()
        nodes: dict[int, Node] = {}
        while waiting:
            node = waiting.pop()
            if id(node) not in seen:
                seen.add(id(node))
                waiting += _speaking(self._in_place(node))
                if not (_INNER.isdisjoint(node) and _NEEDING.isdisjoint(node)):
                    nodes[id(node)] = node
        key = frozenset(nodes)
        if key not in self._groups:
            self._groups[key] = Group(nodes)
        return self._groups[key]

    def below(self, group: Group, step: Step) -> Group:
        """What may apply one step down."""
        return self.group(inner for node in group.nodes for inner in _below(group, node, step))

    def _in_place(self, node: Node) -> Iterator[Json]:
        target = node.get("$ref")
        if isinstance(target, str):
            yield self._definitions.get(target.removeprefix("#/$defs/"), True)
        yield from (node[keyword] for keyword in _ONE if keyword in node)
        for keyword in _MANY:
            yield from _listed(node, keyword)
        yield from _named(node, "dependentSchemas").values()


def _speaking(schemas: Iterable[Json]) -> list[Node]:
    """The schemas that say something of what is within, or lead to one that may."""
    return [
        schema
        for schema in schemas
        if isinstance(schema, dict) and not _SPEAKING.isdisjoint(schema)
    ]


def _needed(node: Node) -> Iterator[str]:
    """Names a document must use, or that listed values do use."""
    yield from (str(name) for name in _listed(node, "required"))
    for names in _named(node, "dependentRequired").values():
        yield from (str(name) for name in (names if isinstance(names, list) else ()))
    for value in (*_listed(node, "enum"), node.get("const")):
        yield from value if isinstance(value, dict) else ()


def _below(group: Group, node: Node, step: Step) -> Iterator[Json]:
    match step.kind:
        case "property":
            yield from _at_name(group, node, step.name)
        case "pattern":
            patterns = _named(node, "patternProperties")
            yield patterns.get(step.name, node.get("additionalProperties", True))
            yield node.get("unevaluatedProperties", True)
        case "other":
            yield node.get("additionalProperties", True)
            yield node.get("unevaluatedProperties", True)
        case "index" | "item":
            yield from _at_index(node, step)


def _at_name(group: Group, node: Node, name: str) -> Iterator[Json]:
    properties, patterns = _named(node, "properties"), _named(node, "patternProperties")
    found = [schema for source, schema in patterns.items() if _fits(source, name)]
    found += [properties[name]] if name in properties else []
    yield from found or [node.get("additionalProperties", True)]
    if name not in group.properties:
        yield node.get("unevaluatedProperties", True)


def _at_index(node: Node, step: Step) -> Iterator[Json]:
    first = _listed(node, "prefixItems")
    if step.kind == "index" and step.position < len(first):
        yield first[step.position]
    else:
        yield node.get("items", True)
        yield node.get("unevaluatedItems", True)
    yield node.get("contains", True)


def _fits(source: str, name: str) -> bool:
    """Whether the name may fit; a pattern nobody can run may fit anything."""
    try:
        return matches(source, name)
    except ValueError:
        return True


def _keys(nodes: Iterable[Node], keyword: str) -> dict[str, None]:
    return {name: None for node in nodes for name in _named(node, keyword)}


def _named(node: Node, keyword: str) -> Mapping[str, Json]:
    value = node.get(keyword)
    return value if isinstance(value, dict) else {}


def _listed(node: Node, keyword: str) -> list[Json]:
    value = node.get(keyword)
    return value if isinstance(value, list) else []
