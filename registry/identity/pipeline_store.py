"""SQL of pipelines and of the ID tokens that were exchanged."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.db import Query, Row, Tx, many
from registry.identity.jobs import Allowed
from registry.identity.pipeline_model import (
    PinFacts,
    Pipeline,
    PipelineDraft,
    PipelineEndFacts,
    PipelineFacts,
)
from registry.organisations.model import BodyName

After = Sequence[Any] | None


async def hold(tx: Tx, issuer: str, project: str) -> None:
    """Make changes about one project wait for each other, and its jobs."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended('pipeline ' || lower($1::text), 0))",
        f"{issuer} {project}",
    )


async def insert(tx: Tx, event_id: UUID, facts: PipelineFacts) -> None:
    await tx.execute(
        """
        insert into pipelines (id, organisation_id, service, issuer, project, tags, note,
                               recorded_at, recorded_by, event_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        *msgspec.structs.astuple(facts),
        tx.now,
        UUID(tx.actor.organisation),
        event_id,
    )


async def insert_pin(tx: Tx, event_id: UUID, facts: PinFacts) -> None:
    await tx.execute(
        """
        insert into pipeline_pins (pipeline_id, project_id, namespace_id, recorded_at, event_id)
        values ($1, $2, $3, $4, $5)
        """,
        *msgspec.structs.astuple(facts),
        tx.now,
        event_id,
    )


async def insert_end(tx: Tx, event_id: UUID, facts: PipelineEndFacts) -> None:
    await tx.execute(
        "insert into pipeline_ends (pipeline_id, recorded_at, event_id) values ($1, $2, $3)",
        facts.pipeline_id,
        tx.now,
        event_id,
    )


async def of_project(db: Query, issuer: str, project: str) -> list[Allowed]:
    """What jobs of a project may publish, for whom."""
    rows = await db.fetch(
        """
        select p.id, p.organisation_id, p.service, p.tags, p.project_id, p.namespace_id
        from pipelines_of($1, $2) p
        """,
        issuer,
        project,
    )
    return many(Allowed, rows)


async def use_up(tx: Tx, mark: bytes, until: float) -> bool:
    """Whether what counts once comes for the first time; a second at the same time waits for it.

    `until`, in seconds since 1970, it could come again. Forgets what is over.
    """
    await tx.execute(
        "delete from used_id_tokens where until < now() - interval '1 hour'",
    )
    return bool(
        await tx.fetchval(
            """
            insert into used_id_tokens (sha256, until) values ($1, $2)
            on conflict do nothing returning true
            """,
            mark,
            datetime.fromtimestamp(until, UTC),
        )
    )


async def same(db: Query, draft: PipelineDraft, organisation_id: UUID) -> UUID | None:
    """The pipeline of a body that says the same already."""
    return await db.fetchval(
        """
        select p.id from pipeline_cards p
        where p.organisation_id = $1 and p.service = $2 and p.issuer = $3
          and lower(p.project) = lower($4) and p.tags = $5 and p.note = $6 and p.ended_at is null
        """,
        organisation_id,
        draft.service,
        draft.issuer,
        draft.project,
        draft.tags,
        draft.note,
    )


async def pipelines(
    db: Query, service: str | None, after: After, limit: int, *, ended: bool
) -> list[Pipeline]:
    """Those this reader may see, the newest first; one page behind `after`."""
    rows = await db.fetch(
        """
        select p.id, p.key, p.name, p.service, p.issuer, p.project, p.tags, p.note, p.recorded_at,
               p.project_id, p.namespace_id, p.pinned_at, p.ended_at
        from pipeline_cards p
        where ($1::text is null or p.service = $1) and ($2 or p.ended_at is null)
          and ($3::timestamptz is null or (p.recorded_at, p.id) < ($3, $4::uuid))
        order by p.recorded_at desc, p.id desc
        limit $5
        """,
        service,
        ended,
        *((datetime.fromisoformat(after[0]), after[1]) if after else (None, None)),
        limit,
    )
    return [_pipeline(row) for row in rows]


async def pipeline(db: Query, pipeline_id: UUID) -> Pipeline | None:
    """One that this reader may see."""
    row = await db.fetchrow(
        """
        select p.id, p.key, p.name, p.service, p.issuer, p.project, p.tags, p.note, p.recorded_at,
               p.project_id, p.namespace_id, p.pinned_at, p.ended_at
        from pipeline_cards p where p.id = $1
        """,
        pipeline_id,
    )
    return None if row is None else _pipeline(row)


def _pipeline(row: Row) -> Pipeline:
    values = dict(row.items())
    body = BodyName(key=values.pop("key"), name=values.pop("name"))
    return msgspec.convert(values | {"organisation": body}, Pipeline)
