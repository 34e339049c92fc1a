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
        with wanted as (
            select array(
                select s.slug
                from services_in_force($1::date, $2) s
                join document_cards c on c.kind = 'services' and c.slug = s.slug
                    and c.revision = s.revision
                where ($3::text is null or s.slug = $3) and ($5::boolean or not c.demo)
                  and ($6::text is null or s.slug >= $6)
                order by s.slug limit $8::int / 16 + 2) as slugs
        )
        select slug as service, l.land as state, l.name as state_name,
               coalesce(u.at_least_one, false) as at_least_one,
               c.covered = c.competent as everywhere,
               coalesce(u.land_takes_part, false) as land_takes_part,
               coalesce(u.live, 0) as live, coalesce(u.pilot, 0) as pilot,
               coalesce(u.contracted, 0) as contracted, coalesce(u.suspended, 0) as suspended,
               coalesce(u.own_use, 0) as own_use,
               c.competent, c.covered as competent_covered, c.in_pilot as competent_in_pilot,
               trunc(100.0 * c.covered / c.competent, 2)::text as competent_percent,
               l.inhabitants, coalesce(r.inhabitants, 0) as inhabitants_covered,
               case when c.competent is not null then
                   trunc(100.0 * coalesce(r.inhabitants, 0) / nullif(l.inhabitants, 0), 2)::text
               end as inhabitants_percent,
               l.population_on
        from wanted w cross join unnest(w.slugs) slug
        cross join report_states($1, $2, $4, $5) l
        left join report_stages($1, $2, (select slugs from wanted), $4, $5) u
            on u.service = slug and u.land = l.land
        left join report_competence($1, $2, (select slugs from wanted), $4, $5) c
            on c.service = slug and c.land = l.land
        left join report_reached($1, $2, (select slugs from wanted), $4, $5) r
            on r.service = slug and r.land = l.land
        where $6 is null or (slug, l.land) > ($6, $7::text)
        order by slug, l.land limit $8
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
