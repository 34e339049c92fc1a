"""One run over a schema's documents that writes the plain form, place by place, without recursion.

What a keyword becomes is said in `plain_keywords` and `legacy`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import msgspec

from registry.compatibility.model import Formats, Schema
from registry.compatibility.plain.references import Library, Place, Resource, Scope, below
from registry.compatibility.texts import digest, sorted_text
from registry.dialects.keywords import hides_siblings
from registry.dialects.strict_json import Json

Node = dict[str, Json]
Key = tuple[str, Scope]

_ODD = re.compile(r"[^A-Za-z0-9_.-]+")


class Opaque(msgspec.Struct, frozen=True):
    """An assertion that could not be modelled: its keyword, and where the publisher wrote it."""

    keyword: str
    pointer: str


@dataclass(slots=True)
class Source:
    """Where a node of the plain form comes from: the publisher's `schema`, and what else it says.

    `renamed` gives the publisher's keyword for one of the plain form where they differ.
    """

    node: Node
    pointer: str
    resource: Resource
    schema: Json = None
    annotations: dict[str, Json] = field(default_factory=dict[str, Json])
    renamed: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(slots=True)
class At:
    """The schema being read, and the node being written."""

    writer: "Writer"
    schema: Node
    resource: Resource
    scope: Scope
    pointer: str
    source: Source
    node: Node

    def child(self, schema: Json, *steps: str | int) -> Json:
        """The plain form of a schema within this one; filled in later."""
        place = Place(schema, self.resource, below(self.pointer, steps))
        return self.writer.node(place, self.scope)

    def state(self, keyword: str, value: Json, written: str | None = None) -> None:
        """Assert something here, besides what is asserted with the same keyword already."""
        source = self.source
        if keyword in self.node:
            source = self.writer.begin({}, self.pointer, self.resource)
            self.node["allOf"] = [*stated(self.node, "allOf"), source.node]
        source.node[keyword] = value
        if written and written != keyword:
            source.renamed[keyword] = written

    def opaque(self, keyword: str, meaning: str | None = None) -> None:
        """Assert what only its text is known of."""
        meaning = meaning or self.writer.meaning(self.schema[keyword])
        self.state("$opaque", f"{keyword}:{meaning}", keyword)
        self.writer.opaque.append(Opaque(keyword, f"{self.pointer}/{keyword}"))


Handler = Callable[[At, str, Json], None]


def stated(node: Node, keyword: str) -> list[Json]:
    """The members of a list keyword, none where it is absent."""
    found = node.get(keyword)
    return found if isinstance(found, list) else []


class Writer:
    """The state of one run. `tracking` follows dynamic scopes: needed only where they matter."""

    def __init__(
        self,
        schema: Schema,
        library: Library,
        formats: Formats,
        handlers: Mapping[str, Mapping[str, Handler]],
        tracking: bool,
    ) -> None:
        self.library = library
        self.formats: Formats = formats
        self.tracking = tracking
        self.sources: dict[int, Source] = {}
        self.opaque: list[Opaque] = []
        self.anchors: set[str] = set()
        self.asserted: set[str] = set()
        self.definitions: Node = {}
        self._circled = ""
        self._schema = schema
        self._handlers = handlers
        self._nodes: dict[Key, Node] = {}
        self._keys: dict[Key, str] = {}
        self._targets: list[tuple[str, Place, Scope]] = []
        self._waiting: list[tuple[Source, Place, Scope]] = []

    def whole(self) -> Json:
        """The plain form of the root, definitions included."""
        place = self.library.root
        root = self.node(place, self.entering((), place.resource))
        self._fill()
        while self._targets:
            key, target, scope = self._targets.pop()
            known = self._nodes.get((target.pointer, scope))
            self.definitions[key] = self.node(target, scope) if known is None else known
            self._fill()
        if self.definitions and isinstance(root, dict):
            source = self.sources[id(root)]
            whole: Node = {**root, "$defs": self.definitions}
            self.sources[id(whole)] = replace(source, node=whole)
            return whole
        return root

    def node(self, place: Place, scope: Scope) -> Json:
        """A schema's plain form: true, false, or a node that is filled in later."""
        if isinstance(place.schema, bool):
            return place.schema
        source = self.begin({}, place.pointer, place.resource)
        if isinstance(place.schema, dict):
            self._waiting.append((source, place, scope))
        else:
            source.node["$opaque"] = "schema:" + self.meaning(place.schema)
            self.opaque.append(Opaque("schema", place.pointer))
        return source.node

    def begin(self, node: Node, pointer: str, resource: Resource) -> Source:
        source = self.sources[id(node)] = Source(node, pointer, resource)
        return source

    def entering(self, scope: Scope, resource: Resource) -> Scope:
        return self.library.scope(scope, resource) if self.tracking else scope

    def refer(self, at: At, keyword: str, place: Place | None) -> None:
        """Write a reference to a place; one that leads nowhere is an assertion unknown."""
        if place is None:
            at.opaque(keyword, f"{at.resource.base} {at.schema[keyword]}")
            return
        scope = self.entering(at.scope, place.resource)
        key = self._keys.get((place.pointer, scope))
        if key is None:
            key = self._keys[place.pointer, scope] = self._new_key(place.pointer)
            self.definitions[key] = True
            self._targets.append((key, place, scope))
        at.state("$ref", "#/$defs/" + key, keyword)

    def cut(self, node: Node, target: str) -> None:
        """Make a reference opaque that comes back to where it stands."""
        source = self.sources[id(node)]
        self._circled = self._circled or digest(self.definitions)
        del node["$ref"]
        node["$opaque"] = f"circle:{target} {self._circled}"
        source.renamed["$opaque"] = "$ref"
        self.opaque.append(Opaque("$ref", source.pointer + "/$ref"))

    def meaning(self, value: Json) -> str:
        """A text that is equal only where the same is meant; references mean their document."""
        text = sorted_text(value)
        if 'Ref"' not in text and '$ref"' not in text:
            return text
        return f"{text} {digest([self._schema.address, self._schema.root, self._schema.others])}"

    def _new_key(self, pointer: str) -> str:
        name = _ODD.sub("_", pointer.rpartition("/")[2].rstrip("#")) or "root"
        key, number = name, 1
        while key in self.definitions:
            number += 1
            key = f"{name}-{number}"
        return key

    def _fill(self) -> None:
        while self._waiting:
            source, place, scope = self._waiting.pop()
            schema, outer, pointer = place
            if isinstance(schema, dict):
                resource = self.library.entered(schema, outer, pointer)
                scope = scope if resource is outer else self.entering(scope, resource)
                source.resource, source.schema = resource, schema
                self._nodes[pointer, scope] = source.node
                self._read(At(self, schema, resource, scope, pointer, source, source.node))

    def _read(self, at: At) -> None:
        resource = at.resource
        handlers = self._handlers["draft-03" if resource.third else resource.dialect]
        if hides_siblings(resource.dialect, at.schema):
            handlers = self._handlers["beside-reference"]
        annotations = at.source.annotations
        for keyword, value in at.schema.items():
            handler = handlers.get(keyword)
            if handler is None:
                annotations[keyword] = value
            else:
                handler(at, keyword, value)
