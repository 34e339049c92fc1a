-- Who was told that a version ends, and who said to have read it: asked for many bodies at once, for the report on outdated
-- versions as for one version.

-- By service, version and body. Only what the caller may see: its own, of services it builds, or as an auditor; of all
-- others there is no row. Deliveries are no history: as it was known in the past only what was read is told. Runs as the
-- owner, since whom others told is private.
create function notices_told(services text[], versions text[], bodies uuid[], known_size bigint)
returns table (
    service text, version text, organisation_id uuid, told text, told_at timestamptz, acknowledged_at timestamptz,
    acknowledged_by uuid)
language sql stable security definer set search_path = public as $$
    with built as materialized (
        select f.slug from services_in_force(legal_today(), null) f
        join service_builders b on b.slug = f.slug and b.revision = f.revision
        where f.slug = any (services)
          and b.organisation_id::text in (select efa_stands_for(f.slug, array['publish:*', 'publish:' || f.slug]))
    ),
    shown as materialized (
        select distinct a.service, a.version, a.body
        from unnest(services, versions, bodies) a (service, version, body)
        where a.service in (select b.slug from built b) or efa_audits(a.service, a.body)
           or a.body::text in (select efa_stands_for(a.service, array['subscribe']))
    ),
    notices as materialized (
        select v.service, v.version, e.id
        from (select distinct s.service, s.version from shown s) v
        join events e on e.subject = 'services/' || v.service || '/versions/' || v.version
            and e.action in ('impact.deprecate', 'impact.revoke')
            and (known_size is null or e.leaf_idx < known_size)
    )
    select s.service, s.version, s.body, case when known_size is null then t.told end,
           case when known_size is null then t.told_at end, a.acknowledged_at, a.acknowledged_by
    from shown s
    cross join lateral (
        select case when bool_or(d.state = 'delivered') then 'delivered'
                    when bool_or(d.state = 'readable') then 'readable'
                    when bool_or(d.state in ('pending', 'late')) then 'waiting'
                    when bool_or(d.state = 'dead') then 'failed' else 'nobody' end as told,
               coalesce(min(d.delivered_at), min(d.created_at) filter (where d.state = 'readable')) as told_at
        from notices n join deliveries d on d.event_id = n.id and d.organisation_id = s.body
        where n.service = s.service and n.version = s.version) t
    left join lateral (
        select k.acknowledged_at, o.id as acknowledged_by
        from notices n
        join acknowledgements k on k.told_of = n.id and k.organisation_id = s.body
        join events e on e.id = k.event_id and (known_size is null or e.leaf_idx < known_size)
        left join organisations o on o.id::text = e.organisation
        where n.service = s.service and n.version = s.version
        order by k.acknowledged_at desc limit 1) a on true
$$;

-- As before, from what is told of many.
create or replace function retirement_users(of_service text, of_version text, stages text[], with_demo boolean)
returns table (
    organisation_key text, organisation_id uuid, reuse_id uuid, stage text, since date, own_use boolean, shown boolean,
    told text, told_at timestamptz, acknowledged_at timestamptz)
language sql stable security definer set search_path = public as $$
    with users as materialized (
        select p.* from reuse_periods p
        where p.service = of_service and p.version = of_version and p.stage = any (stages)
          and holds_on(legal_today(), p.valid_from, p.valid_to) and (with_demo or not p.demo)
    )
    select p.organisation_key, p.organisation_id, p.reuse_id, p.stage, p.since, p.own_use, t.service is not null,
           t.told, t.told_at, t.acknowledged_at
    from users p
    left join notices_told(array(select u.service from users u order by u.reuse_id),
                           array(select u.version from users u order by u.reuse_id),
                           array(select u.organisation_id from users u order by u.reuse_id), null) t
        on t.organisation_id = p.organisation_id
$$;

revoke execute on function notices_told(text[], text[], uuid[], bigint) from public;
grant execute on function notices_told(text[], text[], uuid[], bigint) to efa_app, efa_reader;
