-- Where a service runs is asked of the keys of bodies; areas need a look only for bodies without a key, since those of
-- all others lie in their own Land.

create index reuse_periods_open_in_land on reuse_periods (service, left(organisation_key, 2), valid_from)
    where stage in ('pilot', 'live') and not own_use and not demo and valid_to is null;

-- In which of some Länder each service (null: all) is used on a day: by others than its builder, in a pilot or in
-- operation, or `in_operation` by anybody. Mostly by a use without an end, found in the index by one look for each
-- service and Land. Runs as the owner, whose searches an index may answer by an expression; both stages are public.
create function reuse_lands_of_services(
    on_day date, wanted text[], lands text[], in_operation boolean, with_demo boolean)
returns table (service text, land text)
language sql stable security definer set search_path = public as $$
    select s.slug, l.land
    from services s cross join unnest(lands) l (land)
    left join lateral (
        select true as used
        from reuse_periods p
        where p.stage in ('pilot', 'live') and not p.own_use and not p.demo and p.valid_to is null
          and p.service = s.slug and left(p.organisation_key, 2) = l.land and p.valid_from <= on_day
          and (not in_operation or p.stage = 'live')
        limit 1
    ) now on true
    left join lateral (
        select true as used
        from reuse_periods p
        where now.used is null and p.stage in ('pilot', 'live') and (with_demo or not p.demo)
          and p.service = s.slug and p.organisation_key >= l.land and p.organisation_key < l.land || ':'
          and p.valid_from <= on_day and (p.valid_to is null or p.valid_to > on_day)
          and case when in_operation then p.stage = 'live' else not p.own_use end
        limit 1
    ) before on true
    where (wanted is null or s.slug = any (wanted)) and (now.used or before.used)
$$;

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
        join services_in_force(day, null) s on s.slug = u.service
        union
        select p.service, l.land
        from reuse_periods p join unnest(lands) l (land) on p.places @> array[l.land]
        where p.places is not null and p.organisation_key >= ':'
          and p.stage = 'live' and (wanted is null or p.service = wanted)
          and p.valid_from <= day and (p.valid_to is null or p.valid_to > day);
    else
        return query
        select distinct p.service, l.land
        from reuse_states(known_size) p join unnest(lands) l (land)
            on l.land = left(p.organisation_key, 2) or p.places @> array[l.land]
        where p.stage = 'live' and (wanted is null or p.service = wanted)
          and p.valid_from <= day and (p.valid_to is null or p.valid_to > day);
    end if;
end
$$;

-- Of all services, or of those wanted: a page needs no others.
drop function reuse_places_of_services(date, bigint, text, boolean);
create function reuse_places_of_services(
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
    asked text[] := array(select unnest(states) union select within where within is not null);
    smaller boolean := coalesce(octet_length(within) > 2, false);
    bodies uuid[] := case when smaller then array(
        select w.organisation_id from organisations_within(within, on_day, known_size) w) end;
begin
    if known_size is null then
        return query
        select s.slug, u.land
        from reuse_lands_of_services(on_day, wanted, states, false, with_demo) u
        join services_in_force(on_day, null) s on s.slug = u.service
        union
        select u.service, l.place
        from reuse_in_use(on_day, null) u join unnest(asked) l (place) on u.places @> array[l.place]
        where u.places is not null and u.organisation_key >= ':' and (with_demo or not u.demo)
          and (wanted is null or u.service = any (wanted))
        union
        select u.service, within
        from reuse_in_use(on_day, null) u
        where smaller and u.organisation_id = any (array(select reuse_bodies_touching(within, on_day)))
          and (u.organisation_id = any (bodies) or u.places @> array[within])
          and (with_demo or not u.demo) and (wanted is null or u.service = any (wanted));
    else
        return query
        select u.service, l.place
        from reuse_in_use(on_day, known_size) u join unnest(asked) l (place)
            on l.place = left(u.organisation_key, 2) or u.places @> array[l.place]
               or (l.place = within and u.organisation_id = any (bodies))
        where (with_demo or not u.demo) and (wanted is null or u.service = any (wanted))
        group by u.service, l.place;
    end if;
end
$$;

-- The bodies competent for the asked services, each with its Land. Services with the same rule are asked together.
create or replace function report_competent(
    day date, known_size bigint, wanted text[], within text, with_demo boolean)
returns table (service text, organisation_id uuid, land text) language sql stable rows 100000
set work_mem to '32MB' as $$
    with rules as materialized (
        select array_agg(distinct r.service) as services, r.area, r.levels, r.kinds, r.named, r.excepted
        from competence_rules(day, known_size, wanted) r
        group by r.area, r.levels, r.kinds, r.named, r.excepted
    ),
    bodies as materialized (
        select b.* from report_bodies(day, known_size, within, with_demo) b
    ),
    competent as materialized (
        select r.services, b.organisation_id, b.land
        from rules r
        join bodies b
            on (b.levels && r.levels or b.kind = any (r.kinds) or b.organisation_id = any (r.named))
               and (r.area is null or starts_with(b.key, r.area))
        where not b.organisation_id = any (r.excepted)
    )
    select distinct s.service, c.organisation_id, c.land
    from competent c cross join unnest(c.services) s (service)
$$;

alter function report_competence(date, bigint, text[], text, boolean) set work_mem to '32MB';
