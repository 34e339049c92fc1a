"""Procedures: the catalogues of Leistungsschlüssel and OZG bundles merged into one; pure.

The Leistungskatalog is of 2019, the federal list of the Portalverbund of January 2025: where both
know a key, the later name holds. What the OZG catalogue lists without a key is kept as `unlisted`.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Literal

import msgspec

from registry.audit import LogPosition
from registry.catalogue.datasets import Row, rows
from registry.catalogue.model import MalformedProcedureKey
from registry.organisations.names import search_text, sort_key

Kind = Literal["leika", "ozg", "unlisted"]


class Procedure(msgspec.Struct, frozen=True, kw_only=True):
    """An administrative act: a Leistung by its key, or an OZG bundle of them by its id.

    `unlisted` ones have no key yet. `type` is the Typisierung: who makes the rules, who executes.
    """

    key: str | None
    kind: Kind
    name: str
    type: str | None
    ozg_id: str | None
    theme: str | None
    situation: str | None
    legal_basis: str
    catalogues: tuple[str, ...]


class ProcedureItem(msgspec.Struct, frozen=True, kw_only=True):
    """A procedure in a list; `services` counts those that serve it on the day."""

    key: str | None
    kind: Kind
    name: str
    type: str | None
    ozg_id: str | None
    theme: str | None
    situation: str | None
    services: int


class FoundProcedure(msgspec.Struct, frozen=True, kw_only=True):
    """A procedure with its place in the order of the list; a smaller rank comes first."""

    item: ProcedureItem
    rank: int
    place: int


class ServingService(msgspec.Struct, frozen=True, kw_only=True):
    """A service that serves a procedure: it names its key, or it is in the same bundle."""

    slug: str
    name: str
    through: Literal["named", "bundle"]
    builders: tuple[str, ...]
    link: str


class ProcedurePart(msgspec.Struct, frozen=True, kw_only=True):
    """A Leistung in a bundle."""

    key: str | None
    name: str


class ProcedureView(Procedure, frozen=True, kw_only=True):
    """A procedure with its bundle or its parts, and all services that serve it on a day.

    `known_at` is the position of the log the answer rests on, if asked.
    """

    bundle: ProcedurePart | None
    parts: tuple[ProcedurePart, ...]
    services: tuple[ServingService, ...]
    as_of: date
    known_at: LogPosition | None


class ProcedureCard(msgspec.Struct, frozen=True, kw_only=True):
    """A procedure as stored for lists: with its place in the order of names, and search words."""

    place: int
    sort_key: str
    words: str
    procedure: Procedure


def require_procedure_key(key: str) -> str:
    """Refuse what is neither a Leistungsschlüssel (99 and 12 digits) nor an OZG-ID (5 digits)."""
    if re.fullmatch(r"99[0-9]{12}|[0-9]{5}", key) is None:
        raise MalformedProcedureKey(key=key)
    return key


def read_procedures(texts: Mapping[str, bytes]) -> list[ProcedureCard]:
    """The procedures of all three catalogues, in the order of their names."""
    bundles = {row["ozg_id"]: _bundle(row) for row in rows(texts["ozg_bundles"])}
    newer = {row["leika_key"]: row["name"] for row in rows(texts["pvog"])}
    listed = [_listed(row, bundles, newer) for row in rows(texts["leika"])]
    known = {procedure.key for procedure in listed}
    added = [_added(key, name) for key, name in newer.items() if key not in known]
    return _in_order([*bundles.values(), *listed, *added])


def _in_order(procedures: list[Procedure]) -> list[ProcedureCard]:
    keyed = [(sort_key(p.name), p.kind, p.key or "", p.ozg_id or "", p) for p in procedures]
    keyed.sort(key=lambda entry: entry[:4])
    return [
        ProcedureCard(
            place=place, sort_key=entry[0], words=_search_words(entry[4]), procedure=entry[4]
        )
        for place, entry in enumerate(keyed, start=1)
    ]


def _search_words(procedure: Procedure) -> str:
    texts = (procedure.name, procedure.key, procedure.ozg_id, procedure.situation)
    return search_text(*(text for text in texts if text))


def _bundle(row: Row) -> Procedure:
    return Procedure(
        key=row["ozg_id"],
        kind="ozg",
        name=row["name"],
        type=None,
        ozg_id=row["ozg_id"],
        theme=row["theme"],
        situation=row["situation"],
        legal_basis="",
        catalogues=("ozg_bundles",),
    )


def _listed(row: Row, bundles: Mapping[str, Procedure], newer: Mapping[str, str]) -> Procedure:
    key = row["leika_key"] or None
    bundle = bundles.get(row["ozg_id"])
    return Procedure(
        key=key,
        kind="leika" if key else "unlisted",
        name=newer.get(key or "", row["name"]),
        type=row["leika_type"] or None,
        ozg_id=row["ozg_id"] or None,
        theme=bundle.theme if bundle else None,
        situation=bundle.situation if bundle else None,
        legal_basis=row["legal_basis"],
        catalogues=("leika", "pvog") if key in newer else ("leika",),
    )


def _added(key: str, name: str) -> Procedure:
    return Procedure(
        key=key,
        kind="leika",
        name=name,
        type=None,
        ozg_id=None,
        theme=None,
        situation=None,
        legal_basis="",
        catalogues=("pvog",),
    )
