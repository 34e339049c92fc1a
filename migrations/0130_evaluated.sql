-- What the evaluation asks nationwide, with less to read for each figure.

-- The sums of the funnel are read from the index alone. It names `reuses`, which another index names anyway (those that are 0).
alter table reuse_funnel drop constraint reuse_funnel_pkey;
alter table reuse_funnel add primary key (land, day, what, stage, demo, lane) include (reuses);

-- So are the sums of all reuses.
alter table reuse_counters drop constraint reuse_counters_pkey;
alter table reuse_counters add primary key (lane, day, stage, own_use, reported, demo) include (periods);

-- The Länder are few among all keys.
create index organisation_keys_states on organisation_keys (key) where level = 'state';

-- As before; the days of a body are taken apart row by row, without a look-up for each.
create or replace function report_any_use_on(days date[], known_size bigint, within text, with_demo boolean)
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
    with spans as (
        select s.paused, s.land, unnest(s.days) as days
        from reuse_body_spans_known(known_size) s
        where (within is null or s.organisation_id = any (inside)) and (with_demo or s.land <> '99')
    ),
    held as (
        select s.paused, s.land, width_bucket(lower(s.days) - 1, asked) as entered,
               case when not upper_inf(s.days) then width_bucket(upper(s.days) - 1, asked) end as gone
        from spans s
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

-- As before; the few bodies of each Land are looked up, instead of found among all: the first by the index, which is left
-- when there are enough. The rules are read once.
create or replace function report_everywhere(day date, known_size bigint, wanted text[], within text, with_demo boolean)
returns table (service text, everywhere text[], ruled text[])
language plpgsql stable set plan_cache_mode to force_custom_plan set enable_bitmapscan to off as $$
#variable_conflict use_column
declare
    governed text[] := array(select distinct r.service from competence_rules(day, known_size, wanted) r);
    lands text[];
    told text[] := '{}';
begin
    if cardinality(governed) > 0 and known_size is null and coalesce(octet_length(within), 2) = 2 then
        lands := array(select l.land from report_states(day, null, within, with_demo) l);
        told := array(
            with picked as materialized (
                select k.organisation_id
                from unnest(lands) l (land)
                cross join lateral (
                    select k.organisation_id from organisation_keys k
                    where k.key > l.land and k.key < l.land || ':' and octet_length(k.key) = 12
                      and k.level <> 'part' and holds_on(day, k.valid_from, k.valid_to)
                    order by k.key limit 6) k
            ),
            few as materialized (
                select b.organisation_id, b.key, left(b.key, 2) as land, s.levels, s.kind,
                       array[left(b.key, 2), left(b.key, 3), left(b.key, 5), left(b.key, 9), b.key] as above
                from (
                    select k.organisation_id, max(k.key collate "C") as key
                    from organisation_keys_known(null) k
                    where k.organisation_id = any (array(select p.organisation_id from picked p))
                      and k.level <> 'part' and holds_on(day, k.valid_from, k.valid_to)
                    group by k.organisation_id
                ) b
                join organisation_states_known(null) s
                    on s.organisation_id = b.organisation_id and holds_on(day, s.valid_from, s.valid_to)
                where (within is null or starts_with(b.key, within)) and (with_demo or not starts_with(b.key, '99'))
            ),
            known as materialized (
                select f.*, array(
                           select distinct others.key
                           from organisation_keys k join organisation_keys others using (organisation_id)
                           where k.key = any (f.above)) as keys
                from few f
            ),
            rules as materialized (select r.* from competence_rules(day, null, governed) r),
            competent as materialized (
                select distinct r.service, k.land, k.organisation_id, k.above, k.keys
                from rules r
                join known k
                    on (k.levels && r.levels or k.kind = any (r.kinds) or k.organisation_id = any (r.named))
                       and (r.area is null or starts_with(k.key, r.area)) and not k.organisation_id = any (r.excepted)
            )
            select g.service from unnest(governed) g (service)
            where not exists (
                    select from reuse_periods p
                    where p.service = g.service and p.places is not null and p.organisation_key >= ':')
              and not exists (
                    select from unnest(lands) l (land)
                    where not exists (
                        select from competent c
                        where c.service = g.service and c.land = l.land
                          and (select p.stage
                               from reuse_periods p cross join lateral unnest(p.area) a (key)
                               where p.service = c.service and p.organisation_key = any (c.keys)
                                 and p.stage in ('pilot', 'live', 'suspended')
                                 and p.valid_from <= day and (p.valid_to is null or p.valid_to > day)
                                 and (with_demo or not p.demo)
                                 and (p.organisation_id = c.organisation_id
                                      or a.key = any (c.above)
                                         and (octet_length(a.key) > 2 or p.evidence is distinct from 'reported'))
                               order by case when p.organisation_id = c.organisation_id then 13
                                             else octet_length(a.key) end desc, p.reuse_id
                               limit 1) is distinct from 'live')));
    end if;
    return query
    select t.service, '{}'::text[], lands from unnest(told) t (service)
    union all
    select c.service, coalesce(array_agg(c.land) filter (where c.covered = c.competent), '{}'), array_agg(c.land)
    from report_competence(day, known_size, array(
        select g.service from unnest(governed) g (service) where not g.service = any (told)), within, with_demo) c
    group by c.service;
end
$$;

-- As before; by past knowledge no bodies are counted, since only the furthest stage in a Land is shown.
-- For each service in force the Länder where it is in operation (`live`), or else in a pilot, or else under contract; where
-- it is known who is competent (`ruled`), and of these where all of them are covered (`everywhere`). Within a territory
-- smaller than a Land, and by past knowledge, from the periods.
create or replace function report_signs(
    day date, known_size bigint, of_service text, within text, with_demo boolean)
returns table (
    service text, live text[], pilot text[], contracted text[], everywhere text[], ruled text[])
language plpgsql stable set plan_cache_mode to force_custom_plan as $$
#variable_conflict use_column
declare
    slugs text[] := array(
        select s.slug
        from services_in_force(day, known_size) s
        join document_cards c on c.kind = 'services' and c.slug = s.slug and c.revision = s.revision
        where (of_service is null or s.slug = of_service) and (with_demo or not c.demo));
    lands text[] := array(select l.land from report_states(day, known_size, within, with_demo) l);
    from_spans boolean := known_size is null and coalesce(octet_length(within), 2) = 2;
begin
    return query
    with spans as materialized (
        select s.service, s.land, bool_or(s.running) as running
        from reuse_land_spans s
        where from_spans and s.days @> day and s.land = any (lands) and s.service = any (slugs)
        group by s.service, s.land
    ),
    other as (
        select array_agg(w.slug) as services, array_agg(l.land) as lands
        from unnest(slugs) w (slug) cross join unnest(lands) l (land)
        where from_spans and not exists (
            select from spans s where s.service = w.slug and s.land = l.land)
    ),
    bodies as (
        select p.service, case when p.organisation_key < ':' then left(p.organisation_key, 2) else p.organisation_key end as body,
               case when p.organisation_key >= ':' then p.places end as places,
               max(case when p.stage = 'live' then 3 when p.own_use then 0 when p.stage = 'pilot' then 2 else 1 end) as reach
        from reuse_periods_known(known_size) p
        where not from_spans and p.stage in ('live', 'pilot', 'contracted', 'connecting') and p.service = any (slugs)
          and p.valid_from <= day and (p.valid_to is null or p.valid_to > day)
          and (within is null or p.places @> array[within]
               or p.organisation_id in (select w.organisation_id from organisations_within(within, day, known_size) w))
        group by 1, 2, 3
    ),
    counted as (
        select b.service, l.land, max(b.reach) as reach
        from bodies b cross join lateral unnest(reuse_used_in(b.body, b.places)) l (land)
        where l.land = any (lands)
        group by b.service, l.land
    ),
    signs as (
        select s.service, s.land, case when s.running then 'live' else 'pilot' end as sign from spans s
        union all
        select c.service, c.land, 'contracted' from other o cross join lateral reuse_contracted_in(day, o.services, o.lands) c
        union all
        select u.service, u.land,
               (array['contracted', 'pilot', 'live'])[nullif(u.reach, 0)]
        from counted u
    ),
    lit as (
        select g.service, array_agg(g.land) filter (where g.sign = 'live') as live,
               array_agg(g.land) filter (where g.sign = 'pilot') as pilot,
               array_agg(g.land) filter (where g.sign = 'contracted') as contracted
        from signs g group by g.service
    )
    select w.slug, coalesce(g.live, '{}'), coalesce(g.pilot, '{}'), coalesce(g.contracted, '{}'),
           coalesce(f.everywhere, '{}'), coalesce(f.ruled, '{}')
    from unnest(slugs) w (slug)
    left join lit g on g.service = w.slug
    left join report_everywhere(day, known_size, slugs, within, with_demo) f on f.service = w.slug
    order by w.slug;
end
$$;

-- As before; nationwide it is not counted how many there are beyond `few`. Where fewer are in force, all are looked at, as they are of one body, in a small territory, and by past knowledge.
create or replace function reuses_behind(
    day date, known_size bigint, of_body uuid, within text, of_service text, stages text[], with_demo boolean, most int,
    few bigint)
returns table (
    service text, organisation_id uuid, organisation_key text, stage text, version text, own_use boolean, state text,
    sunset date, successor text, newest text)
language plpgsql stable as $$
#variable_conflict use_column
declare
    late record;
    found_now int;
    all_of_them boolean := known_size is not null or of_body is not null or coalesce(octet_length(within), 2) > 2
        or few > coalesce(case
            when within is null then (select count(*) from (select from reuse_periods limit few) p)
            else (select sum(c.periods) from reuse_land_counters c where c.land = within and c.day <= $1) end, 0);
begin
    if all_of_them then
        return query
        select f.*
        from reuses_behind_of_few(day, known_size, of_body, within, of_service, stages, with_demo, most) f;
        return;
    end if;
    for late in
        select b.service, b.newest, b.sunset, array_agg(b.version) as versions, array_agg(b.state) as states,
               array_agg(b.successor) as successors
        from versions_behind(day, null, case when of_service is not null then array[of_service] end) b
        join services_in_force(day, null) f on f.slug = b.service
        group by b.service, b.newest, b.state = 'active', b.sunset
        order by b.state = 'active', b.sunset nulls last, b.service
    loop
        return query
        select late.service, h.organisation_id, h.organisation_key, h.stage, h.version, h.own_use, v.state, late.sunset,
               v.successor, late.newest
        from reuses_with_versions(day, late.service, late.versions, within, stages, with_demo, most) h
        join unnest(late.versions, late.states, late.successors) v (version, state, successor) on v.version = h.version;
        get diagnostics found_now = row_count;
        most := most - found_now;
        exit when most <= 0;
    end loop;
end
$$;
