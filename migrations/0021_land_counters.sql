-- Totals of a Land, and its lists, without reading all its periods.

-- The Länder a period counts for: that of the regional key its body was recorded under, since no body ever leaves its
-- Land, or those its area reaches into, for a body that has no such key.
create function reuse_lands(organisation_key text, places text[]) returns text[]
language plpgsql immutable parallel safe as $$
begin
    if organisation_key ~ '^([0-9]{2,3}|[0-9]{5}|[0-9]{9}|[0-9]{12})$' then
        return array[left(organisation_key, 2)];
    end if;
    return coalesce((select array_agg(place) from unnest(places) place where octet_length(place) = 2), '{}');
end
$$;

-- As `reuse_counters`, for each Land.
create table reuse_land_counters (
    lane int not null,
    land text collate "C" not null,
    day date not null,
    stage text not null,
    own_use boolean not null,
    reported boolean not null,
    demo boolean not null,
    periods int not null,
    primary key (land, day, lane, stage, own_use, reported, demo)
);

-- What came to nothing is taken out by whoever holds the lane.
create index reuse_counters_empty on reuse_counters (lane) where periods = 0;
create index reuse_land_counters_empty on reuse_land_counters (lane) where periods = 0;

insert into reuse_land_counters (lane, land, day, stage, own_use, reported, demo, periods)
select 0, l.land, e.day, p.stage, p.own_use, p.evidence is not distinct from 'reported', p.demo, sum(e.more)
from reuse_periods p
cross join unnest(reuse_lands(p.organisation_key, p.places)) l (land)
cross join lateral (values (p.valid_from, 1), (p.valid_to, -1)) e (day, more)
where p.public and e.day is not null
group by l.land, e.day, p.stage, p.own_use, p.evidence is not distinct from 'reported', p.demo
having sum(e.more) <> 0;

create or replace function reuse_count() returns trigger
language plpgsql security definer set search_path = public as $$
declare
    own_lane int := reuse_lane();
    more int := case when tg_op = 'INSERT' then 1 else -1 end;
begin
    insert into reuse_counters as c (lane, day, stage, own_use, reported, demo, periods)
    select own_lane, e.day, m.stage, m.own_use, m.evidence is not distinct from 'reported', m.demo, sum(e.periods)
    from moved m cross join lateral (values (m.valid_from, more), (m.valid_to, -more)) e (day, periods)
    where m.public and e.day is not null
    group by e.day, m.stage, m.own_use, m.evidence is not distinct from 'reported', m.demo
    having sum(e.periods) <> 0
    order by 2, 3, 4, 5, 6
    on conflict (lane, day, stage, own_use, reported, demo) do update set periods = c.periods + excluded.periods;
    insert into reuse_land_counters as c (lane, land, day, stage, own_use, reported, demo, periods)
    select own_lane, l.land, e.day, m.stage, m.own_use, m.evidence is not distinct from 'reported', m.demo,
           sum(e.periods)
    from moved m
    cross join unnest(reuse_lands(m.organisation_key, m.places)) l (land)
    cross join lateral (values (m.valid_from, more), (m.valid_to, -more)) e (day, periods)
    where m.public and e.day is not null
    group by l.land, e.day, m.stage, m.own_use, m.evidence is not distinct from 'reported', m.demo
    having sum(e.periods) <> 0
    order by 2, 3, 4, 5, 6, 7
    on conflict (land, day, lane, stage, own_use, reported, demo) do update
    set periods = c.periods + excluded.periods;
    delete from reuse_counters c where c.lane = own_lane and c.periods = 0;
    delete from reuse_land_counters c where c.lane = own_lane and c.periods = 0;
    return null;
end
$$;

-- Bodies without a regional key have one that sorts behind all digits.
create index reuse_periods_keyless on reuse_periods (service, organisation_key)
    where places is not null and organisation_key >= ':';

-- Bodies of which something may lie in a territory on a day: those in it, those whose keys contain it, and those
-- without a key. An area never reaches beyond the keys of its body, so the areas of all others need no look.
create or replace function reuse_bodies_touching(territory text, day date) returns setof uuid
language sql stable as $$
    select w.organisation_id from organisations_within(territory, day, null) w
    union
    select k.organisation_id from organisation_keys_known(null) k
    where k.key = any (array[left(territory, 2), left(territory, 3), left(territory, 5), left(territory, 9)])
    union
    select p.organisation_id from reuse_periods p
    where p.places is not null and p.organisation_key >= ':' and p.places @> array[territory]
$$;

-- The reuses that match, and lie within a territory where one is asked for: by a body that lies there on the day,
-- or by an area that reaches beyond its body's own. A Land is asked of the key a body was recorded under, as for the
-- counters: all keys a body ever holds lie in one Land.
create or replace function reuses_matching(
    on_day date, of_service text, of_body uuid, within text, at_stage text, in_version text,
    is_own boolean, with_demo boolean, by_back_end text)
returns setof reuse_periods language sql stable as $$
    select p.* from reuse_periods p
    where within is null
      and reuse_matches(p, on_day, of_service, of_body, at_stage, in_version, is_own, with_demo, by_back_end)
    union all
    select p.* from reuse_periods p
    where octet_length(within) = 2 and p.organisation_key >= within and p.organisation_key < within || ':'
      and reuse_matches(p, on_day, of_service, of_body, at_stage, in_version, is_own, with_demo, by_back_end)
      and within = any (reuse_lands(p.organisation_key, p.places))
    union all
    select p.* from reuse_periods p
    where octet_length(within) = 2 and p.places is not null and p.organisation_key >= ':'
      and reuse_matches(p, on_day, of_service, of_body, at_stage, in_version, is_own, with_demo, by_back_end)
      and p.places @> array[within]
    union all
    select p.* from reuse_periods p
    where octet_length(within) > 2
      and p.organisation_id = any (array(select reuse_bodies_touching(within, on_day)))
      and reuse_matches(p, on_day, of_service, of_body, at_stage, in_version, is_own, with_demo, by_back_end)
      and (p.places @> array[within]
           or p.organisation_id in (select w.organisation_id from organisations_within(within, on_day, null) w))
$$;

-- A page of those of a Land, service by service: the index has each service's in the order of their keys. One plan for
-- all services, since planning would take longer than looking.
create function reuses_page_of_land(
    on_day date, land text, at_stage text, in_version text, is_own boolean, with_demo boolean, by_back_end text,
    after_service text, after_key text, after_reuse uuid, most int)
returns setof reuse_periods language plpgsql stable set plan_cache_mode to force_generic_plan as $$
declare
    one text;
    more int;
begin
    for one in select s.slug from services s where after_service is null or s.slug >= after_service order by s.slug loop
        return query
        select p.*
        from (
            (select k.* from reuse_periods k
             where k.service = one and k.organisation_key >= land and k.organisation_key < land || ':'
               and reuse_matches(k, on_day, null, null, at_stage, in_version, is_own, with_demo, by_back_end)
               and land = any (reuse_lands(k.organisation_key, k.places))
               and (after_service is distinct from one or (k.organisation_key, k.reuse_id) > (after_key, after_reuse))
             order by k.service, k.organisation_key, k.reuse_id limit most)
            union all
            (select k.* from reuse_periods k
             where k.service = one and k.places is not null and k.organisation_key >= ':'
               and reuse_matches(k, on_day, null, null, at_stage, in_version, is_own, with_demo, by_back_end)
               and k.places @> array[land]
               and (after_service is distinct from one or (k.organisation_key, k.reuse_id) > (after_key, after_reuse)))
        ) p
        order by p.organisation_key, p.reuse_id
        limit most;
        get diagnostics more = row_count;
        most := most - more;
        exit when most <= 0;
    end loop;
end
$$;

-- A page of them behind a place, in the order of lists. Where all are asked for, the index gives them in that order,
-- and the rest is not read; the plan is made for what is asked, which differs too much for one plan.
create function reuses_page(
    on_day date, of_service text, of_body uuid, within text, at_stage text, in_version text, is_own boolean,
    with_demo boolean, by_back_end text, after_service text, after_key text, after_reuse uuid, most int)
returns setof reuse_periods language plpgsql stable set plan_cache_mode to force_custom_plan as $$
begin
    if within is null and of_body is null then
        return query
        select p.* from reuse_periods p
        where reuse_matches(p, on_day, of_service, of_body, at_stage, in_version, is_own, with_demo, by_back_end)
          and (p.service, p.organisation_key, p.reuse_id)
              > (coalesce(after_service, ''), coalesce(after_key, ''),
                 coalesce(after_reuse, '00000000-0000-0000-0000-000000000000'))
        order by p.service, p.organisation_key, p.reuse_id
        limit most;
    elsif octet_length(within) = 2 and of_body is null and of_service is null then
        return query
        select p.*
        from reuses_page_of_land(
            on_day, within, at_stage, in_version, is_own, with_demo, by_back_end, after_service, after_key,
            after_reuse, most) p;
    else
        return query
        select p.*
        from reuses_matching(
            on_day, of_service, of_body, within, at_stage, in_version, is_own, with_demo, by_back_end) p
        where after_service is null
           or (p.service, p.organisation_key, p.reuse_id) > (after_service, after_key, after_reuse)
        order by p.service, p.organisation_key, p.reuse_id
        limit most;
    end if;
end
$$;

grant select, insert, delete on reuse_land_counters to efa_app;
grant select on reuse_land_counters to efa_reader;
