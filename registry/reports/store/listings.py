"""SQL of the reports on versions, stages and duplicates: one statement each, by keyset."""

from collections.abc import Sequence

from registry.db import Query, Row
from registry.reports.store.coverage import Scope

After = Sequence[str] | None


async def versions_in_use(db: Query, scope: Scope, after: After, limit: int) -> Sequence[Row]:
    """Versions by service and number, with how many have them."""
    return await db.fetch(
        """
        select u.service, u.version, coalesce(v.state, 'unrecorded') as state,
               v.released_on, v.sunset, u.reuses, u.own_use,
               trunc(100.0 * (u.reuses + u.own_use) / u.all_uses, 2)::text as percent
        from report_versions_used($1::date, $2, $3, $4, $5::boolean, $6::text[], $7::int) u
        left join report_versions($1, $2, $3) v on v.service = u.service and v.version = u.version
        order by array[u.service, coalesce(u.version, '')] collate "C"
        """,
        *scope.arguments,
        after,
        limit,
    )


async def outdated(db: Query, scope: Scope, after: After, limit: int) -> Sequence[Row]:
    """Who has what should not be used any more, and how it was told of the version's end.

    A version that is not recorded counts only where the service has versions.
    """
    return await db.fetch(
        """
        with held as materialized (
            select * from report_outdated($1::date, $2, $3, $4, $5::boolean, $6::text[], $7::int)
        ),
        ending as materialized (
            select array_agg(h.service) as services, array_agg(h.version) as versions,
                   array_agg(h.organisation_id) as bodies
            from held h where h.state in ('deprecated', 'revoked')
        )
        select h.service, h.organisation_key, o.key as organisation, o.name as organisation_name,
               h.stage, h.version, h.state, h.since, h.sunset, h.sunset - $1 as days_left,
               h.successor, h.own_use, t.told, t.told_at, t.acknowledged_at,
               (select a.key from organisation_on(t.acknowledged_by, $1, $2) a) as acknowledged_by,
               '/v1/reuses/' || h.reuse_id as link
        from held h
        cross join lateral organisation_on(h.organisation_id, $1, $2) o
        left join (
            select n.* from ending e
            cross join lateral notices_told(e.services, e.versions, e.bodies, $2) n
        ) t on t.service = h.service and t.version = h.version
               and t.organisation_id = h.organisation_id
        order by array[h.service, h.organisation_key] collate "C"
        """,
        *scope.arguments,
        after,
        limit,
    )


async def funnel(db: Query, scope: Scope) -> Sequence[Row]:
    """Every stage, in the order they follow each other."""
    return await db.fetch(
        """
        select t.stage, f.reached,
               trunc(100.0 * f.reached / nullif(f.everybody, 0), 2)::text as percent,
               f.still_there, f.went_on, f.dead_ends, f.median_days
        from report_funnel($1::date, $2, $3, $4, $5::boolean) f
        join report_funnel_stages() t on t.stage = f.stage
        order by t.place
        """,
        *scope.arguments,
    )


async def duplicates(db: Query, scope: Scope, after: After, limit: int) -> Sequence[Row]:
    """Procedures and bundles with several services of different builders, by key."""
    return await db.fetch(
        """
        with named as (
            select n.facet, n.value, n.slug, b.organisation_id, b.key
            from procedures_named($1::date, $2) n
            join services_in_force($1, $2) f on f.slug = n.slug
            join service_builders b on b.slug = f.slug and b.revision = f.revision
            where $5::boolean or not n.demo
        )
        select n.facet as kind, n.value as key, min(p.name) as name,
               array_agg(distinct n.slug order by n.slug) as services,
               array_agg(distinct n.key order by n.key) as builders
        from named n
        left join procedures_known($2) p on p.key = n.value
        where $6::text[] is null or array[n.facet, n.value] collate "C" > $6
        group by n.facet, n.value
        having count(distinct n.slug) > 1 and count(distinct n.organisation_id) > 1
           and ($3::text is null or bool_or(n.slug = $3))
           and ($4::text is null or bool_or(starts_with(n.key, $4)))
        order by array[n.facet, n.value] collate "C" limit $7
        """,
        *scope.arguments,
        after,
        limit,
    )
