"""Places of documents, and the schemas of one side that speak of a place together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal, NamedTuple, cast

from registry.compatibility.plain import Plain
from registry.dialects.strict_json import Json, Steps, pointer_to, steps_of

Node = dict[str, Json]
Edits = tuple[tuple[Steps, Json], ...]
"""Nodes of a plain schema, by their steps, and what stands there instead."""

Kind = Literal["property", "pattern", "other", "names", "index", "item", "contained"]

_DEFS = "#/$defs/"
_ONE = frozenset(
    {"items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else"}
    | {"unevaluatedItems", "unevaluatedProperties"}
)
_MANY = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_NAMED = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs"})


class Step(NamedTuple):
    """One step into a document; `name` is the property, the pattern or the position.

    Of several entries that must be contained, it is what is asked of this one.
    """

    kind: Kind
    name: str = ""


Place = tuple[Step, ...]

_SIGNS = {"other": "*", "item": "*", "contained": "*", "names": "{names}"}


def place_text(place: Place) -> str:
    """`/applicant/children/*/name`: what it is about, for people."""
    return pointer_to(tuple(_step_text(step) for step in place))


def place_key(place: Place) -> str:
    """The same for fingerprints: a property called `0` is no first entry."""
    return pointer_to(tuple(f"{step.kind}:{step.name}" for step in place))


def _step_text(step: Step) -> str:
    if step.kind == "pattern":
        return "{" + step.name + "}"
    return _SIGNS.get(step.kind, step.name)


def within(inner: Steps, outer: Steps) -> bool:
    """Whether a schema stands inside another one."""
    return len(outer) < len(inner) and inner[: len(outer)] == outer


class Member(NamedTuple):
    """One of the schemas that apply to a place."""

    steps: Steps
    node: Node


class View:
    """One plain schema, looked at by place."""

    def __init__(self, plain: Plain, name: str) -> None:
        self.plain = plain
        self.name = name
        self._sides: dict[tuple[Steps, ...], Account] = {}
        root = plain.root
        found = root.get("$defs") if isinstance(root, dict) else None
        self.defs: Node = found if isinstance(found, dict) else {}

    def at(self, steps: Steps) -> Json:
        """The schema there."""
        return at(self.plain.root, steps)

    def written(self, steps: Steps) -> str | None:
        """All that is said there, as text; None where it hangs on what is said elsewhere."""
        node = self.at(steps)
        source = self.plain.sources.get(id(node))
        if source is None or source.resource.third:
            return None
        text = repr((source.resource.dialect, node, source.schema))
        return None if "Ref'" in text or "$ref'" in text else text

    def target(self, reference: Json) -> Steps:
        """Where a `$ref` leads: the plain form knows definitions of the root only."""
        return ("$defs", steps_of(str(reference).removeprefix("#"))[1])

    def followed(self, schema: Json) -> Json:
        """What a `$ref` refers to."""
        return self.at(self.target(cast("Node", schema)["$ref"]))

    def side(self, starts: Iterable[Steps]) -> "Account":
        """All that applies where these schemas apply: through `$ref` and `allOf`, each once."""
        key = tuple(starts)
        found = self._sides.get(key)
        if found is None:
            found = self._sides[key] = self._gathered(key)
        return found

    def _gathered(self, starts: Sequence[Steps]) -> "Account":
        members: list[Member] = []
        seen: dict[Steps, None] = {}
        waiting = [*starts][::-1]
        while waiting:
            steps = waiting.pop()
            if steps in seen:
                continue
            seen[steps] = None
            node = _node(self.at(steps))
            waiting += reversed([*self._in_place(steps, node)])
            if not node or node.keys() - {"$ref", "allOf", "$defs"}:
                members.append(Member(steps, node))
        return Account(self, tuple(members), tuple(seen))

    def _in_place(self, steps: Steps, node: Node) -> Iterator[Steps]:
        if "$ref" in node:
            yield self.target(node["$ref"])
        for word in ("allOf", "anyOf", "oneOf"):
            if _all_apply(node, word):
                inner = cast("list[Json]", node[word])
                yield from ((*steps, word, index) for index in range(len(inner)))

    def declared(self, starts: Iterable[Steps]) -> frozenset[str]:
        """All names in `properties` of whatever applies to a place, alternatives included."""
        names: set[str] = set()
        seen: set[int] = set()
        waiting = [self.at(steps) for steps in starts]
        while waiting:
            node = waiting.pop()
            if not isinstance(node, dict) or id(node) in seen:
                continue
            seen.add(id(node))
            names |= cast("Node", node.get("properties", {})).keys()
            waiting += _applied(node)
            waiting += [self.followed(node)] if "$ref" in node else []
        return frozenset(names)

    def carried(self, schema: Json) -> Json:
        """The schema as it may stand on the other side: its references lead to `carried_defs`."""
        return _renamed(schema, self.name) if self.defs else schema

    @cached_property
    def carried_defs(self) -> Node:
        return {
            f"{self.name}:{key}": _renamed(value, self.name) for key, value in self.defs.items()
        }


class Account:
    """What one version says of a place: schemas that all apply, seen as one."""

    def __init__(self, view: View, members: tuple[Member, ...], visited: tuple[Steps, ...]) -> None:
        self.view = view
        self.members = members
        self.visited = visited
        self._named: dict[str, dict[str, tuple[Steps, ...]]] = {}

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(word for member in self.members for word in member.node)

    @property
    def never(self) -> bool:
        """Whether nothing at all may stand here."""
        return any(
            member.node.get("not") in ({}, True) or member.node.get("enum") == []
            for member in self.members
        )

    def having(self, word: str) -> list[tuple[Steps, Json]]:
        """The values of a keyword, each with the steps to it."""
        if word not in self.words:
            return []
        return [
            ((*member.steps, word), member.node[word])
            for member in self.members
            if word in member.node
        ]

    def values(self, word: str) -> list[Json]:
        return [value for _, value in self.having(word)]

    def named(self, word: str) -> dict[str, tuple[Steps, ...]]:
        """By name: the schemas under a keyword that holds named ones."""
        if word in self._named:
            return self._named[word]
        found = self._named[word] = {}
        for steps, value in self.having(word):
            for name in cast("Node", value):
                found[name] = (*found.get(name, ()), (*steps, name))
        return found

    def spot(self, *words: str) -> Steps:
        """Where one of the keywords stands; the place itself where none does."""
        for word in words:
            for steps, _ in self.having(word):
                return steps
        return self.members[0].steps if self.members else self.visited[0]

    def put(self, words: Sequence[str], values: Mapping[str, Json]) -> Edits:
        """These keywords everywhere at the place replaced by the values given."""
        touched = [member for member in self.members if not member.node.keys().isdisjoint(words)]
        if not touched:
            touched = [*self.members[:1]] or [Member(self.visited[0], {})]
        edits: list[tuple[Steps, Json]] = []
        for index, member in enumerate(touched):
            node = {
                word: value
                for word, value in member.node.items()
                if word not in words or _all_apply(member.node, word)
            }
            edits.append((member.steps, _joined(node, values) if index == 0 else node))
        return tuple(edits)

    @cached_property
    def steps(self) -> tuple[Steps, ...]:
        return tuple(member.steps for member in self.members) or self.visited[:1]

    def annotations(self, *, again: bool = False) -> Node:
        """What is said of the place and never counts: the first that speaks wins."""
        found: Node = {}
        sources = self.view.plain.sources
        for steps in self.visited:
            if again and steps in self.steps:
                continue
            source = sources.get(id(self.view.at(steps)))
            for word, value in source.annotations.items() if source else ():
                found.setdefault(word, value)
        return found


def _joined(node: Node, values: Mapping[str, Json]) -> Node:
    """What is to hold besides the node's `allOf` does not replace it."""
    more = values.get("allOf")
    if not isinstance(more, list):
        return {**node, **values}
    held = node.get("allOf")
    return {**node, **values, "allOf": [*(held if isinstance(held, list) else []), *more]}


def _all_apply(node: Node, word: str) -> bool:
    """Whether schemas in a list apply wherever the list does: of alternatives, only a single one.

    What they say is said at the place; the list leads to it, and stays where keywords are replaced.
    """
    inner = node.get(word)
    return isinstance(inner, list) and (
        word == "allOf" or (len(inner) == 1 and word in ("anyOf", "oneOf"))
    )


def _node(schema: Json) -> Node:
    if isinstance(schema, dict):
        return schema
    return {"not": {}} if schema is False else {}


def _renamed(schema: Json, name: str) -> Json:
    if not isinstance(schema, dict):
        return schema
    renamed = {**schema}
    target = schema.get("$ref")
    if isinstance(target, str):
        renamed["$ref"] = f"{_DEFS}{name}:{target.removeprefix(_DEFS)}"
    for word, inner in schema.items():
        if word in _NAMED and isinstance(inner, dict):
            renamed[word] = {key: _renamed(value, name) for key, value in inner.items()}
        elif word in _MANY and isinstance(inner, list):
            renamed[word] = [_renamed(value, name) for value in inner]
        elif word in _ONE:
            renamed[word] = _renamed(inner, name)
    return renamed


def edited(view: View, other: View, edits: Edits) -> Plain:
    """The schema with nodes replaced; what was carried over from the other side goes along."""
    root: Json = view.plain.root
    for steps, node in sorted(edits, key=lambda edit: len(edit[0])):
        root = _replaced(root, steps, node if steps else _complete(node, view))
    if other.defs and isinstance(root, dict):
        defs = cast("Node", root.get("$defs", {}))
        root = {**root, "$defs": {**defs, **other.carried_defs}}
    return view.plain.rewritten(root)


def _complete(node: Json, view: View) -> Json:
    """A node for the root: whatever else stands there, the definitions do."""
    return {"$defs": view.defs, **node} if view.defs and isinstance(node, dict) else node


def _replaced(value: Json, steps: Steps, node: Json) -> Json:
    """The value with a node put in its place; as it was where an outer edit left no such place."""
    if not steps:
        return node
    if isinstance(value, list) and (index := int(steps[0])) < len(value):
        copy = [*value]
        copy[index] = _replaced(value[index], steps[1:], node)
        return copy
    name = str(steps[0])
    if isinstance(value, dict) and name in value:
        return {**value, name: _replaced(value[name], steps[1:], node)}
    return value


def at(root: Json, steps: Steps) -> Json:
    """What stands there in a plain schema."""
    value = root
    for step in steps:
        value = value[int(step)] if isinstance(value, list) else cast("Node", value)[str(step)]
    return value


def _applied(node: Node) -> Iterator[Json]:
    """The schemas within a node that apply to the same place."""
    for word in ("not", "if", "then", "else"):
        yield node.get(word)
    for word in ("allOf", "anyOf", "oneOf"):
        yield from cast("list[Json]", node.get(word, []))
    yield from cast("Node", node.get("dependentSchemas", {})).values()
