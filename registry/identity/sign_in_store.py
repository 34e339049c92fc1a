"""SQL of the providers people sign in at."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from registry.db import Query, Tx, many, one
from registry.identity.sign_in_model import ProviderFacts, RecordedProvider
from registry.organisations.model import BodyName


async def hold(tx: Tx, slug: str) -> None:
    """Make changes of one provider wait for each other."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended('sign-in ' || $1::text, 0))", slug
    )


async def insert(tx: Tx, event_id: UUID, facts: ProviderFacts) -> None:
    await tx.execute(
        """
        insert into sign_in_providers (slug, revision, settings, ended, recorded_at, recorded_by,
                                       event_id)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        facts.slug,
        facts.revision,
        msgspec.to_builtins(facts.settings),
        facts.ended,
        tx.now,
        UUID(tx.actor.organisation),
        event_id,
    )


async def provider(db: Query, slug: str) -> RecordedProvider | None:
    """The last that was recorded of one, that it was ended included."""
    row = await db.fetchrow(
        """
        select p.slug, p.revision, p.settings, p.ended, p.recorded_at
        from current_sign_in_providers p where p.slug = $1
        """,
        slug,
    )
    return one(RecordedProvider, row)


async def providers(db: Query) -> list[RecordedProvider]:
    """All that were not ended."""
    rows = await db.fetch(
        """
        select p.slug, p.revision, p.settings, p.ended, p.recorded_at
        from current_sign_in_providers p where not p.ended
        order by p.settings ->> 'name' collate "C", p.slug
        """
    )
    return many(RecordedProvider, rows)


async def names(db: Query, bodies: Iterable[UUID]) -> dict[UUID, BodyName]:
    """What bodies are called today."""
    rows = await db.fetch(
        """
        select b.id, o.key, o.name
        from unnest($1::uuid[]) b (id)
        cross join lateral organisation_on(b.id, legal_today(), null) o
        """,
        [*bodies],
    )
    return {row["id"]: BodyName(key=row["key"], name=row["name"]) for row in rows}
