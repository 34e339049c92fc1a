-- Who has a version that is not the newest offered, the most urgent first. Nationwide and in a Land found version by version
-- until there are enough: what a page shows of it does not grow with the number of reuses.

create function versions_behind(day date, known_size bigint, of_services text[])
returns table (service text, version text, state text, sunset date, successor text, newest text)
language sql stable as $$
    with released as materialized (
        select r.service, r.version, r.state, r.sunset, r.successor, v.sort_key, v.prerelease
        from report_versions(day, known_size, null) r
        join versions v on v.service = r.service and v.version = r.version
        where of_services is null or r.service = any (of_services)
    ),
    newest as (
        select distinct on (r.service) r.service, r.version, r.sort_key
        from released r where version_is_offered(r.state, r.prerelease)
        order by r.service, r.sort_key collate "C" desc
    )
    select r.service, r.version, r.state, r.sunset, r.successor, n.version
    from released r join newest n on n.service = r.service
    where r.state <> 'active' or r.sort_key collate "C" < n.sort_key collate "C"
$$;

-- The first of those who have some versions of a service, in a Land or nationwide. One plan for all services, since planning
-- would take longer than looking.
create function reuses_with_versions(
    day date, one text, wanted text[], land text, stages text[], with_demo boolean, most int)
returns table (organisation_id uuid, organisation_key text, stage text, version text, own_use boolean)
language plpgsql stable set plan_cache_mode to force_generic_plan as $$
begin
    return query
    select h.organisation_id, h.organisation_key, h.stage, h.version, h.own_use
    from report_held(day, one, land, with_demo) h
    where h.version = any (wanted) and h.stage = any (stages)
    order by h.organisation_key, h.reuse_id
    limit most;
end
$$;

-- Of all reuses in a territory or of a body: only the versions of their services are looked at.
create function reuses_behind_of_few(
    day date, known_size bigint, of_body uuid, within text, of_service text, stages text[], with_demo boolean, most int)
returns table (
    service text, organisation_id uuid, organisation_key text, stage text, version text, own_use boolean, state text,
    sunset date, successor text, newest text)
language sql stable as $$
    with held as materialized (
        select p.* from reuses_matching(day, of_service, of_body, within, null, null, null, with_demo, null) p
        where known_size is null
        union all
        select p.*
        from reuses_matching_known(known_size, day, of_service, of_body, within, null, null, null, with_demo, null) p
        where known_size is not null
    ),
    late as materialized (
        select b.* from versions_behind(day, known_size, array(select distinct h.service from held h)) b
    )
    select h.service, h.organisation_id, h.organisation_key, h.stage, h.version, h.own_use, b.state, b.sunset, b.successor,
           b.newest
    from held h join late b on b.service = h.service and b.version = h.version
    where h.stage = any (stages)
    order by b.state = 'active', b.sunset nulls last, h.service, h.organisation_key
    limit most
$$;

-- Where fewer than `few` are in force, all are looked at, as they are of one body, in a small territory, and by past knowledge.
create function reuses_behind(
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
            when within is null then (select sum(c.periods) from reuse_counters c where c.day <= $1)
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
