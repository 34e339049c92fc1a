"""SQL of the command line: which files were loaded."""

from datetime import datetime
from uuid import UUID

from registry.db import Connection, Query, Tx

_LOADING_LOCK = 7_316_504_112_004


async def hold_loading(conn: Connection) -> None:
    """Let one process load at a time; the lock goes with the connection."""
    await conn.execute("select pg_advisory_lock($1)", _LOADING_LOCK)


async def gather_statistics(conn: Connection) -> None:
    """Tell the planner at once how much there is now: what it takes for empty, it reads slowly."""
    await conn.execute("analyze")


async def now(db: Query) -> datetime:
    """The time of the open transaction."""
    return await db.fetchval("select now()")


async def loaded(db: Query) -> dict[str, bytes]:
    """The SHA-256 (32 bytes) each source had when it was loaded last."""
    rows = await db.fetch(
        """
        select distinct on (l.source) l.source, l.sha256
        from loads l join events e on e.id = l.event_id
        order by l.source, e.seq desc
        """
    )
    return {row["source"]: row["sha256"] for row in rows}


async def hold(tx: Tx, source: str) -> bytes | None:
    """Let loads of one source wait for each other; returns the SHA-256 it was loaded with last."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('load ' || $1, 0))", source)
    return await tx.fetchval(
        """
        select l.sha256 from loads l join events e on e.id = l.event_id
        where l.source = $1 order by e.seq desc limit 1
        """,
        source,
    )


async def loaded_document(tx: Tx, source: str) -> bytes | None:
    """The SHA-256 (32 bytes) of the service.yaml that was brought in last."""
    return await tx.fetchval(
        """
        select l.document from loads l join events e on e.id = l.event_id
        where l.source = $1 order by e.seq desc limit 1
        """,
        source,
    )


async def last_revision_is_loaded(tx: Tx, slug: str) -> bool:
    """Whether what was recorded last of a service came from a load."""
    return await tx.fetchval(
        """
        select exists (
            select 1 from loads l join events le on le.id = l.event_id
            where le.batch = (select e.batch
                              from document_revisions r join events e on e.id = r.event_id
                              where r.kind = 'services' and r.slug = $1
                              order by r.revision desc limit 1))
        """,
        slug,
    )


async def agreement_changed_by_others(tx: Tx, slug: str) -> bool:
    """Whether anything of an agreement or of the accessions to it did not come from a load."""
    return await tx.fetchval(
        """
        select exists (
            select 1
            from (select event_id from agreement_revisions where slug = $1
                  union all
                  select event_id from agreement_accessions where agreement = $1) own
            join events e on e.id = own.event_id
            where not exists (
                select 1 from loads l join events le on le.id = l.event_id
                where le.batch = e.batch))
        """,
        slug,
    )


async def insert_load(
    tx: Tx, event_id: UUID, source: str, sha256: bytes, document: bytes | None
) -> None:
    await tx.execute(
        "insert into loads (event_id, source, sha256, document) values ($1, $2, $3, $4)",
        event_id,
        source,
        sha256,
        document,
    )
