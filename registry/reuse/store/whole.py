"""SQL of one reuse: its steps, what was said of them, its notes, and how it stands on a day."""

from datetime import date
from uuid import UUID

import msgspec

from registry.audit import Moment
from registry.db import Query, Row, many
from registry.organisations.model import BodyName
from registry.reuse.answers import (
    RecordedNote,
    RecordedStep,
    RecordedVoid,
    Recorder,
    Reuse,
    ReuseState,
    reuse_links,
)
from registry.reuse.model import UnknownReuse
from registry.reuse.store import ledger, positions
from registry.reuse.store.answers import state_from
from registry.reuse.store.ledger import with_evidence


async def reuse_on(db: Query, reuse_id: UUID, at: Moment) -> Reuse:
    """The answer for one reuse; refuses one that is not for this reader, or was not known then."""
    head = await ledger.head(db, reuse_id)
    said = await positions.of_reuse(db, reuse_id, at.size)
    recorded = [
        msgspec.structs.replace(step, position=said.get(step.id))
        for step in await _steps(db, reuse_id, at.size)
    ]
    noted = await _notes(db, reuse_id, at.size)
    if head is None or not (recorded or noted):
        raise UnknownReuse
    body = await _body_name(db, head.organisation_id, at.day, at.size)
    return Reuse(
        id=reuse_id,
        organisation=body,
        service=head.service,
        as_of=at.day,
        known_at=at.known,
        state=await state_of(db, reuse_id, at.day, at.size),
        steps=recorded,
        notes=noted,
        links=reuse_links(reuse_id, head.service, body),
    )


async def state_of(db: Query, reuse_id: UUID, as_of: date, size: int | None) -> ReuseState | None:
    """One reuse on a day, as known in the first `size` events (null: in all recorded)."""
    row = await db.fetchrow(
        """
        select p.reuse_id, p.organisation_key, o.key, o.name, p.service, p.stage, p.version,
               p.valid_from, p.valid_to, p.since, p.since_precision, p.since_basis, p.own_use,
               p.back_end, p.area, p.evidence, p.agreement
        from reuse_periods_known($3) p
        cross join lateral organisation_on(p.organisation_id, $2, $3) o
        where p.reuse_id = $1 and p.valid_from <= $2 and (p.valid_to is null or p.valid_to > $2)
        """,
        reuse_id,
        as_of,
        size,
    )
    return None if row is None else state_from(row)


async def _body_name(db: Query, organisation_id: UUID, as_of: date, size: int | None) -> BodyName:
    """What a body is called on a day, as known in the first `size` events (None: in all)."""
    rows = await db.fetch(
        "select o.key, o.name from organisation_on($1, $2, $3) o", organisation_id, as_of, size
    )
    return many(BodyName, rows)[0]


async def _steps(db: Query, reuse_id: UUID, size: int | None) -> list[RecordedStep]:
    """All steps in the order of the log, void ones marked, as known in the first `size` events.

    Who recorded one is called as on the day of recording.
    """
    rows = await db.fetch(
        """
        select s.id, s.event_id, s.stage, s.version, s.valid_from, s.precision, s.basis, s.back_end,
               s.note, s.recorded_at, s.evidence_kind, s.evidence_reference,
               s.evidence_sha256, s.agreement, s.on_behalf_of is not null as on_behalf,
               o.key, o.name,
               (select array_agg(a.key order by a.key) from reuse_areas a where a.step_id = s.id)
                   as area,
               v.recorded_at as voided_at, shown.event_id as void_event_id, shown.reason
        from reuse_steps s
        join reuse_ledger l on l.step_id = s.id
        cross join lateral organisation_on(
            s.recorded_by, (s.recorded_at at time zone 'Europe/Berlin')::date, $2) o
        left join reuse_voids v
            on v.step_id = s.id and ($2::bigint is null or l.void_idx < $2)
        left join lateral (
            select v.event_id, v.reason
            where exists (select 1 from events e where e.id = v.event_id)
               or efa_sees_reuse(s.reuse_id)) shown on true
        where s.reuse_id = $1 and ($2::bigint is null or l.leaf_idx < $2)
        order by s.ordinal
        """,
        reuse_id,
        size,
    )
    return [_step(row) for row in rows]


async def _notes(db: Query, reuse_id: UUID, size: int | None) -> list[RecordedNote]:
    """The notes of a reuse, as known in the first `size` events."""
    rows = await db.fetch(
        """
        select n.id, n.event_id, n.kind, n.text, n.stated_on as date, n.source, n.recorded_at
        from reuse_notes n join reuse_note_ledger l on l.note_id = n.id
        where n.reuse_id = $1 and ($2::bigint is null or l.leaf_idx < $2)
        order by n.stated_on nulls last, n.recorded_at, n.id
        """,
        reuse_id,
        size,
    )
    return many(RecordedNote, rows)


def _step(row: Row) -> RecordedStep:
    values = with_evidence(row)
    body = BodyName(key=values.pop("key"), name=values.pop("name"))
    void = (values.pop("void_event_id"), values.pop("voided_at"), values.pop("reason"))
    known = {
        "recorded_by": Recorder(organisation=body, on_behalf=values.pop("on_behalf")),
        "voided": RecordedVoid(event_id=void[0], recorded_at=void[1], reason=void[2])
        if void[1]
        else None,
    }
    return msgspec.convert(values | known, RecordedStep)
