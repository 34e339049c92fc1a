"""An export of Open-PVOG against the ledger, pure: what only one of them says, and dead flags.

A row of the export and a reuse belong together by Leistungsschlüssel and territory. Where a
service has no such key they are brought together by OZG-ID, and where only the Land is recorded
by the Land: both are guesses and marked as such.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from registry.catalogue.parts import LEIKA_KEY
from registry.errors import Fault, MalformedKey, Unprocessable
from registry.organisations.model import regional_key

Kind = Literal[
    "declared-not-visible", "visible-not-declared", "dead-link", "inactive", "unreadable-key"
]
FEDERAL = "0"
_COLUMNS = ("leika_key", "ars")


class UnreadableExport(Unprocessable):
    """The file is no export of Open-PVOG in CSV or JSON."""

    code = "unreadable-export"


class ExportRow(msgspec.Struct, frozen=True, kw_only=True):
    """What Open-PVOG says of one procedure in one territory; `place` is the row, from 1."""

    place: int
    leika_key: str
    ars: str
    ozg: str
    url: str
    online: bool
    active: bool


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """A reuse in operation: the keys it runs for, and what its service is for.

    `land_only`: a source tells of the Land, not of where in it.
    """

    service: str
    organisation: str
    keys: tuple[str, ...]
    procedures: tuple[str, ...]
    ozg_ids: tuple[str, ...]
    land_only: bool
    link: str


class Mismatch(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that does not agree; `row` is the line of the export, `link` the reuse."""

    kind: Kind
    service: str | None
    organisation: str | None
    procedure: str | None
    ars: str | None
    url: str | None
    row: int | None
    guess: bool
    link: str | None


class Reconciled(msgspec.Struct, frozen=True, kw_only=True):
    """All mismatches; `matched` rows agree, `others` belong to no service of the registry."""

    rows: int
    matched: int
    others: int
    declared: int
    mismatches: tuple[Mismatch, ...]


def read_export(content: bytes) -> list[ExportRow]:
    """The rows of an export: CSV with `,` or `;`, or JSON; refuses anything else."""
    try:
        text = content.decode("utf-8-sig")
        told = _from_json(text) if text.lstrip()[:1] in ("[", "{") else _from_csv(text)
    except (UnicodeDecodeError, msgspec.DecodeError, csv.Error):
        raise UnreadableExport(Fault("", "not-an-export")) from None
    rows = list(told)
    if rows and any(column not in rows[0] for column in _COLUMNS):
        raise UnreadableExport(Fault("", "not-an-export"))
    return [_row(place, row) for place, row in enumerate(rows, 1)]


def _from_csv(text: str) -> Iterable[Mapping[str, Any]]:
    head = text.partition("\n")[0]
    return csv.DictReader(io.StringIO(text), delimiter=";" if ";" in head else ",")


def _from_json(text: str) -> Sequence[Mapping[str, Any]]:
    told = msgspec.json.decode(text)
    if isinstance(told, dict):
        told = told.get("content") or told.get("items")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return msgspec.convert(told, list[dict[str, Any]])


def _row(place: int, told: Mapping[str, Any]) -> ExportRow:
    def text(name: str) -> str:
        return str(told.get(name) if told.get(name) is not None else "").strip()

    return ExportRow(
        place=place,
        leika_key=text("leika_key"),
        ars=text("ars"),
        ozg=text("ozgid"),
        url=text("url"),
        online=text("online_status").lower() != "nicht ok",
        active=text("aktiv").lower() != "nein",
    )


def reconcile(rows: Sequence[ExportRow], declared: Sequence[Declared]) -> Reconciled:
    """Everything on which the export and the ledger disagree, rows first, in their order."""
    by_procedure: defaultdict[str, list[Declared]] = defaultdict(list)
    by_ozg: defaultdict[str, list[Declared]] = defaultdict(list)
    for entry in declared:
        for key in entry.procedures:
            by_procedure[key].append(entry)
        for key in entry.ozg_ids if not entry.procedures else ():
            by_ozg[key].append(entry)
    mismatches: list[Mismatch] = []
    seen: set[str] = set()
    others = 0
    for row in rows:
        known = by_procedure.get(row.leika_key) or by_ozg.get(row.ozg) or []
        found = [*_of_row(row, known, seen, guess=row.leika_key not in by_procedure)]
        others += not known and not found
        mismatches += found
    named = {mismatch.row for mismatch in mismatches}
    unseen = [entry for entry in declared if entry.link not in seen]
    mismatches += [_unseen(entry) for entry in unseen if entry.procedures or entry.ozg_ids]
    return Reconciled(
        rows=len(rows),
        matched=len(rows) - others - len(named),
        others=others,
        declared=len(declared),
        mismatches=tuple(mismatches),
    )


def _of_row(
    row: ExportRow, known: Sequence[Declared], seen: set[str], *, guess: bool
) -> Iterator[Mismatch]:
    key = _territory(row)
    if key is None or not re.fullmatch(LEIKA_KEY, row.leika_key):
        yield _mismatch("unreadable-key", row, None, guess=False)
        return
    there = [entry for entry in known if _covers(entry, key)]
    seen |= {entry.link for entry in there}
    if known and not there and row.active and row.online:
        yield _mismatch("visible-not-declared", row, known[0], guess=guess, foreign=True)
    for entry in there[:1]:
        guessed = guess or entry.land_only
        if not row.active:
            yield _mismatch("inactive", row, entry, guess=guessed)
        elif not row.online:
            yield _mismatch("dead-link", row, entry, guess=guessed)


def _territory(row: ExportRow) -> str | None:
    """The shortest key of the row's territory, or that of the whole federation."""
    if row.ars and not row.ars.strip("0"):
        return FEDERAL
    try:
        return regional_key(row.ars)
    except MalformedKey:
        return None


def _covers(entry: Declared, key: str) -> bool:
    """Whether a reuse and a territory meet: one contains the other."""
    return any(key.startswith(own) or own.startswith(key) for own in entry.keys)


def _unseen(entry: Declared) -> Mismatch:
    return Mismatch(
        kind="declared-not-visible",
        service=entry.service,
        organisation=entry.organisation,
        procedure=entry.procedures[0] if entry.procedures else None,
        ars=entry.keys[0] if entry.keys else None,
        url=None,
        row=None,
        guess=entry.land_only or not entry.procedures,
        link=entry.link,
    )


def _mismatch(
    kind: Kind, row: ExportRow, entry: Declared | None, *, guess: bool, foreign: bool = False
) -> Mismatch:
    """`foreign`: the service is the one meant, the reuse is another body's."""
    own = None if foreign else entry
    return Mismatch(
        kind=kind,
        service=entry.service if entry else None,
        organisation=own.organisation if own else None,
        procedure=row.leika_key or None,
        ars=row.ars or None,
        url=row.url or None,
        row=row.place,
        guess=guess,
        link=own.link if own else None,
    )
