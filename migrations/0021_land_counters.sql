-- Totals of a Land, and its lists, without reading all its periods.

-- The Länder a period counts for: that of the regional key its body was recorded under, since no body ever leaves its
-- Land, or those its area reaches into, for a body that has no such key.
create function reuse_lands(organisation_key text, places text[]) returns text[]
language sql immutable parallel safe as $$
    select case when organisation_key ~ '^([0-9]{2,3}|[0-9]{5}|[0-9]{9}|[0-9]{12})$'
                then array[left(organisation_key, 2)]
                else coalesce((select array_agg(place) from unnest(places) place where octet_length(place) = 2), '{}')
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
create index reuse_periods_keyless on reuse_periods (organisation_id)
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
-- or by an area that reaches beyond its body's own. One branch holds; a list takes its page from an index in order.
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
      and (p.places @> array[within]
           or p.organisation_id in (select w.organisation_id from organisations_within(within, on_day, null) w))
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

grant select, insert, delete on reuse_land_counters to efa_app;
grant select on reuse_land_counters to efa_reader;
