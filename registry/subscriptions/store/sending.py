"""SQL of sending: who has something due, what it is, and how it went."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from registry.db import Query, Row, Tx, many
from registry.subscriptions.model import Attempt, Delivery, DeliveryState, Kind

_PER_CLAIM = 20


class Receiver(msgspec.Struct, frozen=True, kw_only=True):
    """Whom something is due to, and which of its secrets are good now."""

    subscription_id: UUID
    organisation_id: UUID
    url: str
    generations: list[int]
    verified: bool
    failing: bool


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to send, and how often that was tried."""

    id: UUID
    subscription_id: UUID
    kind: Kind
    event_id: UUID | None
    state: DeliveryState
    attempts: int
    created_at: datetime


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How one try went; `next_state` and, where it goes on, in how many seconds."""

    message: Message
    status: int | None
    reason: str
    milliseconds: int
    next_state: DeliveryState
    wait: float

    @property
    def fine(self) -> bool:
        return self.next_state == "delivered"


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """How many receivers may be taken now: in all, of one body, and whether of those that fail."""

    receivers: int
    per_body: int
    failing: bool
    busy: list[UUID]


async def claim(tx: Tx, room: Room, seconds: float) -> list[Receiver]:
    """Take receivers with something due for some seconds; nobody else takes them meanwhile."""
    rows = await tx.fetch(
        """
        with due as (
            select d.subscription_id from (
                select t.subscription_id, t.due_at,
                       row_number() over (partition by t.organisation_id order by t.due_at) as turn
                from subscription_states t
                where not t.ended and t.due_at <= now() and t.leased_until <= now()
                  and ($4 or t.failures = 0) and t.organisation_id <> all ($5)
            ) d
            where d.turn <= $2 order by d.due_at limit $1
        ),
        taken as (
            select t.subscription_id from subscription_states t
            where t.subscription_id in (select subscription_id from due)
              and not t.ended and t.due_at <= now() and t.leased_until <= now()
            for update skip locked
        )
        update subscription_states t set leased_until = now() + make_interval(secs => $3)
        from taken k, subscriptions s
        where t.subscription_id = k.subscription_id and s.id = t.subscription_id
        returning t.subscription_id, t.organisation_id, s.url,
                  case when t.rotated_at > now() - interval '1 day'
                       then array[t.generation, t.generation - 1]
                       else array[t.generation] end as generations,
                  t.verified_at is not null as verified, t.failures > 0 as failing
        """,
        room.receivers,
        room.per_body,
        seconds,
        room.failing,
        room.busy,
    )
    return many(Receiver, rows)


async def messages(db: Query, receivers: Sequence[Receiver]) -> list[Message]:
    """What is due to each of them, in its order; before a receiver is verified, the question only.

    What waits in turn goes only from the first on: a first that has to wait holds back the rest.
    """
    rows = await db.fetch(
        """
        select m.* from unnest($1::uuid[], $2::boolean[]) k (id, verified)
        cross join lateral (
            select d.id, d.subscription_id, d.kind, d.event_id, d.state, d.attempts, d.created_at,
                   d.number
            from deliveries d
            where d.subscription_id = k.id and (k.verified or d.kind = 'handshake')
              and ((d.state = 'pending' and now() >= (
                        select first.next_at from deliveries first
                        where first.subscription_id = k.id and first.state = 'pending'
                        order by first.number limit 1))
                   or (d.state = 'late' and d.next_at <= now()))
            order by d.number limit $3
        ) m
        order by m.subscription_id, m.number
        """,
        [receiver.subscription_id for receiver in receivers],
        [receiver.verified for receiver in receivers],
        _PER_CLAIM,
    )
    return [_message(row) for row in rows]


def _message(row: Row) -> Message:
    values = dict(row.items())
    del values["number"]
    return msgspec.convert(values, Message)


async def hold_states(tx: Tx, subscriptions: Sequence[UUID]) -> None:
    """Nobody else changes what is due to these; what others wrote before is seen afterwards."""
    await tx.execute(
        """
        select 1 from subscription_states where subscription_id = any ($1)
        order by subscription_id for update
        """,
        list(subscriptions),
    )


async def settle(tx: Tx, outcomes: Sequence[Outcome]) -> None:
    """Keep how tries went."""
    await tx.execute(
        """
        with told as (
            select * from unnest($1::uuid[], $2::int[], $3::int[], $4::text[], $5::int[],
                                 $6::text[], $7::float8[])
                as t (id, attempt, status, reason, milliseconds, state, wait)
        ),
        changed as (
            update deliveries d
            set state = t.state, attempts = t.attempt,
                first_tried_at = coalesce(d.first_tried_at, now()),
                next_at = now() + make_interval(secs => t.wait),
                delivered_at = case when t.state = 'delivered' then now() else d.delivered_at end
            from told t where d.id = t.id
        )
        insert into delivery_attempts (delivery_id, attempt, tried_at, milliseconds, status, reason)
        select t.id, 1 + coalesce((select max(a.attempt) from delivery_attempts a
                                   where a.delivery_id = t.id), 0),
               now(), t.milliseconds, t.status, t.reason
        from told t
        """,
        [outcome.message.id for outcome in outcomes],
        [outcome.message.attempts + 1 for outcome in outcomes],
        [outcome.status for outcome in outcomes],
        [outcome.reason for outcome in outcomes],
        [outcome.milliseconds for outcome in outcomes],
        [outcome.next_state for outcome in outcomes],
        [outcome.wait for outcome in outcomes],
    )


async def release(
    tx: Tx,
    subscriptions: Sequence[UUID],
    failed: Sequence[int],
    delivered: Sequence[bool],
    verified: Sequence[bool],
) -> None:
    """Give receivers back, due again when the first that waits is.

    For each: how many tries failed in a row, whether one succeeded, whether it was verified.
    """
    await tx.execute(
        """
        update subscription_states t
        set leased_until = '-infinity',
            failures = case when k.delivered then k.failed else t.failures + k.failed end,
            verified_at = coalesce(t.verified_at, case when k.verified then now() end),
            due_at = coalesce(least(
                (select d.next_at from deliveries d
                 where d.subscription_id = t.subscription_id and d.state = 'pending'
                   and (t.verified_at is not null or k.verified or d.kind = 'handshake')
                 order by d.number limit 1),
                (select min(d.next_at) from deliveries d
                 where d.subscription_id = t.subscription_id and d.state = 'late')), 'infinity')
        from unnest($1::uuid[], $2::int[], $3::boolean[], $4::boolean[])
            as k (id, failed, delivered, verified)
        where t.subscription_id = k.id
        """,
        list(subscriptions),
        list(failed),
        list(delivered),
        list(verified),
    )


async def unheard(db: Query, message: UUID) -> bool:
    """Whether a receiver took nothing since a message was first tried."""
    return await db.fetchval(
        """
        select not exists (
            select 1 from deliveries d join deliveries other using (subscription_id)
            where d.id = $1 and other.delivered_at >= d.first_tried_at)
        """,
        message,
    )


async def subscription_of(db: Query, delivery_id: UUID) -> UUID | None:
    """Whose delivery it is."""
    return await db.fetchval(
        "select subscription_id from deliveries where id = $1 and state <> 'readable'", delivery_id
    )


async def send_again(tx: Tx, delivery_id: UUID) -> None:
    """Have a delivery sent at once, out of turn."""
    await tx.execute(
        """
        with due as (
            update subscription_states t set due_at = least(t.due_at, now())
            from deliveries d where d.id = $1 and t.subscription_id = d.subscription_id
        )
        update deliveries set state = 'late', attempts = 0, next_at = now() where id = $1
        """,
        delivery_id,
    )


async def deliveries(
    db: Query, subscription_id: UUID, after: int | None, limit: int
) -> list[tuple[int, Delivery]]:
    """Deliveries of a subscription with their tries, the newest first, behind a number."""
    rows = await db.fetch(
        """
        select d.number, d.id, d.kind, d.event_id, d.state, d.created_at, d.delivered_at,
               case when d.state in ('pending', 'late') then d.next_at end as next_at,
               coalesce((select jsonb_agg(jsonb_build_object(
                             'attempt', a.attempt, 'tried_at', a.tried_at, 'status', a.status,
                             'milliseconds', a.milliseconds, 'reason', a.reason) order by a.attempt)
                         from delivery_attempts a where a.delivery_id = d.id), '[]') as attempts
        from deliveries d
        where d.subscription_id = $1 and ($2::bigint is null or d.number < $2)
        order by d.number desc limit $3
        """,
        subscription_id,
        after,
        limit,
    )
    return [(row["number"], _delivery(row)) for row in rows]


def _delivery(row: Row) -> Delivery:
    values = dict(row.items())
    del values["number"]
    values["attempts"] = msgspec.convert(values["attempts"], list[Attempt])
    return msgspec.convert(values, Delivery)
