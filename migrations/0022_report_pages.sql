-- Reports that go by service take their page service by service, and stop where it is full: what a page costs does not
-- grow with the number of services. Past knowledge, too, is worked out for the services of the page only.

create or replace function report_holders(
    day date, known_size bigint, of_service text, within text, with_demo boolean)
returns setof reuse_periods language sql stable as $$
    select p.* from reuses_matching(day, of_service, null, within, null, null, null, with_demo, null) p
    where known_size is null
      and p.stage in ('agreed', 'contracted', 'connecting', 'pilot', 'live', 'suspended')
    union all
    select p.*
    from reuses_matching_known(known_size, day, of_service, null, within, null, null, null, with_demo, null) p
    where known_size is not null
      and p.stage in ('agreed', 'contracted', 'connecting', 'pilot', 'live', 'suspended')
$$;

-- The services to go through one by one; a single null where one pass over all is as good: a territory smaller than a
-- Land has few periods, and they are found by their bodies.
create function report_services(known_size bigint, of_service text, within text, behind text)
returns table (service text) language sql stable rows 600 as $$
    select of_service where of_service is not null
    union all
    select null where of_service is null and known_size is null and octet_length(within) > 2
    union all
    (select s.slug from services s
     where of_service is null and (known_size is not null or within is null or octet_length(within) = 2)
       and (behind is null or s.slug collate "C" >= behind)
     order by s.slug collate "C")
$$;

-- What a report on one service reads, nationwide or in a Land: in one plan for all services, since planning for each would
-- take longer than reading.
create function report_held(day date, one text, land text, with_demo boolean)
returns table (
    organisation_key text, organisation_id uuid, reuse_id uuid, stage text, version text, own_use boolean)
language sql stable as $$
    select p.organisation_key, p.organisation_id, p.reuse_id, p.stage, p.version, p.own_use
    from reuse_periods p
    where p.service = one and p.organisation_key >= coalesce(land, '')
      and p.organisation_key < case when land is null then chr(1114111) else land || ':' end
      and p.stage in ('agreed', 'contracted', 'connecting', 'pilot', 'live', 'suspended')
      and p.valid_from <= day and (p.valid_to is null or p.valid_to > day) and (with_demo or not p.demo)
      and (land is null or land = any (reuse_lands(p.organisation_key, p.places)))
    union all
    select p.organisation_key, p.organisation_id, p.reuse_id, p.stage, p.version, p.own_use
    from reuse_periods p
    where land is not null and p.places is not null and p.organisation_key >= ':' and p.service = one
      and p.stage in ('agreed', 'contracted', 'connecting', 'pilot', 'live', 'suspended')
      and p.valid_from <= day and (p.valid_to is null or p.valid_to > day) and (with_demo or not p.demo)
      and p.places @> array[land]
$$;

-- How many have which version, in one pass; `all_uses` are all of the service.
create function report_versions_counted(
    day date, known_size bigint, of_service text, within text, with_demo boolean)
returns table (service text, version text, reuses bigint, own_use bigint, all_uses numeric)
language plpgsql stable set plan_cache_mode to force_custom_plan as $$
begin
    return query
    select h.service, h.version, count(*) filter (where not h.own_use), count(*) filter (where h.own_use),
           sum(count(*)) over (partition by h.service)
    from report_holders(day, known_size, of_service, within, with_demo) h
    group by h.service, h.version;
end
$$;

-- How many have which version of a service, by service and version behind `after`.
create function report_versions_used(
    day date, known_size bigint, of_service text, within text, with_demo boolean, after text[], most int)
returns table (service text, version text, reuses bigint, own_use bigint, all_uses numeric)
language plpgsql stable set plan_cache_mode to force_generic_plan as $$
#variable_conflict use_column
declare
    by_key boolean := known_size is null and coalesce(octet_length(within), 2) = 2;
    one text;
    more int;
begin
    for one in select s.service from report_services(known_size, of_service, within, after[1]) s loop
        return query
        select u.service, u.version, u.reuses, u.own_use, u.all_uses
        from (
            select one as service, h.version, count(*) filter (where not h.own_use) as reuses,
                   count(*) filter (where h.own_use) as own_use, sum(count(*)) over () as all_uses
            from report_held(day, one, within, with_demo) h
            where by_key
            group by h.version
            union all
            select c.* from report_versions_counted(day, known_size, one, within, with_demo) c where not by_key
        ) u
        where after is null or array[u.service, coalesce(u.version, '')] collate "C" > after
        order by array[u.service, coalesce(u.version, '')] collate "C"
        limit most;
        get diagnostics more = row_count;
        most := most - more;
        exit when most <= 0;
    end loop;
end
$$;

-- Who has what, in one pass.
create function report_held_anyhow(day date, known_size bigint, of_service text, within text, with_demo boolean)
returns table (
    service text, organisation_key text, organisation_id uuid, reuse_id uuid, stage text, version text, own_use boolean)
language plpgsql stable set plan_cache_mode to force_custom_plan as $$
begin
    return query
    select h.service, h.organisation_key, h.organisation_id, h.reuse_id, h.stage, h.version, h.own_use
    from report_holders(day, known_size, of_service, within, with_demo) h;
end
$$;

-- Who has what should not be used any more, by service and body behind `after`; unrecorded only where there are versions.
create function report_outdated(
    day date, known_size bigint, of_service text, within text, with_demo boolean, after text[], most int)
returns table (
    service text, organisation_key text, organisation_id uuid, reuse_id uuid, stage text, version text, state text,
    since date, sunset date, successor text, own_use boolean)
language plpgsql stable set plan_cache_mode to force_generic_plan as $$
#variable_conflict use_column
declare
    by_key boolean := known_size is null and coalesce(octet_length(within), 2) = 2;
    one text;
    more int;
begin
    for one in select s.service from report_services(known_size, of_service, within, after[1]) s loop
        return query
        with released as materialized (select * from report_versions(day, known_size, one)),
        held as (
            select one as service, h.* from report_held(day, one, within, with_demo) h where by_key
            union all
            select h.* from report_held_anyhow(day, known_size, one, within, with_demo) h where not by_key
        )
        select h.service, h.organisation_key, h.organisation_id, h.reuse_id, h.stage, h.version,
               coalesce(v.state, 'unrecorded'), v.since, v.sunset, v.successor, h.own_use
        from held h
        left join released v on v.service = h.service and v.version = h.version
        where v.state is distinct from 'active'
          and (h.version is not null or h.service in (select r.service from released r))
          and (after is null or array[h.service, h.organisation_key] collate "C" > after)
        order by array[h.service, h.organisation_key] collate "C"
        limit most;
        get diagnostics more = row_count;
        most := most - more;
        exit when most <= 0;
    end loop;
end
$$;

-- Stays at stages up to a day, without own use, each with the stage that followed it by then.
create or replace function report_stays(
    day date, known_size bigint, of_service text, within text, with_demo boolean)
returns table (
    reuse_id uuid, stage text, since date, dated boolean, next_stage text, next_since date, ever_live boolean)
language sql stable as $$
    select s.reuse_id, s.stage, s.since, s.dated,
           lead(s.stage) over stays, lead(s.since) over stays,
           bool_or(s.stage in ('live', 'suspended')) over (partition by s.reuse_id)
    from (
        select distinct p.reuse_id, p.stage, p.since, p.since_basis <> 'recorded' as dated
        from reuse_periods_known(known_size) p
        where p.valid_from <= day and not p.own_use and (with_demo or not p.demo)
          and (of_service is null or p.service = of_service)
          and (within is null or known_size is not null
               or p.organisation_id = any (array(select reuse_bodies_touching(within, day))))
          and (within is null or p.places @> array[within]
               or p.organisation_id in (
                   select w.organisation_id from organisations_within(within, day, known_size) w))
    ) s
    window stays as (partition by s.reuse_id order by s.since)
$$;
