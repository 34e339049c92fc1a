"""SQL of delegations: their revisions, who may act for whom on a day."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from registry.db import Query, Row, Tx, many, one
from registry.identity.model import Delegation, DelegationFacts, DelegationLinks
from registry.organisations.model import BodyName

After = Sequence[Any] | None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which delegations are asked for: those that hold on a day, as known at a log position."""

    day: date
    size: int | None
    delegator: UUID | None = None
    delegate: UUID | None = None


class Acting(msgspec.Struct, frozen=True, kw_only=True):
    """One body may act in the place of another, from a day until before another."""

    delegator: UUID
    delegate: UUID
    valid_from: date
    valid_to: date | None

    def on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


async def hold(tx: Tx, delegator: UUID, delegate: UUID) -> None:
    """Make changes of what one body lets another do wait for each other."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended('delegation ' || $1::text, 0))",
        f"{delegator}/{delegate}",
    )


async def last(db: Query, delegator: UUID, delegate: UUID) -> DelegationFacts | None:
    """What was recorded last, in force or not."""
    row = await db.fetchrow(
        """
        select delegator, delegate, revision, delegator_key, delegate_key, scopes, services,
               valid_from, valid_to, note
        from delegations where delegator = $1 and delegate = $2
        order by revision desc limit 1
        """,
        delegator,
        delegate,
    )
    return one(DelegationFacts, row)


async def insert(tx: Tx, event_id: UUID, facts: DelegationFacts) -> None:
    await tx.execute(
        """
        insert into delegations (delegator, delegate, revision, delegator_key, delegate_key, scopes,
                                 services, valid_from, valid_to, note, recorded_at, recorded_by,
                                 event_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """,
        facts.delegator,
        facts.delegate,
        facts.revision,
        facts.delegator_key,
        facts.delegate_key,
        facts.scopes,
        facts.services,
        facts.valid_from,
        facts.valid_to,
        facts.note,
        tx.now,
        UUID(tx.actor.organisation),
        event_id,
    )


async def delegations(db: Query, wanted: Wanted, after: After, limit: int) -> list[Delegation]:
    """What holds on the day asked for, by the keys of both bodies; one page behind `after`."""
    rows = await db.fetch(
        """
        select d.delegator_key, d.delegate_key, g.name as delegator_name, t.name as delegate_name,
               d.scopes, d.services, d.valid_from, d.valid_to, d.note, d.revision, d.recorded_at,
               b.key as recorder_key, b.name as recorder_name, d.event_id, true as in_force
        from delegations_on($1, $2) d
        cross join lateral organisation_on(d.delegator, $1, $2) g
        cross join lateral organisation_on(d.delegate, $1, $2) t
        cross join lateral organisation_on(d.recorded_by, $1, $2) b
        where (d.valid_to is null or $1 < d.valid_to)
          and ($3::uuid is null or d.delegator = $3)
          and ($4::uuid is null or d.delegate = $4)
          and ($5::text is null or (d.delegator_key, d.delegate_key) > ($5, $6))
        order by d.delegator_key, d.delegate_key
        limit $7
        """,
        wanted.day,
        wanted.size,
        wanted.delegator,
        wanted.delegate,
        *(after or (None, None)),
        limit,
    )
    return [_delegation(row) for row in rows]


async def count(db: Query, wanted: Wanted) -> int:
    """How many hold on the day asked for."""
    return await db.fetchval(
        """
        select count(*) from delegations_on($1, $2) d
        where (d.valid_to is null or $1 < d.valid_to)
          and ($3::uuid is null or d.delegator = $3)
          and ($4::uuid is null or d.delegate = $4)
        """,
        wanted.day,
        wanted.size,
        wanted.delegator,
        wanted.delegate,
    )


async def revisions(
    db: Query, delegator: UUID, delegate: UUID, day: date, size: int | None
) -> list[Delegation]:
    """All that was recorded of one body letting another act, in the order of the log."""
    rows = await db.fetch(
        """
        select d.delegator_key, d.delegate_key, g.name as delegator_name, t.name as delegate_name,
               d.scopes, d.services, d.valid_from, d.valid_to, d.note, d.revision, d.recorded_at,
               b.key as recorder_key, b.name as recorder_name, d.event_id,
               n.revision = d.revision and (d.valid_to is null or $3 < d.valid_to) as in_force
        from delegations d
        cross join lateral organisation_on(d.delegator, $3, $4) g
        cross join lateral organisation_on(d.delegate, $3, $4) t
        cross join lateral organisation_on(d.recorded_by, $3, $4) b
        left join delegations_on($3, $4) n
            on n.delegator = d.delegator and n.delegate = d.delegate
        where d.delegator = $1 and d.delegate = $2 and is_known(d.event_id, $4)
        order by d.revision
        """,
        delegator,
        delegate,
        day,
        size,
    )
    return [_delegation(row) for row in rows]


async def delegates(db: Query, bodies: Iterable[UUID], scope: str, service: str) -> list[Acting]:
    """Who may ever act for these bodies in a scope and for a service, and when."""
    rows = await db.fetch(
        """
        select d.delegator, d.delegate, d.valid_from,
               least(d.valid_to, (select min(later.valid_from) from delegations later
                                  where later.delegator = d.delegator
                                    and later.delegate = d.delegate
                                    and later.revision > d.revision)) as valid_to
        from delegations d
        where d.delegator = any($1) and $2 = any(d.scopes)
          and (d.services = '{}' or $3 = any(d.services))
        """,
        list(bodies),
        scope,
        service,
    )
    return many(Acting, rows)


def _delegation(row: Row) -> Delegation:
    values = dict(row.items())
    giver, taker = values.pop("delegator_key"), values.pop("delegate_key")
    recorder = BodyName(key=values.pop("recorder_key"), name=values.pop("recorder_name"))
    shown: dict[str, Any] = {
        "delegator": BodyName(key=giver, name=values.pop("delegator_name")),
        "delegate": BodyName(key=taker, name=values.pop("delegate_name")),
        "recorded_by": recorder,
        "in_force": bool(values.pop("in_force")),
        "links": DelegationLinks(
            own=f"/v1/delegations/{giver}/{taker}",
            delegator=f"/v1/organisations/{giver}",
            delegate=f"/v1/organisations/{taker}",
        ),
    }
    return msgspec.convert(values | shown, Delegation)
