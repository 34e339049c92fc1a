"""SQL of checks: who uses which versions today, and which interfaces refer to one."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

import msgspec

from registry.db import Query, many
from registry.impact.checks import Hit, Referrer
from registry.reuse.answers import BodyName
from registry.reuse.model import OPEN_STAGES
from registry.reuse.parameters import INTERFACE


async def versions_in_use(db: Query, service: str, day: date) -> list[str]:
    """The versions somebody has, prepares or agreed on at a day."""
    rows = await db.fetch(
        """
        select distinct p.version from reuse_periods p
        where p.service = $1 and p.version is not null and p.stage = any ($3)
          and (not p.demo or (select is_demonstration($1)))
          and p.valid_from <= $2 and (p.valid_to is null or p.valid_to > $2)
        """,
        service,
        day,
        OPEN_STAGES,
    )
    return [row[0] for row in rows]


async def hits(db: Query, service: str, day: date, versions: list[str] | None) -> list[Hit]:
    """Who uses one of the versions on a day, by key; None: who uses one that is not recorded."""
    rows = await db.fetch(
        """
        select p.version, p.reuse_id, p.stage, p.since, p.own_use, o.key, o.name,
               'municipality' = any (o.levels) as municipality
        from reuse_periods p
        cross join lateral organisation_on(p.organisation_id, $2) o
        where p.service = $1 and p.stage = any ($3)
          and (not p.demo or (select is_demonstration($1)))
          and p.valid_from <= $2 and (p.valid_to is null or p.valid_to > $2)
          and case when $4::text[] is null then p.version is null else p.version = any ($4) end
        order by p.organisation_key, p.reuse_id
        """,
        service,
        day,
        OPEN_STAGES,
        versions,
    )
    return [
        Hit(
            reuse_id=row["reuse_id"],
            organisation=BodyName(key=row["key"], name=row["name"]),
            version=row["version"],
            stage=row["stage"],
            since=row["since"],
            own_use=row["own_use"],
            municipality=row["municipality"],
            href=f"/v1/reuses/{row['reuse_id']}",
        )
        for row in rows
    ]


class StoredParameters(msgspec.Struct, frozen=True, kw_only=True):
    """What a body set last, and the version it runs."""

    reuse_id: UUID
    version: str
    document: str
    key: str
    name: str


async def stored_parameters(db: Query, service: str, day: date) -> list[StoredParameters]:
    """The parameters set for all reuses that run a version on a day, by the key of the body."""
    rows = await db.fetch(
        """
        select p.reuse_id, p.version, d.document, o.key, o.name
        from reuse_periods p
        cross join lateral (
            select d.document from reuse_parameters d
            where d.reuse_id = p.reuse_id order by d.ordinal desc limit 1) d
        cross join lateral organisation_on(p.organisation_id, $2) o
        where p.service = $1 and p.version is not null and p.stage = any ($3)
          and (not p.demo or (select is_demonstration($1)))
          and p.valid_from <= $2 and (p.valid_to is null or p.valid_to > $2)
        order by p.organisation_key, p.reuse_id
        """,
        service,
        day,
        OPEN_STAGES,
    )
    return many(StoredParameters, rows)


async def sees_all_parameters(view: Query, service: str) -> bool:
    """Whether the caller sees what every body sets for a service: as its builders do."""
    return await view.fetchval(
        """
        select coalesce(current_setting('efa.sees_all', true) = 'yes', false) or exists (
            select 1
            from services_in_force(legal_today(), null) f
            join service_builders b on b.slug = f.slug and b.revision = f.revision
            where f.slug = $1
              and b.organisation_id::text in (
                  select efa_stands_for($1, array['publish:*', 'publish:' || $1])))
        """,
        service,
    )


async def declare_parameters(db: Query, service: str) -> bool:
    """Whether any version of a service declares parameters."""
    return await db.fetchval(
        "select exists (select 1 from version_interfaces where service = $1 and name = $2)",
        service,
        INTERFACE,
    )


async def state_names(db: Query, keys: Collection[str], day: date) -> dict[str, str]:
    """By key, the names of the Länder on a day."""
    rows = await db.fetch(
        """
        select k.key, o.name
        from organisation_keys k cross join lateral organisation_on(k.organisation_id, $2) o
        where k.key = any ($1) and k.level = 'state' and holds_on($2, k.valid_from, k.valid_to)
        """,
        keys,
        day,
    )
    return {row[0]: row[1] for row in rows}


async def referrers(db: Query, service: str, interfaces: Sequence[str]) -> list[Referrer]:
    """Interfaces of other versions that refer to any version of these, maybe through others.

    What refers only within its own version is not listed: there nothing changes.
    """
    rows = await db.fetch(
        """
        with recursive touched (service, version, interface, elsewhere) as (
            select i.service, i.version, i.name, false from version_interfaces i
            where i.service = $1 and i.name = any ($2)
            union
            select r.service, r.version, r.interface,
                   t.elsewhere or (r.service, r.version) <> (t.service, t.version)
            from touched t join interface_references r
              on r.target_service = t.service and r.target_version = t.version
                 and r.target_interface = t.interface
        )
        select t.service, t.version, t.interface,
               '/v1/services/' || t.service || '/versions/' || t.version
               || '/interfaces/' || t.interface as href
        from touched t join versions v on v.service = t.service and v.version = t.version
        where t.elsewhere
          and not exists (select 1 from version_revocations r
                          where r.service = t.service and r.version = t.version)
        order by t.service, v.sort_key collate "C", t.interface
        """,
        service,
        interfaces,
    )
    return many(Referrer, rows)


async def today(db: Query) -> date:
    """The legal day in Germany."""
    return await db.fetchval("select legal_today()")
