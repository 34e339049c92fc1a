-- Questions about all of Germany as known in the past: each goes through the periods, or the figures, once at most.

-- The sums as before; which events are known is looked up once, and not for every figure.
create or replace function usage_sums(of_service text, first date, last date, known_size bigint)
returns setof usage_months
language sql stable set work_mem to '32MB' as $$
    select r.service, usage_state(r.organisation_key), f.month,
           (count(*) filter (where f.started is not null or f.completed is not null))::int,
           coalesce(sum(f.started), 0)::bigint, count(f.started)::int,
           coalesce(sum(f.completed), 0)::bigint, count(f.completed)::int
    from (
        select distinct on (f.reuse_id, f.month, f.channel, f.version) f.*
        from usage_figures f
        where f.month >= first and f.month <= last
          and (of_service is null
               or f.reuse_id = any (array(select r.id from reuses r where r.service = of_service)))
          and (known_size is null
               or f.event_id in (
                   select e.id from events e where e.action = 'usage.record' and e.leaf_idx < known_size))
        order by f.reuse_id, f.month, f.channel, f.version, f.revision desc
    ) f
    join reuses r on r.id = f.reuse_id
    group by r.service, usage_state(r.organisation_key), f.month
$$;

-- The days on which bodies used something, or paused, as known now or in the first `known_size` events of the log.
create function reuse_body_spans_known(known_size bigint) returns setof reuse_body_spans
language sql stable set work_mem to '32MB' as $$
    select s.* from reuse_body_spans s where known_size is null
    union all
    select p.organisation_id, p.stage = 'suspended', max(usage_state(p.organisation_key)),
           range_agg(daterange(p.valid_from, p.valid_to))
    from reuse_periods_known(known_size) p
    where known_size is not null and p.stage in ('pilot', 'live', 'suspended') and not p.own_use
    group by p.organisation_id, p.stage = 'suspended'
$$;

-- On each of some days, which follow each other: who uses any service, and where. The days of a body do not overlap: so many
-- use something as have begun to, less those that have stopped.
drop function report_any_use_on(date[], text, boolean);
create function report_any_use_on(days date[], known_size bigint, within text, with_demo boolean)
returns table (day date, bodies bigint, states bigint, suspended bigint) language plpgsql stable
set plan_cache_mode to force_custom_plan as $$
#variable_conflict use_column
declare
    asked date[] := days;
    last date := asked[cardinality(asked)];
    inside uuid[];
    touching uuid[];
begin
    if within is not null then
        touching := array(select reuse_bodies_touching_known(within, last, known_size));
        inside := array(select distinct w.organisation_id from organisations_within(within, last, known_size) w);
    end if;
    return query
    with held as (
        select s.paused, s.land, width_bucket(lower(r.span) - 1, asked) as entered,
               case when not upper_inf(r.span) then width_bucket(upper(r.span) - 1, asked) end as gone
        from reuse_body_spans_known(known_size) s cross join lateral unnest(s.days) r (span)
        where (within is null or s.organisation_id = any (inside)) and (with_demo or s.land <> '99')
    ),
    moves as (
        select h.paused, h.land, h.entered as place, count(*) as more from held h group by h.paused, h.land, h.entered
        union all
        select h.paused, h.land, h.gone, -count(*) from held h where h.gone is not null
        group by h.paused, h.land, h.gone
    ),
    used as (
        select d.day, m.paused, m.land, sum(m.more)::bigint as bodies
        from unnest(asked) with ordinality d (day, place) join moves m on m.place < d.place
        group by d.day, m.paused, m.land
        union all
        select d.day, p.stage = 'suspended', max(usage_state(p.organisation_key)), 1
        from unnest(asked) d (day)
        join reuse_periods_known(known_size) p
            on p.organisation_id = any (touching) and not p.organisation_id = any (inside)
            and p.stage in ('pilot', 'live', 'suspended') and not p.own_use and p.places @> array[within]
            and p.valid_from <= d.day and (p.valid_to is null or p.valid_to > d.day) and (with_demo or not p.demo)
        group by d.day, p.stage = 'suspended', p.organisation_id
    )
    select d.day, coalesce(sum(u.bodies) filter (where not u.paused), 0)::bigint,
           count(distinct nullif(u.land, '')) filter (where not u.paused and u.bodies > 0),
           coalesce(sum(u.bodies) filter (where u.paused), 0)::bigint
    from unnest(asked) d (day) left join used u on u.day = d.day
    group by d.day;
end
$$;

-- On each of some days: who uses the services asked for, and where.
create or replace function report_use_on(
    days date[], known_size bigint, of_service text, within text, with_demo boolean)
returns table (day date, bodies bigint, states bigint, suspended bigint) language sql stable as $$
    select u.day, u.bodies, u.states, u.suspended
    from report_any_use_on(days, known_size, within, with_demo) u
    where of_service is null
    union all
    select d.day,
           count(distinct p.organisation_id) filter (where p.stage <> 'suspended'),
           count(distinct left(p.organisation_key, 2))
               filter (where p.stage <> 'suspended' and p.organisation_key ~ '^[0-9]'),
           count(distinct p.organisation_id) filter (where p.stage = 'suspended')
    from unnest(days) d (day)
    left join (
        select p.*
        from reuse_periods_known(known_size) p
        where p.stage in ('pilot', 'live', 'suspended') and not p.own_use
          and p.service = of_service and (with_demo or not p.demo)
          and (within is null or p.places @> array[within]
               or p.organisation_id in (
                   select w.organisation_id
                   from organisations_within(within, days[cardinality(days)], known_size) w))
    ) p on p.valid_from <= d.day and (p.valid_to is null or p.valid_to > d.day)
    where of_service is not null
    group by d.day
$$;

-- A page of the reuses that match, as `reuses_page`, as known in the first `known_size` events of the log. Of all of Germany
-- service by service, until the page is full.
create function reuses_page_known(
    known_size bigint, on_day date, of_service text, of_body uuid, within text, at_stage text, in_version text,
    is_own boolean, with_demo boolean, by_back_end text, after_service text, after_key text, after_reuse uuid, most int)
returns setof reuse_periods language plpgsql stable as $$
declare
    one text;
    more int;
begin
    for one in
        select s.slug from services s
        where within is null and of_body is null and (of_service is null or s.slug = of_service)
          and (after_service is null or s.slug >= after_service)
        order by s.slug
    loop
        return query
        select p.* from reuse_periods_known(known_size) p
        where p.service = one
          and reuse_matches(p, on_day, null, null, at_stage, in_version, is_own, with_demo, by_back_end)
          and (after_service is distinct from one or (p.organisation_key, p.reuse_id) > (after_key, after_reuse))
        order by p.organisation_key, p.reuse_id
        limit most;
        get diagnostics more = row_count;
        most := most - more;
        exit when most <= 0;
    end loop;
    if within is not null or of_body is not null then
        return query
        select p.*
        from reuses_matching_known(
            known_size, on_day, of_service, of_body, within, at_stage, in_version, is_own, with_demo, by_back_end) p
        where after_service is null
           or (p.service, p.organisation_key, p.reuse_id) > (after_service, after_key, after_reuse)
        order by p.service, p.organisation_key, p.reuse_id
        limit most;
    end if;
end
$$;

-- As before; what values services have is asked only where some are wanted.
create or replace function services_matching(
    any_words text, prefixes text, parts text[], wanted_facets text[], wanted_values text[],
    on_day date, known_size bigint, with_demo boolean)
returns table (slug text, revision int, rank int, passed text[]) language sql stable as $$
    with asked as (
        select websearch_to_tsquery('german', any_words) || to_tsquery('simple', prefixes) as text
    ),
    found as materialized (
        select c.slug, c.revision,
               case when any_words is null then 0
                    else -((ts_rank(c.vector, asked.text) + part.in_name) * 1000000)::int
               end as rank
        from services_in_force(on_day, known_size) s
        join document_cards c on c.kind = 'services' and c.slug = s.slug and c.revision = s.revision
        cross join asked
        cross join lateral (
            select coalesce(bool_and(strpos(c.sort_key, part) > 0), false)::int as in_name,
                   coalesce(bool_and(strpos(c.words, part) > 0), false) as anywhere
            from unnest(parts) part
        ) part
        where (with_demo or not c.demo)
          and (any_words is null or c.vector @@ asked.text or part.anywhere)
    ),
    held as (
        select v.slug, array_agg(distinct v.facet) as passed
        from unnest(wanted_facets, wanted_values) as w (facet, value)
        join report_values(
            on_day, known_size, wanted_values[array_position(wanted_facets, 'reused_within')],
            with_demo) v
            on v.facet = w.facet and v.value = w.value
        where cardinality(wanted_facets) > 0
        group by v.slug
    )
    select f.slug, f.revision, f.rank, coalesce(h.passed, '{}')
    from found f left join held h on h.slug = f.slug
$$;
