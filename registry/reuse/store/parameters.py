"""SQL of parameters: the documents set for a reuse, for those who may see them."""

from uuid import UUID

from registry.db import Query, Tx, many
from registry.reuse.parameters import ParametersFacts, SetParameters


async def may_see(db: Query, reuse_id: UUID) -> bool:
    """Whether the reader may see the parameters of a reuse; nobody sees those of none."""
    return bool(await db.fetchval("select efa_sees_parameters($1)", reuse_id))


async def documents(db: Query, reuse_id: UUID, size: int | None = None) -> list[SetParameters]:
    """All documents set for a reuse in their order, as known in the first `size` events."""
    rows = await db.fetch(
        """
        select p.ordinal, p.version, p.document, p.recorded_at, p.event_id
        from reuse_parameters_known($1, $2) p order by p.ordinal
        """,
        reuse_id,
        size,
    )
    return many(SetParameters, rows)


async def insert(tx: Tx, event_id: UUID, facts: ParametersFacts) -> None:
    await tx.execute(
        """
        insert into reuse_parameters (reuse_id, ordinal, version, document, recorded_at, event_id)
        values ($1, $2, $3, $4, $5, $6)
        """,
        facts.reuse_id,
        facts.ordinal,
        facts.version,
        facts.document,
        tx.now,
        event_id,
    )
