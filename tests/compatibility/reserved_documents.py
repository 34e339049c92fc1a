"""The reserved reading told of documents: which one uses a name that only the other side declares.

Written apart from the product, which rewrites schemas instead: the two must agree.
"""

from collections.abc import Iterator
from typing import Any, cast

from registry.compatibility.languages import matches
from registry.compatibility.model import Budget
from registry.compatibility.solver import Empty, find
from tests.compatibility.generated import mapping

IN_PLACE = ("allOf", "anyOf", "oneOf")
ONE_IN_PLACE = ("not", "if", "then", "else")
OTHER = "a name nobody declares"
OTHER_ITEM = 1 << 20

Nodes = list[dict[str, Any]]


class Side:
    """One schema in the plain form."""

    def __init__(self, root: Any) -> None:
        self._definitions: dict[str, Any] = mapping(root).get("$defs", {})
        self.start = self.speaking([root])

    def speaking(self, schemas: list[Any]) -> Nodes:
        """The schemas and all that may apply in place with them."""
        found: dict[int, dict[str, Any]] = {}
        waiting = list(schemas)
        while waiting:
            node = waiting.pop()
            if isinstance(node, dict) and id(cast("object", node)) not in found:
                found[id(cast("object", node))] = mapping(node)
                waiting += self._beside(mapping(node))
        return list(found.values())

    def _beside(self, node: dict[str, Any]) -> Iterator[Any]:
        if "$ref" in node:
            yield self._definitions[node["$ref"].removeprefix("#/$defs/")]
        yield from (node[word] for word in ONE_IN_PLACE if word in node)
        for word in IN_PLACE:
            yield from node.get(word, ())
        yield from node.get("dependentSchemas", {}).values()

    def declared(self, nodes: Nodes) -> set[str]:
        """The names offered at a place; what is forbidden is not offered."""
        return {
            name
            for node in nodes
            for name, schema in node.get("properties", {}).items()
            if not self._forbids(schema)
        }

    def _forbids(self, schema: Any) -> bool:
        """Whether nothing fits the schema, as far as that is soon known."""
        if schema is False or schema is True or not schema:
            return schema is False
        whole = {"$defs": self._definitions, **mapping(schema)}
        return isinstance(find([whole], [], Budget(steps=300)), Empty)

    def under(self, nodes: Nodes, step: str | int) -> Nodes:
        """What may apply to a member or an item."""
        below = _member if isinstance(step, str) else _item
        return self.speaking([inner for node in nodes for inner in below(nodes, node, step)])


def _member(nodes: Nodes, node: dict[str, Any], name: Any) -> Iterator[Any]:
    found = [schema for key, schema in node.get("properties", {}).items() if key == name]
    found += [
        schema for key, schema in node.get("patternProperties", {}).items() if matches(key, name)
    ]
    yield from found or [node.get("additionalProperties", True)]
    if not any(name in other.get("properties", ()) for other in nodes):
        yield node.get("unevaluatedProperties", True)


def _item(_: Nodes, node: dict[str, Any], place: Any) -> Iterator[Any]:
    first = node.get("prefixItems", ())
    if place < len(first):
        yield first[place]
    else:
        yield node.get("items", True)
        yield node.get("unevaluatedItems", True)
    yield node.get("contains", True)


def left_out(document: Any, own: Side, other: Side) -> bool:
    """Whether the document uses, anywhere, a name the other declares there and its own does not."""
    return _left_out(document, own, own.start, other, other.start)


def _left_out(document: Any, own: Side, mine: Nodes, other: Side, theirs: Nodes) -> bool:
    members = mapping(document)
    if not (other.declared(theirs) - own.declared(mine)).isdisjoint(members):
        return True
    items = cast("list[Any]", document) if isinstance(document, list) else []
    inner: list[tuple[str | int, Any]] = [*members.items(), *enumerate(items)]
    return any(
        _left_out(value, own, own.under(mine, step), other, other.under(theirs, step))
        for step, value in inner
    )


def dropped(own: Side, other: Side) -> bool:
    """Whether anywhere a name declared by one's own side is not declared by the other."""
    seen: set[tuple[frozenset[int], frozenset[int]]] = set()
    waiting = [(own.start, other.start)]
    while waiting:
        mine, theirs = waiting.pop()
        key = (frozenset(map(id, mine)), frozenset(map(id, theirs)))
        if key in seen:
            continue
        seen.add(key)
        if own.declared(mine) - other.declared(theirs):
            return True
        steps = _steps([*mine, *theirs])
        waiting += [(own.under(mine, step), other.under(theirs, step)) for step in steps]
    return False


def _steps(nodes: Nodes) -> Iterator[str | int]:
    yield from {name for node in nodes for name in node.get("properties", ())}
    yield OTHER
    yield from range(max((len(node.get("prefixItems", ())) for node in nodes), default=0))
    yield OTHER_ITEM
