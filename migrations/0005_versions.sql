-- Versions of services: immutable, all interface schemas at once; the texts themselves are in `blobs`.

create table versions (
    service text not null references services (slug),
    version text not null,
    sort_key text collate "C" not null,
    prerelease boolean not null,
    released_on date not null,
    precision text not null check (precision in ('day', 'month', 'year')),
    notes jsonb not null,
    event_id uuid not null unique references events (id),
    primary key (service, version),
    unique (service, sort_key)
);

create table version_interfaces (
    service text not null,
    version text not null,
    name text not null check (name ~ '^[a-z][a-z0-9-]{0,62}$'),
    direction text not null check (direction in ('accepts', 'emits', 'exchanges')),
    dialect text not null check (
        dialect in ('draft-04', 'draft-06', 'draft-07', '2019-09', '2020-12')
    ),
    sha256 bytea not null references blobs (sha256),
    event_id uuid not null references events (id),
    primary key (service, version, name),
    foreign key (service, version) references versions (service, version)
);

create index version_interfaces_content on version_interfaces (sha256);

-- Which other schemas a schema refers to: of its own version (`./status`) or another one
-- (`efa:service/1.2.0/interface`).
create table interface_references (
    service text not null,
    version text not null,
    interface text not null,
    target_service text not null,
    target_version text not null,
    target_interface text not null,
    event_id uuid not null references events (id),
    primary key (service, version, interface, target_service, target_version, target_interface),
    foreign key (service, version, interface)
        references version_interfaces (service, version, name),
    foreign key (target_service, target_version, target_interface)
        references version_interfaces (service, version, name)
);

create index interface_references_target
    on interface_references (target_service, target_version, target_interface);

-- The schemas at these places, and all that they refer to directly or through others.
create function schemas_with_references(services text[], versions text[], interfaces text[])
returns setof version_interfaces
language sql stable as $$
    with recursive needed (service, version, name) as (
        select p.service, p.version, p.name
        from unnest(services, versions, interfaces) as p (service, version, name)
        union
        select r.target_service, r.target_version, r.target_interface
        from needed n join interface_references r
          on r.service = n.service and r.version = n.version and r.interface = n.name
    )
    select i.*
    from needed n
    join version_interfaces i
      on i.service = n.service and i.version = n.version and i.name = n.name
$$;

-- The life of a version after its release. A deprecation may be stated again, with its sunset no earlier;
-- a revocation is the end.
create table version_deprecations (
    event_id uuid primary key references events (id),
    service text not null,
    version text not null,
    since date not null,
    sunset date check (sunset >= since),
    successor text,
    note text not null,
    foreign key (service, version) references versions (service, version),
    foreign key (service, successor) references versions (service, version),
    check (successor <> version)
);

create index version_deprecations_version on version_deprecations (service, version);

create table version_revocations (
    event_id uuid primary key references events (id),
    service text not null,
    version text not null,
    since date not null,
    reason text not null check (reason <> ''),
    unique (service, version),
    foreign key (service, version) references versions (service, version)
);

-- The versions of a service released by a day, each in the state it has then: as recorded in the first
-- `known_size` events of the log, or (null) in all of it. What was said last of a deprecation replaces
-- all before, and is told ahead of its day; only the state waits for the day.
create function versions_as_of(wanted text, day date, known_size bigint)
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
               jsonb_build_object('since', r.since, 'reason', r.reason) end,
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
        select x.event_id, x.since, x.reason
        from version_revocations x join events xe on xe.id = x.event_id
        where x.service = v.service and x.version = v.version
          and x.since <= coalesce(day, legal_today())
          and (known_size is null or xe.leaf_idx < known_size)) r on true
    where v.service = wanted and v.released_on <= coalesce(day, legal_today())
      and (known_size is null or e.leaf_idx < known_size)
$$;

-- Projection: the texts as they are sent, compressed once.
create table schema_encodings (
    sha256 bytea primary key references blobs (sha256),
    gzip bytea not null,
    br bytea not null
);

grant select, insert on
    versions, version_interfaces, interface_references, version_deprecations, version_revocations
    to efa_app;
grant select, insert, update, delete on schema_encodings to efa_app;
grant select on
    versions, version_interfaces, interface_references, version_deprecations, version_revocations,
    schema_encodings
    to efa_reader;
