"""SQL of positions: what bodies say of the steps that others recorded for them."""

from uuid import UUID

import msgspec

from registry.db import Query, Tx, one
from registry.organisations.model import BodyName
from registry.reuse.positions import Position, PositionFacts


async def recorder(db: Query, step_id: UUID) -> UUID:
    """Which body recorded a step."""
    return await db.fetchval("select recorded_by from reuse_steps where id = $1", step_id)


async def last(db: Query, step_id: UUID) -> PositionFacts | None:
    """The last word on a step."""
    row = await db.fetchrow(
        """
        select s.reuse_id, p.step_id, p.ordinal, p.kind, p.reason
        from reuse_positions p join reuse_steps s on s.id = p.step_id
        where p.step_id = $1 order by p.ordinal desc limit 1
        """,
        step_id,
    )
    return one(PositionFacts, row)


async def insert(tx: Tx, event_id: UUID, facts: PositionFacts) -> None:
    await tx.execute(
        """
        insert into reuse_positions (step_id, ordinal, kind, reason, recorded_at, recorded_by,
                                     event_id)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        facts.step_id,
        facts.ordinal,
        facts.kind,
        facts.reason,
        tx.now,
        UUID(tx.actor.acting),
        event_id,
    )


async def of_reuse(db: Query, reuse_id: UUID, size: int | None) -> dict[UUID, Position]:
    """By step the last word on it, as known in the first `size` events (None: in all)."""
    rows = await db.fetch(
        """
        select distinct on (p.step_id)
               p.step_id, p.kind, p.reason, p.recorded_at, p.event_id, o.key, o.name
        from reuse_steps s
        join reuse_positions p on p.step_id = s.id
        join reuse_position_ledger l on l.step_id = p.step_id and l.ordinal = p.ordinal
        cross join lateral organisation_on(
            p.recorded_by, (p.recorded_at at time zone 'Europe/Berlin')::date, $2) o
        where s.reuse_id = $1 and ($2::bigint is null or l.leaf_idx < $2)
        order by p.step_id, p.ordinal desc
        """,
        reuse_id,
        size,
    )
    found: dict[UUID, Position] = {}
    for row in rows:
        values = dict(row.items())
        body = BodyName(key=values.pop("key"), name=values.pop("name"))
        found[values.pop("step_id")] = msgspec.convert(values | {"recorded_by": body}, Position)
    return found
