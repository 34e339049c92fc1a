"""SQL of the answers: lists on a day, from the periods or as once known."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from registry.db import Query, Row, many
from registry.reuse.answers import (
    BodyName,
    NoteEntry,
    RecordedNote,
    ReuseCounts,
    ReuseState,
    reuse_links,
)
from registry.reuse.model import WITHOUT_CONTRACT, BackEnd, Stage

After = Sequence[Any] | None


class Listed(msgspec.Struct, frozen=True):
    """A reuse in a list, and its place there."""

    key: tuple[str, str, str]
    state: ReuseState


class ListedNote(msgspec.Struct, frozen=True):
    """A note in a list, and its place there."""

    key: tuple[str, str, str]
    entry: NoteEntry


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is asked for."""

    as_of: date
    service: str | None = None
    organisation_id: UUID | None = None
    within: str | None = None
    stage: Stage | None = None
    version: str | None = None
    own_use: bool | None = None
    demo: bool = False
    back_end: BackEnd | None = None
    reported: bool = False

    @property
    def unnarrowed(self) -> bool:
        """Whether only that is asked for which the counters tell apart, perhaps in a Land."""
        asked = (self.service, self.organisation_id, self.version, self.back_end)
        whole_land = self.within is None or len(self.within) == 2
        return whole_land and asked == (None,) * len(asked)

    @property
    def arguments(self) -> tuple[object, ...]:
        return (
            self.as_of,
            self.service,
            self.organisation_id,
            self.within,
            self.stage,
            self.version,
            self.own_use,
            self.demo,
            self.back_end,
        )


class NoteFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Of what notes are asked for, and on which day bodies are called by their names.

    As known in the first `size` events of the log (None: in all that is recorded).
    """

    as_of: date
    size: int | None
    service: str | None
    organisation_id: UUID | None
    demo: bool

    @property
    def arguments(self) -> tuple[object, ...]:
        return (self.as_of, self.size, self.service, self.organisation_id, self.demo)


async def listed(
    db: Query, wanted: Filters, size: int | None, after: After, limit: int
) -> list[Listed]:
    """The reuses that match on a day, as all is known, or as it was in the first `size` events."""
    if wanted.reported:
        return await reported(db, wanted, size, after, limit)
    if size is None:
        return await states(db, wanted, after, limit)
    return await states_known(db, wanted, size, after, limit)


async def states(db: Query, wanted: Filters, after: After, limit: int) -> list[Listed]:
    """The reuses that match on the day asked for, by service and body; one page behind `after`."""
    rows = await db.fetch(
        """
        select p.reuse_id, p.organisation_key, o.key, o.name, p.service, p.stage, p.version,
               p.valid_from, p.valid_to, p.since, p.since_precision, p.since_basis, p.own_use,
               p.back_end, p.area, p.evidence, p.agreement
        from reuses_page($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) p
        cross join lateral organisation_on(p.organisation_id, $1, null) o
        order by p.service, p.organisation_key, p.reuse_id
        """,
        *wanted.arguments,
        *(after or (None, None, None)),
        limit,
    )
    return [_listed(row) for row in rows]


async def states_known(
    db: Query, wanted: Filters, size: int, after: After, limit: int
) -> list[Listed]:
    """The same as known in the first `size` events of the log."""
    rows = await db.fetch(
        """
        select p.reuse_id, p.organisation_key, o.key, o.name, p.service, p.stage, p.version,
               p.valid_from, p.valid_to, p.since, p.since_precision, p.since_basis, p.own_use,
               p.back_end, p.area, p.evidence, p.agreement
        from reuses_page_known(
            $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) p
        cross join lateral organisation_on(p.organisation_id, $2, $1) o
        order by p.service, p.organisation_key, p.reuse_id
        """,
        size,
        *wanted.arguments,
        *(after or (None, None, None)),
        limit,
    )
    return [_listed(row) for row in rows]


async def reported(
    db: Query, wanted: Filters, size: int | None, after: After, limit: int
) -> list[Listed]:
    """Of those that match, the reuses that are only reported: no contract is recorded."""
    rows = await db.fetch(
        """
        select p.reuse_id, p.organisation_key, o.key, o.name, p.service, p.stage, p.version,
               p.valid_from, p.valid_to, p.since, p.since_precision, p.since_basis, p.own_use,
               p.back_end, p.area, p.evidence, p.agreement
        from (
            select k.* from reuses_matching($2, $3, $4, $5, $6, $7, $8, $9, $10) k
            where $1::bigint is null
            union all
            select k.* from reuses_matching_known($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) k
            where $1 is not null
        ) p
        cross join lateral organisation_on(p.organisation_id, $2, $1) o
        where not p.own_use and p.evidence = 'reported'
          and ($11::text is null
               or (p.service, p.organisation_key, p.reuse_id) > ($11, $12, $13::uuid))
        order by p.service, p.organisation_key, p.reuse_id limit $14
        """,
        size,
        *wanted.arguments,
        *(after or (None, None, None)),
        limit,
    )
    return [_listed(row) for row in rows]


async def counts(db: Query, wanted: Filters) -> ReuseCounts:
    """How many match, reuse by others and own use apart."""
    if wanted.reported:
        every = await counts(db, msgspec.structs.replace(wanted, reported=False))
        return ReuseCounts(reuses=every.reported, reported=every.reported, own_use=0)
    if wanted.unnarrowed:
        return await _counted(db, wanted)
    rows = await db.fetch(
        """
        select count(*) filter (where not p.own_use) as reuses,
               count(*) filter (where not p.own_use and p.evidence = 'reported') as reported,
               count(*) filter (where p.own_use) as own_use
        from reuses_matching($1, $2, $3, $4, $5, $6, $7, $8, $9) p
        """,
        *wanted.arguments,
    )
    return many(ReuseCounts, rows)[0]


async def _counted(db: Query, wanted: Filters) -> ReuseCounts:
    """The same from the counters; private periods are counted as far as the reader sees them."""
    rows = await db.fetch(
        """
        select coalesce(sum(c.periods) filter (where not c.own_use), 0)::int as reuses,
               coalesce(sum(c.periods) filter (where not c.own_use and c.reported), 0)::int
                   as reported,
               coalesce(sum(c.periods) filter (where c.own_use), 0)::int as own_use
        from (
            select own_use, reported, demo, stage, periods from reuse_counters
            where $5::text is null and day <= $1
            union all
            select own_use, reported, demo, stage, periods from reuse_land_counters
            where land = $5 and day <= $1
            union all
            select own_use, evidence is not distinct from 'reported', demo, stage, 1
            from reuse_periods
            where efa_acts() and not public and valid_from <= $1
              and (valid_to is null or valid_to > $1)
              and ($5 is null or $5 = any (reuse_lands(organisation_key, places)))
        ) c
        where ($2::text is null or c.stage = $2) and ($3::boolean is null or c.own_use = $3)
          and ($4::boolean or not c.demo)
        """,
        wanted.as_of,
        wanted.stage,
        wanted.own_use,
        wanted.demo,
        wanted.within,
    )
    return many(ReuseCounts, rows)[0]


async def under(
    db: Query, agreement: str, as_of: date, size: int | None, limit: int
) -> list[ReuseState]:
    """The reuses that an agreement covers on a day, by service and body."""
    rows = await db.fetch(
        """
        select p.reuse_id, p.organisation_key, o.key, o.name, p.service, p.stage, p.version,
               p.valid_from, p.valid_to, p.since, p.since_precision, p.since_basis, p.own_use,
               p.back_end, p.area, p.evidence, p.agreement
        from (
            select k.* from reuse_periods k where $3::bigint is null and k.agreement = $1
            union all
            select k.* from reuse_periods_known($3) k
            where $3 is not null and k.agreement = $1
        ) p
        cross join lateral organisation_on(p.organisation_id, $2, $3) o
        where p.valid_from <= $2 and (p.valid_to is null or p.valid_to > $2)
        order by p.service, p.organisation_key, p.reuse_id limit $4
        """,
        agreement,
        as_of,
        size,
        limit,
    )
    return [state_from(row) for row in rows]


async def notes_page(db: Query, wanted: NoteFilters, after: After, limit: int) -> list[ListedNote]:
    """Notes of all reuses by service and body, one page behind `after`."""
    rows = await db.fetch(
        """
        select r.service, r.organisation_key, o.key, o.name, n.reuse_id, n.id, n.event_id,
               n.kind, n.text, n.stated_on as date, n.source, n.recorded_at
        from reuse_notes n
        join reuse_note_ledger l on l.note_id = n.id
        join reuses r on r.id = n.reuse_id
        cross join lateral organisation_on(r.organisation_id, $1, $2) o
        where ($2::bigint is null or l.leaf_idx < $2)
          and ($3::text is null or r.service = $3)
          and ($4::uuid is null or r.organisation_id = $4)
          and ($5::boolean or not r.demo)
          and ($6::text is null or (r.service, r.organisation_key, n.id) > ($6, $7, $8))
        order by r.service, r.organisation_key, n.id
        limit $9
        """,
        *wanted.arguments,
        *(after or (None, None, None)),
        limit,
    )
    return [_note_entry(row) for row in rows]


def _listed(row: Row) -> Listed:
    place = (row["service"], row["organisation_key"], str(row["reuse_id"]))
    return Listed(place, state_from(row))


def state_from(row: Row) -> ReuseState:
    """A period with its body, as it is shown."""
    values = dict(row.items())
    del values["organisation_key"]
    body = BodyName(key=values.pop("key"), name=values.pop("name"))
    reuse_id, service = values.pop("reuse_id"), values["service"]
    values["since"] = {
        "date": values["since"],
        "precision": values.pop("since_precision"),
        "basis": values.pop("since_basis"),
    }
    asks = values["stage"] not in WITHOUT_CONTRACT and not values["own_use"]
    reported = asks and values["evidence"] == "reported"
    known = {
        "id": reuse_id,
        "organisation": body,
        "contract": "recorded" if values["agreement"] else "not_recorded" if reported else None,
        "links": reuse_links(reuse_id, service, body),
    }
    return msgspec.convert(values | known, ReuseState)


def _note_entry(row: Row) -> ListedNote:
    values = dict(row.items())
    service = values.pop("service")
    place = (service, values.pop("organisation_key"), str(values["id"]))
    entry = NoteEntry(
        reuse_id=values.pop("reuse_id"),
        service=service,
        organisation=BodyName(key=values.pop("key"), name=values.pop("name")),
        note=msgspec.convert(values, RecordedNote),
    )
    return ListedNote(place, entry)
