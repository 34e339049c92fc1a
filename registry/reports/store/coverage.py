"""SQL of coverage and ranking: over the periods in force on the day, or the days of services."""

from collections.abc import Sequence

import msgspec

from registry.audit import Moment
from registry.db import Query, Row, many
from registry.reports.ranking import Signs


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What a report is asked over."""

    at: Moment
    service: str | None
    within: str | None
    demo: bool

    @property
    def arguments(self) -> tuple[object, ...]:
        return (self.at.day, self.at.size, self.service, self.within, self.demo)


async def coverage(
    db: Query, scope: Scope, after: Sequence[str] | None, limit: int
) -> Sequence[Row]:
    """Services by Land behind `after`; a service has a row for every Land."""
    return await db.fetch(
        """
        with covered as materialized (
            select * from report_coverage($1, $2, $3, $4, $5, $6, $7, $8)
        ),
        rules as materialized (
            select r.service, r.area, r.source
            from competence_rules($1, $2, array(select distinct c.service from covered c)) r
        )
        select c.service, c.state, c.state_name, c.at_least_one, c.everywhere, c.land_takes_part,
               c.live, c.pilot, c.contracted, c.suspended, c.own_use, c.competent,
               c.competent_covered, c.competent_in_pilot, c.competent_percent,
               array(
                   select distinct r.source from rules r
                   where r.service = c.service and (r.area is null or left(r.area, 2) = c.state)
                   order by 1) as competence_sources,
               c.inhabitants, c.inhabitants_covered, c.inhabitants_percent, c.population_on
        from covered c
        order by c.service, c.state
        """,
        *scope.arguments,
        *(after or (None, None)),
        limit,
    )


async def signs(db: Query, scope: Scope) -> list[Signs]:
    """How far each service reaches in the Länder, or in a territory within one."""
    rows = await db.fetch(
        """
        select service, live, pilot, contracted, everywhere, ruled
        from report_signs($1, $2, $3, $4, $5)
        """,
        *scope.arguments,
    )
    return many(Signs, rows)


async def states(db: Query, at: Moment, *, demo: bool) -> dict[str, str]:
    """The Länder by key, with their names."""
    rows = await db.fetch(
        "select l.land, l.name from report_states($1, $2, null, $3) l order by l.land",
        at.day,
        at.size,
        demo,
    )
    return {row["land"]: row["name"] for row in rows}


async def stages(db: Query, scope: Scope) -> Sequence[Row]:
    """How many bodies of each Land have the service asked for at which stage."""
    return await db.fetch(
        """
        select l.land as state, l.name as state_name,
               coalesce(u.at_least_one, false) as at_least_one,
               coalesce(u.land_takes_part, false) as land_takes_part, coalesce(u.live, 0) as live,
               coalesce(u.pilot, 0) as pilot, coalesce(u.contracted, 0) as contracted,
               coalesce(u.own_use, 0) as own_use
        from report_states($1, $2, $4, $5) l
        left join report_stages($1, $2, array[$3::text], $4, $5) u on u.land = l.land
        order by l.name
        """,
        *scope.arguments,
    )
