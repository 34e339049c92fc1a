"""SQL of what only services have: their builders, their policy, and the hot look-up."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

import msgspec

from registry.catalogue.kinds import SERVICES
from registry.catalogue.model import (
    RecordedBuilder,
    ServiceFacts,
    StoredDocument,
    UnknownService,
)
from registry.catalogue.parts import Policy
from registry.catalogue.store import documents
from registry.compatibility.model import Formats
from registry.db import Query, Tx, many
from registry.errors import Fault


async def hold(tx: Tx, slug: str) -> None:
    """Make changes of an existing service wait for each other; refuses an unknown one."""
    await documents.lock(tx, SERVICES, slug)
    if not await tx.fetchval("select exists (select 1 from services where slug = $1)", slug):
        raise UnknownService(service=slug)


async def require_recorded(
    db: Query, slug: str | None, size: int | None, pointer: str = "?service"
) -> None:
    """Refuses a question about a service nobody recorded by then; None names none."""
    if slug is None:
        return
    recorded = await db.fetchval(
        """
        select exists (
            select from services s join events e on e.id = s.event_id
            where s.slug = $1 and ($2::bigint is null or e.leaf_idx < $2)
        )
        """,
        slug,
        size,
    )
    if not recorded:
        fault = Fault(pointer, "unknown-service", {"value": slug})
        raise UnknownService(fault, service=slug)


async def insert_service(tx: Tx, event_id: UUID, slug: str) -> None:
    await tx.execute("insert into services (slug, event_id) values ($1, $2)", slug, event_id)


async def insert_builders(tx: Tx, event_id: UUID, facts: ServiceFacts) -> None:
    await tx.executemany(
        """
        insert into service_builders
            (slug, revision, place, organisation_id, key, name, role, event_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        [
            (facts.document.slug, facts.revision, place, *msgspec.structs.astuple(b), event_id)
            for place, b in enumerate(facts.builders)
        ],
    )


async def in_force(db: Query, slugs: Sequence[str]) -> dict[str, StoredDocument]:
    """The answers for services as they are today: the hot look-up, stored bytes by one index."""
    rows = await db.fetch(
        """
        select slug, body, etag from document_cards
        where kind = 'services' and slug = any($1::text[]) and valid_from <= legal_today()
          and (valid_to is null or valid_to > legal_today())
        """,
        slugs,
    )
    return {row[0]: StoredDocument(row[1], row[2]) for row in rows}


async def builders(db: Query, slug: str) -> list[RecordedBuilder]:
    """The builders of a service today, or as it begins if it is to come; leading ones first."""
    rows = await db.fetch(
        """
        select b.organisation_id, b.key, b.name, b.role
        from service_builders b
        where b.slug = $1 and b.revision = revision_standing('services', $1, legal_today())
        order by b.role, b.place
        """,
        slug,
    )
    return many(RecordedBuilder, rows)


async def policy(db: Query, slug: str, day: date | None = None) -> Policy:
    """What is asked of the version numbers of a service on a day (None: today), or as it begins.

    Refuses an unknown service.
    """
    found = await db.fetchval(
        """
        select r.document -> 'policy' from document_revisions r
        where r.kind = 'services' and r.slug = $1
          and r.revision = revision_standing('services', $1, coalesce($2, legal_today()))
        """,
        slug,
        day,
    )
    if found is None:
        raise UnknownService(service=slug)
    return msgspec.convert(found, Policy)


async def formats(db: Query, slug: str) -> Formats:
    """Whether `format` counts where versions of a service are compared today, or as it begins."""
    found = await db.fetchval(
        """
        select coalesce(r.document ->> 'formats', 'annotate') from document_revisions r
        where r.kind = 'services' and r.slug = $1
          and r.revision = revision_standing('services', $1, legal_today())
        """,
        slug,
    )
    if found is None:
        raise UnknownService(service=slug)
    return found


async def known(db: Query, wanted: Iterable[str], log_size: int | None = None) -> frozenset[str]:
    """Those of the slugs that name a service, as recorded in a prefix of the log (None: all)."""
    rows = await db.fetch(
        """
        select s.slug from services s join events e on e.id = s.event_id
        where s.slug = any($1) and ($2::bigint is null or e.leaf_idx < $2)
        """,
        list(wanted),
        log_size,
    )
    return frozenset(row[0] for row in rows)
