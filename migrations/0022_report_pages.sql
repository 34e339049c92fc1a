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

-- How many have which version of a service, by service and version behind `after`; `all_uses` are all of the service.
create function report_versions_used(
    day date, known_size bigint, of_service text, within text, with_demo boolean, after text[], most int)
returns table (service text, version text, reuses bigint, own_use bigint, all_uses numeric)
language plpgsql stable as $$
#variable_conflict use_column
declare
    one text;
    more int;
begin
    for one in select s.service from report_services(known_size, of_service, within, after[1]) s loop
        return query
        select u.service, u.version, u.reuses, u.own_use, u.all_uses
        from (
            select h.service, h.version, count(*) filter (where not h.own_use) as reuses,
                   count(*) filter (where h.own_use) as own_use,
                   sum(count(*)) over (partition by h.service) as all_uses
            from report_holders(day, known_size, one, within, with_demo) h
            group by h.service, h.version
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

-- Who has what should not be used any more, by service and body behind `after`; unrecorded only where there are versions.
create function report_outdated(
    day date, known_size bigint, of_service text, within text, with_demo boolean, after text[], most int)
returns table (
    service text, organisation_key text, organisation_id uuid, reuse_id uuid, stage text, version text, state text,
    since date, sunset date, successor text, own_use boolean)
language plpgsql stable as $$
#variable_conflict use_column
declare
    one text;
    more int;
begin
    for one in select s.service from report_services(known_size, of_service, within, after[1]) s loop
        return query
        with released as materialized (select * from report_versions(day, known_size, one))
        select h.service, h.organisation_key, h.organisation_id, h.reuse_id, h.stage, h.version,
               coalesce(v.state, 'unrecorded'), v.since, v.sunset, v.successor, h.own_use
        from report_holders(day, known_size, one, within, with_demo) h
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
