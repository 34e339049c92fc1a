-- Use over time without reading all periods. A body that has begun some use which has no end yet is using something on
-- every day since; only for the days before is it asked day by day.

create index reuse_periods_open_use on reuse_periods (organisation_id, valid_from)
    where stage in ('pilot', 'live') and not own_use and valid_to is null;
create index reuse_periods_ended_use on reuse_periods (organisation_id, valid_from, valid_to)
    where stage in ('pilot', 'live') and not own_use and valid_to is not null;
create index reuse_periods_suspended on reuse_periods (valid_from, organisation_id)
    where stage = 'suspended' and not own_use;

-- The bodies that use any service on each of some days, with the Land of their keys (null where they have none).
create function report_bodies_using(days date[], bodies uuid[], with_demo boolean)
returns table (day date, organisation_id uuid, land text) language plpgsql stable as $$
#variable_conflict use_column
begin
    return query
    with held as materialized (
        select o.id, f.valid_from as open_since, f.organisation_key as key
        from organisations o
        left join lateral (
            select p.valid_from, p.organisation_key
            from reuse_periods p
            where p.organisation_id = o.id and p.stage in ('pilot', 'live') and not p.own_use
              and p.valid_to is null and (with_demo or not p.demo)
            order by p.valid_from limit 1
        ) f on true
        where bodies is null or o.id = any (bodies)
    )
    select d.day, h.id, case when h.key ~ '^[0-9]' then left(h.key, 2) end
    from held h join unnest(days) d (day) on h.open_since <= d.day
    union all
    select d.day, h.id, case when e.key ~ '^[0-9]' then left(e.key, 2) end
    from held h join unnest(days) d (day) on (h.open_since <= d.day) is not true
    cross join lateral (
        select p.organisation_key as key
        from reuse_periods p
        where p.organisation_id = h.id and p.stage in ('pilot', 'live') and not p.own_use
          and p.valid_to is not null and p.valid_from <= d.day and p.valid_to > d.day
          and (with_demo or not p.demo)
        limit 1
    ) e;
end
$$;

-- On each of some days: who uses any service, and where, by what is recorded now. In plpgsql, so that the bodies of a
-- territory are found once.
create function report_any_use_on(days date[], within text, with_demo boolean)
returns table (day date, bodies bigint, states bigint, suspended bigint) language plpgsql stable as $$
#variable_conflict use_column
declare
    inside uuid[];
    touching uuid[];
begin
    if within is not null then
        touching := array(select reuse_bodies_touching(within, days[cardinality(days)]));
        inside := array(
            select distinct w.organisation_id
            from organisations_within(within, days[cardinality(days)], null) w);
    end if;
    return query
    with used as materialized (
        select u.day, u.organisation_id, u.land from report_bodies_using(days, inside, with_demo) u
        union
        select d.day, p.organisation_id, case when p.organisation_key ~ '^[0-9]' then left(p.organisation_key, 2) end
        from unnest(days) d (day)
        join reuse_periods p on p.stage in ('pilot', 'live') and not p.own_use and p.places is not null
            and p.valid_from <= d.day and (p.valid_to is null or p.valid_to > d.day) and (with_demo or not p.demo)
        where p.organisation_id = any (touching) and not p.organisation_id = any (inside)
          and p.places @> array[within]
    ),
    paused as (
        select d.day, count(distinct p.organisation_id) as bodies
        from reuse_periods p
        join unnest(days) d (day) on p.valid_from <= d.day and (p.valid_to is null or p.valid_to > d.day)
        where p.stage = 'suspended' and not p.own_use and (with_demo or not p.demo)
          and p.valid_from <= days[cardinality(days)] and (p.valid_to is null or p.valid_to > days[1])
          and (within is null or p.organisation_id = any (inside)
               or p.organisation_id = any (touching) and p.places @> array[within])
        group by d.day
    )
    select d.day, count(distinct u.organisation_id), count(distinct u.land), coalesce(max(s.bodies), 0)
    from unnest(days) d (day)
    left join used u on u.day = d.day
    left join paused s on s.day = d.day
    group by d.day;
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
