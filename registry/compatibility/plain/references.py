"""Where a `$ref` leads, over all documents of a schema, embedded resources and dialects included.

Nothing is fetched. A place is known by its pointer: into the publisher's document (`/$defs/a`), or,
in another document, behind its address (`efa:/dienst/1.0.0/status#/$defs/a`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from jsonschema_specifications import REGISTRY

from registry.compatibility.model import Schema
from registry.dialects import documents
from registry.dialects.keywords import (
    Dialect,
    children,
    dialect_of,
    hides_siblings,
    identifier,
)
from registry.dialects.strict_json import Json, Steps, Unreadable, pointer_to, steps_of

_DRAFT_3 = "json-schema.org/draft-03/schema"
_MAX_POINTER = 40_000
"""In characters: pointers grow with the depth, so all of them together with its square."""

Scope = tuple[tuple[str, str], ...]
"""Which place each dynamic anchor met so far stands for, outermost first: name and pointer."""


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """A schema with an address of its own, or a part in another dialect.

    `third` marks draft 3, which is read as draft 4 with its own few forms. A part in another
    dialect has no address: its references start from the resource it stands in, its `home`.
    """

    root: Json
    base: str
    dialect: Dialect
    pointer: str
    third: bool = False
    home: "Resource | None" = None


class Place(NamedTuple):
    """One schema where it stands; `pointer` as the module says."""

    schema: Json
    resource: Resource
    pointer: str


def join(base: str, reference: str) -> str:
    """The absolute address of a reference, without `.` and `..` where it is absolute itself too.

    RFC 3986, 5.2.2: those are taken out of every path.
    """
    joined = documents.join(base, reference)
    if "/." not in joined:
        return joined
    try:
        place = urlsplit(joined)
    except ValueError:
        return joined
    if not place.netloc or place.path.startswith("//"):
        return joined
    return urljoin(joined, urlunsplit(place._replace(scheme="", netloc="")))


def below(pointer: str, steps: Steps) -> str:
    """The pointer some steps further down; raises RecursionError where that is absurdly deep."""
    if len(pointer) > _MAX_POINTER:
        raise RecursionError
    return pointer + pointer_to(steps)


class Library:
    """All documents of a schema; names are looked up once a reference needs them."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._resources: dict[str, Resource] = {}
        self._names: dict[str, Place] = {}
        self._pending = {schema.address: schema.root, **schema.others}
        self._dynamic: dict[str, list[tuple[str, str]]] = {}
        self.root = self._document(schema.address, schema.root)

    def named(self) -> Iterator[Place]:
        """All places that have a name of their own."""
        self._index()
        yield from self._names.values()

    def entered(self, schema: dict[str, Json], outer: Resource, pointer: str) -> Resource:
        """The resource a schema stands in: its own when it names itself or another dialect."""
        own = schema.get("id" if outer.dialect == "draft-04" else "$id")
        if own is None and "$schema" not in schema:
            return outer
        if pointer not in self._resources:
            self._resources[pointer] = _resource(schema, outer, pointer)
        return self._resources[pointer]

    def resolve(self, resource: Resource, reference: str) -> Place | None:
        """The place a reference names, seen from a resource; None where there is none."""
        if reference.startswith("#/") or reference == "#":
            home = resource.home or resource
            start = Place(home.root, home, home.pointer)
            return self._follow(start, unquote(reference[1:]))
        absolute, _, fragment = join(resource.base, reference).partition("#")
        if not self._known(absolute):
            return None
        if fragment and not fragment.startswith("/"):
            return self._names.get(f"{absolute}#{unquote(fragment)}")
        return self._follow(self._names[absolute], unquote(fragment))

    def candidates(self, anchor: str) -> int:
        """How many places a dynamic anchor may stand for; "" is the recursive one."""
        self._index()
        return sum(anchor == name for named in self._dynamic.values() for name, _ in named)

    def scope(self, outer: Scope, resource: Resource) -> Scope:
        """The dynamic scope within a resource: the outermost meaning of an anchor stays."""
        self._index()
        known = {name for name, _ in outer}
        own = self._dynamic.get(resource.pointer, ())
        return outer + tuple(pair for pair in own if pair[0] not in known)

    def is_dynamic(self, place: Place, anchor: str) -> bool:
        """Whether a place is what its resource calls by this dynamic anchor."""
        self._index()
        return (anchor, place.pointer) in self._dynamic.get(place.resource.pointer, ())

    def dynamic_place(self, anchor: str, pointer: str) -> Place:
        """The place in a scope."""
        return self._names[f"{anchor}@{pointer}"]

    def _known(self, address: str) -> bool:
        self._index()
        if address not in self._names:
            standard: Any = REGISTRY
            if address in standard or address + "#" in standard:
                known = address if address in standard else address + "#"
                self._pending[address] = standard.contents(known)
                self._index()
        return address in self._names

    def _index(self) -> None:
        while self._pending:
            address, root = self._pending.popitem()
            self._name_all(self._document(address, root), address)

    def _document(self, address: str, root: Json) -> Place:
        """The outermost place of a document; its own address is always a name of it."""
        pointer = "" if address == self._schema.address else address + "#"
        dialect, third = _dialect(root, self._schema.dialect, third=False)
        outer = Resource(root, address, dialect, pointer, third)
        resource = outer
        if isinstance(root, dict):
            resource = self.entered(root, outer, pointer)
        return Place(root, resource, pointer)

    def _name_all(self, document: Place, address: str) -> None:
        self._names[address] = document
        waiting = [document]
        while waiting:
            place = waiting.pop()
            if isinstance(place.schema, dict):
                self._name(place, place.schema)
                waiting += self._children(place)

    def _children(self, place: Place) -> Iterator[Place]:
        for child in children(place.resource.dialect, place.schema):
            pointer = below(place.pointer, child.steps)
            inner = place.resource
            if isinstance(child.schema, dict):
                inner = self.entered(child.schema, inner, pointer)
            yield Place(child.schema, inner, pointer)

    def _name(self, place: Place, schema: dict[str, Json]) -> None:
        resource = place.resource
        own = schema.get(identifier(resource.dialect))
        if place.pointer == resource.pointer:
            self._names.setdefault(resource.base, place)
            if schema.get("$recursiveAnchor") is True:
                self._name_dynamic("", place)
        if isinstance(own, str) and "#" in own and not hides_siblings(resource.dialect, schema):
            self._names.setdefault(join(resource.base, own), place)
        for keyword in ("$anchor", "$dynamicAnchor"):
            anchor = schema.get(keyword)
            if isinstance(anchor, str):
                self._names.setdefault(f"{resource.base}#{anchor}", place)
                if keyword == "$dynamicAnchor":
                    self._name_dynamic(anchor, place)

    def _name_dynamic(self, anchor: str, place: Place) -> None:
        self._dynamic.setdefault(place.resource.pointer, []).append((anchor, place.pointer))
        self._names[f"{anchor}@{place.pointer}"] = place

    def _follow(self, place: Place, fragment: str) -> Place | None:
        value, resource, pointer = place
        for step in steps_of(fragment):
            pointer = below(pointer, (step,))
            if isinstance(value, dict) and step in value:
                value = value[step]
            elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
                value = value[int(step)]
            else:
                return None
            if isinstance(value, dict):
                resource = self.entered(value, resource, pointer)
        return Place(value, resource, pointer) if isinstance(value, dict | bool) else None


def _resource(schema: dict[str, Json], outer: Resource, pointer: str) -> Resource:
    dialect, third = _dialect(schema, outer.dialect, third=outer.third)
    # Whoever embeds a schema of another dialect may name it as the dialect around it does.
    own = schema.get(identifier(dialect), schema.get(identifier(outer.dialect)))
    if not isinstance(own, str) or hides_siblings(dialect, schema):
        own = ""
    address, _, fragment = own.partition("#")
    if not address or fragment:
        if (dialect, third) == (outer.dialect, outer.third):
            return outer
        home = outer.home or outer
        return Resource(home.root, home.base, dialect, home.pointer, third, home)
    return Resource(schema, join(outer.base, address), dialect, pointer, third)


def _dialect(schema: Json, outer: Dialect, *, third: bool) -> tuple[Dialect, bool]:
    """The dialect a schema declares, else the outer one; an unknown one says nothing."""
    if not isinstance(schema, dict) or not isinstance(schema.get("$schema"), str):
        return outer, third
    try:
        return dialect_of(schema), False
    except Unreadable:
        return ("draft-04", True) if _DRAFT_3 in str(schema["$schema"]) else (outer, third)
