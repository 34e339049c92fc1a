"""SQL of journeys: revisions, the services they bundle, and the stored answers."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from registry.catalogue.cards import JourneyCard
from registry.catalogue.model import (
    FoundJourney,
    JourneyDraft,
    JourneyFacts,
    JourneyRevision,
    StoredDocument,
    UnknownJourney,
)
from registry.db import Query, Tx, many


async def lock_journey(tx: Tx, slug: str) -> None:
    """Make changes of one journey wait for each other."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('journeys/' || $1, 0))", slug)


async def insert_journey_revision(tx: Tx, event_id: UUID, facts: JourneyFacts) -> None:
    slug = facts.document.slug
    await tx.execute(
        "insert into journeys (slug, event_id) values ($1, $2) on conflict (slug) do nothing",
        slug,
        event_id,
    )
    await tx.execute(
        """
        insert into journey_revisions (slug, revision, valid_from, document, event_id)
        values ($1, $2, $3, $4, $5)
        """,
        slug,
        facts.revision,
        facts.valid_from,
        facts.document,
        event_id,
    )
    await tx.executemany(
        """
        insert into journey_services (journey, revision, place, service, event_id)
        values ($1, $2, $3, $4, $5)
        """,
        [
            (slug, facts.revision, place, service, event_id)
            for place, service in enumerate(facts.document.services)
        ],
    )


async def journey_revisions(db: Query, slug: str) -> list[JourneyRevision]:
    """All revisions of a journey in the order of recording."""
    rows = await db.fetch(
        """
        select r.revision, r.valid_from, e.recorded_at, r.event_id, r.document
        from journey_revisions r join events e on e.id = r.event_id
        where r.slug = $1 order by r.revision
        """,
        slug,
    )
    return many(JourneyRevision, rows)


async def journey_slugs(db: Query) -> list[str]:
    """The slugs of all journeys ever recorded."""
    rows = await db.fetch("select slug from journeys order by slug")
    return [row[0] for row in rows]


async def replace_journey_cards(tx: Tx, slug: str, cards: Sequence[JourneyCard]) -> None:
    """Store anew how a journey is served."""
    await tx.execute("delete from journey_cards where slug = $1", slug)
    await tx.executemany(
        """
        insert into journey_cards (slug, revision, valid_from, valid_to, body, etag, sort_key)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        [(slug, *card) for card in cards],
    )


async def journey_as_of(
    db: Query, slug: str, day: date | None, log_size: int | None
) -> StoredDocument:
    """The answer for a journey on a day (None: today), from a prefix of the log (None: all)."""
    row = await db.fetchrow(
        """
        select c.body, c.etag
        from journey_cards c
        join journey_revisions r on r.slug = c.slug and r.revision = c.revision
        join events e on e.id = r.event_id
        where c.slug = $1
          and c.valid_from <= coalesce($2, legal_today())
          and ($3::bigint is null or e.leaf_idx < $3)
        order by c.valid_from desc, c.revision desc limit 1
        """,
        slug,
        day,
        log_size,
    )
    if row is None:
        raise UnknownJourney(journey=slug)
    return StoredDocument(row[0], row[1])


async def journey_to_change(db: Query, slug: str, day: date) -> StoredDocument | None:
    """What a change from `day` on builds upon: that day's state, else the first one to come."""
    row = await db.fetchrow(
        """
        select body, etag from journey_cards
        where slug = $1 and valid_to is distinct from valid_from
        order by valid_from <= $2 desc,
                 case when valid_from <= $2 then valid_from end desc, valid_from
        limit 1
        """,
        slug,
        day,
    )
    return None if row is None else StoredDocument(row[0], row[1])


async def journey_on(db: Query, slug: str, day: date) -> JourneyDraft | None:
    """The journey in force on a day."""
    document = await db.fetchval(
        """
        select r.document
        from journey_cards c
        join journey_revisions r on r.slug = c.slug and r.revision = c.revision
        where c.slug = $1 and c.valid_from <= $2 and (c.valid_to is null or c.valid_to > $2)
        """,
        slug,
        day,
    )
    return None if document is None else msgspec.convert(document, JourneyDraft)


async def last_journey_revision(db: Query, slug: str) -> int:
    """The number of the revision recorded last; 0 for a new journey."""
    return await db.fetchval(
        "select coalesce(max(revision), 0) from journey_revisions where slug = $1", slug
    )


async def find_journeys(
    db: Query, day: date | None, after: Sequence[str] | None, limit: int
) -> list[FoundJourney]:
    """Journeys in force on a day (None: today) in the order of their names, behind `after`."""
    sort_key, slug = after or (None, None)
    rows = await db.fetch(
        """
        select c.slug, r.document -> 'names' as names, c.sort_key,
               (select array_agg(s.service order by s.place) from journey_services s
                where s.journey = c.slug and s.revision = c.revision) as services
        from journey_cards c
        join journey_revisions r on r.slug = c.slug and r.revision = c.revision
        where c.valid_from <= coalesce($1, legal_today())
          and (c.valid_to is null or c.valid_to > coalesce($1, legal_today()))
          and ($2::text is null or (c.sort_key, c.slug) > ($2 collate "C", $3))
        order by c.sort_key, c.slug limit $4
        """,
        day,
        sort_key,
        slug,
        limit,
    )
    return many(FoundJourney, rows)


async def count_journeys(db: Query, day: date | None) -> int:
    """How many journeys are in force on a day (None: today)."""
    return await db.fetchval(
        """
        select count(*) from journey_cards
        where valid_from <= coalesce($1, legal_today())
          and (valid_to is null or valid_to > coalesce($1, legal_today()))
        """,
        day,
    )
