-- What each file of usage changed of the sums, so that those known at any time are the sums of what was recorded until then,
-- instead of being counted from all figures.

-- Projection: by how much an event changed the sums of a service, Land and month.
create table usage_changes (
    service text not null,
    state text collate "C" not null,
    month date not null,
    event_id uuid not null,
    figures int not null,
    started bigint not null,
    started_told int not null,
    completed bigint not null,
    completed_told int not null,
    primary key (service, state, month, event_id)
);

grant select, insert, delete on usage_changes to efa_app;
grant select on usage_changes to efa_reader;

-- The reuses of services by bodies of which something is public, whoever asks: only these have figures. Found by a plan for
-- so many: one by one, or all of the services at once. As the owner, so that the rules of each row are not asked for what
-- everybody may see; so is the next one.
create function usage_reuses(services text[], bodies uuid[])
returns table (organisation_id uuid, service text, id uuid)
language plpgsql stable security definer rows 10000 set search_path = public set plan_cache_mode to force_custom_plan as $$
#variable_conflict use_column
declare
    named text[] := array(select distinct s from unnest(services) s);
begin
    return query
    select r.organisation_id, r.service, r.id
    from unnest(services, bodies) w (service, organisation_id)
    join reuses r on r.service = w.service and r.organisation_id = w.organisation_id and r.service = any (named)
    where exists (select from reuse_steps s where s.reuse_id = r.id and s.public);
end
$$;

-- The service and Land that figures of each of these reuses count for.
create function usage_places(reuses uuid[]) returns table (id uuid, service text, state text)
language sql stable security definer rows 10000 set search_path = public as $$
    select r.id, r.service, usage_state(r.organisation_key) from reuses r where r.id = any (reuses)
$$;

-- The one definition of the changes: each revision of a figure, less the one before.
create function usage_changes_made() returns setof usage_changes
language sql stable security definer set search_path = public set work_mem to '32MB' as $$
    select r.service, usage_state(r.organisation_key), f.month, f.event_id,
           sum((f.started is not null or f.completed is not null)::int
               - (f.started_before is not null or f.completed_before is not null)::int)::int,
           sum(coalesce(f.started, 0) - coalesce(f.started_before, 0))::bigint,
           sum((f.started is not null)::int - (f.started_before is not null)::int)::int,
           sum(coalesce(f.completed, 0) - coalesce(f.completed_before, 0))::bigint,
           sum((f.completed is not null)::int - (f.completed_before is not null)::int)::int
    from (
        select f.*, lag(f.started) over figure as started_before, lag(f.completed) over figure as completed_before
        from usage_figures f
        window figure as (partition by f.reuse_id, f.month, f.channel, f.version order by f.revision)
    ) f
    join reuses r on r.id = f.reuse_id
    group by r.service, usage_state(r.organisation_key), f.month, f.event_id
$$;
revoke execute on function usage_changes_made(), usage_places(uuid[]), usage_reuses(text[], uuid[]) from public;
grant execute on function usage_changes_made(), usage_places(uuid[]), usage_reuses(text[], uuid[]) to efa_app;

insert into usage_changes select * from usage_changes_made();

-- The sums per service, Land and month, as known in the first `known_size` events of the log (null: in all that is recorded).
create or replace function usage_sums(of_service text, first date, last date, known_size bigint)
returns setof usage_months
language sql stable as $$
    select c.service, c.state, c.month, sum(c.figures)::int, sum(c.started)::bigint, sum(c.started_told)::int,
           sum(c.completed)::bigint, sum(c.completed_told)::int
    from usage_changes c
    where c.month >= first and c.month <= last and (of_service is null or c.service = of_service)
      and (known_size is null
           or c.event_id in (
               select e.id from events e
               where e.action = 'usage.record' and e.public and e.leaf_idx < known_size))
    group by c.service, c.state, c.month
$$;
