"""What one side says of a place: all schemas that may apply there, in every branch."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, NamedTuple

from registry.compatibility.model import Budget
from registry.compatibility.reserved.regions import fits, regions
from registry.compatibility.solver import Empty, Questions
from registry.compatibility.solver.terms import Graph, Node
from registry.dialects.strict_json import Json

Keywords = dict[str, Any]

_NONE: dict[str, Any] = {}
_SAMPLES: tuple[Json, ...] = ("A", 1, {}, [], True, None)
_SOON = Budget(steps=300)

_ONE = ("not", "if", "then", "else")
_MANY = ("allOf", "anyOf", "oneOf")
_INNER = frozenset(
    (
        *("properties", "patternProperties", "additionalProperties", "unevaluatedProperties"),
        *("prefixItems", "items", "contains", "unevaluatedItems"),
    )
)
_NEEDING = frozenset(
    (
        *("required", "dependentRequired", "minProperties", "enum", "const"),
        # Where they must not hold, or no name but some may be used, a name may be needed as well.
        *("maxProperties", "propertyNames", "uniqueItems"),
    )
)
_INNER_OR_NEEDING = _INNER | _NEEDING
_SPEAKING = _INNER_OR_NEEDING | {*_ONE, *_MANY, "dependentSchemas"}
_EVALUATES = ("unevaluatedProperties", "unevaluatedItems")


class Step(NamedTuple):
    """One step down: a property, other names that fit some patterns, any other, a position, items.

    The `name` of what fits patterns is one that says so, and `matching` are the patterns.
    """

    kind: Literal["property", "pattern", "other", "index", "item"]
    name: str = ""
    position: int = 0
    matching: tuple[str, ...] = ()


class Group:
    """The schemas of one side at a place, as far as they speak of what is within.

    `entries` are those that lead there, `terms` all that apply in place with them.
    """

    def __init__(
        self, entries: dict[int, Node], terms: Iterable[Node], offers: Callable[[Node], bool]
    ) -> None:
        self.entries = tuple(entries.values())
        self.terms = tuple(terms)
        self.nodes = tuple(node.keywords for node in self.terms)
        self.key = frozenset(entries)
        self.properties = _keys(self.nodes, "properties")
        self.patterns = _keys(self.nodes, "patternProperties")
        self.names = {
            name
            for node in self.nodes
            for name, schema in node.get("properties", _NONE).items()
            if offers(schema)
        }
        self.needed = {name for node in self.nodes for name in _needed(node)}
        self.listed = {
            name
            for node in self.nodes
            for value in node.get("enum", ())
            for name in _names_in(value)
        }
        self.positions = max((len(node.get("prefixItems", ())) for node in self.nodes), default=0)
        self.evaluates = any(keyword in node for node in self.nodes for keyword in _EVALUATES)


def steps(old: Group, new: Group) -> Iterator[Step]:
    """The steps down that either side tells apart; raises TooMany."""
    names, patterns = old.properties | new.properties, old.patterns | new.patterns
    yield from (Step("property", name) for name in names)
    for region in regions(tuple(patterns), frozenset(names)):
        yield Step("pattern", region.source, matching=region.matching)
    yield Step("other")
    for position in range(max(old.positions, new.positions)):
        yield Step("index", position=position)
    yield Step("item")


class Speaker:
    """Finds the groups of places, in the schemas of one graph."""

    def __init__(self, graph: Graph) -> None:
        self._groups: dict[frozenset[int], Group] = {}
        self._questions = Questions(graph)
        self._offering: dict[int, bool] = {}
        self._silent = Group({}, (), self._offers)

    def group(self, schemas: Iterable[Node]) -> Group:
        """The schemas given and all that apply in place with them."""
        entries = {node.uid: node for node in _speaking(schemas)}
        key = frozenset(entries)
        if key not in self._groups:
            nodes = _applying(entries.values())
            silent = all(_INNER_OR_NEEDING.isdisjoint(node.keywords) for node in nodes)
            self._groups[key] = self._silent if silent else Group(entries, nodes, self._offers)
        return self._groups[key]

    def _offers(self, schema: Node) -> bool:
        """Whether a name with this schema can be used: what no value fits declares nothing."""
        known = self._offering.get(schema.uid)
        if known is None:
            fits = self._questions.fits
            known = any(fits(schema, sample) for sample in _SAMPLES) or not isinstance(
                self._questions.find([schema], [], _SOON), Empty
            )
            self._offering[schema.uid] = known
        return known

    def below(self, group: Group, step: Step) -> Group:
        """What may apply one step down."""
        return self.group(inner for node in group.nodes for inner in _below(group, node, step))


def _applying(schemas: Iterable[Node]) -> list[Node]:
    """The schemas and all in place with them, each once."""
    waiting = [*schemas]
    found: dict[int, Node] = {}
    while waiting:
        node = waiting.pop()
        if node.uid not in found:
            found[node.uid] = node
            waiting += _speaking(_in_place(node.keywords))
    return [*found.values()]


def _in_place(node: Keywords) -> Iterator[Node]:
    yield from (node[keyword] for keyword in _ONE if keyword in node)
    for keyword in _MANY:
        yield from node.get(keyword, ())
    yield from node.get("dependentSchemas", _NONE).values()


def _speaking(schemas: Iterable[Node]) -> list[Node]:
    """The schemas that say something of what is within, or lead to one that may."""
    return [schema for schema in schemas if not _SPEAKING.isdisjoint(schema.keywords)]


def _needed(node: Keywords) -> Iterator[str]:
    """Names a document must use."""
    yield from node.get("required", ())
    for names in node.get("dependentRequired", _NONE).values():
        yield from names


def _names_in(value: Json) -> Iterator[str]:
    """The names that a value uses, at any depth."""
    if isinstance(value, dict):
        yield from value
        value = [*value.values()]
    if isinstance(value, list):
        for inner in value:
            yield from _names_in(inner)


def _below(group: Group, node: Keywords, step: Step) -> Iterator[Node]:
    match step.kind:
        case "property":
            yield from _at_name(group, node, step.name)
        case "pattern":
            patterns = node.get("patternProperties", _NONE)
            found = [patterns[source] for source in step.matching if source in patterns]
            yield from found or _given(node, "additionalProperties")
            yield from _given(node, "unevaluatedProperties")
        case "other":
            yield from _given(node, "additionalProperties")
            yield from _given(node, "unevaluatedProperties")
        case "index" | "item":
            yield from _at_index(node, step)


def _at_name(group: Group, node: Keywords, name: str) -> Iterator[Node]:
    properties, patterns = node.get("properties", _NONE), node.get("patternProperties", _NONE)
    found = [schema for source, schema in patterns.items() if fits(source, name) is not False]
    found += [properties[name]] if name in properties else []
    yield from found or _given(node, "additionalProperties")
    if name not in group.properties:
        yield from _given(node, "unevaluatedProperties")


def _at_index(node: Keywords, step: Step) -> Iterator[Node]:
    first = node.get("prefixItems", ())
    if step.kind == "index" and step.position < len(first):
        yield first[step.position]
    else:
        yield from _given(node, "items")
        yield from _given(node, "unevaluatedItems")
    yield from _given(node, "contains")


def _given(node: Keywords, keyword: str) -> tuple[Node, ...]:
    """The schema under a keyword, where there is one: without it anything goes."""
    return (node[keyword],) if keyword in node else ()


def _keys(nodes: Iterable[Keywords], keyword: str) -> dict[str, None]:
    return {name: None for node in nodes for name in node.get(keyword, _NONE)}
