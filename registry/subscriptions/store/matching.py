"""SQL of matching: whom each event concerns, in the order of the log."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from registry.db import Query, Tx, many
from registry.reuse.model import OPEN_STAGES
from registry.subscriptions.model import NOTICES, Topic


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the log to be told of."""

    log_index: int
    id: UUID
    action: str
    subject: str
    recorded_at: datetime


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """An event and what it is about; `fitting` are the ranges its version lies in.

    None where it has no version: then it concerns all, whatever range they ask for.
    """

    event: Found
    topic: Topic
    fitting: list[str] | None


async def hold_position(tx: Tx) -> int | None:
    """The number of the first event nobody was told of; None where another process tells."""
    return await tx.fetchval("select position from subscription_position for update skip locked")


async def move_position(tx: Tx, position: int) -> None:
    await tx.execute("update subscription_position set position = $1", position)


async def events_from(db: Query, position: int, limit: int) -> list[Found]:
    """Public events from a number on, in log order."""
    rows = await db.fetch(
        """
        select log_index, id, action, subject, recorded_at from public_events
        where log_index >= $1 order by log_index limit $2
        """,
        position,
        limit,
    )
    return many(Found, rows)


async def ranges(tx: Tx) -> list[str]:
    """The ranges of versions that are asked for."""
    rows = await tx.fetch("select distinct s.range from subscriptions s")
    return [row[0] for row in rows]


async def insert_deliveries(tx: Tx, happened: Sequence[Happened]) -> int:
    """Have events sent, in their order, to everyone they concern; returns how many deliveries.

    Whoever it is stays held meanwhile, so that nobody else changes what is due to them.
    """
    done = await tx.execute(
        """
        with told as materialized (
            select * from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[],
                                 $6::timestamptz[])
                with ordinality as t (event_id, action, service, reuse, ranges, at, place)
        ),
        concerned as materialized (
            select t.place, t.event_id, m.id
            from told t
            cross join lateral subscriptions_matching(
                t.action, t.service, t.reuse,
                case when t.ranges is not null
                     then array(select jsonb_array_elements_text(t.ranges::jsonb)) end,
                $7, $8, t.at) m
        ),
        held as materialized (
            select s.subscription_id, s.organisation_id, s.webhook, s.due_at
            from subscription_states s
            where s.subscription_id in (select c.id from concerned c) and not s.ended
            order by s.subscription_id for update
        ),
        due as (
            update subscription_states s set due_at = now()
            from held h
            where s.subscription_id = h.subscription_id and h.webhook and h.due_at > now()
        )
        insert into deliveries (subscription_id, organisation_id, kind, event_id, state)
        select h.subscription_id, h.organisation_id, 'event', c.event_id,
               case when h.webhook then 'pending' else 'readable' end
        from concerned c join held h on h.subscription_id = c.id
        order by c.place, h.subscription_id
        on conflict (subscription_id, event_id) do nothing
        """,
        *zip(*map(_columns, happened), strict=True),
        OPEN_STAGES,
        list(NOTICES),
    )
    return int(done.rpartition(" ")[2])


def _columns(one: Happened) -> tuple[object, ...]:
    topic = one.topic
    return (
        one.event.id,
        topic.action,
        topic.service,
        topic.reuse,
        None if one.fitting is None else msgspec.json.encode(one.fitting).decode(),
        one.event.recorded_at,
    )
