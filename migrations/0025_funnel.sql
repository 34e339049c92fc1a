-- The funnel of all services, or of all in a Land, from counters instead of all periods: what everybody may see.
-- Without a Land ('') it is that of all.

-- How many more from a day on: reuses at all (`all`) or at a stage for the first time (`reached`), stays at a stage that go
-- on (`there`) or gave way to another (`went`), and stays that led to an end without operation so far (`dead`).
create table reuse_funnel (
    lane int not null,
    land text collate "C" not null,
    day date not null,
    what text not null check (what in ('all', 'reached', 'there', 'went', 'dead')),
    stage text not null,
    demo boolean not null,
    reuses int not null,
    primary key (land, day, what, stage, demo, lane)
);

-- How many stays that ended within a year, a month or a day (from `since` on) had lasted so many days.
create table reuse_dwells (
    lane int not null,
    land text collate "C" not null,
    span text not null check (span in ('year', 'month', 'day')),
    since date not null,
    stage text not null,
    days int not null,
    demo boolean not null,
    stays int not null,
    primary key (land, span, since, stage, days, demo, lane)
);

create index reuse_funnel_empty on reuse_funnel (lane) where reuses = 0;
create index reuse_dwells_empty on reuse_dwells (lane) where stays = 0;

-- A stay at a stage, and the one that followed. `entered` is the first day on which it counts, `first_live` that of any
-- operation of the reuse.
create type reuse_stay as (
    land text, demo boolean, stage text, since date, dated boolean, entered date, next_stage text, next_since date,
    next_entered date, first_live date, first_at_stage boolean, first_of_all boolean);

create function reuse_funnel_steps(stay reuse_stay) returns table (day date, what text, stage text, more int)
language sql immutable as $$
    select e.day, e.what, e.stage, e.more
    from (values
        (case when stay.first_of_all then stay.entered end, 'all', '', 1),
        (case when stay.first_at_stage then stay.entered end, 'reached', stay.stage, 1),
        (stay.entered, 'there', stay.stage, 1),
        (stay.next_entered, 'there', stay.stage, -1),
        (stay.next_entered, 'went', stay.stage, 1),
        (case when stay.next_stage in ('ended', 'rejected', 'withdrawn')
                   and (stay.first_live <= stay.next_entered) is not true
              then stay.next_entered end, 'dead', stay.stage, 1),
        (case when stay.next_stage in ('ended', 'rejected', 'withdrawn')
                   and stay.first_live > stay.next_entered
              then stay.first_live end, 'dead', stay.stage, -1)
    ) e (day, what, stage, more)
    where e.day is not null
$$;

-- Both follow the periods as everybody sees them, without own use. Whoever changes periods takes out, or puts in, all
-- periods of a reuse in one statement.
create function reuse_count_stays() returns trigger
language plpgsql security definer set search_path = public as $$
declare
    own_lane int := reuse_lane();
    sign int := case when tg_op = 'INSERT' then 1 else -1 end;
begin
    with pieces as (
        select l.land, m.demo, m.reuse_id, m.stage, m.since, m.since_basis <> 'recorded' as dated,
               min(m.valid_from) as entered
        from moved m
        cross join unnest(array[''] || reuse_lands(m.organisation_key, m.places)) l (land)
        where m.public and not m.own_use
        group by l.land, m.demo, m.reuse_id, m.stage, m.since, m.since_basis <> 'recorded'
    ),
    stays as materialized (
        select row(p.land, p.demo, p.stage, p.since, p.dated, p.entered,
                   lead(p.stage) over stays, lead(p.since) over stays, lead(p.entered) over stays,
                   min(p.entered) filter (where p.stage in ('live', 'suspended'))
                       over (partition by p.land, p.reuse_id),
                   row_number() over (partition by p.land, p.reuse_id, p.stage order by p.since) = 1,
                   row_number() over stays = 1)::reuse_stay as stay
        from pieces p
        window stays as (partition by p.land, p.reuse_id order by p.since)
    ),
    funnel as (
        insert into reuse_funnel as f (lane, land, day, what, stage, demo, reuses)
        select own_lane, (s.stay).land, e.day, e.what, e.stage, (s.stay).demo, sign * sum(e.more)
        from stays s cross join lateral reuse_funnel_steps(s.stay) e
        group by (s.stay).land, e.day, e.what, e.stage, (s.stay).demo
        having sum(e.more) <> 0
        order by 2, 3, 4, 5, 6
        on conflict (land, day, what, stage, demo, lane) do update set reuses = f.reuses + excluded.reuses
        returning f.land, f.day
    ),
    dwells as (
        insert into reuse_dwells as d (lane, land, span, since, stage, days, demo, stays)
        select own_lane, (s.stay).land, p.span, date_trunc(p.span, (s.stay).next_entered)::date, (s.stay).stage,
               (s.stay).next_since - (s.stay).since, (s.stay).demo, sign * count(*)
        from stays s cross join (values ('year'), ('month'), ('day')) p (span)
        where (s.stay).dated and (s.stay).next_stage is not null
        group by 2, 3, 4, 5, 6, 7
        order by 2, 3, 4, 5, 6, 7
        on conflict (land, span, since, stage, days, demo, lane) do update set stays = d.stays + excluded.stays
        returning d.land, d.span, d.since
    )
    select count(*) from funnel, dwells where false into sign;
    delete from reuse_funnel f where f.lane = own_lane and f.reuses = 0;
    delete from reuse_dwells d where d.lane = own_lane and d.stays = 0;
    return null;
end
$$;

create trigger reuse_periods_stays_more after insert on reuse_periods
referencing new table as moved for each statement execute function reuse_count_stays();
create trigger reuse_periods_stays_fewer after delete on reuse_periods
referencing old table as moved for each statement execute function reuse_count_stays();

-- The periods that are there are put in once more, so that they are counted.
create temporary table kept on commit drop as select * from reuse_periods;
truncate reuse_periods, reuse_counters, reuse_land_counters;
insert into reuse_periods select * from kept;

create function report_funnel_stages() returns table (stage text, place bigint)
language sql immutable as $$
    select t.stage, t.place
    from unnest(array['interest', 'agreed', 'contracted', 'connecting', 'pilot', 'live', 'suspended', 'ended',
                      'rejected', 'withdrawn']) with ordinality t (stage, place)
$$;

-- Every stage of the funnel. From the counters where these tell: by what is recorded now, of all services, everywhere or
-- in a Land, and for who sees no more than everybody.
create function report_funnel(
    on_day date, known_size bigint, of_service text, within text, with_demo boolean)
returns table (
    stage text, everybody bigint, reached bigint, still_there bigint, went_on bigint, dead_ends bigint, median_days int)
language plpgsql stable as $$
#variable_conflict use_column
declare
    asked text := coalesce(within, '');
    year date := date_trunc('year', on_day);
    month date := date_trunc('month', on_day);
begin
    if known_size is null and of_service is null and octet_length(asked) in (0, 2) and not efa_acts() then
        return query
        with counted as materialized (
            select f.what, f.stage, sum(f.reuses) as reuses
            from reuse_funnel f
            where f.land = asked and f.day <= on_day and (with_demo or not f.demo)
            group by f.what, f.stage
        ),
        dwells as (
            select d.stage, d.days, sum(d.stays) as stays
            from reuse_dwells d
            where d.land = asked and (with_demo or not d.demo)
              and (d.span = 'year' and d.since < year
                   or d.span = 'month' and d.since >= year and d.since < month
                   or d.span = 'day' and d.since >= month and d.since <= on_day)
            group by d.stage, d.days
        ),
        medians as (
            select m.stage, min(m.days) as days
            from (select d.stage, d.days, 2 * sum(d.stays) over (partition by d.stage order by d.days) as doubled,
                         sum(d.stays) over (partition by d.stage) as total
                  from dwells d) m
            where m.doubled >= m.total and m.total > 0
            group by m.stage
        )
        select t.stage, coalesce(max(c.reuses) filter (where c.what = 'all'), 0)::bigint,
               coalesce(max(c.reuses) filter (where c.what = 'reached'), 0)::bigint,
               coalesce(max(c.reuses) filter (where c.what = 'there'), 0)::bigint,
               coalesce(max(c.reuses) filter (where c.what = 'went'), 0)::bigint,
               coalesce(max(c.reuses) filter (where c.what = 'dead'), 0)::bigint,
               max(m.days)
        from report_funnel_stages() t
        left join counted c on c.stage = t.stage or c.what = 'all'
        left join medians m on m.stage = t.stage
        group by t.stage;
    else
        return query
        with stays as materialized (
            select * from report_stays(on_day, known_size, of_service, within, with_demo)
        ),
        everybody as (select count(distinct reuse_id) as reuses from stays)
        select t.stage, max(e.reuses), count(distinct s.reuse_id),
               count(*) filter (where s.stage is not null and s.next_stage is null),
               count(*) filter (where s.next_stage is not null),
               count(*) filter (where s.next_stage in ('ended', 'rejected', 'withdrawn') and not s.ever_live),
               percentile_disc(0.5) within group (order by s.next_since - s.since)
                   filter (where s.dated and s.next_stage is not null)
        from report_funnel_stages() t
        cross join everybody e
        left join stays s on s.stage = t.stage
        group by t.stage;
    end if;
end
$$;

grant select, insert, delete on reuse_funnel, reuse_dwells to efa_app;
grant select on reuse_funnel, reuse_dwells to efa_reader;
