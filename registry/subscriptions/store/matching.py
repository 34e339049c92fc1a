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


async def ranges(tx: Tx, service: str | None) -> list[str]:
    """The ranges of versions that are asked for, of this service or of several.

    Without a service all of them: which service a reuse is of is found out by the matching.
    """
    rows = await tx.fetch(
        """
        select distinct s.range from subscriptions s
        where $1::text is null or s.service is null or s.service = '*' or s.service = $1
        """,
        service,
    )
    return [row[0] for row in rows]


async def insert_deliveries(tx: Tx, event: Found, topic: Topic, fitting: Sequence[str]) -> int:
    """Have an event sent to everyone it concerns; returns to how many.

    `fitting` are the ranges its version lies in; of an event without a version, all.
    """
    done = await tx.execute(
        """
        with matching as (
            select t.subscription_id as id, t.organisation_id, t.webhook
            from subscriptions_matching($2, $3, $4, $5, $6, $7, $8) m
            join subscription_states t on t.subscription_id = m.id
            where not t.ended
            order by t.subscription_id for update of t
        ),
        due as (
            update subscription_states t set due_at = least(t.due_at, now())
            from matching m where t.subscription_id = m.id and m.webhook
        )
        insert into deliveries (subscription_id, organisation_id, kind, event_id, state)
        select id, organisation_id, 'event', $1,
               case when webhook then 'pending' else 'readable' end from matching
        on conflict (subscription_id, event_id) do nothing
        """,
        event.id,
        topic.action,
        topic.service,
        topic.reuse,
        list(fitting),
        OPEN_STAGES,
        list(NOTICES),
        event.recorded_at,
    )
    return int(done.rpartition(" ")[2])
