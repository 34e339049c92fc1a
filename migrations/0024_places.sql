-- Where a service runs is asked of the keys of bodies; areas need a look only for bodies without a key, since those of
-- all others lie in their own Land.

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
        select s.slug, l.land
        from services_in_force(day, null) s cross join unnest(lands) l (land)
        cross join lateral (
            select 1 from reuse_periods p
            where p.stage = 'live' and p.service = s.slug
              and p.organisation_key >= l.land and p.organisation_key < l.land || ':'
              and p.valid_from <= day and (p.valid_to is null or p.valid_to > day)
            limit 1) found
        where wanted is null or s.slug = wanted
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

create or replace function reuse_places_of_services(
    on_day date, known_size bigint, within text, with_demo boolean)
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
        select s.slug, l.place
        from services_in_force(on_day, null) s cross join unnest(states) l (place)
        cross join lateral (
            select 1 from reuse_periods u
            where u.stage in ('pilot', 'live') and not u.own_use and u.service = s.slug
              and u.organisation_key >= l.place and u.organisation_key < l.place || ':'
              and u.valid_from <= on_day and (u.valid_to is null or u.valid_to > on_day)
              and (with_demo or not u.demo)
            limit 1) found
        union
        select u.service, l.place
        from reuse_in_use(on_day, null) u join unnest(asked) l (place) on u.places @> array[l.place]
        where u.places is not null and u.organisation_key >= ':' and (with_demo or not u.demo)
        union
        select u.service, within
        from reuse_in_use(on_day, null) u
        where smaller and u.organisation_id = any (array(select reuse_bodies_touching(within, on_day)))
          and (u.organisation_id = any (bodies) or u.places @> array[within])
          and (with_demo or not u.demo);
    else
        return query
        select u.service, l.place
        from reuse_in_use(on_day, known_size) u join unnest(asked) l (place)
            on l.place = left(u.organisation_key, 2) or u.places @> array[l.place]
               or (l.place = within and u.organisation_id = any (bodies))
        where with_demo or not u.demo
        group by u.service, l.place;
    end if;
end
$$;
