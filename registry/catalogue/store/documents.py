"""SQL of documents of every kind: their dated revisions, and the cards made from them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from registry.catalogue.cards import StoredCard, ends
from registry.catalogue.kinds import Draft, Kind, Revision
from registry.catalogue.model import (
    JourneyFacts,
    RevisionSummary,
    ServiceFacts,
    StoredDocument,
)
from registry.db import Query, Tx, many, one

AnyKind = Kind[Any, Any, Any]


async def lock(tx: Tx, kind: AnyKind, slug: str) -> None:
    """Make changes of one document wait for each other, from before its first one."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended($1 || '/' || $2, 0))", kind.name, slug
    )


async def share(tx: Tx, kind: AnyKind, slugs: Collection[str]) -> None:
    """Let changes of documents wait for what rests on them to be recorded, and this for them."""
    await tx.execute(
        """
        select pg_advisory_xact_lock_shared(hashtextextended($1 || '/' || slug, 0))
        from unnest($2::text[]) slug
        """,
        kind.name,
        sorted(slugs),
    )


async def insert_revision(
    tx: Tx, event_id: UUID, kind: AnyKind, facts: ServiceFacts | JourneyFacts
) -> None:
    await tx.execute(
        """
        insert into document_revisions (kind, slug, revision, valid_from, document, event_id)
        values ($1, $2, $3, $4, $5, $6)
        """,
        kind.name,
        facts.document.slug,
        facts.revision,
        facts.valid_from,
        facts.document,
        event_id,
    )


async def revisions(
    db: Query, kind: Kind[Any, Revision, Any], slug: str, wanted: Collection[int]
) -> list[Revision]:
    """Some revisions of a document in the order of recording, services with their builders."""
    rows = await db.fetch(
        """
        select r.revision, r.valid_from, e.recorded_at, r.event_id, r.document,
               coalesce(
                   (select jsonb_agg(jsonb_build_object(
                               'organisation_id', b.organisation_id, 'key', b.key,
                               'name', b.name, 'role', b.role) order by b.place)
                    from service_builders b
                    where b.slug = r.slug and b.revision = r.revision and b.event_id = r.event_id),
                   '[]') as builders
        from document_revisions r join events e on e.id = r.event_id
        where r.kind = $1 and r.slug = $2 and r.revision = any($3::int[]) order by r.revision
        """,
        kind.name,
        slug,
        list(wanted),
    )
    return many(kind.revision, rows)


async def slugs(db: Query, kind: AnyKind) -> list[str]:
    """The slugs of all documents of a kind ever recorded."""
    rows = await db.fetch(
        "select slug from document_revisions where kind = $1 and revision = 1 order by slug",
        kind.name,
    )
    return [row[0] for row in rows]


async def history(
    db: Query, kind: AnyKind, slug: str, log_size: int | None = None
) -> list[RevisionSummary]:
    """The history of a document, as recorded in a prefix of the log (None: all)."""
    rows = await db.fetch(
        """
        select r.revision, r.valid_from, null as valid_to, e.recorded_at, r.event_id
        from document_revisions r join events e on e.id = r.event_id
        where r.kind = $1 and r.slug = $2 and ($3::bigint is null or e.leaf_idx < $3)
        order by r.revision
        """,
        kind.name,
        slug,
        log_size,
    )
    known = many(RevisionSummary, rows)
    until = ends(known)
    return [msgspec.structs.replace(one, valid_to=until[one.revision]) for one in known]


async def shown(db: Query, kind: AnyKind, slug: str) -> dict[int, date | None]:
    """The revisions that have their card, and the end each card says."""
    rows = await db.fetch(
        "select revision, valid_to from document_cards where kind = $1 and slug = $2",
        kind.name,
        slug,
    )
    return {row[0]: row[1] for row in rows}


async def insert_cards(
    tx: Tx, kind: AnyKind, cards: Sequence[StoredCard], until: Mapping[int, date | None]
) -> None:
    """Store how revisions are served; `until` has the end of each."""
    await tx.executemany(
        """
        insert into document_cards (kind, slug, revision, valid_from, valid_to, demo, body, etag,
                                    card, sort_key, words, vector)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
                setweight(to_tsvector('german', $12), 'A')
                || setweight(to_tsvector('german', $13), 'C')
                || setweight(to_tsvector('simple', $11), 'D'))
        """,
        [(kind.name, *_columns(card, until[card.revision])) for card in cards],
    )
    await tx.copy(
        "document_facets",
        ("kind", "slug", "revision", "facet", "value", "valid_from", "valid_to"),
        [
            (kind.name, card.card.slug, card.revision, *msgspec.structs.astuple(facet))
            for card in cards
            for facet in card.facets
        ],
    )


def _columns(c: StoredCard, valid_to: date | None) -> tuple[object, ...]:
    period = (c.card.slug, c.revision, c.valid_from, valid_to)
    return (*period, c.demo, c.body, c.etag, c.card, c.sort_key, c.words, c.title, c.text)


async def move_ends(tx: Tx, kind: AnyKind, slug: str, until: Mapping[int, date | None]) -> None:
    """Let cards end where they now do."""
    await tx.executemany(
        """
        update document_cards set valid_to = $4
        where kind = $1 and slug = $2 and revision = $3
        """,
        [(kind.name, slug, revision, end) for revision, end in until.items()],
    )


async def forget_cards(tx: Tx) -> None:
    """Take out all cards and facets, to be made anew; nobody else changes them meanwhile."""
    await tx.execute("lock table document_cards, document_facets in share row exclusive mode")
    await tx.execute("delete from document_facets")
    await tx.execute("delete from document_cards")


async def as_of(
    db: Query, kind: AnyKind, slug: str, day: date, log_size: int | None
) -> StoredDocument:
    """The answer for a document on a day, from a prefix of the log (None: all)."""
    row = await db.fetchrow(
        """
        select c.body, c.etag
        from document_cards c
        join document_revisions r
            on r.kind = c.kind and r.slug = c.slug and r.revision = c.revision
        join events e on e.id = r.event_id
        where c.kind = $1 and c.slug = $2 and c.valid_from <= $3
          and ($4::bigint is null or e.leaf_idx < $4)
        order by c.valid_from desc, c.revision desc limit 1
        """,
        kind.name,
        slug,
        day,
        log_size,
    )
    found = one(StoredDocument, row)
    if found is None:
        raise kind.unknown(slug)
    return found


async def to_change(db: Query, kind: AnyKind, slug: str, day: date) -> StoredDocument | None:
    """What a change from `day` on builds upon: that day's state, else the first one to come."""
    row = await db.fetchrow(
        """
        select body, etag from document_cards
        where kind = $1 and slug = $2 and revision = revision_standing($1, $2, $3)
        """,
        kind.name,
        slug,
        day,
    )
    return one(StoredDocument, row)


async def last_revision(db: Query, kind: AnyKind, slug: str) -> int:
    """The number of the revision recorded last; 0 for a new document."""
    return await db.fetchval(
        """
        select coalesce(max(revision), 0) from document_revisions where kind = $1 and slug = $2
        """,
        kind.name,
        slug,
    )


async def document_on(db: Query, kind: Kind[Draft, Any, Any], slug: str, day: date) -> Draft | None:
    """The document in force on a day."""
    document = await db.fetchval(
        """
        select r.document
        from document_cards c
        join document_revisions r
            on r.kind = c.kind and r.slug = c.slug and r.revision = c.revision
        where c.kind = $1 and c.slug = $2
          and c.valid_from <= $3 and (c.valid_to is null or c.valid_to > $3)
        """,
        kind.name,
        slug,
        day,
    )
    return None if document is None else msgspec.convert(document, kind.draft)
