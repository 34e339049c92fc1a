"""SQL of batches: what the rows of a file name, looked up for all of them at once."""

from collections.abc import Collection
from uuid import UUID

from registry.db import Query, Tx

Pair = tuple[str, UUID]


async def find_all(tx: Tx, pairs: Collection[Pair]) -> dict[Pair, UUID]:
    """The reuses there are of services by bodies."""
    rows = await tx.fetch(
        """
        select r.service, r.organisation_id, r.id
        from unnest($1::text[], $2::uuid[]) w (service, organisation_id)
        join reuses r on r.service = w.service and r.organisation_id = w.organisation_id
        """,
        [service for service, _ in pairs],
        [body for _, body in pairs],
    )
    return {(row[0], row[1]): row[2] for row in rows}


async def published(db: Query, wanted: Collection[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Those of the versions of services that are published."""
    rows = await db.fetch(
        """
        select v.service, v.version
        from unnest($1::text[], $2::text[]) w (service, version)
        join versions v on v.service = w.service and v.version = w.version
        """,
        [service for service, _ in wanted],
        [version for _, version in wanted],
    )
    return frozenset((row[0], row[1]) for row in rows)
