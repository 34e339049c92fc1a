-- The catalogue: services and journeys as dated revisions, and editions of reference data.
-- History is only added to; the tables below "projections" can be built again from it at any time.

create table reference_editions (
    dataset text not null check (dataset ~ '^[a-z_]{1,60}$'),
    edition int not null check (edition > 0),
    sha256 bytea not null references blobs (sha256),
    event_id uuid not null unique references events (id),
    primary key (dataset, edition)
);

create table services (
    slug text primary key check (slug ~ '^[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?$'),
    event_id uuid not null unique references events (id)
);

create table service_revisions (
    slug text not null references services (slug),
    revision int not null check (revision > 0),
    valid_from date not null,
    document jsonb not null check (document ->> 'slug' = slug),
    event_id uuid not null unique references events (id),
    primary key (slug, revision)
);

-- Builders as they were resolved when the revision was recorded.
create table service_builders (
    slug text not null,
    revision int not null,
    place int not null check (place >= 0),
    organisation_id uuid not null references organisations (id),
    key text not null,
    name text not null,
    role text not null check (role in ('lead', 'partner')),
    event_id uuid not null references events (id),
    primary key (slug, revision, place),
    unique (slug, revision, organisation_id),
    foreign key (slug, revision) references service_revisions (slug, revision)
);

create index service_builders_organisation on service_builders (organisation_id);

create table journeys (
    slug text primary key check (slug ~ '^[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?$'),
    event_id uuid not null unique references events (id)
);

create table journey_revisions (
    slug text not null references journeys (slug),
    revision int not null check (revision > 0),
    valid_from date not null,
    document jsonb not null check (document ->> 'slug' = slug),
    event_id uuid not null unique references events (id),
    primary key (slug, revision)
);

create table journey_services (
    journey text not null,
    revision int not null,
    place int not null check (place >= 0),
    service text not null references services (slug),
    event_id uuid not null references events (id),
    primary key (journey, revision, place),
    unique (journey, revision, service),
    foreign key (journey, revision) references journey_revisions (slug, revision)
);

create index journey_services_service on journey_services (service);

-- Projections.

create table codelist_entries (
    codelist text not null,
    edition int not null,
    place int not null check (place >= 0),
    code text not null,
    label_de text not null,
    label_en text,
    valid_from date,
    valid_to date check (valid_to > valid_from),
    note text not null,
    source text not null,
    properties jsonb not null,
    primary key (codelist, edition, place),
    unique nulls not distinct (codelist, edition, code, valid_from),
    foreign key (codelist, edition) references reference_editions (dataset, edition)
);

create table procedures (
    place int primary key check (place > 0),
    key text unique,
    kind text not null check (kind in ('leika', 'ozg', 'unlisted')),
    name text not null,
    type text,
    ozg_id text,
    theme text,
    situation text,
    legal_basis text not null,
    catalogues text[] not null,
    words text not null,
    vector tsvector not null,
    check ((kind = 'unlisted') = (key is null))
);

create index procedures_ozg on procedures (ozg_id, place);
create index procedures_vector on procedures using gin (vector);

-- One row for each revision. In force from `valid_from` up to, not including, `valid_to`; both equal where
-- a later revision took its place. Passing time changes no row.
create table service_cards (
    slug text not null,
    revision int not null,
    valid_from date not null,
    valid_to date check (valid_to >= valid_from),
    demo boolean not null,
    body bytea not null,
    etag text not null,
    card jsonb not null,
    sort_key text collate "C" not null,
    words text not null,
    vector tsvector not null,
    primary key (slug, revision),
    foreign key (slug, revision) references service_revisions (slug, revision)
);

create index service_cards_vector on service_cards using gin (vector);

create table service_facets (
    slug text not null,
    revision int not null,
    facet text not null,
    value text not null,
    valid_from date,
    valid_to date,
    foreign key (slug, revision) references service_cards (slug, revision) on delete cascade
);

create index service_facets_revision on service_facets (slug, revision, facet);
create index service_facets_value on service_facets (facet, value);

create table journey_cards (
    slug text not null,
    revision int not null,
    valid_from date not null,
    valid_to date check (valid_to >= valid_from),
    body bytea not null,
    etag text not null,
    sort_key text collate "C" not null,
    primary key (slug, revision),
    foreign key (slug, revision) references journey_revisions (slug, revision)
);

-- Which revision of each service holds on a day: as recorded in the first `known_size` events of the log, or
-- (null) in all of it. The later record holds where two begin on one day.
create function services_in_force(day date, known_size bigint)
returns table (slug text, revision int) language sql stable as $$
    select c.slug, c.revision
    from service_cards c
    where known_size is null and holds_on(day, c.valid_from, c.valid_to)
    union all
    (select distinct on (r.slug) r.slug, r.revision
     from service_revisions r join events e on e.id = r.event_id
     where known_size is not null and e.leaf_idx < known_size and r.valid_from <= day
     order by r.slug, r.valid_from desc, r.revision desc)
$$;

create function journeys_in_force(day date, known_size bigint)
returns table (slug text, revision int) language sql stable as $$
    select c.slug, c.revision
    from journey_cards c
    where known_size is null and holds_on(day, c.valid_from, c.valid_to)
    union all
    (select distinct on (r.slug) r.slug, r.revision
     from journey_revisions r join events e on e.id = r.event_id
     where known_size is not null and e.leaf_idx < known_size and r.valid_from <= day
     order by r.slug, r.valid_from desc, r.revision desc)
$$;

-- Every value a service has on a day, by facet; the journeys it is part of among them.
create function service_values(day date, known_size bigint)
returns table (slug text, facet text, value text) language sql stable as $$
    select f.slug, f.facet, f.value
    from services_in_force(day, known_size) s
    join service_facets f on f.slug = s.slug and f.revision = s.revision
    where holds_on(day, f.valid_from, f.valid_to)
    union all
    select m.service, 'journey', j.slug
    from journeys_in_force(day, known_size) j
    join journey_services m on m.journey = j.slug and m.revision = j.revision
$$;

-- What each code is called, as in the last edition known in the first `known_size` events (null: in all).
create function codelist_labels(known_size bigint)
returns table (codelist text, code text, label_de text, label_en text) language sql stable as $$
    select distinct on (c.codelist, c.code) c.codelist, c.code, c.label_de, c.label_en
    from (select distinct on (r.dataset) r.dataset, r.edition
          from reference_editions r join events e on e.id = r.event_id
          where known_size is null or e.leaf_idx < known_size
          order by r.dataset, r.edition desc) known
    join codelist_entries c on c.codelist = known.dataset and c.edition = known.edition
    order by c.codelist, c.code, c.valid_from desc nulls last
$$;

grant select, insert on
    reference_editions, services, service_revisions, service_builders, journeys, journey_revisions,
    journey_services
    to efa_app;
grant select, insert, update, delete on
    codelist_entries, procedures, service_cards, service_facets, journey_cards
    to efa_app;
grant select on
    reference_editions, services, service_revisions, service_builders, journeys, journey_revisions,
    journey_services, codelist_entries, procedures, service_cards, service_facets, journey_cards
    to efa_reader;
