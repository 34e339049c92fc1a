"""SQL of the exported and the rebuilt log."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from registry.db import Query, Row, Tx


async def contents(tx: Tx) -> AsyncIterator[Row]:
    """All contents, by their SHA-256."""
    async for row in tx.conn.cursor("select sha256, content from blobs order by sha256"):
        yield row


async def events(tx: Tx) -> AsyncIterator[Row]:
    """All events with salt and facts: the numbered ones in log order, then those that wait."""
    async for row in tx.conn.cursor(
        """
        select e.id, e.seq, e.leaf_idx as log_index, e.action, e.subject, e.organisation,
               e.on_behalf_of, e.public, e.batch, e.recorded_at, e.leaf, f.salt, f.facts
        from events e left join event_facts f on f.event_id = e.id
        order by e.leaf_idx nulls last, e.seq
        """
    ):
        yield row


async def checkpoints(tx: Tx) -> AsyncIterator[Row]:
    """All checkpoints, by size."""
    async for row in tx.conn.cursor(
        """
        select c.size, c.sealed_at, h.note from checkpoints c left join log_heads h using (size)
        order by c.size
        """
    ):
        yield row


async def public_leaves(db: Query, first: int, below: int) -> list[Row]:
    """Leaves in log order, with their events where these are public."""
    return await db.fetch(
        """
        select e.id, e.seq, l.log_index, e.action, e.subject, e.organisation, e.on_behalf_of,
               e.public, e.batch, e.recorded_at, l.leaf, f.salt, f.facts
        from log_leaves($1, $2) l
        left join events e on e.leaf_idx = l.log_index and e.public
        left join event_facts f on f.event_id = e.id
        order by l.log_index
        """,
        first,
        below,
    )


async def checkpoints_within(db: Query, after: int, up_to: int) -> list[Row]:
    """The checkpoints of sizes in a range, with what was signed."""
    return await db.fetch(
        """
        select c.size, c.sealed_at, h.note from checkpoints c left join log_heads h using (size)
        where c.size > $1 and c.size <= $2 order by c.size
        """,
        after,
        up_to,
    )


async def is_empty(db: Query) -> bool:
    """Whether nothing was ever recorded."""
    return not await db.fetchval("select exists (select 1 from events)")


async def insert_contents(tx: Tx, rows: Sequence[Sequence[object]]) -> None:
    await tx.executemany("insert into blobs (sha256, content) values ($1, $2)", rows)


async def insert_events(tx: Tx, rows: Sequence[Sequence[object]]) -> None:
    """Events with the numbers they had."""
    await tx.executemany(
        """
        insert into events (id, seq, leaf_idx, action, subject, organisation, on_behalf_of, public,
                            batch, recorded_at, leaf)
        overriding system value
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """,
        rows,
    )


async def insert_facts(tx: Tx, rows: Sequence[Sequence[object]]) -> None:
    await tx.executemany(
        """
        insert into event_facts (event_id, public, organisation, salt, facts)
        values ($1, $2, $3, $4, $5)
        """,
        rows,
    )


async def insert_checkpoints(tx: Tx, rows: Sequence[Sequence[object]]) -> None:
    await tx.executemany("insert into checkpoints (size, sealed_at) values ($1, $2)", rows)


async def keep_late(tx: Tx) -> None:
    """Keep which of the events rebuilt came late, as it is kept when they get their numbers."""
    await tx.execute(
        """
        insert into log_late (leaf_idx, seq)
        select o.leaf_idx, o.seq
        from (select leaf_idx, seq, max(seq) over (order by leaf_idx) as highest
              from events where leaf_idx is not null) o
        where o.seq < o.highest
        """
    )


async def continue_after_last_event(tx: Tx) -> None:
    """Let the next event follow the last one rebuilt."""
    await tx.execute(
        "select setval(pg_get_serial_sequence('events', 'seq'), coalesce(max(seq), 1)) from events"
    )


async def act_as_application(tx: Tx) -> None:
    """Write the following rows with the application's rights, so that its row security holds."""
    await tx.execute("set local role efa_app")


async def act_as_owner(tx: Tx) -> None:
    """Back to the owner's rights."""
    await tx.execute("set local role none")


async def erase(tx: Tx, events: Sequence[UUID]) -> None:
    """Take out facts and rows of events; refused by the database where others rest on them."""
    await tx.execute("set local efa.history = 'open'")
    await tx.execute("select efa_erase($1)", list(events))


async def forget_contents(tx: Tx, sha256s: Sequence[str]) -> None:
    """Take out contents, by their SHA-256 in hex."""
    await tx.execute(
        "delete from blobs where encode(sha256, 'hex') = any ($1)",
        list(sha256s),
    )
