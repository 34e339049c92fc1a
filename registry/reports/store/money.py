"""SQL of the reports on money, time and targets."""

from collections.abc import Sequence
from datetime import date

from registry.db import Query, Row
from registry.reports.store.coverage import Scope

After = Sequence[str] | None


async def zero_reuse(db: Query, scope: Scope, after: After, limit: int) -> Sequence[Row]:
    """Services nobody but their builders ever had in a pilot or in operation, by slug."""
    return await db.fetch(
        """
        select s.slug as service, c.card -> 'names' ->> 'de' as name, c.card ->> 'status' as status,
               array(select b.key from service_builders b
                     where b.slug = s.slug and b.revision = s.revision
                     order by b.place) as builders,
               exists (select 1 from reuse_periods_known($2) p
                       where p.service = s.slug and p.stage in ('pilot', 'live') and p.own_use
                         and p.valid_from <= $1) as in_own_use,
               m.references <> '{}' as funded, m.references as funding, m.amount::text as amount_eur
        from services_in_force($1::date, $2) s
        join document_cards c on c.kind = 'services' and c.slug = s.slug
            and c.revision = s.revision
        join document_revisions d on d.kind = 'services' and d.slug = s.slug
            and d.revision = s.revision
        cross join lateral (
            select coalesce(array_agg(f.reference order by f.reference), '{}') as references,
                   sum(f.amount) as amount
            from (
                select f ->> 'reference' as reference, (f ->> 'amount_eur')::numeric as amount
                from jsonb_array_elements(d.document -> 'funding') f
                union all
                select a.slug, (a.document ->> 'amount_eur')::numeric
                from agreements_known($2) a
                where a.kind = 'individual' and a.document -> 'services' ? s.slug
                  and (a.begins_on is null or a.begins_on <= $1)
            ) f
        ) m
        left join lateral (
            select true as found from reuse_periods_known($2) p
            where p.service = s.slug and p.stage in ('pilot', 'live') and not p.own_use
              and p.valid_from <= $1
            limit 1
        ) others on true
        where others.found is null and ($5::boolean or not c.demo)
          and ($3::text is null or s.slug = $3)
          and ($4::text is null or exists (
                  select 1 from service_builders b
                  where b.slug = s.slug and b.revision = s.revision and starts_with(b.key, $4)))
          and ($6::text[] is null or s.slug > ($6)[1])
        order by s.slug limit $7
        """,
        *scope.arguments,
        after,
        limit,
    )


async def funding(db: Query, scope: Scope, after: After, limit: int) -> Sequence[Row]:
    """Agreements that bring money, and what became of the services they name, by slug."""
    return await db.fetch(
        """
        select a.slug as agreement, a.kind, a.document -> 'names' ->> 'de' as name, a.parent,
               a.document ->> 'amount_eur' as amount_eur,
               array(select jsonb_array_elements_text(a.document -> 'projects')) as projects,
               n.services, coalesce(u.using_bodies, 0) as using_bodies,
               coalesce(u.live_bodies, 0) as live_bodies, c.uses,
               trunc((a.document ->> 'amount_eur')::numeric / nullif(u.live_bodies, 0), 2)::text
                   as eur_per_live_body,
               trunc((a.document ->> 'amount_eur')::numeric / nullif(c.uses, 0), 2)::text
                   as eur_per_use
        from agreements_known($2) a
        cross join lateral (
            select array(select jsonb_array_elements_text(a.document -> 'services')) as services) n
        left join lateral (
            select count(*) as using_bodies, count(*) filter (where p.stage = 'live') as live_bodies
            from reuse_periods_known($2) p
            where p.service = any (n.services) and p.stage in ('pilot', 'live') and not p.own_use
              and p.valid_from <= $1::date and (p.valid_to is null or p.valid_to > $1)
        ) u on true
        left join lateral (
            select sum(m.started)::bigint as uses
            from (
                select m.started, m.started_told
                from usage_months m
                where $2::bigint is null and m.service = any (n.services) and m.month <= $1
                union all
                select m.started, m.started_told
                from unnest(n.services) s (slug)
                cross join lateral usage_sums(s.slug, '-infinity', $1, $2) m
                where $2 is not null
            ) m
            where m.started_told > 0
        ) c on true
        where (a.kind = 'individual' or a.document ->> 'amount_eur' is not null)
          and (a.begins_on is null or a.begins_on <= $1) and ($5::boolean or not a.demo)
          and ($3::text is null or $3 = any (n.services))
          and ($4::text is null or exists (
                  select 1 from agreement_parties y
                  where y.slug = a.slug and y.revision = a.revision and starts_with(y.key, $4)))
          and ($6::text[] is null or a.slug > ($6)[1])
        order by a.slug limit $7
        """,
        *scope.arguments,
        after,
        limit,
    )


async def timeline(
    db: Query, scope: Scope, days: Sequence[date], *, inhabitants: bool = True
) -> Sequence[Row]:
    """Use on each of the days, which are in order; `inhabitants` take long to count."""
    return await db.fetch(
        """
        with told as (
            select v.service, v.version, e.day, e.what
            from report_versions($1::date, $2, $3) v
            cross join lateral (
                values (v.released_on, 'released'), (v.since, 'deprecated'),
                       (v.sunset, 'sunset'), (v.revoked_on, 'revoked')) e (day, what)
            where $3::text is not null and e.day <= $1
              and not (e.what = 'deprecated' and e.day is not distinct from v.revoked_on)
        )
        select u.day, u.bodies, u.states, u.suspended,
               case when $7 then coalesce(r.inhabitants, 0) end as inhabitants,
               array(select t.day || ' ' || t.what || ' ' || t.version
                     from told t
                     where t.day <= u.day
                       and t.day > coalesce((select max(d) from unnest($6::date[]) d
                                             where d < u.day), '-infinity')
                     order by t.day, t.version, t.what) as events
        from report_use_on($6, $2, $3, $4, $5::boolean) u
        left join lateral (
            select reached.inhabitants from report_reached_on($6, $2, $3, $4, $5) reached
            where $7 and reached.day = u.day) r on true
        order by u.day
        """,
        *scope.arguments,
        list(days),
        inhabitants and scope.service is not None,
    )


async def targets(db: Query, scope: Scope) -> Sequence[Row]:
    """Reported targets, each with the last figure reported of the same subject by the day."""
    return await db.fetch(
        """
        select t.subject, t.key, t.service, t.measure, t.value::text as target,
               t.stated_on as due_on, f.value::text as reported, f.stated_on as reported_on,
               c.computed, (t.value - f.value)::text as missing, t.source
        from reported_figures t
        left join events e on e.id = t.event_id
        left join lateral (
            select f.value, f.stated_on
            from reported_figures f left join events e on e.id = f.event_id
            where f.subject = t.subject and f.service is not distinct from t.service
              and f.measure = replace(t.measure, '_target', '_available')
              and first_day_of(f.stated_on) <= $1::date
              and ($2::bigint is null or e.leaf_idx < $2)
            order by f.stated_on collate "C" desc limit 1
        ) f on true
        left join lateral (
            select count(distinct v.slug)::int as computed
            from service_values($1, $2) v
            where t.subject_kind = 'portal' and v.facet = 'portal' and v.value = t.key
        ) c on t.subject_kind = 'portal'
        where t.measure like '%\\_target' and ($3::text is null or t.service = $3)
          and ($2 is null or e.leaf_idx < $2)
          and ($4::text is null or t.key = $4) and $5::boolean is not null
        order by t.subject collate "C", t.measure collate "C", t.stated_on collate "C"
        """,
        *scope.arguments,
    )
