"""SQL of coverage and ranking: one statement each over the periods in force on the day."""

from collections.abc import Sequence

import msgspec

from registry.audit import Moment
from registry.db import Query, Row


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


async def ranking(db: Query, scope: Scope) -> Sequence[Row]:
    """The Länder by the services in operation there; the ranks are those among all Länder."""
    return await db.fetch(
        """
        select state, state_name, at_least_locally, rank_at_least_locally, everywhere,
               rank_everywhere, with_competence, rank_change
        from report_ranking($1, $2, $3, $4, $5)
        """,
        *scope.arguments,
    )
