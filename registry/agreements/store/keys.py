"""SQL of distribution keys: the editions of their tables."""

from uuid import UUID

from registry.agreements.model import KeysFacts
from registry.db import Query, Tx


async def lock_editions(tx: Tx) -> None:
    """Make loads of distribution keys wait for each other."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('distribution keys', 0))")


async def last_edition(db: Query) -> tuple[int, bytes]:
    """The number and SHA-256 of the edition loaded last; 0 and nothing before the first."""
    row = await db.fetchrow(
        "select edition, sha256 from distribution_key_editions order by edition desc limit 1"
    )
    return (row[0], row[1]) if row else (0, b"")


async def insert_edition(tx: Tx, event_id: UUID, facts: KeysFacts) -> None:
    await tx.execute(
        "insert into distribution_key_editions (edition, sha256, event_id) values ($1, $2, $3)",
        facts.edition,
        bytes.fromhex(facts.sha256),
        event_id,
    )


async def content(db: Query, size: int | None) -> bytes:
    """The last edition in the first `size` events of the log (None: in all); empty before any."""
    found = await db.fetchval(
        """
        select b.content
        from distribution_key_editions d
        join events e on e.id = d.event_id
        join blobs b on b.sha256 = d.sha256
        where $1::bigint is null or e.leaf_idx < $1
        order by d.edition desc limit 1
        """,
        size,
    )
    return found or b""
