"""SQL of reading the log: where it stands, and what of it somebody asked for."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from registry.audit.model import Event
from registry.audit.store import event_from
from registry.db import Query, Row
from registry.reuse.model import OPEN_STAGES


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How far the log is sealed, and up to where its events were matched with subscriptions.

    `behind`: there are public events to match; `due`: something is to be sent
    now; `mails`: an address is to be looked at.
    """

    logged: int = 0
    matched: int = 0
    behind: bool = False
    due: bool = False
    mails: bool = False


async def standing(db: Query) -> Standing:
    """Where the log stands; asked often, and cheap."""
    row = await db.fetchrow(
        """
        select coalesce((select max(size) from checkpoints), 0) as logged, p.position as matched,
               exists (select 1 from public_events where log_index >= p.position) as behind,
               deliveries_are_due() as due, mails_are_due() as mails
        from subscription_position p
        """
    )
    return msgspec.convert(dict(row.items()) if row else {}, Standing)


async def about_service(
    db: Query, service: str, after: int, limit: int, action: str | None
) -> list[Event]:
    """Events about a service, its versions and its use, from a number on, in log order."""
    rows = await db.fetch(
        """
        select v.log_index, v.id, v.action, v.subject, v.organisation, v.on_behalf_of, v.batch,
               v.recorded_at, v.facts
        from log_about_services(array[$1], $2) n (number)
        join visible_events v on v.log_index = n.number
        where $4::text is null or v.action = $4
        order by v.log_index limit $3
        """,
        service,
        after,
        limit,
        action,
    )
    return [event_from(row) for row in rows]


async def told(
    db: Query, subscription_id: UUID, after: int, limit: int, action: str | None = None
) -> list[Event]:
    """The events a subscription was matched with, from a number on, in log order."""
    rows = await db.fetch(
        """
        select v.log_index, v.id, v.action, v.subject, v.organisation, v.on_behalf_of, v.batch,
               v.recorded_at, v.facts
        from deliveries d join public_events v on v.id = d.event_id
        where d.subscription_id = $1 and v.log_index >= $2
          and ($4::text is null or v.action = $4)
        order by v.log_index limit $3
        """,
        subscription_id,
        after,
        limit,
        action,
    )
    return [event_from(row) for row in rows]


async def told_to(
    db: Query, subscriptions: Sequence[UUID], after: int, below: int
) -> list[tuple[UUID, Event]]:
    """What some subscriptions were matched with within a range of numbers, in log order."""
    rows = await db.fetch(
        """
        select d.subscription_id, v.log_index, v.id, v.action, v.subject, v.organisation,
               v.on_behalf_of, v.batch, v.recorded_at, v.facts
        from deliveries d join public_events v on v.id = d.event_id
        where d.subscription_id = any ($1) and v.log_index >= $2 and v.log_index < $3
        order by v.log_index
        """,
        list(subscriptions),
        after,
        below,
    )
    return [(row["subscription_id"], _without_subscription(row)) for row in rows]


def _without_subscription(row: Row) -> Event:
    values = dict(row.items())
    del values["subscription_id"]
    return event_from(values)


async def services_of(db: Query, reuses: Sequence[UUID]) -> dict[UUID, str]:
    """By reuse, the service it is of."""
    rows = await db.fetch("select id, service from reuses where id = any ($1)", list(reuses))
    return {row[0]: row[1] for row in rows}


async def newest_of_services(
    db: Query, services: Sequence[str], before: int | None, limit: int
) -> list[Event]:
    """The newest public events about services below a number, the newest first."""
    rows = await db.fetch(
        """
        select v.log_index, v.id, v.action, v.subject, v.organisation, v.on_behalf_of, v.batch,
               v.recorded_at, v.facts
        from log_about_services($1, 0) n (number)
        join public_events v on v.log_index = n.number
        where $2::bigint is null or v.log_index < $2
        order by v.log_index desc limit $3
        """,
        list(services),
        before,
        limit,
    )
    return [event_from(row) for row in rows]


async def newest_of_area(db: Query, area: str, before: int | None, limit: int) -> list[Event]:
    """The newest public events on what bodies of an area use, the newest first."""
    rows = await db.fetch(
        """
        select v.log_index, v.id, v.action, v.subject, v.organisation, v.on_behalf_of, v.batch,
               v.recorded_at, v.facts
        from log_about_area($1, $4) n (number)
        join public_events v on v.log_index = n.number
        where $2::bigint is null or v.log_index < $2
        order by v.log_index desc limit $3
        """,
        area,
        before,
        limit,
        OPEN_STAGES,
    )
    return [event_from(row) for row in rows]


async def newest_told(
    db: Query, subscription_id: UUID, before: int | None, limit: int
) -> list[Event]:
    """The newest events a subscription was matched with, the newest first."""
    rows = await db.fetch(
        """
        select v.log_index, v.id, v.action, v.subject, v.organisation, v.on_behalf_of, v.batch,
               v.recorded_at, v.facts
        from deliveries d join public_events v on v.id = d.event_id
        where d.subscription_id = $1 and ($2::bigint is null or v.log_index < $2)
        order by v.log_index desc limit $3
        """,
        subscription_id,
        before,
        limit,
    )
    return [event_from(row) for row in rows]


async def services_built_by(db: Query, organisation_id: UUID) -> list[str]:
    """The services a body builds today."""
    rows = await db.fetch(
        """
        select distinct b.slug
        from services_in_force(legal_today(), null) f
        join service_builders b on b.slug = f.slug and b.revision = f.revision
        where b.organisation_id = $1 order by 1
        """,
        organisation_id,
    )
    return [row[0] for row in rows]
