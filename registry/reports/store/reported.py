"""SQL of reported figures as they stand beside what is counted: those stated by the day."""

from registry.db import Query, many
from registry.reports.answers import StatedFigure
from registry.reports.store.coverage import Scope


async def beside(db: Query, scope: Scope) -> list[StatedFigure]:
    """What sources state of the service by the day."""
    rows = await db.fetch(
        """
        select f.measure, f.subject, f.key, f.value::text as reported, f.unit, f.stated_on,
               f.source, f.note
        from reported_figures f left join events e on e.id = f.event_id
        where f.service = $3 and ($1::bigint is null or e.leaf_idx < $1)
          and (f.stated_on is null or first_day_of(f.stated_on) <= $2::date)
        order by f.measure collate "C", f.stated_on collate "C" nulls last, f.id
        """,
        scope.at.size,
        scope.at.day,
        scope.service,
    )
    return many(StatedFigure, rows)


async def of_states(db: Query, scope: Scope) -> list[StatedFigure]:
    """What sources state of Länder by the day."""
    rows = await db.fetch(
        """
        select f.measure, f.subject, f.key, f.value::text as reported, f.unit, f.stated_on,
               f.source, f.note
        from reported_figures f left join events e on e.id = f.event_id
        where f.service is null and f.subject_kind = 'state'
          and ($1::bigint is null or e.leaf_idx < $1)
          and (f.stated_on is null or first_day_of(f.stated_on) <= $2::date)
        order by f.measure collate "C", f.stated_on collate "C" nulls last, f.id
        """,
        scope.at.size,
        scope.at.day,
    )
    return many(StatedFigure, rows)
