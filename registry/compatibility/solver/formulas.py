"""Writes out what a node demands of a document of one JSON type."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations, islice
from typing import Any

from registry.compatibility.solver.demands import (
    AllFrom,
    Among,
    At,
    AtLeast,
    AtMost,
    Count,
    Distinct,
    Every,
    EveryName,
    Formatted,
    Formula,
    JsonType,
    Lit,
    Matches,
    Member,
    Multiple,
    Opaque,
    Present,
    Size,
    Some,
    SomeFrom,
    Where,
    both,
    either,
    negated,
    type_of,
)
from registry.compatibility.solver.terms import Graph, Key, Node, key_of
from registry.compatibility.solver.unevaluated import TooManyCases, elements_left, members_left
from registry.dialects.strict_json import Json

Writer = Callable[[Node, Any], Formula]
_INTEGER = Multiple(Fraction(1), wanted=True)
_MAX_PAIRS = 100_000
_CONDITION = ("if", "then", "else")
_DEPENDENT = ("dependentRequired", "dependentSchemas")


def fits(node: Node) -> Lit:
    """The literal that a document fits the node."""
    return Lit(2 * node.uid)


def fails(node: Node) -> Lit:
    """The literal that a document does not fit the node."""
    return Lit(2 * node.uid + 1)


class Formulas:
    """The formulas of a graph's literals, by JSON type; each is written once."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._written: dict[tuple[int, JsonType], Formula] = {}

    def of(self, lit: int, kind: JsonType) -> Formula:
        """What the literal demands of a document of this type."""
        found = self._written.get((lit, kind))
        if found is None:
            found = self._written[lit, kind] = self._write(lit, kind)
        return found

    def _write(self, lit: int, kind: JsonType) -> Formula:
        node = self.graph[lit >> 1]
        if node is self.graph.false:
            return bool(lit & 1)
        parts = [self._keyword(node, kind, word) for word in node.keywords]
        left = self._unevaluated(node, kind, negative=bool(lit & 1))
        return either(*map(negated, parts), left) if lit & 1 else both(*parts, left)

    def _keyword(self, node: Node, kind: JsonType, word: str) -> Formula:
        value = node.keywords[word]
        if word == "type":
            return _typed([value] if isinstance(value, str) else value, kind)
        if word == "enum":
            return self._among(value, kind)
        write = _ANYWHERE.get(word) or _BY_TYPE[kind].get(word)
        if write is None:
            return True
        parts = self._parts(node, word)
        return write(node, value) if parts is None else both(*map(fits, parts))

    def _parts(self, node: Node, word: str) -> list[Node] | None:
        """Nodes of their own for conditions: so what two schemas share is seen to be shared."""
        if word == "if":
            alone = {each: node.keywords[each] for each in _CONDITION if each in node.keywords}
            parts = [self.graph.intern(alone)]
        elif word in _DEPENDENT:
            entries = node.keywords[word].items()
            parts = [self.graph.intern({word: {name: value}}) for name, value in entries]
        else:
            return None
        return None if parts == [node] else parts

    def _among(self, values: Iterable[Json], kind: JsonType) -> Formula:
        own = tuple(value for value in values if type_of(value) == kind)
        return Among(own, frozenset(map(key_of, own)), wanted=True) if own else False

    def _unevaluated(self, node: Node, kind: JsonType, *, negative: bool) -> Formula:
        """Where the rest of the node holds: what it says of members or elements left over."""
        keywords = node.keywords
        try:
            if kind == "object" and "unevaluatedProperties" in keywords:
                inner = keywords["unevaluatedProperties"]
                return self._left_over(members_left(self.graph, node), inner, negative=negative)
            if kind == "array" and "unevaluatedItems" in keywords:
                inner = keywords["unevaluatedItems"]
                return self._left_over(elements_left(node), inner, negative=negative)
        except TooManyCases:
            return Opaque(f"unevaluated {node.uid}", wanted=not negative)
        return not negative

    def _left_over(self, cases: Any, inner: Node, *, negative: bool) -> Formula:
        written: list[Formula] = []
        for case in cases:
            lits = [Lit(code) for code in case.lits]
            rest = self._rest(case, inner)
            written.append(both(*lits, negated(rest) if negative else rest))
        return either(*written)

    def _rest(self, case: Any, inner: Node) -> Formula:
        if case.all:
            return True
        if case.contained:
            inner = self.graph.intern({"anyOf": (inner, *case.contained)})
        lit = fits(inner).code
        if case.where is not None:
            return Every(case.where, lit)
        return AllFrom(case.index, lit)


def differs(graph: Graph, value: Json) -> Formula:
    """That an array or object is not this one."""
    if isinstance(value, list):
        size = negated(Size(len(value), len(value)))
        places = enumerate(value)
        return either(size, *(At(at, fails(graph.values([v])).code, must=True) for at, v in places))
    if not isinstance(value, dict):
        return True
    more = Some(Where((), (), frozenset(value)), fits(graph.true).code)
    inner = [
        part
        for name, v in value.items()
        for part in (
            Present(name, wanted=False),
            Member(name, fails(graph.values([v])).code, must=True),
        )
    ]
    return either(*inner, more)


def _typed(types: Iterable[str], kind: JsonType) -> Formula:
    if kind in types:
        return True
    return _INTEGER if kind == "number" and "integer" in types else False


def _all_of(_: Node, nodes: tuple[Node, ...]) -> Formula:
    return both(*map(fits, nodes))


def _any_of(_: Node, nodes: tuple[Node, ...]) -> Formula:
    return either(*map(fits, nodes))


def _one_of(node: Node, nodes: tuple[Node, ...]) -> Formula:
    some = either(*map(fits, nodes))
    pairs = list(islice(_alike(nodes), _MAX_PAIRS + 1))
    if len(pairs) > _MAX_PAIRS:
        return both(some, Opaque(f"oneOf {node.uid}", wanted=True))
    apart = (either(fails(one), fails(two)) for one, two in pairs if not _apart(one, two))
    return both(some, *apart)


def _alike(nodes: Sequence[Node]) -> Iterator[tuple[Node, Node]]:
    """The pairs of nodes, without those that differ in what all of them list."""
    labels = _labels(nodes)
    if labels is None:
        yield from combinations(nodes, 2)
        return
    known: dict[Key, list[int]] = {}
    for place, keys in enumerate(labels):
        met = dict.fromkeys(other for key in keys for other in known.get(key, ()))
        yield from ((nodes[other], nodes[place]) for other in met)
        for key in keys:
            known.setdefault(key, []).append(place)


def _labels(nodes: Sequence[Node]) -> list[frozenset[Key]] | None:
    """The values that each node lists, or those of a member that all need."""
    listed = _all_listed(nodes)
    if listed is not None or any(node.keywords.get("type") != "object" for node in nodes):
        return listed
    needed: list[set[str]] = [set(node.keywords.get("required", ())) for node in nodes]
    for name in sorted(needed[0].intersection(*needed)):
        members = [node.keywords.get("properties", {}).get(name) for node in nodes]
        if None not in members and (found := _all_listed(members)) is not None:
            return found
    return None


def _all_listed(nodes: Sequence[Node]) -> list[frozenset[Key]] | None:
    found = [_listed(node) for node in nodes]
    return None if None in found else [keys for keys in found if keys is not None]


def _apart(one: Node, other: Node, depth: int = 3) -> bool:
    """Whether a glance shows that no document fits both, as with constants and discriminators."""
    if depth == 0:
        return False
    mine, theirs = _listed(one), _listed(other)
    if mine is not None and theirs is not None:
        return mine.isdisjoint(theirs)
    named = one.keywords.get("properties", {}), other.keywords.get("properties", {})
    needed = set(one.keywords.get("required", ())) & set(other.keywords.get("required", ()))
    objects = one.keywords.get("type") == "object" == other.keywords.get("type")
    return objects and any(
        _apart(named[0][name], named[1][name], depth - 1)
        for name in needed
        if name in named[0] and name in named[1]
    )


def _listed(node: Node) -> frozenset[Key] | None:
    """The values a node lists, found through `const` and `enum`."""
    if "enum" in node.keywords:
        return frozenset(map(key_of, node.keywords["enum"]))
    parts = node.keywords.get("allOf", ())
    return next((_listed(part) for part in parts if "enum" in part.keywords), None)


def _not(_: Node, node: Node) -> Formula:
    return fails(node)


def _if(node: Node, condition: Node) -> Formula:
    then, other = node.keywords.get("then"), node.keywords.get("else")
    first = True if then is None else either(fails(condition), fits(then))
    second = True if other is None else either(fits(condition), fits(other))
    return both(first, second)


def _opaque(_: Node, identity: str) -> Formula:
    return Opaque(identity, wanted=True)


def _items(node: Node, inner: Node) -> Formula:
    return AllFrom(len(node.keywords.get("prefixItems", ())), fits(inner).code)


def _prefix_items(_: Node, nodes: tuple[Node, ...]) -> Formula:
    return both(*(At(index, fits(node).code, must=False) for index, node in enumerate(nodes)))


def _contains(node: Node, inner: Node) -> Formula:
    lit = fits(inner).code
    least, most = node.keywords.get("minContains", 1), node.keywords.get("maxContains")
    enough: Formula = True
    if least > 0:
        enough = SomeFrom(0, lit) if least == 1 else Count(lit, int(least), None)
    return both(enough, True if most is None else Count(lit, 0, int(most)))


def _properties(_: Node, nodes: dict[str, Node]) -> Formula:
    return both(*(Member(name, fits(node).code, must=False) for name, node in nodes.items()))


def _pattern_properties(_: Node, nodes: dict[str, Node]) -> Formula:
    none: frozenset[str] = frozenset()
    return both(
        *(Every(Where((pattern,), (), none), fits(node).code) for pattern, node in nodes.items())
    )


def _additional_properties(node: Node, inner: Node) -> Formula:
    names = frozenset(node.keywords.get("properties", ()))
    patterns = tuple(sorted(node.keywords.get("patternProperties", ())))
    return Every(Where((), patterns, names), fits(inner).code)


def _dependent_required(_: Node, needed: dict[str, list[str]]) -> Formula:
    return both(
        *(
            either(Present(name, wanted=False), both(*(Present(n, wanted=True) for n in names)))
            for name, names in needed.items()
        )
    )


def _dependent_schemas(_: Node, nodes: dict[str, Node]) -> Formula:
    return both(*(either(Present(name, wanted=False), fits(node)) for name, node in nodes.items()))


_ANYWHERE: dict[str, Writer] = {
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "if": _if,
    "$opaque": _opaque,
}

_BY_TYPE: dict[JsonType, dict[str, Writer]] = {
    "null": {},
    "boolean": {},
    "number": {
        "minimum": lambda _, value: AtLeast(Fraction(value), strict=False),
        "exclusiveMinimum": lambda _, value: AtLeast(Fraction(value), strict=True),
        "maximum": lambda _, value: AtMost(Fraction(value), strict=False),
        "exclusiveMaximum": lambda _, value: AtMost(Fraction(value), strict=True),
        "multipleOf": lambda _, value: Multiple(Fraction(value), wanted=True),
    },
    "string": {
        "minLength": lambda _, value: Size(int(value), None),
        "maxLength": lambda _, value: Size(0, int(value)),
        "pattern": lambda _, value: Matches(value, wanted=True),
        "format": lambda _, value: Formatted(value, wanted=True),
    },
    "array": {
        "minItems": lambda _, value: Size(int(value), None),
        "maxItems": lambda _, value: Size(0, int(value)),
        "uniqueItems": lambda _, value: Distinct(wanted=True) if value else True,
        "items": _items,
        "prefixItems": _prefix_items,
        "contains": _contains,
    },
    "object": {
        "minProperties": lambda _, value: Size(int(value), None),
        "maxProperties": lambda _, value: Size(0, int(value)),
        "required": lambda _, names: both(*(Present(name, wanted=True) for name in names)),
        "properties": _properties,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "propertyNames": lambda _, inner: EveryName(fits(inner).code),
        "dependentRequired": _dependent_required,
        "dependentSchemas": _dependent_schemas,
    },
}
