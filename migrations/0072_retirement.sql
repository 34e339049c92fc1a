-- Whoever revokes a version that others run says how many; and who is left on a version, told of its end or not.

alter table version_revocations add column despite_users int not null default 0 check (despite_users >= 0);

create or replace function versions_as_of(wanted text, day date, known_size bigint)
returns table (
    service text, version text, sort_key text, state text, prerelease boolean, released_on date,
    "precision" text, recorded_at timestamptz, interfaces jsonb, deprecation jsonb, revocation jsonb,
    href text, notes jsonb, event_id uuid
) language sql stable as $$
    select v.service, v.version, v.sort_key,
           case when r.event_id is not null then 'revoked'
                when d.since <= coalesce(day, legal_today()) then 'deprecated' else 'active' end,
           v.prerelease, v.released_on, v.precision, e.recorded_at,
           (select jsonb_agg(jsonb_build_object(
                       'name', i.name, 'direction', i.direction, 'dialect', i.dialect,
                       'sha256', encode(i.sha256, 'hex'), 'bytes', octet_length(b.content),
                       'href', '/v1/services/' || i.service || '/versions/' || i.version
                               || '/interfaces/' || i.name) order by i.name)
            from version_interfaces i join blobs b on b.sha256 = i.sha256
            where i.service = v.service and i.version = v.version),
           case when d.event_id is not null then
               jsonb_build_object('since', d.since, 'sunset', d.sunset,
                                  'successor', d.successor, 'note', d.note) end,
           case when r.event_id is not null then
               jsonb_build_object('since', r.since, 'reason', r.reason, 'despite_users', r.despite_users) end,
           '/v1/services/' || v.service || '/versions/' || v.version,
           v.notes, v.event_id
    from versions v
    join events e on e.id = v.event_id
    left join lateral (
        select x.event_id, x.since, x.sunset, x.successor, x.note
        from version_deprecations x join events xe on xe.id = x.event_id
        where x.service = v.service and x.version = v.version
          and (known_size is null or xe.leaf_idx < known_size)
        order by xe.seq desc limit 1) d on true
    left join lateral (
        select x.event_id, x.since, x.reason, x.despite_users
        from version_revocations x join events xe on xe.id = x.event_id
        where x.service = v.service and x.version = v.version
          and x.since <= coalesce(day, legal_today())
          and (known_size is null or xe.leaf_idx < known_size)) r on true
    where v.service = wanted and v.released_on <= coalesce(day, legal_today())
      and (known_size is null or e.leaf_idx < known_size)
$$;

-- Who runs a version today, or prepares to; how it was told that the version ends, and when it said to have read that.
-- `shown` says whether the body that asks may see the latter: who builds the service, the body itself, and auditors.
-- Runs as the owner, since whom others told is private; that somebody uses a version is public from these stages on.
create function retirement_users(of_service text, of_version text, stages text[], with_demo boolean)
returns table (
    organisation_key text, organisation_id uuid, reuse_id uuid, stage text, since date, own_use boolean, shown boolean,
    told text, told_at timestamptz, acknowledged_at timestamptz)
language sql stable security definer set search_path = public as $$
    with notices as (
        select e.id from events e
        where e.subject = 'services/' || of_service || '/versions/' || of_version
          and e.action in ('impact.deprecate', 'impact.revoke')
    ),
    builds as (
        select exists (
            select 1
            from services_in_force(legal_today(), null) f
            join service_builders b on b.slug = f.slug and b.revision = f.revision
            where f.slug = of_service
              and b.organisation_id::text in (
                  select efa_stands_for(of_service, array['publish:*', 'publish:' || of_service]))) as so
    )
    select p.organisation_key, p.organisation_id, p.reuse_id, p.stage, p.since, p.own_use, s.shown,
           case when s.shown then t.told end, case when s.shown then t.told_at end,
           case when s.shown then a.acknowledged_at end
    from reuse_periods p
    cross join builds
    cross join lateral (
        select builds.so or efa_audits(of_service, p.organisation_id)
               or p.organisation_id::text in (select efa_stands_for(of_service, array['subscribe'])) as shown) s
    cross join lateral (
        select case when bool_or(d.state = 'delivered') then 'delivered'
                    when bool_or(d.state = 'readable') then 'readable'
                    when bool_or(d.state in ('pending', 'late')) then 'waiting'
                    when bool_or(d.state = 'dead') then 'failed' else 'nobody' end as told,
               coalesce(min(d.delivered_at), min(d.created_at) filter (where d.state = 'readable')) as told_at
        from deliveries d
        where d.organisation_id = p.organisation_id and d.event_id in (select id from notices)) t
    cross join lateral (
        select max(k.acknowledged_at) as acknowledged_at from acknowledgements k
        where k.organisation_id = p.organisation_id and k.told_of in (select id from notices)) a
    where p.service = of_service and p.version = of_version and p.stage = any (stages)
      and holds_on(legal_today(), p.valid_from, p.valid_to) and (with_demo or not p.demo)
$$;
