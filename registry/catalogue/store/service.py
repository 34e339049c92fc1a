"""SQL of services: revisions and builders, and the cards and facets made from them."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

import msgspec

from registry.catalogue.cards import StoredCard, ends
from registry.catalogue.model import (
    RecordedBuilder,
    RevisionSummary,
    ServiceDraft,
    ServiceFacts,
    ServiceRevision,
    StoredDocument,
    UnknownService,
)
from registry.catalogue.parts import Policy
from registry.db import Query, Tx, many


class HeldService(msgspec.Struct, frozen=True, kw_only=True):
    """What a change must know of a service it holds."""

    revision: int
    policy: Policy


async def lock(tx: Tx, slug: str) -> None:
    """Make changes of one service wait for each other, from before its first one."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('services/' || $1, 0))", slug)


async def hold(tx: Tx, slug: str) -> None:
    """Make changes of an existing service wait for each other; refuses an unknown one."""
    await lock(tx, slug)
    if not await tx.fetchval("select exists (select 1 from services where slug = $1)", slug):
        raise UnknownService(service=slug)


async def insert_service(tx: Tx, event_id: UUID, slug: str) -> None:
    await tx.execute(
        "insert into services (slug, event_id) values ($1, $2) on conflict (slug) do nothing",
        slug,
        event_id,
    )


async def insert_revision(tx: Tx, event_id: UUID, facts: ServiceFacts) -> None:
    slug = facts.document.slug
    await tx.execute(
        """
        insert into service_revisions (slug, revision, valid_from, document, event_id)
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
        insert into service_builders
            (slug, revision, place, organisation_id, key, name, role, event_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        [
            (slug, facts.revision, place, b.organisation_id, b.key, b.name, b.role, event_id)
            for place, b in enumerate(facts.builders)
        ],
    )


async def revisions(db: Query, slug: str) -> list[ServiceRevision]:
    """All revisions of a service in the order of recording, with their builders."""
    rows = await db.fetch(
        """
        select r.revision, r.valid_from, e.recorded_at, r.event_id, r.document,
               coalesce(
                   (select jsonb_agg(jsonb_build_object(
                               'organisation_id', b.organisation_id, 'key', b.key,
                               'name', b.name, 'role', b.role) order by b.place)
                    from service_builders b where b.slug = r.slug and b.revision = r.revision),
                   '[]') as builders
        from service_revisions r join events e on e.id = r.event_id
        where r.slug = $1 order by r.revision
        """,
        slug,
    )
    return many(ServiceRevision, rows)


async def slugs(db: Query) -> list[str]:
    """The slugs of all services ever recorded."""
    rows = await db.fetch("select slug from services order by slug")
    return [row[0] for row in rows]


async def replace_cards(tx: Tx, slug: str, cards: Sequence[StoredCard]) -> None:
    """Store anew how a service is served."""
    await tx.execute("delete from service_cards where slug = $1", slug)
    await tx.executemany(
        """
        insert into service_cards (slug, revision, valid_from, valid_to, demo, body, etag, card,
                                   sort_key, words, vector)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
                setweight(to_tsvector('german', $11), 'A')
                || setweight(to_tsvector('german', $12), 'C')
                || setweight(to_tsvector('simple', $10), 'D'))
        """,
        [(slug, c.revision, c.valid_from, c.valid_to, *_answer(c), *_search(c)) for c in cards],
    )
    await tx.copy(
        "service_facets",
        ("slug", "revision", "facet", "value", "valid_from", "valid_to"),
        [
            (c.slug, c.revision, f.facet, f.value, f.valid_from, f.valid_to)
            for c in cards
            for f in c.facets
        ],
    )


def _answer(card: StoredCard) -> tuple[object, ...]:
    return (card.demo, card.body, card.etag, card.card)


def _search(card: StoredCard) -> tuple[object, ...]:
    return (card.sort_key, card.words, card.title, card.text)


async def in_force(db: Query, slugs: Sequence[str]) -> dict[str, StoredDocument]:
    """The answers for services as they are today: the hot look-up, stored bytes by one index."""
    rows = await db.fetch(
        """
        select slug, body, etag from service_cards
        where slug = any($1::text[]) and valid_from <= legal_today()
          and (valid_to is null or valid_to > legal_today())
        """,
        slugs,
    )
    return {row[0]: StoredDocument(row[1], row[2]) for row in rows}


async def as_of(db: Query, slug: str, day: date | None, log_size: int | None) -> StoredDocument:
    """The answer for a service on a day (None: today), from a prefix of the log (None: all)."""
    row = await db.fetchrow(
        """
        select c.body, c.etag
        from service_cards c
        join service_revisions r on r.slug = c.slug and r.revision = c.revision
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
        raise UnknownService(service=slug)
    return StoredDocument(row[0], row[1])


async def to_change(db: Query, slug: str, day: date) -> StoredDocument | None:
    """What a change from `day` on builds upon: that day's state, else the first one to come."""
    row = await db.fetchrow(
        """
        select body, etag from service_cards
        where slug = $1 and valid_to is distinct from valid_from
        order by valid_from <= $2 desc,
                 case when valid_from <= $2 then valid_from end desc, valid_from
        limit 1
        """,
        slug,
        day,
    )
    return None if row is None else StoredDocument(row[0], row[1])


async def held(db: Query, slug: str) -> HeldService | None:
    """Number and policy of the revision recorded last, or None for a new service."""
    rows = await db.fetch(
        """
        select revision, document -> 'policy' as policy from service_revisions
        where slug = $1 order by revision desc limit 1
        """,
        slug,
    )
    return next(iter(many(HeldService, rows)), None)


async def document_on(db: Query, slug: str, day: date) -> ServiceDraft | None:
    """The document in force on a day."""
    document = await db.fetchval(
        """
        select r.document
        from service_cards c
        join service_revisions r on r.slug = c.slug and r.revision = c.revision
        where c.slug = $1 and c.valid_from <= $2 and (c.valid_to is null or c.valid_to > $2)
        """,
        slug,
        day,
    )
    return None if document is None else msgspec.convert(document, ServiceDraft)


async def leads(db: Query, slug: str, day: date) -> list[tuple[str, str]]:
    """Id and key of each leading builder on a day, or as the service begins if it is to come."""
    rows = await db.fetch(
        """
        select b.organisation_id, b.key from service_builders b
        where b.slug = $1 and b.role = 'lead'
          and b.revision = (select c.revision from service_cards c
                            where c.slug = $1 and c.valid_to is distinct from c.valid_from
                              and (c.valid_to is null or c.valid_to > $2)
                            order by c.valid_from limit 1)
        order by b.place
        """,
        slug,
        day,
    )
    return [(str(row[0]), row[1]) for row in rows]


async def policy(db: Query, slug: str) -> Policy:
    """What is asked of the version numbers of a service; refuses an unknown one."""
    found = await held(db, slug)
    if found is None:
        raise UnknownService(service=slug)
    return found.policy


async def summaries(db: Query, slug: str, log_size: int | None) -> list[RevisionSummary]:
    """The history of a service, as recorded in a prefix of the log (None: all)."""
    rows = await db.fetch(
        """
        select r.revision, r.valid_from, null as valid_to, e.recorded_at, r.event_id
        from service_revisions r join events e on e.id = r.event_id
        where r.slug = $1 and ($2::bigint is null or e.leaf_idx < $2)
        order by r.revision
        """,
        slug,
        log_size,
    )
    known = many(RevisionSummary, rows)
    until = ends(known)
    return [msgspec.structs.replace(one, valid_to=until[one.revision]) for one in known]


async def builders(db: Query, slug: str, day: date | None = None) -> list[RecordedBuilder]:
    """The builders of a service on a day (None: today), leading ones first."""
    rows = await db.fetch(
        """
        select b.organisation_id, b.key, b.name, b.role
        from service_cards c
        join service_builders b on b.slug = c.slug and b.revision = c.revision
        where c.slug = $1
          and c.valid_from <= coalesce($2, legal_today())
          and (c.valid_to is null or c.valid_to > coalesce($2, legal_today()))
        order by b.role, b.place
        """,
        slug,
        day,
    )
    return many(RecordedBuilder, rows)


async def known(db: Query, wanted: Iterable[str]) -> frozenset[str]:
    """Those of the slugs that name a service."""
    rows = await db.fetch("select slug from services where slug = any($1)", list(wanted))
    return frozenset(row[0] for row in rows)
