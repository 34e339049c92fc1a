"""SQL of the command line: which files were loaded."""

from uuid import UUID

from registry.db import Connection, Query, Tx

_LOADING_LOCK = 7_316_504_112_004


async def hold_loading(conn: Connection) -> None:
    """Let one process load at a time; the lock goes with the connection."""
    await conn.execute("select pg_advisory_lock($1)", _LOADING_LOCK)


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


async def insert_load(tx: Tx, event_id: UUID, source: str, sha256: bytes) -> None:
    await tx.execute(
        "insert into loads (event_id, source, sha256) values ($1, $2, $3)",
        event_id,
        source,
        sha256,
    )
