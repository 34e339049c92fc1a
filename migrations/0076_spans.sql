-- On which days a service is used in a Land, and a body uses anything: what lists and reports asked of the periods by one look
-- for each service and Land, and for each body. They change seldom, since most use adds to days that are there.

-- The days on which others than its builder use a service in a Land, in a pilot or in operation; `running`: on which it is
-- in operation, own use included.
create table reuse_land_spans (
    service text not null,
    land text collate "C" not null,
    running boolean not null,
    days datemultirange not null,
    primary key (service, land, running)
);

-- The days on which a body uses services that others built, in a pilot or in operation; `paused`: on which its use of one is
-- suspended. A Land is as in usage_months.
create table reuse_body_spans (
    organisation_id uuid not null,
    paused boolean not null,
    land text collate "C" not null,
    days datemultirange not null,
    primary key (organisation_id, paused)
);

-- The Länder in which a body uses a service: that of its key, or those its area reaches into, if it has none.
create function reuse_used_in(organisation_key text, places text[]) returns text[]
language sql immutable parallel safe as $$
    select case when organisation_key ~ '^[0-9]' then array[left(organisation_key, 2)]
                else reuse_lands(organisation_key, places) end
$$;

create function reuse_land_spans_of(wanted uuid[]) returns setof reuse_land_spans
language sql stable as $$
    select p.service, l.land, k.running, range_agg(daterange(p.valid_from, p.valid_to))
    from unnest(wanted) w (id)
    join reuse_periods p on p.reuse_id = w.id
    cross join (values (false), (true)) k (running)
    cross join lateral unnest(reuse_used_in(p.organisation_key, p.places)) l (land)
    where p.stage in ('pilot', 'live') and case when k.running then p.stage = 'live' else not p.own_use end
    group by p.service, l.land, k.running
$$;

create function reuse_body_spans_of(wanted uuid[]) returns setof reuse_body_spans
language sql stable as $$
    select p.organisation_id, p.stage = 'suspended', max(usage_state(p.organisation_key)),
           range_agg(daterange(p.valid_from, p.valid_to))
    from unnest(wanted) w (id)
    join reuse_periods p on p.reuse_id = w.id
    where p.stage in ('pilot', 'live', 'suspended') and not p.own_use
    group by p.organisation_id, p.stage = 'suspended'
$$;

-- All days of a service in a Land, from its periods.
create function reuse_days_in_land(of_service text, in_land text, in_operation boolean) returns datemultirange
language sql stable as $$
    select coalesce(range_agg(daterange(p.valid_from, p.valid_to)), '{}')
    from (
        select p.* from reuse_periods p
        where p.service = of_service and p.organisation_key >= in_land and p.organisation_key < in_land || ':'
        union all
        select p.* from reuse_periods p
        where p.service = of_service and p.places is not null and p.organisation_key >= ':'
          and in_land = any (p.places)
    ) p
    where p.stage in ('pilot', 'live') and case when in_operation then p.stage = 'live' else not p.own_use end
$$;

-- Add the days of some reuses, and work out anew where they had `before` some that they have no more. Who changes the same
-- row waits, and sees what the one before wrote; all rows are locked in one order.
create function reuse_span_lands(wanted uuid[], before reuse_land_spans[]) returns void
language plpgsql security definer set search_path = public as $$
begin
    insert into reuse_land_spans as s (service, land, running, days)
    select n.service, n.land, n.running, range_agg(n.days)
    from (
        select a.* from reuse_land_spans_of(wanted) a
        union all
        select b.service, b.land, b.running, '{}' from unnest(before) b
    ) n
    group by n.service, n.land, n.running
    order by n.service, n.land, n.running
    on conflict (service, land, running) do update set days = s.days + excluded.days
    where not s.days @> excluded.days;
    update reuse_land_spans s set days = reuse_days_in_land(s.service, s.land, s.running)
    from unnest(before) b left join reuse_land_spans_of(wanted) a using (service, land, running)
    where s.service = b.service and s.land = b.land and s.running = b.running and (a.days @> b.days) is not true;
    delete from reuse_land_spans s using unnest(before) b
    where s.service = b.service and s.land = b.land and s.running = b.running and s.days = '{}';
end
$$;

create function reuse_span_bodies(wanted uuid[], before reuse_body_spans[]) returns void
language plpgsql security definer set search_path = public as $$
begin
    insert into reuse_body_spans as s (organisation_id, paused, land, days)
    select n.organisation_id, n.paused, max(n.land), range_agg(n.days)
    from (
        select a.* from reuse_body_spans_of(wanted) a
        union all
        select b.organisation_id, b.paused, b.land, '{}' from unnest(before) b
    ) n
    group by n.organisation_id, n.paused
    order by n.organisation_id, n.paused
    on conflict (organisation_id, paused) do update
    set land = greatest(s.land, excluded.land), days = s.days + excluded.days
    where s.land < excluded.land or not s.days @> excluded.days;
    update reuse_body_spans s set land = coalesce(n.land, ''), days = coalesce(n.days, '{}')
    from unnest(before) b
    left join reuse_body_spans_of(wanted) a using (organisation_id, paused)
    left join lateral (
        select max(usage_state(p.organisation_key)) as land, range_agg(daterange(p.valid_from, p.valid_to)) as days
        from reuse_periods p
        where p.organisation_id = b.organisation_id and not p.own_use
          and p.stage in ('pilot', 'live', 'suspended') and (p.stage = 'suspended') = b.paused
    ) n on true
    where s.organisation_id = b.organisation_id and s.paused = b.paused and (a.days @> b.days) is not true;
    delete from reuse_body_spans s using unnest(before) b
    where s.organisation_id = b.organisation_id and s.paused = b.paused and s.days = '{}';
end
$$;

-- Make the periods of some reuses anew from all that was said of them. As the owner, since a reuse's periods follow from
-- steps its recorder may not see.
create function reuse_project(wanted uuid[]) returns void
language plpgsql security definer set search_path = public as $$
declare
    lands reuse_land_spans[] := array(select s from reuse_land_spans_of(wanted) s);
    bodies reuse_body_spans[] := array(select s from reuse_body_spans_of(wanted) s);
begin
    delete from reuse_past_periods where reuse_id = any (wanted);
    delete from reuse_periods where reuse_id = any (wanted);
    with history as materialized (select h.* from reuse_history(wanted) h),
    past as (
        insert into reuse_past_periods select h.* from history h where h.known_until is not null
    )
    insert into reuse_periods
    select h.reuse_id, h.step_id, h.service, h.organisation_id, h.organisation_key, h.stage, h.version, h.valid_from,
           h.valid_to, h.since, h.since_precision, h.since_basis, h.back_end, h.own_use, h.evidence, h.agreement,
           h.area, h.places, h.public, h.demo, h.known_from
    from history h where h.known_until is null;
    perform reuse_span_lands(wanted, lands);
    perform reuse_span_bodies(wanted, bodies);
end
$$;

grant select, delete on reuse_land_spans, reuse_body_spans to efa_app;
grant select on reuse_land_spans, reuse_body_spans to efa_reader;

do $$
declare
    ids uuid[];
begin
    for ids in select array_agg(r.id) from reuses r group by r.service order by r.service loop
        perform reuse_span_lands(ids, '{}'), reuse_span_bodies(ids, '{}');
    end loop;
end
$$;

-- In which of some Länder each service (null: all) is used on a day: by others than its builder, in a pilot or in
-- operation, or `in_operation` by anybody.
create or replace function reuse_lands_of_services(
    on_day date, wanted text[], lands text[], in_operation boolean, with_demo boolean)
returns table (service text, land text)
language sql stable as $$
    select s.service, s.land
    from reuse_land_spans s
    where s.running = in_operation and s.days @> on_day and s.land = any (lands)
      and (wanted is null or s.service = any (wanted)) and (with_demo or s.land <> '99')
$$;
alter function reuse_lands_of_services(date, text[], text[], boolean, boolean)
    security invoker reset all;

create or replace function report_running(day date, known_size bigint, wanted text, with_demo boolean)
returns table (service text, land text) language plpgsql stable as $$
#variable_conflict use_column
declare
    lands text[] := array(
        select k.key from organisation_keys_known(known_size) k
        where k.level = 'state' and octet_length(k.key) = 2 and holds_on(day, k.valid_from, k.valid_to)
          and (with_demo or k.key <> '99'));
begin
    if known_size is null then
        return query
        select s.slug, u.land
        from reuse_lands_of_services(
            day, case when wanted is not null then array[wanted] end, lands, true, true) u
        join services_in_force(day, null) s on s.slug = u.service;
    else
        return query
        select distinct p.service, l.land
        from reuse_periods_known(known_size) p
        cross join lateral unnest(reuse_used_in(p.organisation_key, p.places)) l (land)
        where p.stage = 'live' and (wanted is null or p.service = wanted)
          and p.valid_from <= day and (p.valid_to is null or p.valid_to > day) and l.land = any (lands);
    end if;
end
$$;

create or replace function reuse_places_of_services(
    on_day date, known_size bigint, within text, with_demo boolean, wanted text[] default null)
returns table (slug text, place text) language plpgsql stable as $$
#variable_conflict use_column
declare
    states text[] := array(
        select l.code from codelist_labels(known_size) l where l.codelist = 'states'
        union
        select '99' where with_demo
        union
        select within where octet_length(within) = 2);
    smaller boolean := coalesce(octet_length(within) > 2, false);
    bodies uuid[] := case when smaller then array(
        select w.organisation_id from organisations_within(within, on_day, known_size) w) end;
    touching uuid[] := case when smaller then array(
        select reuse_bodies_touching_known(within, on_day, known_size)) end;
begin
    if known_size is null then
        return query
        select s.slug, u.land
        from reuse_lands_of_services(on_day, wanted, states, false, with_demo) u
        join services_in_force(on_day, null) s on s.slug = u.service;
    else
        return query
        select distinct u.service, l.land
        from reuse_in_use(on_day, known_size) u
        cross join lateral unnest(reuse_used_in(u.organisation_key, u.places)) l (land)
        where l.land = any (states) and (with_demo or not u.demo) and (wanted is null or u.service = any (wanted));
    end if;
    return query
    select distinct u.service, within
    from reuse_in_use(on_day, known_size) u
    where smaller and u.organisation_id = any (touching)
      and (u.organisation_id = any (bodies) or u.places @> array[within])
      and (with_demo or not u.demo) and (wanted is null or u.service = any (wanted));
end
$$;

-- On each of some days, which follow each other: who uses any service, and where, by what is recorded now. The days of a body
-- do not overlap: so many use something as have begun to, less those that have stopped.
create or replace function report_any_use_on(days date[], within text, with_demo boolean)
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
        touching := array(select reuse_bodies_touching(within, last));
        inside := array(select distinct w.organisation_id from organisations_within(within, last, null) w);
    end if;
    return query
    with held as (
        select s.paused, s.land, width_bucket(lower(r.span) - 1, asked) as entered,
               case when not upper_inf(r.span) then width_bucket(upper(r.span) - 1, asked) end as gone
        from reuse_body_spans s cross join lateral unnest(s.days) r (span)
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
        join reuse_periods p on p.organisation_id = any (touching) and not p.organisation_id = any (inside)
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
alter function report_any_use_on(date[], text, boolean) security invoker reset search_path;

-- What these were found by.
drop index reuse_periods_open_in_land;
drop index reuse_periods_open_use;
drop index reuse_periods_ended_use;
drop index reuse_periods_suspended;
drop function reuse_states(bigint);
