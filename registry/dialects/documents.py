"""Schema documents and their addresses: which place a `$ref` names, without asking any network.

The address of a published schema is `efa:service/1.2.0/interface`. Inside this module and in the
engine it is written `efa:/service/1.2.0/interface`, against which `./status` resolves by RFC 3986.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import unquote, urljoin

from registry import semver
from registry.dialects.keywords import Dialect, children, dialect_of, hides_siblings, identifier
from registry.dialects.strict_json import Json, Steps, Unreadable, pointer_to, steps_of
from registry.errors import Fault

Key = TypeVar("Key")

SCHEME = "efa:"
_BASE = "http://efa"
_INDEX = re.compile(r"0|[1-9]\d{0,8}", re.ASCII)
_SIBLING = re.compile(r"(?:\./)?[a-z][a-z0-9-]*(?:#|$)", re.ASCII)
_ADDRESS = re.compile(r"efa:/([a-z0-9-]+)/([^/]+)/([a-z][a-z0-9-]*)")


@dataclass(slots=True)
class Place:
    """One schema of a document, and the address relative references in it start from."""

    schema: Json
    base: str


@dataclass(slots=True)
class Document:
    """One schema document: its places, and the names that can be referred to."""

    address: str
    dialect: Dialect
    root: Json
    places: dict[Steps, Place] = field(default_factory=dict[Steps, Place])
    names: dict[str, Steps] = field(default_factory=dict[str, Steps])
    dynamic: dict[str, list[Steps]] = field(default_factory=dict[str, list[Steps]])
    faults: list[Fault] = field(default_factory=list[Fault])

    def schema(self, steps: Steps) -> Json:
        return self.places[steps].schema


Node = tuple[str, Steps]
"""A place across documents: the document's address and the steps in it."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A `$ref` (or its dynamic sisters) where it stands: as written, and the absolute address."""

    steps: Steps
    keyword: str
    written: str
    target: str

    @property
    def crosses_documents_well(self) -> bool:
        """Whether it may name another schema: by full address, or as a sibling (`./status`).

        Other relative forms mean something else where schemas are served than here.
        """
        return self.written.startswith(SCHEME) or _SIBLING.match(self.written) is not None


def address(service: str, version: str, interface: str) -> str:
    """The address of an interface schema, as this module writes it."""
    return f"efa:/{service}/{version}/{interface}"


def version_of(name: str) -> str:
    """What the addresses of all interfaces of one version begin with."""
    return name.rpartition("/")[0] + "/"


def published_place(target: str) -> tuple[str, str, str] | None:
    """Service, version and interface of an address of ours; None for every other address."""
    found = _ADDRESS.fullmatch(target.partition("#")[0])
    return (found[1], found[2], found[3]) if found and semver.is_version(found[2]) else None


def read_document(name: str, root: Json) -> Document:
    """The document with all places its dialect's grammar knows; raises Unreadable."""
    document = Document(name, dialect_of(root), root)
    document.names[name] = ()
    _add_places(document, (), Place(root, name))
    return document


def references(document: Document) -> list[Reference]:
    """All references of the document."""
    return [
        reference
        for steps, place in document.places.items()
        for reference in _references_at(steps, place)
    ]


def _references_at(steps: Steps, place: Place) -> Iterator[Reference]:
    if isinstance(place.schema, dict):
        for keyword in ("$ref", "$dynamicRef", "$recursiveRef"):
            written = place.schema.get(keyword)
            if isinstance(written, str):
                yield Reference(steps, keyword, written, join(place.base, written))


def join(base: str, reference: str) -> str:
    """RFC 3986, 5.2: the absolute address of `reference` seen from `base`.

    A reference that is no URI is an address nothing has: itself.
    """
    try:
        return _join(base, reference)
    except ValueError:
        return reference


def _join(base: str, reference: str) -> str:
    if not reference or reference.startswith("#"):
        return base + reference
    reference = re.sub(r"^efa:(?!/)", "efa:/", reference)
    if not base.startswith(SCHEME):
        return urljoin(base, reference)
    joined = urljoin(_BASE + base.removeprefix(SCHEME), reference)
    return SCHEME + joined.removeprefix(_BASE) if joined.startswith(_BASE + "/") else joined


def find(documents: dict[str, Document], target: str) -> Node | None:
    """The place an absolute address names in the documents given."""
    resource, _, fragment = target.partition("#")
    for document in documents.values():
        if resource in document.names:
            steps = _within(document, resource, unquote(fragment))
            return None if steps is None else (document.address, steps)
    return None


def follow_references(documents: dict[str, Document]) -> None:
    """Look every reference up, until that uncovers no more places."""
    _Following(documents).to_the_end()


class _Following:
    """References looked up one by one: once, and again when a name they hang on is given.

    A place that one uncovers may hold others, and give names.
    """

    def __init__(self, documents: dict[str, Document]) -> None:
        self._documents = documents
        self._waiting: deque[str] = deque()
        self._by_name: dict[str, list[str]] = {}
        self._known: set[str] = set()
        self._sizes: dict[str, tuple[int, int]] = {}
        for name in documents:
            self._look_at(name)

    def to_the_end(self) -> None:
        while self._waiting:
            node = find(self._documents, self._waiting.popleft())
            if node:
                self._look_at(node[0])

    def _look_at(self, name: str) -> None:
        """Ask for what a document holds that it did not when it was looked at last."""
        document, (places, names) = self._documents[name], self._sizes.get(name, (0, 0))
        for steps in _latest(document.places, places):
            for reference in _references_at(steps, document.places[steps]):
                self._ask(reference.target)
        for given in _latest(document.names, names):
            self._waiting += self._by_name.get(given, ())
        self._sizes[name] = len(document.places), len(document.names)

    def _ask(self, target: str) -> None:
        if target not in self._known:
            self._known.add(target)
            self._waiting.append(target)
            resource, _, fragment = target.partition("#")
            for name in {resource, f"{resource}#{unquote(fragment)}"}:
                self._by_name.setdefault(name, []).append(target)


def _latest(kept: dict[Key, Any], known: int) -> list[Key]:
    """The keys that came after the first `known`, in their order."""
    return [*islice(reversed(kept), len(kept) - known)][::-1]


def _within(document: Document, resource: str, fragment: str) -> Steps | None:
    start = document.names[resource]
    if fragment and not fragment.startswith("/"):
        return document.names.get(f"{resource}#{fragment}")
    found = _follow(document.places[start].schema, start, fragment)
    if found is None:
        return None
    steps, schema = found
    _add_places(document, steps, Place(schema, resource))
    return steps if steps in document.places else None


def _follow(value: Json, start: Steps, pointer: str) -> tuple[Steps, Json] | None:
    """Where a JSON Pointer leads from `value`, with the steps there; None where nowhere."""
    steps = start
    for step in steps_of(pointer):
        if isinstance(value, dict) and step in value:
            steps, value = (*steps, step), value[step]
        elif isinstance(value, list) and _INDEX.fullmatch(step) and int(step) < len(value):
            steps, value = (*steps, int(step)), value[int(step)]
        else:
            return None
    return steps, value


def _add_places(document: Document, start: Steps, first: Place) -> None:
    waiting = [(start, first)]
    while waiting:
        steps, place = waiting.pop()
        if steps in document.places or not isinstance(place.schema, dict | bool):
            continue
        document.places[steps] = place
        _name(document, steps, place)
        waiting += [
            ((*steps, *child.steps), Place(child.schema, place.base))
            for child in reversed(children(document.dialect, place.schema))
        ]


def _name(document: Document, steps: Steps, place: Place) -> None:
    """Keep the names a schema gives itself, and start its relative references there."""
    schema = place.schema
    if not isinstance(schema, dict):
        return
    own = schema.get(identifier(document.dialect))
    if isinstance(own, str) and not hides_siblings(document.dialect, schema):
        _identify(document, steps, place, own)
    for keyword in ("$anchor", "$dynamicAnchor"):
        anchor = schema.get(keyword)
        if isinstance(anchor, str):
            _keep_name(document, steps, keyword, f"{place.base}#{anchor}")
            if keyword == "$dynamicAnchor":
                document.dynamic.setdefault(anchor, []).append(steps)
    if schema.get("$recursiveAnchor") is True:
        document.dynamic.setdefault("", []).append(steps)


def _identify(document: Document, steps: Steps, place: Place, own: str) -> None:
    keyword = identifier(document.dialect)
    absolute = join(place.base, own)
    resource, _, fragment = absolute.partition("#")
    if fragment:
        _keep_name(document, steps, keyword, absolute)
        return
    if published_place(resource) and not resource.startswith(version_of(document.address)):
        _fault(document, steps, keyword, "id-reserved", given=own)
        return
    if steps and _other_dialect(document, place.schema):
        _fault(document, steps, "$schema", "dialect-mixed")
    place.base = resource
    _keep_name(document, steps, keyword, resource)


def _keep_name(document: Document, steps: Steps, keyword: str, name: str) -> None:
    if document.names.setdefault(name, steps) != steps:
        _fault(document, steps, keyword, "id-twice", given=name)


def _other_dialect(document: Document, schema: Json) -> bool:
    if not isinstance(schema, dict) or "$schema" not in schema:
        return False
    try:
        return dialect_of(schema) != document.dialect
    except Unreadable:
        return True


def _fault(document: Document, steps: Steps, keyword: str, rule: str, **facts: str) -> None:
    document.faults.append(Fault(pointer_to((*steps, keyword)), rule, {**facts}))
