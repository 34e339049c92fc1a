"""SQL of the log: events with their facts, blobs, and sealed positions."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from registry.audit.model import Event, NewEvent, Seal
from registry.db import Connection, Query, Row, Tx


class Batch(NamedTuple):
    """Events that wait, by their sequence numbers; the number the first will have, and their seal.

    Nobody else numbers meanwhile.
    """

    seqs: list[int]
    events: list[UUID]
    public: list[bool]
    leaves: list[bytes]
    first: int
    seal: Seal


async def insert_events(tx: Tx, events: Sequence[NewEvent]) -> None:
    """Write events in their order; their sequence numbers follow it, and stand in the leaves."""
    if len(events) == 1:
        await _insert_event(tx, events[0])
        return
    await tx.execute(
        """
        with given as (
            select nextval('events_seq_seq') as seq, g.*
            from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[],
                        $6::boolean[], $7::uuid[], $8::timestamptz[], $9::bytea[], $10::bytea[])
                 g (id, action, subject, organisation, on_behalf_of, public, batch, recorded_at,
                    head, tail)
        ),
        events as (
            insert into events (id, seq, action, subject, organisation, on_behalf_of, public, batch,
                                recorded_at, leaf)
            overriding system value
            select id, seq, action, subject, organisation, on_behalf_of, public, batch, recorded_at,
                   head || convert_to(seq::text, 'UTF8') || tail
            from given
        )
        insert into event_facts (event_id, public, organisation, salt, facts)
        select * from unnest($1::uuid[], $6::boolean[], $4::text[], $11::bytea[], $12::bytea[])
        """,
        *zip(*map(_columns, events), strict=True),
    )


async def _insert_event(tx: Tx, event: NewEvent) -> None:
    """The same for one, which most changes record; without arrays it costs a fifth less."""
    await tx.execute(
        """
        with given as (select nextval('events_seq_seq') as seq),
        events as (
            insert into events (id, seq, action, subject, organisation, on_behalf_of, public, batch,
                                recorded_at, leaf)
            overriding system value
            select $1, seq, $2, $3, $4, $5, $6, $7, $8,
                   $9::bytea || convert_to(seq::text, 'UTF8') || $10::bytea
            from given
        )
        insert into event_facts (event_id, public, organisation, salt, facts)
        values ($1, $6, $4, $11, $12)
        """,
        *_columns(event),
    )


def _columns(event: NewEvent) -> tuple[object, ...]:
    return (
        event.id,
        event.action,
        event.subject,
        event.organisation,
        event.on_behalf_of,
        event.public,
        event.batch,
        event.recorded_at,
        *event.leaf,
        event.salt,
        event.facts,
    )


async def waiting_batch(conn: Connection, limit: int) -> Batch | None:
    """Up to `limit` waiting events, in the order they were recorded."""
    row = await conn.fetchrow(
        """
        select w.seqs, w.events, w.public, w.leaves, n.first, n.sealed_at, n.before
        from (select array_agg(e.seq) as seqs, array_agg(e.id) as events,
                     array_agg(e.public) as public, array_agg(e.leaf) as leaves
              from (select seq, id, public, leaf from events
                    where leaf_idx is null order by seq limit $1) e
             ) w
        cross join log_next() n
        where w.seqs is not null
        """,
        limit,
    )
    return _batch(row) if row else None


async def batch_of(conn: Connection, event: UUID) -> Batch:
    """One waiting event, before all others that wait."""
    row = await conn.fetchrow(
        """
        select array[e.seq], array[e.id], array[e.public], array[e.leaf],
               n.first, n.sealed_at, n.before
        from events e cross join log_next() n where e.id = $1 and e.leaf_idx is null
        """,
        event,
    )
    if row is None:
        raise LookupError(event)
    return _batch(row)


def _batch(row: Row) -> Batch:
    *waiting, first, sealed_at, before = row
    seqs, events, public, leaves = waiting
    return Batch(seqs, events, public, leaves, first, Seal(sealed_at, before))


async def advance_clock(conn: Connection) -> None:
    """Promise that nothing will be sealed at or before this instant."""
    await conn.execute(
        "update log_clock set sealed_until = greatest(sealed_until, clock_timestamp())"
    )


async def erasures(conn: Connection, seconds: float) -> int:
    """How often facts were erased."""
    return await conn.fetchval(
        "select count(*) from events where action = 'cli.erase' and public", timeout=seconds
    )


async def tell_erased(tx: Tx) -> None:
    """Have all processes forget what they keep, once this is committed."""
    await tx.execute("select pg_notify('efa_erased', '')")


async def waiting(db: Query) -> int:
    """How many events have no number yet."""
    return await db.fetchval("select count(*) from events where leaf_idx is null")


async def insert_blobs(tx: Tx, sha256: Sequence[bytes], contents: Sequence[bytes]) -> None:
    """Write contents under their SHA-256; in one order, so that no two writers stop each other."""
    await tx.execute(
        """
        insert into blobs (sha256, content)
        select b.sha256, b.content from unnest($1::bytea[], $2::bytea[]) b (sha256, content)
        order by b.sha256
        on conflict (sha256) do nothing
        """,
        sha256,
        contents,
    )


async def blob(db: Query, sha256: bytes) -> bytes | None:
    """The content with this SHA-256 (32 bytes)."""
    return await db.fetchval("select content from blobs where sha256 = $1", sha256)


async def today(db: Query) -> date:
    """The legal day in Germany."""
    return await db.fetchval("select legal_today()")


async def events_after(
    db: Query, after: int, limit: int, *, subject: str | None, action: str | None
) -> list[Event]:
    """Events from log number `after` on, in log order; a subject with all below it.

    Those that are public, and the others that the body which asks recorded itself.
    """
    if subject is not None:
        rows = await _events_below(db, after, limit, subject, action)
    elif action is not None:
        rows = await _events_of(db, after, limit, action)
    else:
        rows = await _events(db, after, limit)
    return [event_from(row) for row in rows]


async def _events(db: Query, after: int, limit: int) -> list[Row]:
    return await db.fetch(
        """
        select log_index, id, action, subject, organisation, on_behalf_of, batch, recorded_at, facts
        from visible_events where log_index >= $1
        order by log_index limit $2
        """,
        after,
        limit,
    )


async def _events_of(db: Query, after: int, limit: int, action: str) -> list[Row]:
    return await db.fetch(
        """
        select log_index, id, action, subject, organisation, on_behalf_of, batch, recorded_at, facts
        from visible_events where action = $3 and log_index >= $1
        order by action, log_index limit $2
        """,
        after,
        limit,
        action,
    )


async def _events_below(
    db: Query, after: int, limit: int, subject: str, action: str | None
) -> list[Row]:
    """Bytewise, what lies below `a` is all from `a/` to before `a0`."""
    return await db.fetch(
        """
        select log_index, id, action, subject, organisation, on_behalf_of, batch, recorded_at, facts
        from visible_events
        where (subject = $3 or (subject >= $3 || '/' and subject < $3 || '0'))
          and ($4::text is null or action = $4) and log_index >= $1
        order by log_index limit $2
        """,
        after,
        limit,
        subject,
        action,
    )


async def event_by_id(db: Query, event_id: UUID) -> Event | None:
    """One public, numbered event."""
    return next(iter(await events_by_id(db, [event_id])), None)


async def events_by_id(db: Query, ids: Sequence[UUID]) -> list[Event]:
    """Public, numbered events, in any order."""
    rows = await db.fetch(
        """
        select log_index, id, action, subject, organisation, on_behalf_of, batch, recorded_at, facts
        from public_events where id = any ($1)
        """,
        list(ids),
    )
    return [event_from(row) for row in rows]


def event_from(row: Row | dict[str, Any]) -> Event:
    """An event from the columns of a view of the log."""
    values = dict(row.items())
    facts = values.pop("facts")
    return Event(**values, facts=None if facts is None else msgspec.Raw(facts))
