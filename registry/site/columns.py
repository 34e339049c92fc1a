"""Lists as tables: the columns of each, and where in an item the value of a column is; pure.

At German addresses a table has German headers, and a code stands as its word with the code beside;
below `/en` it has the names and codes of the interface.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import msgspec

from registry.site.words import word

Columns = Mapping[str, str]

REUSES: Columns = {
    "id": "id",
    "service": "service",
    "organisation": "organisation.key",
    "organisation_name": "organisation.name",
    "stage": "stage",
    "version": "version",
    "since": "since.date",
    "since_precision": "since.precision",
    "since_basis": "since.basis",
    "valid_from": "valid_from",
    "valid_to": "valid_to",
    "own_use": "own_use",
    "back_end": "back_end",
    "area": "area",
    "evidence": "evidence",
    "agreement": "agreement",
    "contract": "contract",
}
SERVICES: Columns = {
    "slug": "slug",
    "name": "names.de",
    "builders": "builders.key",
    "theme": "theme",
    "procedures": "procedures",
    "ozg_ids": "ozg_ids",
    "model": "model",
    "status": "status",
    "valid_from": "valid_from",
    "reused_by_states": "reused_by.states",
    "reused_by_bodies": "reused_by.bodies",
}
BODIES: Columns = {
    "key": "key",
    "slug": "slug",
    "name": "name",
    "kind": "kind",
    "levels": "levels",
    "keys": "keys",
    "ags": "ags",
    "status": "status",
    "population": "population",
    "population_on": "population_on",
}
PROCEDURES: Columns = {
    name: name
    for name in ("key", "kind", "name", "type", "ozg_id", "theme", "situation", "services")
}
AGREEMENTS: Columns = {
    "slug": "slug",
    "kind": "kind",
    "name": "names.de",
    "status": "status",
    "parties": "parties.key",
    "accessions": "accessions",
    "signed_on": "signed_on",
    "in_force_from": "in_force_from",
    "in_force_to": "in_force_to",
    "number": "number",
    "amount_eur": "amount_eur",
    "services": "services",
    "themes": "themes",
    "parent": "parent",
}


GERMAN: Mapping[str, str] = {
    "accessions": "Beitritte",
    "ags": "AGS",
    "agreement": "Vereinbarung",
    "amount_eur": "Betrag in Euro",
    "area": "Gebiet",
    "back_end": "Eingang der Anträge",
    "builders": "Bereitgestellt von",
    "contract": "Vertrag",
    "evidence": "Nachweis",
    "id": "Nummer",
    "in_force_from": "In Kraft ab",
    "in_force_to": "In Kraft bis",
    "key": "Schlüssel",
    "keys": "Alle Schlüssel",
    "kind": "Art",
    "levels": "Ebenen",
    "model": "Modell",
    "name": "Name",
    "number": "Aktenzeichen",
    "organisation": "Regionalschlüssel",
    "organisation_name": "Stelle",
    "own_use": "Eigene Nutzung",
    "ozg_id": "OZG-Leistung",
    "ozg_ids": "OZG-Leistungen",
    "parent": "Übergeordnete Vereinbarung",
    "parties": "Parteien",
    "population": "Einwohner",
    "population_on": "Einwohner am",
    "procedures": "Leistungen",
    "reused_by_bodies": "Nachnutzende Stellen",
    "reused_by_states": "Nachnutzende Länder",
    "service": "Dienst",
    "services": "Dienste",
    "signed_on": "Unterzeichnet am",
    "since": "Seit",
    "since_basis": "Was das Datum sagt",
    "since_precision": "Genauigkeit des Datums",
    "situation": "Lage",
    "slug": "Kurzname",
    "stage": "Stufe",
    "status": "Stand",
    "theme": "Themenfeld",
    "themes": "Themenfelder",
    "type": "Typ",
    "valid_from": "Gilt ab",
    "valid_to": "Gilt bis vor",
    "version": "Version",
}
# Of which columns the code has a word, by list: the kind of the word.
_WORDS: Sequence[tuple[Columns, Mapping[str, str]]] = (
    (REUSES, {"stage": "stage", "back_end": "back_end", "evidence": "evidence"}),
    (AGREEMENTS, {"kind": "agreement", "status": "agreement_status"}),
    (PROCEDURES, {"kind": "procedure"}),
)
_NO_WORDS: Mapping[str, str] = {}


def german(
    columns: Columns, items: Iterable[msgspec.Struct]
) -> tuple[list[str], Iterator[list[Any]]]:
    """The headers and the values as people of this country read them."""
    words = next((kinds for known, kinds in _WORDS if known is columns), _NO_WORDS)
    headers = [part for name in columns for part in _headers(GERMAN[name], name in words)]
    return headers, (_spoken(columns, words, row) for row in rows(columns, items))


def _headers(header: str, coded: bool) -> list[str]:
    return [header, f"{header} (Code)"] if coded else [header]


def _spoken(columns: Columns, words: Mapping[str, str], row: list[Any]) -> list[Any]:
    told: list[Any] = []
    for name, value in zip(columns, row, strict=True):
        if name in words:
            told += [word(words[name], value, "de") if value is not None else None, value]
        else:
            told.append({True: "ja", False: "nein"}[value] if isinstance(value, bool) else value)
    return told


def rows(columns: Columns, items: Iterable[msgspec.Struct]) -> Iterator[list[Any]]:
    """The values of each item, in the order of the columns."""
    for item in items:
        told = msgspec.to_builtins(item)
        yield [_found(told, path.split(".")) for path in columns.values()]


def _found(value: Any, path: list[str]) -> Any:
    """What lies at a path; of a list what lies there in each of its members."""
    if not path or value is None:
        return value
    if isinstance(value, (list, tuple)):
        found = (_found(one, path) for one in cast("Iterable[Any]", value))
        return [one for one in found if one is not None]
    return _found(value[path[0]], path[1:])
