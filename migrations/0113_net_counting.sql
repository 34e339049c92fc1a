-- A batch makes its periods anew by writing only those that differ, and counts what came of it once: what was and is the same
-- is neither taken out nor put in. As before, plans do not depend on how large the tables were when they were made: made on
-- empty tables, as everything is built anew on, they went through all periods for each service.

-- What a change of periods changes of the counters: `before` and `after` hold all periods of the reuses concerned. Those that
-- count alike are counted together before they are taken apart.
create function reuse_count_changes(before reuse_periods[], after reuse_periods[]) returns void
language plpgsql security definer set search_path = public set plan_cache_mode to force_generic_plan as $$
declare
    own_lane int := reuse_lane();
begin
    with moved as materialized (
        select p.more, p.reuse_id, p.stage, p.own_use, p.evidence is not distinct from 'reported' as reported, p.demo,
               p.valid_from, p.valid_to, p.since, p.since_basis <> 'recorded' as dated,
               reuse_lands(p.organisation_key, p.places) as lands
        from (
            select b.*, -1 as more from unnest(before) b
            union all
            select a.*, 1 from unnest(after) a
        ) p
        where p.public
    ),
    edges as materialized (
        select m.lands, e.day, m.stage, m.own_use, m.reported, m.demo, sum(e.periods) as periods
        from moved m
        cross join lateral (values (m.valid_from, m.more), (m.valid_to, -m.more)) e (day, periods)
        where e.day is not null
        group by m.lands, e.day, m.stage, m.own_use, m.reported, m.demo
        having sum(e.periods) <> 0
    ),
    counted as (
        insert into reuse_counters as c (lane, day, stage, own_use, reported, demo, periods)
        select own_lane, e.day, e.stage, e.own_use, e.reported, e.demo, sum(e.periods)
        from edges e
        group by e.day, e.stage, e.own_use, e.reported, e.demo
        having sum(e.periods) <> 0
        order by 2, 3, 4, 5, 6
        on conflict (lane, day, stage, own_use, reported, demo) do update set periods = c.periods + excluded.periods
    ),
    counted_by_land as (
        insert into reuse_land_counters as c (lane, land, day, stage, own_use, reported, demo, periods)
        select own_lane, l.land, e.day, e.stage, e.own_use, e.reported, e.demo, sum(e.periods)
        from edges e cross join unnest(e.lands) l (land)
        group by l.land, e.day, e.stage, e.own_use, e.reported, e.demo
        having sum(e.periods) <> 0
        order by 2, 3, 4, 5, 6, 7
        on conflict (land, day, lane, stage, own_use, reported, demo) do update
        set periods = c.periods + excluded.periods
    ),
    entered as (
        select m.more, l.land, m.demo, m.reuse_id, m.stage, m.since, m.dated, min(m.valid_from) as entered
        from moved m cross join unnest(array[''] || m.lands) l (land)
        where not m.own_use
        group by m.more, l.land, m.demo, m.reuse_id, m.stage, m.since, m.dated
    ),
    stayed as (
        select e.more, e.land, e.demo, e.stage, e.since, e.dated, e.entered,
               lead(e.stage) over stays as next_stage, lead(e.since) over stays as next_since,
               lead(e.entered) over stays as next_entered,
               min(e.entered) filter (where e.stage in ('live', 'suspended'))
                   over (partition by e.more, e.land, e.reuse_id) as first_live,
               row_number() over (partition by e.more, e.land, e.reuse_id, e.stage order by e.since) = 1
                   as first_at_stage,
               row_number() over stays = 1 as first_of_all
        from entered e
        window stays as (partition by e.more, e.land, e.reuse_id order by e.since)
    ),
    stays as materialized (
        select row(s.land, s.demo, s.stage, s.since, s.dated, s.entered, s.next_stage, s.next_since, s.next_entered,
                   s.first_live, s.first_at_stage, s.first_of_all)::reuse_stay as stay, sum(s.more) as more
        from stayed s
        group by s.land, s.demo, s.stage, s.since, s.dated, s.entered, s.next_stage, s.next_since, s.next_entered,
                 s.first_live, s.first_at_stage, s.first_of_all
        having sum(s.more) <> 0
    ),
    funnel as (
        insert into reuse_funnel as f (lane, land, day, what, stage, demo, reuses)
        select own_lane, (s.stay).land, e.day, e.what, e.stage, (s.stay).demo, sum(s.more * e.more)
        from stays s cross join lateral reuse_funnel_steps(s.stay) e
        group by (s.stay).land, e.day, e.what, e.stage, (s.stay).demo
        having sum(s.more * e.more) <> 0
        order by 2, 3, 4, 5, 6
        on conflict (land, day, what, stage, demo, lane) do update set reuses = f.reuses + excluded.reuses
    )
    insert into reuse_dwells as d (lane, land, span, since, stage, days, demo, stays)
    select own_lane, (s.stay).land, p.span, date_trunc(p.span, (s.stay).next_entered)::date, (s.stay).stage,
           (s.stay).next_since - (s.stay).since, (s.stay).demo, sum(s.more)
    from stays s cross join (values ('year'), ('month'), ('day')) p (span)
    where (s.stay).dated and (s.stay).next_stage is not null
    group by 2, 3, 4, 5, 6, 7
    having sum(s.more) <> 0
    order by 2, 3, 4, 5, 6, 7
    on conflict (land, span, since, stage, days, demo, lane) do update set stays = d.stays + excluded.stays;
    delete from reuse_counters c where c.lane = own_lane and c.periods = 0;
    delete from reuse_land_counters c where c.lane = own_lane and c.periods = 0;
    delete from reuse_funnel f where f.lane = own_lane and f.reuses = 0;
    delete from reuse_dwells d where d.lane = own_lane and d.stays = 0;
end
$$;
revoke execute on function reuse_count_changes(reuse_periods[], reuse_periods[]) from public;

-- Who writes periods in other ways has them counted by the same; `efa.counted` says that the writer counts for itself.
create or replace function reuse_count() returns trigger
language plpgsql security definer set search_path = public as $$
begin
    if coalesce(current_setting('efa.counted', true), '') = 'yes' then
        return null;
    end if;
    if tg_op = 'INSERT' then
        perform reuse_count_changes('{}', array(select m::reuse_periods from moved m));
    else
        perform reuse_count_changes(array(select m::reuse_periods from moved m), '{}');
    end if;
    return null;
end
$$;
drop trigger reuse_periods_stays_more on reuse_periods;
drop trigger reuse_periods_stays_fewer on reuse_periods;
drop function reuse_count_stays();

-- As before; only what differs is written. Periods are made of the rows they name, so these are not looked up once more.
create or replace function reuse_project(wanted uuid[]) returns void
language plpgsql security definer set search_path = public set plan_cache_mode to force_generic_plan
set enable_seqscan to off as $$
declare
    lands reuse_land_spans[] := array(select s from reuse_land_spans_of(wanted) s);
    bodies reuse_body_spans[] := array(select s from reuse_body_spans_of(wanted) s);
    before reuse_periods[] := array(select p from reuse_periods p where p.reuse_id = any (wanted));
    past reuse_past_periods[] := array(select p from reuse_past_periods p where p.reuse_id = any (wanted));
    history reuse_past_periods[] := array(select h from reuse_history(wanted) h);
    after reuse_periods[] := array(
        select row(h.reuse_id, h.step_id, h.service, h.organisation_id, h.organisation_key, h.stage, h.version,
                   h.valid_from, h.valid_to, h.since, h.since_precision, h.since_basis, h.back_end, h.own_use, h.evidence,
                   h.agreement, h.area, h.places, h.public, h.demo, h.known_from)::reuse_periods
        from unnest(history) h where h.known_until is null);
begin
    perform set_config('efa.counted', 'yes', true);
    delete from reuse_past_periods p
    using unnest(past) b
    left join unnest(history) h
        on h.reuse_id = b.reuse_id and h.valid_from = b.valid_from and h.known_from = b.known_from
           and h.known_until is not null
    where p.reuse_id = b.reuse_id and p.valid_from = b.valid_from and p.known_from = b.known_from
      and h is distinct from b;
    insert into reuse_past_periods
    select h.*
    from unnest(history) h
    left join unnest(past) b
        on h.reuse_id = b.reuse_id and h.valid_from = b.valid_from and h.known_from = b.known_from
    where h.known_until is not null and h is distinct from b;
    delete from reuse_periods p
    using unnest(before) b
    left join unnest(after) a on a.reuse_id = b.reuse_id and a.valid_from = b.valid_from
    where p.reuse_id = b.reuse_id and p.valid_from = b.valid_from and a is distinct from b;
    insert into reuse_periods
    select a.*
    from unnest(after) a
    left join unnest(before) b on a.reuse_id = b.reuse_id and a.valid_from = b.valid_from
    where a is distinct from b;
    perform set_config('efa.counted', '', true);
    perform reuse_count_changes(before, after);
    perform reuse_span_lands(wanted, lands);
    perform reuse_span_bodies(wanted, bodies);
end
$$;
alter table reuse_periods drop constraint reuse_periods_reuse_id_fkey, drop constraint reuse_periods_step_id_fkey;
alter table reuse_past_periods
    drop constraint reuse_past_periods_reuse_id_fkey, drop constraint reuse_past_periods_step_id_fkey;
