"""SQL of versions: releases with their interfaces, the schemas as they are sent, and their life."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

import msgspec

from registry.audit import Moment
from registry.db import Query, Tx, many, one
from registry.semver import parse
from registry.versions.model import (
    Deprecation,
    FoundVersion,
    InterfaceFacts,
    PublishFacts,
    Revocation,
    StoredSchema,
    UnknownVersion,
    Version,
    VersionItem,
)
from registry.versions.schemas.guard import Published


async def insert_version(tx: Tx, event_id: UUID, facts: PublishFacts) -> None:
    number = parse(facts.version)
    await tx.execute(
        """
        insert into versions (service, version, sort_key, prerelease, released_on, precision, notes,
                              event_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        facts.service,
        facts.version,
        number.sort_key,
        bool(number.prerelease),
        facts.released_on,
        facts.precision,
        facts.notes,
        event_id,
    )


async def insert_interfaces(tx: Tx, event_id: UUID, facts: PublishFacts) -> None:
    await tx.executemany(
        """
        insert into version_interfaces (service, version, name, direction, dialect, sha256,
                                        event_id)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        [
            (facts.service, facts.version, *_columns(interface), event_id)
            for interface in facts.interfaces
        ],
    )
    await tx.executemany(
        """
        insert into interface_references (service, version, interface, target_service,
                                          target_version, target_interface, event_id)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        [
            (facts.service, facts.version, interface.name, *target, event_id)
            for interface in facts.interfaces
            for target in interface.references
        ],
    )


def _columns(interface: InterfaceFacts) -> tuple[object, ...]:
    sha256 = bytes.fromhex(interface.sha256)
    return (interface.name, interface.direction, interface.dialect, sha256)


async def insert_encoding(tx: Tx, sha256: bytes, gzip: bytes, br: bytes) -> None:
    await tx.execute(
        """
        insert into schema_encodings (sha256, gzip, br) values ($1, $2, $3)
        on conflict (sha256) do nothing
        """,
        sha256,
        gzip,
        br,
    )


async def forget_encodings(tx: Tx) -> None:
    """Take out all encodings, to be made anew; nobody else adds any meanwhile."""
    await tx.execute("lock table schema_encodings in share row exclusive mode")
    await tx.execute("delete from schema_encodings")


async def published_schemas(db: Query) -> list[bytes]:
    """The SHA-256 (32 bytes) of every schema of any version."""
    rows = await db.fetch("select distinct sha256 from version_interfaces order by sha256")
    return [row[0] for row in rows]


async def identity(db: Query, service: str, version: str) -> dict[str, tuple[str, str]] | None:
    """By interface direction and SHA-256 (hex) of what was published under this number, or None."""
    rows = await db.fetch(
        """
        select name, direction, encode(sha256, 'hex') from version_interfaces
        where service = $1 and version = $2
        """,
        service,
        version,
    )
    return {row[0]: (row[1], row[2]) for row in rows} or None


async def numbers(db: Query, service: str, *, revoked: bool) -> list[str]:
    """The numbers of all versions of a service in their order, revoked ones included or not."""
    rows = await db.fetch(
        """
        select v.version from versions v
        where v.service = $1
          and ($2 or not exists (select 1 from version_revocations r
                                 where r.service = v.service and r.version = v.version))
        order by v.sort_key
        """,
        service,
        revoked,
    )
    return [row[0] for row in rows]


async def texts_with_references(db: Query, places: Iterable[Published]) -> dict[Published, bytes]:
    """The schemas at these places, and all that they refer to directly or through others."""
    rows = await db.fetch(
        """
        select i.service, i.version, i.name, b.content
        from schemas_with_references($1, $2, $3) i join blobs b on b.sha256 = i.sha256
        """,
        *columns(places),
    )
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def columns(places: Iterable[Published]) -> list[list[str]]:
    """Places as columns: services, versions, interfaces."""
    rows = list(places)
    return [[row[column] for row in rows] for column in range(3)]


async def revoked(db: Query, places: Iterable[Published]) -> frozenset[Published]:
    """Those of the places whose version was revoked."""
    wanted = list(places)
    rows = await db.fetch(
        """
        select r.service, r.version
        from unnest($1::text[], $2::text[]) as p (service, version)
        join version_revocations r on r.service = p.service and r.version = p.version
        """,
        *columns(wanted)[:2],
    )
    found = {(row[0], row[1]) for row in rows}
    return frozenset(place for place in wanted if place[:2] in found)


async def schema(db: Query, service: str, version: str, interface: str) -> StoredSchema | None:
    """A schema with its stored encodings."""
    row = await db.fetchrow(
        """
        select b.content, e.gzip, e.br, i.sha256
        from version_interfaces i
        join blobs b on b.sha256 = i.sha256
        join schema_encodings e on e.sha256 = i.sha256
        where i.service = $1 and i.version = $2 and i.name = $3
        """,
        service,
        version,
        interface,
    )
    return None if row is None else StoredSchema(*row)


async def find(
    db: Query, service: str, at: Moment, after: Sequence[str] | None, limit: int
) -> list[FoundVersion]:
    """Versions released by a day, in the order of numbers, behind a sort key."""
    rows = await db.fetch(
        """
        select v.service, v.version, v.state, v.prerelease, v.released_on, v.precision,
               v.recorded_at, v.interfaces, v.deprecation, v.revocation, v.href, v.sort_key
        from versions_as_of($1, $2, $3) v
        where $4::text is null or v.sort_key collate "C" > $4
        order by v.sort_key collate "C" limit $5
        """,
        service,
        at.day,
        at.size,
        after[0] if after else None,
        limit,
    )
    return many(FoundVersion, rows)


async def highest(db: Query, service: str, at: Moment, limit: int) -> list[VersionItem]:
    """The versions with the highest numbers, the highest first, whatever state they are in."""
    rows = await db.fetch(
        """
        select v.service, v.version, v.state, v.prerelease, v.released_on, v.precision,
               v.recorded_at, v.interfaces, v.deprecation, v.revocation, v.href
        from versions_as_of($1, $2, $3) v order by v.sort_key collate "C" desc limit $4
        """,
        service,
        at.day,
        at.size,
        limit,
    )
    return many(VersionItem, rows)


async def count(db: Query, service: str, at: Moment) -> int:
    """How many versions `find` finds in all."""
    return await db.fetchval(
        "select count(*) from versions_as_of($1, $2, $3)", service, at.day, at.size
    )


async def offered(db: Query, service: str, at: Moment) -> list[str]:
    """The numbers of the versions released by a day and not revoked then, in their order."""
    rows = await db.fetch(
        """
        select v.version from versions_as_of($1, $2, $3) v
        where v.state <> 'revoked' order by v.sort_key collate "C"
        """,
        service,
        at.day,
        at.size,
    )
    return [row[0] for row in rows]


async def version(
    db: Query, service: str, number: str, day: date | None, log_size: int | None
) -> Version:
    """One version, in the state it has on a day (None: today); raises UnknownVersion."""
    row = await db.fetchrow(
        """
        with known as (
            select k.service, k.version, k.state, k.prerelease, k.released_on, k.precision,
                   k.recorded_at, k.interfaces, k.deprecation, k.revocation, k.href, k.notes,
                   k.event_id, k.sort_key
            from versions_as_of($1, $3, $4) k)
        select v.service, v.version, v.state, v.prerelease, v.released_on, v.precision,
               v.recorded_at, v.interfaces, v.deprecation, v.revocation, v.href, v.notes,
               v.event_id, (select coalesce(jsonb_agg(jsonb_build_object(
                           'version', c.other, 'bump', c.bump, 'relation', c.relation,
                           'enforced', c.enforced,
                           'href', '/v1/services/' || c.service || '/comparison?from='
                                   || case when o.sort_key collate "C" < v.sort_key
                                           then o.version || '&to=' || v.version
                                           else v.version || '&to=' || o.version end)
                           order by o.sort_key collate "C"), '[]')
                from version_verdicts c
                join versions o on o.service = c.service and o.version = c.other
                where c.service = v.service and c.version = v.version) as verdicts,
               (select coalesce(jsonb_agg(jsonb_build_object(
                           'interface', x.interface, 'version', x.other,
                           'fingerprint', x.fingerprint, 'reason', x.reason)
                           order by x.interface, x.other, x.fingerprint), '[]')
                from version_overrides x
                where x.service = v.service and x.version = v.version) as overrides,
               (select k.version from known k
                where k.sort_key collate "C" < v.sort_key
                order by k.sort_key collate "C" desc limit 1) as previous,
               (select k.version from known k
                where k.sort_key collate "C" > v.sort_key
                order by k.sort_key collate "C" limit 1) as next,
               (select k.version from known k
                where version_is_offered(k.state, k.prerelease)
                order by k.sort_key collate "C" desc limit 1) as latest
        from known v where v.version = $2
        """,
        service,
        number,
        day,
        log_size,
    )
    found = one(Version, row)
    if found is None:
        raise UnknownVersion(service=service, version=number)
    return found


async def last_deprecation(db: Query, service: str, number: str) -> Deprecation | None:
    """What was said last about the end of a version, from whichever day it holds."""
    row = await db.fetchrow(
        """
        select d.since, d.sunset, d.successor, d.note
        from version_deprecations d join events e on e.id = d.event_id
        where d.service = $1 and d.version = $2 order by e.seq desc limit 1
        """,
        service,
        number,
    )
    return one(Deprecation, row)


async def latest_sunset(db: Query, service: str, number: str) -> date | None:
    """The latest sunset that was ever announced for a version."""
    return await db.fetchval(
        "select max(sunset) from version_deprecations where service = $1 and version = $2",
        service,
        number,
    )


async def insert_deprecation(
    tx: Tx, event_id: UUID, service: str, number: str, deprecation: Deprecation
) -> None:
    await tx.execute(
        """
        insert into version_deprecations (event_id, service, version, since, sunset, successor,
                                          note)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        event_id,
        service,
        number,
        *msgspec.structs.astuple(deprecation),
    )


async def insert_revocation(
    tx: Tx, event_id: UUID, service: str, number: str, revocation: Revocation
) -> None:
    await tx.execute(
        """
        insert into version_revocations (event_id, service, version, since, reason, despite_users)
        values ($1, $2, $3, $4, $5, $6)
        """,
        event_id,
        service,
        number,
        *msgspec.structs.astuple(revocation),
    )


async def newest(db: Query, service: str, at: Moment) -> str | None:
    """The newest release of a service that is offered."""
    return await db.fetchval(
        """
        select k.version from versions_as_of($1, $2, $3) k
        where version_is_offered(k.state, k.prerelease)
        order by k.sort_key collate "C" desc limit 1
        """,
        service,
        at.day,
        at.size,
    )
