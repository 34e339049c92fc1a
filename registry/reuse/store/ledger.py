"""SQL of the ledger: what is recorded of a reuse, what an event adds, the periods made of it."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from registry.catalogue.kinds import SERVICES
from registry.catalogue.store import documents
from registry.db import Query, Row, Tx, many, one
from registry.reuse.ledger import Ledger
from registry.reuse.model import NoteFacts, ReuseFacts, StepFacts

Change = tuple[UUID, ReuseFacts]


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """Which body reuses which service."""

    id: UUID
    service: str
    organisation_id: UUID


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """A body by the key or slug it is called by, and the regional keys it holds or last held."""

    id: UUID
    key: str
    keys: tuple[str, ...]


async def hold(tx: Tx, pairs: Iterable[tuple[str, UUID]]) -> None:
    """Make changes of the reuse of a service by a body wait for each other, its first included.

    They also wait for changes of the service, whose builders decide what is own use, so that in the
    log, too, each comes after those it took into account.
    """
    pairs = list(pairs)
    await documents.share(tx, SERVICES, {service for service, _ in pairs})
    await tx.execute(
        """
        insert into reuse_locks (digest)
        select digest from unnest($1::bytea[]) digest order by digest
        on conflict (digest) do update set digest = excluded.digest
        """,
        sorted({hashlib.sha256(f"{service}/{body}".encode()).digest() for service, body in pairs}),
    )


async def head(db: Query, reuse_id: UUID) -> Head | None:
    row = await db.fetchrow(
        "select id, service, organisation_id from reuses where id = $1", reuse_id
    )
    return one(Head, row)


async def find(db: Query, service: str, organisation_id: UUID) -> UUID | None:
    """The reuse of a service by a body."""
    return await db.fetchval(
        "select id from reuses where service = $1 and organisation_id = $2",
        service,
        organisation_id,
    )


async def body(db: Query, organisation_id: UUID) -> Body:
    rows = await db.fetch(
        "select o.id, o.key, o.keys from organisation_on($1, legal_today()) o", organisation_id
    )
    return many(Body, rows)[0]


async def has_version(db: Query, service: str, version: str) -> bool:
    """Whether the service has published this version."""
    return await db.fetchval(
        "select exists (select 1 from versions where service = $1 and version = $2)",
        service,
        version,
    )


async def ledger(db: Query, reuse_id: UUID) -> Ledger:
    """All that was ever recorded of a reuse."""
    return (await ledgers(db, [reuse_id]))[reuse_id]


async def ledgers(db: Query, reuse_ids: Sequence[UUID]) -> dict[UUID, Ledger]:
    """All that was ever recorded of each of these reuses."""
    steps = await db.fetch(
        """
        select s.reuse_id, s.id, s.ordinal, s.stage, s.valid_from, s.precision, s.basis, s.version,
               s.back_end, s.note, s.evidence_kind, s.evidence_reference, s.evidence_sha256,
               s.agreement,
               (select array_agg(a.key order by a.key) from reuse_areas a where a.step_id = s.id)
                   as area
        from reuse_steps s where s.reuse_id = any($1) order by s.reuse_id, s.ordinal
        """,
        reuse_ids,
    )
    voids = await db.fetch(
        """
        select s.reuse_id, v.step_id from reuse_voids v
        join reuse_steps s on s.id = v.step_id where s.reuse_id = any($1)
        """,
        reuse_ids,
    )
    notes = await db.fetch(
        """
        select reuse_id, id, kind, text, stated_on as date, source, public from reuse_notes
        where reuse_id = any($1) order by reuse_id, recorded_at, id
        """,
        reuse_ids,
    )
    told, out, noted = _by_reuse(steps), _by_reuse(voids), _by_reuse(notes)
    return {
        reuse: Ledger(
            tuple(msgspec.convert(with_evidence(row), StepFacts) for row in told.get(reuse, ())),
            frozenset(row["step_id"] for row in out.get(reuse, ())),
            tuple(many(NoteFacts, noted.get(reuse, ()))),
        )
        for reuse in reuse_ids
    }


def _by_reuse(rows: Iterable[Row]) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = {}
    for row in rows:
        found.setdefault(row["reuse_id"], []).append(row)
    return found


def with_evidence(row: Row) -> dict[str, Any]:
    """The row with its three columns of evidence as one value."""
    values = dict(row.items())
    parts = {name: values.pop(f"evidence_{name}") for name in ("kind", "reference", "sha256")}
    return values | {"evidence": parts if parts["kind"] else None}


async def add(tx: Tx, changes: Sequence[Change]) -> None:
    """Write the rows of events, and the periods anew."""
    await _insert_reuses(tx, changes)
    await _insert_steps(tx, changes)
    await tx.insert(
        """
        insert into reuse_voids (step_id, event_id, recorded_at, reason)
        select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[])
        """,
        [
            (void.step_id, event_id, tx.now, void.reason)
            for event_id, facts in changes
            for void in facts.voids
        ],
    )
    await tx.insert(
        """
        insert into reuse_notes (id, event_id, reuse_id, kind, text, stated_on, source, recorded_at,
                                 public)
        select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[],
                             $7::text[], $8::timestamptz[], $9::boolean[])
        """,
        [
            (n.id, event_id, facts.reuse_id, n.kind, n.text, n.date, n.source, tx.now, n.public)
            for event_id, facts in changes
            for n in facts.notes
        ],
    )
    if moved := [facts.reuse_id for _, facts in changes if facts.steps or facts.voids]:
        await project(tx, moved)


async def _insert_reuses(tx: Tx, changes: Iterable[Change]) -> None:
    await tx.insert(
        """
        insert into reuses (id, service, organisation_id, organisation_key, event_id)
        select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::uuid[])
        """,
        [
            (f.reuse_id, f.service, f.organisation_id, f.organisation_key, event_id)
            for event_id, f in changes
            if f.begins
        ],
    )


async def _insert_steps(tx: Tx, changes: Iterable[Change]) -> None:
    steps = [(event_id, facts, step) for event_id, facts in changes for step in facts.steps]
    await tx.insert(
        """
        insert into reuse_steps (event_id, reuse_id, service, recorded_at, recorded_by,
                                 on_behalf_of, id, ordinal, stage, version, valid_from, precision,
                                 basis, back_end, note, evidence_kind, evidence_reference,
                                 evidence_sha256, agreement)
        select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::uuid[],
                             $6::uuid[], $7::uuid[], $8::int[], $9::text[], $10::text[],
                             $11::date[], $12::text[], $13::text[], $14::text[], $15::text[],
                             $16::text[], $17::text[], $18::text[], $19::text[])
        """,
        [_origin(tx, event_id, facts) + _content(step) for event_id, facts, step in steps],
    )
    await tx.insert(
        """
        insert into reuse_areas (step_id, key, own, event_id)
        select * from unnest($1::uuid[], $2::text[], $3::boolean[], $4::uuid[])
        """,
        [
            (step.id, key, key == facts.organisation_key, event_id)
            for event_id, facts, step in steps
            for key in step.area or ()
        ],
    )


def _origin(tx: Tx, event_id: UUID, facts: ReuseFacts) -> tuple[object, ...]:
    recorder = UUID(tx.actor.acting)
    behalf = facts.organisation_id if facts.organisation_id != recorder else None
    return (event_id, facts.reuse_id, facts.service, tx.now, recorder, behalf)


def _content(step: StepFacts) -> tuple[object, ...]:
    evidence = step.evidence
    return (
        step.id,
        step.ordinal,
        step.stage,
        step.version,
        step.valid_from,
        step.precision,
        step.basis,
        step.back_end,
        step.note,
        evidence.kind if evidence else None,
        evidence.reference if evidence else None,
        evidence.sha256 if evidence else None,
        step.agreement,
    )


async def project(tx: Tx, reuse_ids: Sequence[UUID]) -> None:
    """Make the periods of these reuses anew, present and past, from all that was said of them."""
    await tx.execute("select reuse_project($1)", reuse_ids)


async def rebuild_projections(tx: Tx) -> int:
    """Make all periods and counters anew from the steps; returns the number of reuses.

    Reads go on meanwhile, and changes wait. What goes is not counted, since all counters go.
    """
    await tx.execute("lock table reuse_periods in share row exclusive mode")
    await tx.execute("select set_config('efa.counted', 'yes', true)")
    await tx.execute("delete from reuse_past_periods")
    await tx.execute("delete from reuse_periods")
    await tx.execute("delete from reuse_counters")
    await tx.execute("delete from reuse_land_counters")
    await tx.execute("delete from reuse_funnel")
    await tx.execute("delete from reuse_dwells")
    await tx.execute("delete from reuse_land_spans")
    await tx.execute("delete from reuse_body_spans")
    await tx.execute("select set_config('efa.counted', '', true)")
    services = await tx.fetch("select array_agg(id) from reuses group by service order by service")
    for (reuses,) in services:
        await project(tx, reuses)
    return sum(len(reuses) for (reuses,) in services)
