"""Copies of schemas as a validator gets them, with the meaning the publisher gave them.

`jsonschema-rs` gets patterns written for its linear engine, and no `content*` in the dialects where
it would assert them; Python's validator gets no `$schema` (it would fall back to its own classes).
References and names are absolute: neither library resolves addresses of ours as RFC 3986 does.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from registry.compatibility.languages.keeping import keeping
from registry.compatibility.model import Schema
from registry.compatibility.plain import Plain
from registry.compatibility.plain.references import Library, Resource, join
from registry.dialects.keywords import KEYWORDS, SCHEMA_URI, Dialect, identifier
from registry.dialects.patterns import OddPattern, read_pattern
from registry.dialects.strict_json import Json

Node = dict[str, Json]
Engine = Literal["python", "linear", "looking"]
"""Who gets a copy: Python's validator, or the other with one of its engines for patterns."""

_NAMES = ("$id", "id")
_ASSERTED = ("contentEncoding", "contentMediaType")
_LEGACY = ("draft-04", "draft-06", "draft-07")
_MOST_VARIANTS = 16


@dataclass(frozen=True, slots=True)
class Copy:
    """A schema and the documents it refers to, for one of the validators."""

    dialect: Dialect
    root: Json
    address: str
    others: Mapping[str, Json]


def original(schema: Schema, plain: Plain, engine: Engine) -> Copy:
    """The schema in its own dialect."""
    places = {id(source.schema): source.resource for source in plain.sources.values()}
    copying = _Copying(schema, places, engine)
    own = places.get(id(schema.root))
    dialect = own.dialect if own else schema.dialect
    root = copying.document(schema.root, dialect)
    others = {
        address: copying.document(root, schema.dialect) for address, root in schema.others.items()
    }
    return Copy(dialect, root, schema.address, others)


def dialects(plain: Plain) -> int:
    """How many dialects the schema is written in."""
    resources = {source.resource for source in plain.sources.values()}
    return len({(each.dialect, each.third) for each in resources})


class _Copying:
    """Copies of documents; the objects that are schemas are the `places`, by identity.

    One that only holds others, and is none that applies anywhere, is known by its name.
    """

    def __init__(self, schema: Schema, places: Mapping[int, Resource], engine: Engine) -> None:
        self._schema = schema
        self._places = places
        self._engine: Engine = engine

    def document(self, root: Json, dialect: Dialect) -> Json:
        copied = self._copied(root)
        if self._engine != "python" and isinstance(copied, dict):
            place = self._places.get(id(root))
            copied["$schema"] = SCHEMA_URI[place.dialect if place else dialect]
        return copied

    def _copied(self, value: Json) -> Json:
        if isinstance(value, list):
            return [self._copied(each) for each in value]
        if not isinstance(value, dict):
            return value
        copied = {
            key: self._copied(each) if isinstance(each, dict | list) else each
            for key, each in value.items()
        }
        resource = self._places.get(id(value)) or self._holding(value)
        if resource:
            self._adapt(copied, resource, named=resource.root is value)
        return copied

    def _holding(self, value: Node) -> Resource | None:
        if not any(isinstance(value.get(name), str) for name in _NAMES):
            return None
        return self._holders.get(id(value))

    @cached_property
    def _holders(self) -> dict[int, Resource]:
        return {id(place.schema): place.resource for place in Library(self._schema).named()}

    def _adapt(self, schema: Node, resource: Resource, *, named: bool) -> None:
        name = identifier(resource.dialect)
        if named and not resource.home and isinstance(schema.get(name), str):
            schema[name] = resource.base
        for keyword in ("$ref", "$dynamicRef"):
            written = schema.get(keyword)
            if isinstance(written, str) and not written.startswith("#"):
                schema[keyword] = join(resource.base, written)
        if self._engine == "python":
            schema.pop("$schema", None)
            return
        _write_patterns(schema, self._engine)
        if "$schema" in schema:
            schema["$schema"] = SCHEMA_URI[resource.dialect]
        for keyword in _ASSERTED if resource.dialect in _LEGACY else ():
            schema.pop(keyword, None)


def variants(plain: Plain, engine: Engine) -> list[Json]:
    """The plain form with each opaque assertion taken as true and as false, in all combinations.

    What all of them agree on holds whatever the assertions mean. Empty when there are too many.
    """
    meanings = sorted(set(_meanings(plain.root)))
    if 2 ** len(meanings) > _MOST_VARIANTS:
        return []
    return [
        _settled(plain.root, dict(zip(meanings, choice, strict=True)), engine)
        for choice in itertools.product((True, False), repeat=len(meanings))
    ]


def _meanings(schema: Json) -> Iterator[str]:
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            meaning = node.get("$opaque")
            if isinstance(meaning, str):
                yield meaning
            waiting += [
                inner for keyword, value in node.items() for inner in _inner(keyword, value)
            ]


def _inner(keyword: str, value: Json) -> list[Json]:
    """The schemas in the value of a keyword of the plain form."""
    known = KEYWORDS.get(keyword)
    if known is None:
        return []
    if known.named:
        return list(value.values()) if isinstance(value, dict) else []
    return value if isinstance(value, list) else [value]


def _settled(schema: Json, choice: Mapping[str, bool], engine: Engine) -> Json:
    if not isinstance(schema, dict):
        return schema
    if not choice.get(str(schema.get("$opaque")), True):
        return False
    settled: Node = {}
    for keyword, value in schema.items():
        known = KEYWORDS.get(keyword)
        if known is None:
            settled[keyword] = value
        elif known.named and isinstance(value, dict):
            settled[keyword] = {
                name: _settled(each, choice, engine) for name, each in value.items()
            }
        elif isinstance(value, list):
            settled[keyword] = [_settled(each, choice, engine) for each in value]
        else:
            settled[keyword] = _settled(value, choice, engine)
    settled.pop("$opaque", None)
    if engine != "python":
        _write_patterns(settled, engine)
    return settled


def _write_patterns(schema: Node, engine: Engine) -> None:
    pattern, named = schema.get("pattern"), schema.get("patternProperties")
    if isinstance(pattern, str):
        schema["pattern"] = _written(pattern, engine)
    if isinstance(named, dict):
        rekeyed: Node = {}
        for source, inner in named.items():
            written = _written(source, engine)
            while written in rekeyed:
                written += "(?:)"
            rekeyed[written] = inner
        schema["patternProperties"] = rekeyed


@keeping()
def _written(source: str, engine: Engine) -> str:
    """The pattern for the engine; one it cannot run stays as it is."""
    try:
        return read_pattern(source, look_around=engine == "looking").engine
    except OddPattern:
        return source
