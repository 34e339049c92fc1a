"""SQL of mails: which addresses are due, what is to be told to them, and when to look again."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from registry.audit.model import Event
from registry.audit.store import events_by_id
from registry.db import Query, Tx, many, one
from registry.reuse.model import OPEN_STAGES
from registry.subscriptions.store.sending import Message

_MOST = 500


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """An address of a body, and whether its daily mail is due."""

    organisation_id: UUID
    mail: str
    daily: bool


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """A version that a body uses and that ends; `days` is the reminder that is due."""

    service: str
    version: str
    sunset: date
    left: int
    days: int
    successor: str | None


async def claim(tx: Tx, seconds: float) -> Address | None:
    """Take an address that is due for some seconds."""
    row = await tx.fetchrow(
        """
        with due as (
            select organisation_id, mail from mail_states
            where next_at <= now() and leased_until <= now()
            order by next_at limit 1 for update skip locked
        )
        update mail_states m set leased_until = now() + make_interval(secs => $1)
        from due where m.organisation_id = due.organisation_id and m.mail = due.mail
        returning m.organisation_id, m.mail, m.digest_at <= now() as daily
        """,
        seconds,
    )
    return one(Address, row)


async def release(tx: Tx, address: Address, *, again: bool) -> None:
    """Give an address back until its next daily mail; `again`: what failed is tried before that."""
    await tx.execute(
        """
        with next as (
            select case when $3 and not $4
                        then (date_trunc('day', now() at time zone 'Europe/Berlin')
                              + interval '31 hours') at time zone 'Europe/Berlin'
                        else m.digest_at end as digest
            from mail_states m where m.organisation_id = $1 and m.mail = $2
        )
        update mail_states m
        set leased_until = '-infinity', digest_at = next.digest,
            next_at = case when $4 then now() + interval '15 minutes' else next.digest end
        from next where m.organisation_id = $1 and m.mail = $2
        """,
        address.organisation_id,
        address.mail,
        address.daily,
        again,
    )


async def look_soon(tx: Tx, subscription_id: UUID) -> None:
    """Have the address of a subscription looked at now."""
    await tx.execute(
        """
        insert into mail_states (organisation_id, mail)
        select organisation_id, mail from subscriptions where id = $1 and mail is not null
        on conflict (organisation_id, mail)
        do update set next_at = least(mail_states.next_at, excluded.next_at)
        """,
        subscription_id,
    )


async def begin_daily(tx: Tx, subscription_id: UUID) -> None:
    """From tomorrow on the address of a subscription gets its daily mail."""
    await tx.execute(
        """
        update mail_states m
        set digest_at = least(m.digest_at, d.tomorrow), next_at = least(m.next_at, d.tomorrow)
        from subscriptions s,
             lateral (select (date_trunc('day', now() at time zone 'Europe/Berlin')
                              + interval '31 hours') at time zone 'Europe/Berlin' as tomorrow) d
        where s.id = $1 and m.organisation_id = s.organisation_id and m.mail = s.mail
        """,
        subscription_id,
    )


async def insert_question(tx: Tx, subscription_id: UUID) -> None:
    """Have the address of a subscription asked whether it wants to hear."""
    await tx.execute(
        """
        insert into deliveries (subscription_id, organisation_id, kind)
        select s.id, s.organisation_id, 'handshake' from subscriptions s where s.id = $1
        """,
        subscription_id,
    )
    await look_soon(tx, subscription_id)


class AskedLately(msgspec.Struct, frozen=True):
    """When addresses were asked within a day, the newest first: for a body, and this address."""

    of_body: list[datetime]
    of_address: list[datetime]


async def hold_asked(tx: Tx, organisation_id: UUID, mail: str) -> AskedLately:
    """Make all who want an address asked, or act for the same body, wait for each other."""
    await tx.execute(
        """
        select pg_advisory_xact_lock(hashtextextended(one, 0))
        from unnest(array['mails by ' || $1::text, 'mails to ' || lower($2::text)]) one
        """,
        tx.actor.acting,
        mail,
    )
    row = await tx.fetchrow(
        "select q.of_body, q.of_address from mail_questions($1, $2, $3) q",
        organisation_id,
        tx.actor.acting,
        mail,
    )
    return AskedLately(*row) if row else AskedLately([], [])


async def waits_for_answer(db: Query, organisation_id: UUID, mail: str) -> bool:
    """Whether an address was asked for a body, and has not sent back its code."""
    return await db.fetchval(
        """
        select exists (
            select from subscriptions s join subscription_states t on t.subscription_id = s.id
            where s.organisation_id = $1 and lower(s.mail) = lower($2) and not t.ended
              and t.verified_at is null)
        """,
        organisation_id,
        mail,
    )


async def questions(db: Query, address: Address) -> list[Message]:
    """The questions that wait for an address."""
    rows = await db.fetch(
        """
        select d.id, d.subscription_id, d.kind, d.event_id, d.state, d.attempts, d.created_at
        from subscriptions s join deliveries d on d.subscription_id = s.id
        where s.organisation_id = $1 and s.mail = $2 and d.kind = 'handshake'
          and d.state = 'pending' order by d.number
        """,
        address.organisation_id,
        address.mail,
    )
    return many(Message, rows)


async def news(db: Query, address: Address) -> tuple[list[Message], list[Event]]:
    """What the subscriptions of an address were matched with since its last mail; the events."""
    rows = await db.fetch(
        """
        select d.id, d.subscription_id, d.kind, d.event_id, d.state, d.attempts, d.created_at
        from subscriptions s
        join subscription_states t on t.subscription_id = s.id
        join deliveries d on d.subscription_id = s.id
        where s.organisation_id = $1 and s.mail = $2 and t.verified_at is not null and not t.ended
          and d.kind = 'event' and d.state = 'readable' order by d.number limit $3
        """,
        address.organisation_id,
        address.mail,
        _MOST,
    )
    found = many(Message, rows)
    events = await events_by_id(db, [one.event_id for one in found if one.event_id])
    return found, sorted(events, key=lambda event: event.log_index)


async def endings(db: Query, address: Address, days: Sequence[int]) -> list[Ending]:
    """The versions a body uses that end soon, and of which the address is to be reminded now."""
    rows = await db.fetch(
        """
        select e.service, e.version, e.sunset, e.sunset - legal_today() as left, e.days, e.successor
        from (
            select distinct p.service, p.version, (v.deprecation ->> 'sunset')::date as sunset,
                   v.deprecation ->> 'successor' as successor,
                   (select min(t.days) from unnest($3::int[]) t (days)
                    where (v.deprecation ->> 'sunset')::date - legal_today() <= t.days) as days
            from reuse_periods p
            cross join lateral versions_as_of(p.service, null, null) v
            where p.organisation_id = $1 and p.stage = any ($4) and v.version = p.version
              and holds_on(legal_today(), p.valid_from, p.valid_to)
              and (v.deprecation ->> 'sunset')::date > legal_today()
        ) e
        where e.days is not null and exists (
                select 1 from subscriptions s join subscription_states t on t.subscription_id = s.id
                where s.organisation_id = $1 and s.mail = $2 and t.verified_at is not null
                  and not t.ended)
          and not exists (
                select 1 from mail_reminders r
                where r.organisation_id = $1 and r.mail = $2 and r.service = e.service
                  and r.version = e.version and r.sunset = e.sunset and r.days <= e.days)
        order by e.sunset, e.service, e.version
        """,
        address.organisation_id,
        address.mail,
        list(days),
        OPEN_STAGES,
    )
    return many(Ending, rows)


async def insert_reminders(tx: Tx, address: Address, told: Sequence[Ending]) -> None:
    """Keep of which ends an address was reminded."""
    await tx.executemany(
        """
        insert into mail_reminders (organisation_id, mail, service, version, sunset, days)
        values ($1, $2, $3, $4, $5, $6) on conflict do nothing
        """,
        [
            (address.organisation_id, address.mail, one.service, one.version, one.sunset, one.days)
            for one in told
        ],
    )


async def subscriptions_of(db: Query, address: Address) -> list[UUID]:
    """The subscriptions of an address that go on."""
    rows = await db.fetch(
        """
        select s.id from subscriptions s join subscription_states t on t.subscription_id = s.id
        where s.organisation_id = $1 and s.mail = $2 and not t.ended
        """,
        address.organisation_id,
        address.mail,
    )
    return [row[0] for row in rows]
