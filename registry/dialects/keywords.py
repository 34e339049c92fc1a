"""The dialects of JSON Schema that can be published, and which of their keywords hold schemas."""

from typing import Literal

import msgspec

from registry.dialects.strict_json import Json, Steps, Unreadable

Dialect = Literal["draft-04", "draft-06", "draft-07", "2019-09", "2020-12"]

DIALECTS: tuple[Dialect, ...] = ("draft-04", "draft-06", "draft-07", "2019-09", "2020-12")
DEFAULT: Dialect = "2020-12"
SCHEMA_URI: dict[Dialect, str] = {
    "draft-04": "http://json-schema.org/draft-04/schema#",
    "draft-06": "http://json-schema.org/draft-06/schema#",
    "draft-07": "http://json-schema.org/draft-07/schema#",
    "2019-09": "https://json-schema.org/draft/2019-09/schema",
    "2020-12": "https://json-schema.org/draft/2020-12/schema",
}

Effect = Literal["same", "inner", "none"]


class Keyword(msgspec.Struct, frozen=True):
    """A keyword that holds schemas.

    They apply to the `same` place of a document, to an `inner` one, or to `none` (definitions).
    `named` schemas stand in an object under names that are no keywords.
    """

    effect: Effect
    named: bool = False
    since: Dialect = "draft-04"
    until: Dialect = "2020-12"

    def known_to(self, dialect: Dialect) -> bool:
        place = DIALECTS.index(dialect)
        return DIALECTS.index(self.since) <= place <= DIALECTS.index(self.until)


KEYWORDS: dict[str, Keyword] = {
    "allOf": Keyword("same"),
    "anyOf": Keyword("same"),
    "oneOf": Keyword("same"),
    "not": Keyword("same"),
    "if": Keyword("same", since="draft-07"),
    "then": Keyword("same", since="draft-07"),
    "else": Keyword("same", since="draft-07"),
    "dependencies": Keyword("same", named=True, until="draft-07"),
    "dependentSchemas": Keyword("same", named=True, since="2019-09"),
    "properties": Keyword("inner", named=True),
    "patternProperties": Keyword("inner", named=True),
    "additionalProperties": Keyword("inner"),
    "propertyNames": Keyword("inner", since="draft-06"),
    "unevaluatedProperties": Keyword("inner", since="2019-09"),
    "items": Keyword("inner"),
    "prefixItems": Keyword("inner", since="2020-12"),
    "additionalItems": Keyword("inner", until="2019-09"),
    "contains": Keyword("inner", since="draft-06"),
    "unevaluatedItems": Keyword("inner", since="2019-09"),
    "definitions": Keyword("none", named=True),
    "$defs": Keyword("none", named=True, since="2019-09"),
    "contentSchema": Keyword("none", since="2019-09"),
}

_LEGACY: tuple[Dialect, ...] = ("draft-04", "draft-06", "draft-07")


class Child(msgspec.Struct, frozen=True):
    """A schema within a schema: the steps to it, and how it applies."""

    steps: Steps
    schema: Json
    effect: Effect


def dialect_of(schema: Json) -> Dialect:
    """The dialect `$schema` names, 2020-12 where it is absent; raises Unreadable."""
    declared = schema.get("$schema") if isinstance(schema, dict) else None
    if declared is None:
        return DEFAULT
    plain = _plain(declared) if isinstance(declared, str) else ""
    for dialect, uri in SCHEMA_URI.items():
        if plain == _plain(uri):
            return dialect
    raise Unreadable("dialect-unknown", "/$schema", given=str(declared)[:200])


def hides_siblings(dialect: Dialect, schema: dict[str, Json]) -> bool:
    """Up to draft-07 a `$ref` is all that counts in its object."""
    return dialect in _LEGACY and "$ref" in schema


def identifier(dialect: Dialect) -> str:
    """The keyword that gives a schema its address."""
    return "id" if dialect == "draft-04" else "$id"


def children(dialect: Dialect, schema: Json) -> list[Child]:
    """The schemas directly within `schema`, by the grammar of its dialect."""
    if not isinstance(schema, dict):
        return []
    found: list[Child] = []
    for name, value in schema.items():
        keyword = KEYWORDS.get(name)
        if keyword and keyword.known_to(dialect):
            found += _children_of(name, keyword, value)
    return found


def _children_of(name: str, keyword: Keyword, value: Json) -> list[Child]:
    inner: list[tuple[Steps, Json]] = [((name,), value)]
    if keyword.named:
        named = value.items() if isinstance(value, dict) else ()
        inner = [((name, key), schema) for key, schema in named]
    elif isinstance(value, list):
        inner = [((name, place), schema) for place, schema in enumerate(value)]
    return [
        Child(steps, schema, keyword.effect)
        for steps, schema in inner
        if isinstance(schema, dict | bool)
    ]


def _plain(uri: str) -> str:
    """Publishers write the same address with `http` and `https`, with and without `#`."""
    return uri.removeprefix("https://").removeprefix("http://").removesuffix("#")
