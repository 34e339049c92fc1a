-- Use over time without reading all periods. A body that has begun some use which has no end yet is using something on
-- every day since; only for the days before is it asked day by day.

create index reuse_periods_open_use on reuse_periods (organisation_id, valid_from)
    where stage in ('pilot', 'live') and not own_use and valid_to is null;
create index reuse_periods_ended_use on reuse_periods (organisation_id, valid_from, valid_to)
    where stage in ('pilot', 'live') and not own_use and valid_to is not null;
create index reuse_periods_suspended on reuse_periods (valid_from, organisation_id)
    where stage = 'suspended' and not own_use;

-- On each of some days: who uses any service, and where, by what is recorded now. In plpgsql, so that the bodies of a
-- territory are found once. Runs as the owner, since row security would be asked for each of the many looks; pilots,
-- operations and pauses are public.
create function report_any_use_on(days date[], within text, with_demo boolean)
returns table (day date, bodies bigint, states bigint, suspended bigint) language plpgsql stable
security definer set search_path = public set plan_cache_mode to force_custom_plan as $$
#variable_conflict use_column
declare
    last date := days[cardinality(days)];
    inside uuid[];
    touching uuid[];
begin
    if within is not null then
        touching := array(select reuse_bodies_touching(within, last));
        inside := array(select distinct w.organisation_id from organisations_within(within, last, null) w);
    end if;
    return query
    with held as materialized (
        select o.id, f.valid_from as open_since, e.valid_from as ended_since,
               case when coalesce(f.key, e.key) ~ '^[0-9]' then left(coalesce(f.key, e.key), 2) end as land
        from organisations o
        left join lateral (
            select p.valid_from, p.organisation_key as key
            from reuse_periods p
            where p.organisation_id = o.id and p.stage in ('pilot', 'live') and not p.own_use
              and p.valid_to is null and (with_demo or not p.demo)
            order by p.valid_from limit 1
        ) f on true
        left join lateral (
            select p.valid_from, p.organisation_key as key
            from reuse_periods p
            where p.organisation_id = o.id and p.stage in ('pilot', 'live') and not p.own_use
              and p.valid_to is not null and (with_demo or not p.demo)
            order by p.valid_from limit 1
        ) e on true
        where (within is null or o.id = any (inside)) and coalesce(f.valid_from, e.valid_from) is not null
    ),
    used as (
        select d.day, h.land, count(*) as bodies
        from held h join unnest(days) d (day) on h.open_since <= d.day
        group by d.day, h.land
        union all
        select d.day, h.land, count(*)
        from held h join unnest(days) d (day) on (h.open_since <= d.day) is not true and h.ended_since <= d.day
        where exists (
            select 1 from reuse_periods p
            where p.organisation_id = h.id and p.stage in ('pilot', 'live') and not p.own_use
              and p.valid_to is not null and p.valid_from <= d.day and p.valid_to > d.day
              and (with_demo or not p.demo))
        group by d.day, h.land
        union all
        select d.day, max(case when p.organisation_key ~ '^[0-9]' then left(p.organisation_key, 2) end), 1
        from unnest(days) d (day)
        join reuse_periods p on p.organisation_id = any (touching) and not p.organisation_id = any (inside)
            and p.stage in ('pilot', 'live') and not p.own_use and p.places @> array[within]
            and p.valid_from <= d.day and (p.valid_to is null or p.valid_to > d.day) and (with_demo or not p.demo)
        group by d.day, p.organisation_id
    ),
    counted as (
        select u.day, sum(u.bodies)::bigint as bodies, count(distinct u.land) as states
        from used u group by u.day
    ),
    paused as (
        select d.day, count(distinct p.organisation_id) as bodies
        from reuse_periods p
        join unnest(days) d (day) on p.valid_from <= d.day and (p.valid_to is null or p.valid_to > d.day)
        where p.stage = 'suspended' and not p.own_use and (with_demo or not p.demo)
          and p.valid_from <= last and (p.valid_to is null or p.valid_to > days[1])
          and (within is null or p.organisation_id = any (inside)
               or p.organisation_id = any (touching) and p.places @> array[within])
        group by d.day
    )
    select d.day, coalesce(c.bodies, 0), coalesce(c.states, 0), coalesce(s.bodies, 0)
    from unnest(days) d (day)
    left join counted c on c.day = d.day
    left join paused s on s.day = d.day;
end
$$;

-- On each of some days: who uses the services asked for, and where.
create or replace function report_use_on(
    days date[], known_size bigint, of_service text, within text, with_demo boolean)
returns table (day date, bodies bigint, states bigint, suspended bigint) language sql stable as $$
    select u.day, u.bodies, u.states, u.suspended
    from report_any_use_on(days, within, with_demo) u
    where known_size is null and of_service is null
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
          and (of_service is null or p.service = of_service) and (with_demo or not p.demo)
          and (within is null or p.places @> array[within]
               or p.organisation_id in (
                   select w.organisation_id
                   from organisations_within(within, days[cardinality(days)], known_size) w))
    ) p on p.valid_from <= d.day and (p.valid_to is null or p.valid_to > d.day)
    where known_size is not null or of_service is not null
    group by d.day
$$;
