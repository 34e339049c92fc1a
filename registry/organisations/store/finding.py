"""From keys and slugs to bodies."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

import msgspec

from registry.db import Query, Row
from registry.errors import Fault, MalformedKey
from registry.organisations.model import (
    Organisation,
    UnknownOrganisation,
    UnknownTerritory,
    forms_of,
    regional_key,
)

Forms = tuple[list[str], list[str], list[int]]


async def resolve(
    db: Query, key: str, as_of: date | None = None, size: int | None = None
) -> Organisation:
    """The body a regional key (padded or not), an AGS or a slug leads to, as of a day or today.

    As known in the first `size` events of the log (None: in all that is recorded). A key nobody
    holds any more leads to the body that held it last.
    """
    forms_of(key)
    found = await find(db, [key], as_of, size)
    if key not in found:
        raise UnknownOrganisation(key=key)
    return found[key]


async def resolve_id(
    db: Query,
    key: str | None,
    as_of: date,
    size: int | None,
    parameter: str = "organisation",
) -> UUID | None:
    """The id of the body a filter names; None where the filter is left out."""
    if key is None:
        return None
    try:
        return (await resolve(db, key, as_of, size)).id
    except UnknownOrganisation:
        fault = Fault(f"?{parameter}", "unknown-organisation", {"value": key})
        raise UnknownOrganisation(fault, key=key) from None


async def territory(
    db: Query, key: str | None, size: int | None, parameter: str = "within"
) -> str | None:
    """The shortest key of the territory a filter names; None where the filter is left out.

    Raises MalformedKey, and UnknownTerritory where no key of a body began so by then.
    """
    if key is None:
        return None
    shortest = regional_key(key)
    recorded = await db.fetchval(
        """
        select exists (
            select from organisation_keys k join events e on e.id = k.event_id
            where k.key >= $1 and k.key < $1 || ':' and ($2::bigint is null or e.leaf_idx < $2)
        )
        """,
        shortest,
        size,
    )
    if not recorded:
        raise UnknownTerritory(Fault(f"?{parameter}", "unknown-territory", {"value": key}), key=key)
    return shortest


async def find(
    db: Query, keys: Iterable[str], as_of: date | None = None, size: int | None = None
) -> dict[str, Organisation]:
    """The bodies behind keys or slugs, by the key asked; those that lead nowhere are left out."""
    rows = await db.fetch(
        """
        select f.asked, o.id, o.key, o.slug, o.name, o.kind, o.levels, o.keys, o.ags, o.status,
               o.population, o.population_on
        from (select coalesce($4::date, legal_today()) as day) d
        cross join organisations_found($1, $2, $3, d.day, $5) f
        cross join organisation_on(f.organisation_id, d.day, $5) o
        """,
        *asked_forms(keys),
        as_of,
        size,
    )
    return {row["asked"]: _organisation(row) for row in rows}


async def find_ids(db: Query, keys: Iterable[str], as_of: date | None = None) -> dict[str, UUID]:
    """The ids of the bodies behind keys or slugs; those that lead nowhere are left out."""
    rows = await db.fetch(
        """
        select f.asked, f.organisation_id
        from organisations_found($1, $2, $3, coalesce($4::date, legal_today()), null) f
        """,
        *asked_forms(keys),
        as_of,
    )
    return {row["asked"]: row["organisation_id"] for row in rows}


def asked_forms(keys: Iterable[str]) -> Forms:
    """Each key with every form it may be recorded under; unreadable keys are left out."""
    asked: list[str] = []
    wanted: list[str] = []
    places: list[int] = []
    for key in dict.fromkeys(keys):
        try:
            forms = forms_of(key)
        except MalformedKey:
            continue
        asked += [key] * len(forms)
        wanted += forms
        places += range(len(forms))
    return asked, wanted, places


def _organisation(row: Row) -> Organisation:
    values = {name: value for name, value in row.items() if name != "asked"}
    return msgspec.convert(values, Organisation)
