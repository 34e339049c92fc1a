"""SQL of what bodies want to hear of."""

from uuid import UUID

import msgspec

from registry.db import Query, Row, Tx, one
from registry.organisations.model import BodyName
from registry.reuse.model import OPEN_STAGES
from registry.subscriptions.model import (
    AcknowledgeFacts,
    EndFacts,
    SubscribeFacts,
    Subscription,
    SubscriptionLinks,
)
from registry.subscriptions.store import mailing


class Owned(msgspec.Struct, frozen=True, kw_only=True):
    """Whose a subscription is, and how its receiver is called."""

    id: UUID
    organisation_id: UUID
    key: str
    url: str | None
    mail: str | None
    generation: int
    ended: bool
    verified: bool


async def insert(tx: Tx, event_id: UUID, facts: SubscribeFacts) -> None:
    """Write the rows of `subscribe`; a receiver is asked first whether it wants to hear."""
    await tx.execute(
        """
        insert into subscriptions (id, organisation_id, service, range, theme, builder_id,
                                   builder_key, procedure, area, actions, url, note, recorded_at,
                                   event_id, mail)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $14, $15, $13)
        """,
        *msgspec.structs.astuple(facts),
        tx.now,
        event_id,
    )
    await tx.execute(
        """
        insert into subscription_states (subscription_id, organisation_id, webhook, due_at)
        values ($1, $2, $3, case when $3 then now() else 'infinity' end)
        """,
        facts.id,
        facts.organisation_id,
        facts.url is not None,
    )
    if facts.url is not None:
        await insert_question(tx, facts.id, "handshake")
    if facts.mail is not None:
        await mailing.insert_question(tx, facts.id)


async def insert_question(tx: Tx, subscription_id: UUID, kind: str) -> UUID:
    """Have something sent that is no event, after all that waits."""
    return await tx.fetchval(
        """
        with due as (
            update subscription_states set due_at = least(due_at, now())
            where subscription_id = $1
        )
        insert into deliveries (subscription_id, organisation_id, kind)
        select s.id, s.organisation_id, $2 from subscriptions s where s.id = $1
        returning id
        """,
        subscription_id,
        kind,
    )


async def insert_end(tx: Tx, event_id: UUID, facts: EndFacts) -> None:
    """Write the row of `end`; what waits is not sent any more."""
    await tx.execute(
        """
        with ended as (
            update subscription_states set ended = true where subscription_id = $1
        ), given_up as (
            update deliveries set state = 'dead'
            where subscription_id = $1 and state in ('pending', 'late')
        )
        insert into subscription_ends (subscription_id, ended_at, reason, event_id)
        values ($1, $2, $3, $4)
        """,
        facts.subscription_id,
        tx.now,
        facts.reason,
        event_id,
    )


async def insert_acknowledgement(tx: Tx, event_id: UUID, facts: AcknowledgeFacts) -> None:
    """Write the row of `acknowledge`."""
    await tx.execute(
        """
        insert into acknowledgements (told_of, organisation_id, acknowledged_at, event_id)
        values ($1, $2, $3, $4)
        """,
        facts.told_of,
        facts.organisation_id,
        tx.now,
        event_id,
    )


async def is_acknowledged(db: Query, facts: AcknowledgeFacts) -> bool:
    """Whether a body confirmed a notice before."""
    return await db.fetchval(
        """
        select exists (select 1 from acknowledgements
                       where told_of = $1 and organisation_id = $2)
        """,
        facts.told_of,
        facts.organisation_id,
    )


async def hold(tx: Tx, organisation_id: UUID) -> None:
    """Make changes of the subscriptions of a body wait for each other."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended('subscriptions ' || $1::text, 0))",
        str(organisation_id),
    )


async def same(tx: Tx, facts: SubscribeFacts) -> UUID | None:
    """The subscription of this body that says the same and goes on."""
    return await tx.fetchval(
        """
        select s.id from subscriptions s
        where s.organisation_id = $2 and s.service is not distinct from $3 and s.range = $4
          and s.theme is not distinct from $5 and s.builder_id is not distinct from $6
          and s.procedure is not distinct from $8 and s.area is not distinct from $9
          and s.actions = $10 and s.url is not distinct from $11 and s.note = $12
          and s.mail is not distinct from $13
          and s.id <> $1 and $7::text is not distinct from s.builder_key
          and not exists (select 1 from subscription_ends e where e.subscription_id = s.id)
        limit 1
        """,
        *msgspec.structs.astuple(facts),
    )


async def count_live(db: Query, organisation_id: UUID) -> int:
    """How many subscriptions of a body go on."""
    return await db.fetchval(
        """
        select count(*) from subscriptions s where s.organisation_id = $1
          and not exists (select 1 from subscription_ends e where e.subscription_id = s.id)
        """,
        organisation_id,
    )


async def held(tx: Tx, subscription_id: UUID) -> Owned | None:
    """A subscription whose state nobody else changes meanwhile."""
    row = await tx.fetchrow(
        """
        select s.id, s.organisation_id, o.key, s.url, s.mail, t.generation, t.ended,
               t.verified_at is not null as verified
        from subscriptions s
        join subscription_states t on t.subscription_id = s.id
        cross join lateral organisation_on(s.organisation_id, legal_today(), null) o
        where s.id = $1
        for update of t
        """,
        subscription_id,
    )
    return one(Owned, row)


async def rotate(tx: Tx, subscription_id: UUID) -> None:
    """Count one secret further."""
    await tx.execute(
        """
        update subscription_states set generation = generation + 1, rotated_at = $2
        where subscription_id = $1
        """,
        subscription_id,
        tx.now,
    )


async def verify(tx: Tx, subscription_id: UUID) -> None:
    """What a subscription asks for may be told from now on; its address is asked no more."""
    await tx.execute(
        """
        with asked as (
            update deliveries set state = 'delivered', delivered_at = $2
            where subscription_id = $1 and kind = 'handshake' and state in ('pending', 'late')
        )
        update subscription_states set verified_at = coalesce(verified_at, $2)
        where subscription_id = $1
        """,
        subscription_id,
        tx.now,
    )
    await mailing.begin_daily(tx, subscription_id)


async def of_body(
    db: Query, organisation_id: UUID, subscription_id: UUID | None = None
) -> list[Subscription]:
    """The subscriptions of a body, the oldest first, or one of them."""
    rows = await db.fetch(
        """
        select s.id, o.key, o.name, s.service, s.range, s.theme, s.builder_key as builder,
               s.procedure, s.area, s.actions, s.url, s.mail, s.note,
               s.recorded_at,
               case when e.subscription_id is not null then 'ended'
                    when coalesce(s.url, s.mail) is not null and t.verified_at is null
                    then 'unverified'
                    else 'active' end as state,
               e.reason as ended_because, t.failures,
               count(d.id) filter (where d.state in ('pending', 'late')) as waiting,
               count(d.id) filter (where d.state = 'dead') as dead
        from subscriptions s
        join subscription_states t on t.subscription_id = s.id
        cross join lateral organisation_on(s.organisation_id, legal_today(), null) o
        left join subscription_ends e on e.subscription_id = s.id
        left join deliveries d on d.subscription_id = s.id
        where s.organisation_id = $1 and ($2::uuid is null or s.id = $2)
        group by s.id, o.key, o.name, e.subscription_id, t.subscription_id
        order by s.recorded_at, s.id
        """,
        organisation_id,
        subscription_id,
    )
    return [_subscription(row) for row in rows]


async def owner_of(db: Query, subscription_id: UUID, *, running: bool = False) -> UUID | None:
    """Whose a subscription is; on demand of those only that were not ended."""
    return await db.fetchval(
        """
        select s.organisation_id from subscriptions s
        where s.id = $1 and not ($2 and exists (
            select from subscription_ends e where e.subscription_id = s.id))
        """,
        subscription_id,
        running,
    )


def _subscription(row: Row) -> Subscription:
    values = dict(row.items())
    body = BodyName(key=values.pop("key"), name=values.pop("name"))
    own = f"/v1/subscriptions/{values['id']}"
    links = SubscriptionLinks(
        own=own,
        deliveries=f"{own}/deliveries",
        events=f"/v1/events?subscription={values['id']}",
        feed=f"/feeds/subscriptions/{values['id']}.atom",
    )
    return msgspec.convert(values | {"organisation": body, "links": links}, Subscription)


async def reused_by(db: Query, organisation_id: UUID) -> list[str]:
    """The services a body reuses today."""
    rows = await db.fetch(
        """
        select distinct p.service from reuse_periods p
        where p.organisation_id = $1 and p.stage = any ($2)
          and holds_on(legal_today(), p.valid_from, p.valid_to)
        order by p.service
        """,
        organisation_id,
        OPEN_STAGES,
    )
    return [row[0] for row in rows]


async def tells_of_an_end(db: Query, event_id: UUID, actions: list[str]) -> bool:
    """Whether an event deprecates or revokes a version."""
    return await db.fetchval(
        "select exists (select 1 from public_events where id = $1 and action = any ($2))",
        event_id,
        actions,
    )
