"""A form made from a schema, and the document that it is filled in to; pure.

What is a text, a number, a yes or no, one of some values, a day or a list of such is a field of its
kind, in objects of objects too. Whatever else a schema can say is a field for JSON.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, cast

import msgspec

from registry.dialects.strict_json import Unreadable, pointer_to, read_json
from registry.errors import Fault
from registry.reuse.parameters import LIMITS
from registry.site.fields import members, resolved
from registry.site.forms import WHOLE, Field, Given, InvalidForm, clean
from registry.site.rendering import Place, foreign, foreign_lines
from registry.web.tables import day_of

Path = tuple[str, ...]

_DEEPEST = 4
_MOST = 200
_LABEL, _HINT, _LONG = 200, 600, 200
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
# With these an object is more than its properties.
_COMPOSED = ("allOf", "anyOf", "oneOf", "patternProperties", "$ref", "enum", "const")
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A field for a place of a document: how its texts become a value, and a value its texts."""

    field: Field
    path: Path
    value_of: Callable[[list[str]], Any]
    texts_of: Callable[[Any], list[str]]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a schema with what its field is called."""

    schema: dict[str, Any]
    path: Path
    label: str
    required: bool
    place: Place

    @property
    def hint(self) -> str:
        told = self.schema.get("description")
        return foreign_lines(told, _HINT) if isinstance(told, str) else ""

    def entry(
        self,
        value_of: Callable[[list[str]], Any],
        texts_of: Callable[[Any], list[str]],
        **told: Any,
    ) -> Entry:
        known: dict[str, Any] = {"hint": self.hint} | told
        name = pointer_to(self.path) if self.path else WHOLE
        field = Field(name=name, label=self.label, required=self.required, **known)
        return Entry(field=field, path=self.path, value_of=value_of, texts_of=texts_of)


def entries(schema: Any, place: Place) -> list[Entry]:
    """The fields of a schema in its order; one for all of it where it is no plain object."""
    root = resolved(schema, schema)
    found = [*_walk(schema, root, place, (), "")] if _is_plain(root) else []
    if found and len(found) <= _MOST:
        return found
    label = place.t("Alle Angaben", "All values")
    return [_json(Part(schema=root, path=(), label=label, required=True, place=place))]


def secrets_of(schema: Any) -> list[str]:
    """What the top level of a schema calls secret: it is not kept in the registry."""
    named = members(resolved(schema, schema).get("properties"))
    secret = [name for name, raw in named.items() if resolved(schema, raw).get("writeOnly") is True]
    return [foreign(name) for name in secret]


def _is_plain(part: dict[str, Any]) -> bool:
    """Whether an object is what its properties say."""
    extra = part.get("additionalProperties", False)
    composed = any(word in part for word in _COMPOSED)
    named = members(part.get("properties"))
    return part.get("type") == "object" and bool(named) and not composed and extra in (True, False)


def _walk(
    root: Any, whole: dict[str, Any], place: Place, path: Path, before: str
) -> Iterator[Entry]:
    asked = whole.get("required")
    for name, raw in members(whole.get("properties")).items():
        part = resolved(root, raw)
        if part.get("writeOnly") is True:
            continue
        title, below = part.get("title"), (*path, name)
        label = before + foreign(title if title and isinstance(title, str) else name, _LABEL)
        if _is_plain(part) and len(below) < _DEEPEST:
            yield from _walk(root, part, place, below, f"{label}: ")
            continue
        required = isinstance(asked, list) and name in asked
        found = Part(schema=part, path=below, label=label, required=required, place=place)
        yield _entry(root, found)


def _entry(root: Any, part: Part) -> Entry:
    schema, kind = part.schema, part.schema.get("type")
    if "enum" in schema or "const" in schema:
        return _choice(part)
    if any(word in schema for word in _COMPOSED):
        return _json(part)
    if kind == "array":
        return _list(part, resolved(root, schema.get("items")))
    known = {"string": _text, "boolean": _yes_or_no, "number": _number, "integer": _number}
    return known.get(kind, _json)(part) if isinstance(kind, str) else _json(part)


def _choice(part: Part) -> Entry:
    values = _values(part.schema)
    choices = [(text, _called(value, part.place)) for text, value in values.items()]
    unsaid = ("", part.place.t("keine Angabe", "not said"))
    return part.entry(
        lambda texts: values.get(texts[0], texts[0]),
        lambda value: [_encoded(value)],
        kind="choice",
        choices=[unsaid, *choices],
    )


def _values(schema: dict[str, Any]) -> dict[str, Any]:
    """The values that may stand somewhere, by their JSON."""
    allowed = schema["enum"] if "enum" in schema else [schema["const"]]
    listed = cast("list[Any]", allowed) if isinstance(allowed, list) else []
    return {_encoded(value): value for value in listed}


def _called(value: Any, place: Place) -> str:
    if isinstance(value, bool):
        return place.t("ja", "yes") if value else place.t("nein", "no")
    return foreign(value if isinstance(value, str) else _encoded(value), _LABEL)


def _yes_or_no(part: Part) -> Entry:
    t = part.place.t
    known = {"true": True, "false": False}
    choices = [("true", t("ja", "yes")), ("false", t("nein", "no"))]
    return part.entry(
        lambda texts: known.get(texts[0], texts[0]),
        lambda value: [_encoded(value)],
        kind="radio",
        choices=choices if part.required else [*choices, ("", t("keine Angabe", "not said"))],
    )


def _text(part: Part) -> Entry:
    most = part.schema.get("maxLength")
    long = isinstance(most, int) and most > _LONG
    read = day_of if part.schema.get("format") == "date" else str
    return part.entry(
        lambda texts: read(texts[0]),
        lambda value: [value if isinstance(value, str) else _encoded(value)],
        kind="long" if long else "text",
    )


def _number(part: Part) -> Entry:
    return part.entry(
        lambda texts: number_of(texts[0]), lambda value: [_number_text(value, part.place)]
    )


def number_of(text: str) -> int | Decimal | str:
    """The number that a text writes, with a comma or a point; the text itself where it is none."""
    written = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
    if not _NUMBER.fullmatch(written):
        return text
    return Decimal(written) if "." in written else int(written)


def _number_text(value: Any, place: Place) -> str:
    text = _encoded(value)
    return text.replace(".", ",") if place.language == "de" and _NUMBER.fullmatch(text) else text


def _list(part: Part, item: dict[str, Any]) -> Entry:
    """A list of plain values: boxes to tick where they are known, else a line for each."""
    if "enum" in item:
        values = _values(item)
        return part.entry(
            lambda texts: [values.get(text, text) for text in texts],
            lambda value: [_encoded(one) for one in _items(value)],
            kind="several",
            choices=[(text, _called(value, part.place)) for text, value in values.items()],
        )
    kind = item.get("type")
    if any(word in item for word in _COMPOSED) or kind not in ("string", "number", "integer"):
        return _json(part)
    read: Callable[[str], Any] = str if kind == "string" else number_of
    each = part.place.t("Jeder Wert in einer eigenen Zeile.", "Each value in a line of its own.")
    return part.entry(
        lambda texts: [read(line) for one in texts[0].split("\n") if (line := one.strip())],
        lambda value: ["\n".join(_line(one, part.place) for one in _items(value))],
        kind="long",
        hint=f"{part.hint} {each}".strip(),
    )


def _line(value: Any, place: Place) -> str:
    return value if isinstance(value, str) else _number_text(value, place)


def _items(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _json(part: Part) -> Entry:
    return part.entry(
        lambda texts: read_json(texts[0].encode(), LIMITS),
        lambda value: [msgspec.json.format(_ENCODER.encode(value), indent=2).decode()],
        kind="long",
        hint=f"{part.hint} {part.place.t('Als JSON.', 'As JSON.')}".strip(),
    )


def _encoded(value: Any) -> str:
    return _ENCODER.encode(value).decode()


def texts_in(document: Any, asked: list[Entry]) -> dict[str, list[str]]:
    """What a document says, as the fields of its form are filled in."""
    return {one.field.name: _texts(document, one) for one in asked}


def _texts(document: Any, one: Entry) -> list[str]:
    found, value = _value_at(document, one.path)
    return one.texts_of(value) if found else []


def _value_at(document: Any, path: Path) -> tuple[bool, Any]:
    for step in path:
        if not isinstance(document, dict) or step not in document:
            return False, None
        document = cast("dict[str, Any]", document)[step]
    return document is not None or bool(path), document


def filled_in(document: Any, asked: list[Entry], given: Given) -> Any:
    """The document with what was changed in its form; what no field shows stays as it is."""
    changed: Any = document
    faults: list[Fault] = []
    for one in asked:
        texts = [text for text in map(clean, given.get(one.field.name, ())) if text]
        if texts == [clean(text) for text in _texts(document, one)] or _is_unsent(one, given):
            continue
        try:
            changed = _with(changed, one.path, one.value_of(texts) if texts else msgspec.UNSET)
        except Unreadable as refused:
            faults.append(Fault(one.field.place, refused.fault.rule, refused.fault.facts))
    if faults:
        raise InvalidForm(*faults)
    return {} if changed is None or changed is msgspec.UNSET else changed


def _is_unsent(one: Entry, given: Given) -> bool:
    """Whether the form did not send a field at all; boxes are sent only where they are ticked."""
    return one.field.name not in given and one.field.kind != "several"


def _with(document: Any, path: Path, value: Any) -> Any:
    """The document with a value at a place, or without one; an object left empty goes with it."""
    if not path:
        return value
    inside = dict(members(document))
    below = _with(inside.get(path[0]), path[1:], value)
    if below is msgspec.UNSET:
        inside.pop(path[0], None)
    else:
        inside[path[0]] = below
    return inside or msgspec.UNSET


def text_of(document: Any) -> bytes:
    """A document as it is kept."""
    return msgspec.json.format(_ENCODER.encode(document), indent=2)
