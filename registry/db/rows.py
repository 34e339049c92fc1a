"""From rows to Structs; `convert` checks every value against the Struct's own constraints."""

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from registry.db.connections import Row

T = TypeVar("T")


def one(kind: type[T], row: Row | None) -> T | None:
    """The row as a Struct, or None."""
    return None if row is None else msgspec.convert(_values(row), kind)


def many(kind: type[T], rows: Iterable[Row]) -> list[T]:
    """All rows as Structs."""
    return [msgspec.convert(_values(row), kind) for row in rows]


def _values(row: Row) -> dict[str, Any]:
    return dict(row.items())
