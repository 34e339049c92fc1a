"""Codelists: dated codes with labels in two languages; pure, from the bytes of a data set."""

from datetime import date, datetime

import msgspec

from registry.audit import LogPosition
from registry.catalogue.datasets import Row, rows
from registry.catalogue.parts import Names
from registry.dates import first_day

_COLUMNS = ("code", "label_de", "label_en", "valid_from", "valid_to", "note", "source")


class CodelistEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One code, in force from `valid_from` up to, not including, `valid_to`; null: unknown or open.

    `properties` are what only this list has, such as the leading states of a theme, joined by `;`.
    """

    code: str
    labels: Names
    valid_from: date | None
    valid_to: date | None
    note: str
    source: str
    properties: dict[str, str]


class Codelist(msgspec.Struct, frozen=True, kw_only=True):
    """A codelist as it was on a day: the edition, its SHA-256 and the entries in force."""

    name: str
    titles: Names
    edition: int
    sha256: str
    recorded_at: datetime
    items: list[CodelistEntry]
    as_of: date
    known_at: LogPosition | None


class CodelistSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the directory of codelists; `entries` counts all, in force or not."""

    name: str
    titles: Names
    edition: int
    sha256: str
    recorded_at: datetime
    entries: int


class CodelistDirectory(msgspec.Struct, frozen=True, kw_only=True):
    """All codelists; `known_at` is the position of the log they rest on, if asked."""

    items: list[CodelistSummary]
    known_at: LogPosition | None


class Portal(msgspec.Struct, frozen=True, kw_only=True):
    """A portal, and the services it offers on the day asked for."""

    slug: str
    label_de: str
    label_en: str | None
    operator: str | None
    valid_from: date | None
    valid_to: date | None
    source: str
    services: tuple[str, ...]


class PortalList(msgspec.Struct, frozen=True, kw_only=True):
    """All portals in force on a day; `known_at` is the position of the log, if asked."""

    items: list[Portal]
    as_of: date
    known_at: LogPosition | None


def read_codelist(text: bytes) -> list[CodelistEntry]:
    """The entries of a data set, in its order."""
    return [_entry(row) for row in rows(text)]


def _entry(row: Row) -> CodelistEntry:
    properties = {name: value for name, value in row.items() if name not in _COLUMNS and value}
    return CodelistEntry(
        code=row["code"],
        labels=Names(de=row["label_de"], en=row["label_en"] or None),
        valid_from=_day(row["valid_from"]),
        valid_to=_day(row["valid_to"]),
        note=row["note"],
        source=row["source"],
        properties=properties,
    )


def _day(text: str) -> date | None:
    """A month or year starts and ends things on its first day."""
    return first_day(text) if text else None
