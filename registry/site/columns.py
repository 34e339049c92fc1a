"""Lists as tables: the columns of each, and where in an item the value of a column is; pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import msgspec

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
