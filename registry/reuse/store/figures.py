"""SQL of reported figures."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from registry.db import Query, Tx, many
from registry.reuse.figures import FigureDraft, FigureFacts, ReportedFigure


async def hold(tx: Tx, service: str | None) -> None:
    """Make recordings of figures of one service, or of none, wait for each other."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended('reported-figures/' || $1, 0))",
        service or "",
    )


async def insert_figures(tx: Tx, event_id: UUID, facts: FigureFacts) -> None:
    await tx.executemany(
        """
        insert into reported_figures (id, event_id, recorded_at, service, subject, subject_kind,
                                      key, measure, value, unit, stated_on, note, source)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """,
        [(figure_id, event_id, tx.now, *_columns(figure)) for figure_id, figure in facts.figures],
    )


def _columns(figure: FigureDraft) -> tuple[object, ...]:
    return (
        figure.service,
        figure.subject,
        figure.subject_kind,
        figure.key,
        figure.measure,
        None if figure.value is None else Decimal(figure.value),
        figure.unit,
        figure.as_of,
        figure.note,
        figure.source,
    )


async def figures(
    db: Query,
    *,
    service: str | None,
    size: int | None,
    after: Sequence[Any] | None,
    limit: int,
) -> list[ReportedFigure]:
    """Figures by service, subject and date, as known in the first `size` events of the log."""
    rows = await db.fetch(
        """
        select f.id, f.event_id, f.recorded_at, f.service, f.subject, f.subject_kind, f.key,
               f.measure, f.value::text as value, f.unit, f.stated_on as as_of, f.note, f.source
        from reported_figures f left join events e on e.id = f.event_id
        where ($1::text is null or f.service = $1)
          and ($2::bigint is null or e.leaf_idx < $2)
          and ($3::text is null
               or (coalesce(f.service, ''), f.subject, coalesce(f.stated_on, ''), f.id)
                  > ($3, $4, $5, $6))
        order by coalesce(f.service, ''), f.subject, coalesce(f.stated_on, ''), f.id limit $7
        """,
        service,
        size,
        *(after or (None, None, None, None)),
        limit,
    )
    return many(ReportedFigure, rows)


async def count(db: Query, *, service: str | None, size: int | None) -> int:
    return await db.fetchval(
        """
        select count(*) from reported_figures f left join events e on e.id = f.event_id
        where ($1::text is null or f.service = $1) and ($2::bigint is null or e.leaf_idx < $2)
        """,
        service,
        size,
    )


async def recorded(db: Query, service: str | None) -> Sequence[FigureDraft]:
    """The figures of one service, or those of none, as they were stated."""
    rows = await db.fetch(
        """
        select service, subject, subject_kind, key, measure, value::text as value, unit,
               stated_on as as_of, note, source
        from reported_figures where service is not distinct from $1
        """,
        service,
    )
    return many(FigureDraft, rows)
