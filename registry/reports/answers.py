"""The shape of every report: what it says and over what, for which day, and where its rows are."""

from collections.abc import Sequence
from datetime import date
from typing import Generic, TypeVar
from urllib.parse import urlencode

import msgspec

from registry.audit import LogPosition, Moment
from registry.catalogue.parts import Texts

T = TypeVar("T")


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """What a report counts, and over what."""

    definition: Texts
    denominator: Texts


class ReportLinks(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses on this registry, as paths; they name the day, so that they keep their meaning."""

    own: str = msgspec.field(name="self")
    csv: str
    rows: str


class StatedFigure(msgspec.Struct, frozen=True, kw_only=True):
    """A figure as a source reports it."""

    measure: str
    subject: str
    key: str | None
    reported: str | None
    unit: str | None
    stated_on: str | None
    source: str
    note: str | None


class ReportedBeside(StatedFigure, frozen=True, kw_only=True):
    """The figure beside what the ledger itself counts on the day asked for.

    `difference` is reported less computed; null where the ledger cannot count the same thing.
    """

    computed: int | None
    difference: str | None


class Report(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A report; `reported` holds what sources state, never mixed with what is counted here."""

    definition: Texts
    denominator: Texts
    as_of: date
    known_at: LogPosition | None
    items: Sequence[T]
    next: str | None
    reported: Sequence[ReportedBeside]
    links: ReportLinks


def dated_address(path: str, at: Moment, **filters: str | int | bool | None) -> str:
    """An address with its filters, and the day and position it is for."""
    asked: dict[str, str | int] = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in filters.items()
        if value is not None and value is not False
    }
    asked["as_of"] = at.day.isoformat()
    if at.known:
        asked["known_at"] = at.known.size
    return f"{path}?{urlencode(asked)}"
