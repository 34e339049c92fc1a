"""Schemas in the words of people: an alternative by what it is known by, a rule by what it asks."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import cast

from registry.compatibility.changes.choices import marks_told
from registry.compatibility.changes.excerpts import enumerated, excerpt
from registry.compatibility.changes.places import Node, View
from registry.compatibility.rules import Language, note, set_off, shortened, unread
from registry.dialects.strict_json import Json, Steps

_LONGEST = 200
_DEEPEST = 3
_CHOICES: Mapping[str, str] = {"anyOf": "or", "oneOf": "or", "allOf": "and"}
# Keywords that are said with their value; what is not listed here or below fails the words.
_VALUES = (
    *("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf", "const"),
    *("minLength", "maxLength", "minItems", "maxItems", "minContains", "maxContains"),
    *("minProperties", "maxProperties"),
)
_INNER = ("not", "items", "contains", "propertyNames", "additionalProperties")
_TYPED = ("object", "array")


class _Wordless(Exception):
    """There are no words for a schema."""


def quoted(name: str, language: Language) -> str:
    """A name in the quotation marks of the language."""
    return f"„{name}“" if language == "de" else f"“{name}”"


def case_named(name: str, language: Language) -> str:
    """What a case is called: by its marks, or else by what its condition asks for."""
    if not name.startswith("{"):
        return quoted(name, language)
    try:
        return f"({described(json.loads(name, parse_float=Decimal), language)})"
    except ValueError:  # too long to be there as a whole
        return set_off(shortened(name))


def alternative(view: View, steps: Steps, language: Language) -> str:
    """The alternative that stands there: its number, and what tells it from the others."""
    known = _known_by(view, steps, language)
    return note("alternative", language, {"number": str(int(steps[-1]) + 1), "known": known})


def alternatives(view: View, steps: Steps, language: Language) -> str:
    """All that stand under a keyword."""
    arms = cast("list[Json]", view.at(steps))
    places = ((*steps, index) for index in range(len(arms)))
    return enumerated((_known_by(view, place, language) for place in places), "; ")


def _known_by(view: View, steps: Steps, language: Language) -> str:
    side = view.side([steps])
    title = side.annotations().get("title")
    if isinstance(title, str) and title.strip():
        return quoted(title.strip(), language)
    return marks_told(side) or described(view.at(steps), language)


def described(schema: Json, language: Language) -> str:
    """What a schema asks for: in words; else the properties it is about, or short JSON."""
    try:
        text = ", ".join(_asked(schema, language, _DEEPEST))
    except _Wordless:
        text = ""
    if text and len(text) <= _LONGEST:
        return text
    names = _names(schema)
    about = enumerated(quoted(name, language) for name in names)
    return (
        note("about", language, {"names": about}) if names else set_off(shortened(excerpt(schema)))
    )


def _names(schema: Json) -> Sequence[str]:
    if not isinstance(schema, dict):
        return ()
    named = cast("Node", schema.get("properties", {}))
    required = cast("list[str]", schema.get("required", []))
    return [*dict.fromkeys((*required, *named))]


def _asked(schema: Json, language: Language, depth: int) -> Iterator[str]:
    """What a schema asks for, one demand after the other."""
    if schema in (False, {"not": {}}, {"not": True}):
        yield note("nothing", language, {})
    elif not isinstance(schema, dict) or not schema:
        yield note("anything", language, {})
    elif depth == 0:
        raise _Wordless
    else:
        for word, value in schema.items():
            yield from _demand(schema, word, value, language, depth)


def _demand(schema: Node, word: str, value: Json, language: Language, depth: int) -> Iterator[str]:
    def inner(part: Json) -> str:
        return ", ".join(_asked(part, language, depth - 1))

    if word in _VALUES:
        yield note(word, language, {"value": set_off(shortened(excerpt(value)))})
    elif word in ("pattern", "format"):
        yield note(word, language, {"value": f"`{shortened(str(value))}`"})
    elif word == "$opaque" and (told := unread(str(value), language)):
        yield told
    elif word in _CHOICES:
        yield _joined(map(inner, cast("list[Json]", value)), _CHOICES[word], language)
    elif word in _INNER:
        closed = word if value is not False else f"{word}-none"
        yield note(closed, language, {"value": inner(value)})
    elif word in _SPOKEN:
        yield from _SPOKEN[word](schema, language, inner)
    else:
        raise _Wordless


def _joined(texts: Iterator[str], word: str, language: Language) -> str:
    return f" {note(word, language, {})} ".join(texts)


Inner = Callable[[Json], str]


def _type(schema: Node, language: Language, _: Inner) -> Iterator[str]:
    """Said unless the rest says it: rules for properties are about objects."""
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    implied = len(schema) > 1 and types[0] in _TYPED and len(types) == 1
    if not implied and not schema.keys() & {"const", "enum"}:
        yield note("type", language, {"value": _joined(map(str, types), "or", language)})


def _enum(schema: Node, language: Language, _: Inner) -> Iterator[str]:
    values = enumerated(map(excerpt, cast("list[Json]", schema["enum"])))
    yield note("enum", language, {"value": values})


def _reference(schema: Node, language: Language, _: Inner) -> Iterator[str]:
    yield quoted(str(schema["$ref"]).rpartition("/")[2], language)


def _properties(schema: Node, language: Language, inner: Inner) -> Iterator[str]:
    """Each property with what it must be; one with a single value is told as that."""
    needed = cast("list[str]", schema.get("required", []))
    for name, part in cast("Node", schema["properties"]).items():
        value = part.get("const") if isinstance(part, dict) and "const" in part else None
        fixed = isinstance(part, dict) and "const" in part
        said = f"{name} = {excerpt(value)}" if fixed else f"{quoted(name, language)}: {inner(part)}"
        yield said if name in needed else note("if-given", language, {"value": said})


def _required(schema: Node, language: Language, _: Inner) -> Iterator[str]:
    told = cast("Node", schema.get("properties", {}))
    names = [name for name in cast("list[str]", schema["required"]) if name not in told]
    if names:
        named = enumerated(quoted(name, language) for name in names)
        yield note("required", language, {"value": named})


def _unique(schema: Node, language: Language, _: Inner) -> Iterator[str]:
    if schema["uniqueItems"] is True:
        yield note("uniqueItems", language, {})


def _condition(schema: Node, language: Language, inner: Inner) -> Iterator[str]:
    parts = {word: inner(schema[word]) for word in ("if", "then", "else") if word in schema}
    yield note("-".join(parts), language, {**parts, "condition": parts["if"]})


def _told(_schema: Node, _language: Language, _inner: Inner) -> Iterator[str]:
    """With the condition they belong to."""
    yield from ()


_SPOKEN: Mapping[str, Callable[[Node, Language, Inner], Iterator[str]]] = {
    "type": _type,
    "enum": _enum,
    "$ref": _reference,
    "properties": _properties,
    "required": _required,
    "uniqueItems": _unique,
    "if": _condition,
    "then": _told,
    "else": _told,
}
