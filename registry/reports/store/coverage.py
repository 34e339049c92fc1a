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
        select service, state, state_name, at_least_one, everywhere, land_takes_part, live, pilot,
               contracted, suspended, own_use, competent, competent_covered, competent_in_pilot,
               competent_percent, inhabitants, inhabitants_covered, inhabitants_percent,
               population_on
        from report_coverage($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        *scope.arguments,
        *(after or (None, None)),
        limit,
    )


async def ranking(db: Query, scope: Scope) -> Sequence[Row]:
    """The Länder by the services in operation there; the ranks are those among all Länder."""
    return await db.fetch(
        """
        with locally as (
            select r.land, count(*) as services
            from report_running($1::date, $2, $3, $5::boolean) r group by r.land
        ),
        ruled as (
            select array(
                select distinct r.service
                from competence_rules(
                    $1, $2, case when $3::text is not null then array[$3] end) r) as services
        ),
        fully as (
            select c.land, count(*) filter (where c.covered = c.competent) as services,
                   count(*) as ruled
            from report_competence($1, $2, (select services from ruled), null, $5) c
            group by c.land
        ),
        ranked as (
            select s.land as state, s.name as state_name,
                   coalesce(l.services, 0) as at_least_locally,
                   rank() over (order by coalesce(l.services, 0) desc) as rank_at_least_locally,
                   f.services as everywhere,
                   case when f.services is not null then
                       rank() over (order by f.services desc nulls last) end as rank_everywhere,
                   coalesce(f.ruled, 0) as with_competence
            from report_states($1, $2, null, $5) s
            left join locally l on l.land = s.land
            left join fully f on f.land = s.land
        )
        select r.*, r.rank_everywhere - r.rank_at_least_locally as rank_change
        from ranked r
        where $4::text is null or r.state = left($4, 2)
        order by r.rank_at_least_locally, r.state
        """,
        *scope.arguments,
    )
