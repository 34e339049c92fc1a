"""The fields of an interface as documentation: one row for each property of its schema; pure."""

from collections.abc import Iterator
from typing import Any, cast

import msgspec

_MOST = 300
_DEEPEST = 6
_LONGEST = 200


class FieldRow(msgspec.Struct, frozen=True, kw_only=True):
    """A field by its place (`antragsteller.name`, lists with `[]`)."""

    name: str
    kind: str
    required: bool
    text: str


def fields(schema: Any) -> list[FieldRow]:
    """The fields in the order of the schema, at most 300 and six levels deep."""
    rows: list[FieldRow] = []
    for row in _walk(schema, schema, "", 0):
        if len(rows) == _MOST:
            break
        rows.append(row)
    return rows


def _walk(root: Any, schema: Any, before: str, depth: int) -> Iterator[FieldRow]:
    found = resolved(root, schema)
    if depth > _DEEPEST:
        return
    required = found.get("required", [])
    for name, raw in members(found.get("properties")).items():
        part = resolved(root, raw)
        shown = before + name[:_LONGEST] + ("…" if len(name) > _LONGEST else "")
        yield FieldRow(
            name=shown,
            kind=_kind(part),
            required=isinstance(required, list) and name in required,
            text=str(part.get("description") or part.get("title") or ""),
        )
        yield from _walk(root, part, f"{shown}.", depth + 1)
        if "items" in part:
            yield from _walk(root, part["items"], f"{shown}[].", depth + 1)


def resolved(root: Any, schema: Any) -> dict[str, Any]:
    """The schema behind a reference within the document; a reference elsewhere stays as it is."""
    found = members(schema)
    reference = found.get("$ref")
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return found
    at: Any = root
    for step in reference[2:].split("/"):
        at = members(at).get(step.replace("~1", "/").replace("~0", "~"))
    return members(at) | {name: value for name, value in found.items() if name != "$ref"}


def members(value: Any) -> dict[str, Any]:
    """An object's members; none of what is no object."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _kind(part: dict[str, Any]) -> str:
    kind = part.get("type")
    if "enum" in part:
        return "enum"
    if isinstance(kind, list):
        return " | ".join(map(str, cast("list[Any]", kind)))
    return str(part.get("format") or kind or part.get("$ref") or "–")
