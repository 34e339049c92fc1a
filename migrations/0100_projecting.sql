-- A batch makes its periods by plans that fit any number of reuses. Planning them anew, as the server did for the first
-- calls of each connection, took longer than the work.

-- As before; where a reuse had no days before, there are none to take out.
create or replace function reuse_span_lands(wanted uuid[], before reuse_land_spans[]) returns void
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
    if before = '{}' then
        return;
    end if;
    update reuse_land_spans s set days = reuse_days_in_land(s.service, s.land, s.running)
    from unnest(before) b left join reuse_land_spans_of(wanted) a using (service, land, running)
    where s.service = b.service and s.land = b.land and s.running = b.running and (a.days @> b.days) is not true;
    delete from reuse_land_spans s using unnest(before) b
    where s.service = b.service and s.land = b.land and s.running = b.running and s.days = '{}';
end
$$;

create or replace function reuse_span_bodies(wanted uuid[], before reuse_body_spans[]) returns void
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
    if before = '{}' then
        return;
    end if;
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

alter function reuse_project(uuid[]) set plan_cache_mode to force_generic_plan;

-- Asked for each period, so in a form that needs no plan of its own each time; without an area there are no places.
create or replace function reuse_is_own(
    organisation uuid, key text, area text[], builders uuid[], lands text[]) returns boolean
language plpgsql immutable parallel safe as $$
begin
    if organisation = any (builders) then
        return true;
    end if;
    if key ~ '^[0-9]+$' then
        return coalesce(array[left(key, 2)] <@ lands, false);
    end if;
    return coalesce((select array_agg(left(a, 2)) from unnest(area) a) <@ lands, false);
end
$$;

alter function reuse_places(text[]) strict;
