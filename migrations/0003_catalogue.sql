-- The catalogue: services and journeys as dated revisions, and editions of reference data.
-- History is only added to; the tables below "projections" can be built again from it at any time.

create table reference_editions (
    dataset text not null check (dataset ~ '^[a-z_]{1,60}$'),
    edition int not null check (edition > 0),
    sha256 bytea not null references blobs (sha256),
    event_id uuid not null unique references events (id),
    primary key (dataset, edition)
);

-- What the rooms above refer to.
create table services (
    slug text primary key check (slug ~ '^[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?$'),
    event_id uuid not null unique references events (id)
);

-- A kind is named as its path below /v1/.
create table document_revisions (
    kind text not null check (kind in ('services', 'journeys')),
    slug text not null check (slug ~ '^[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?$'),
    revision int not null check (revision > 0),
    valid_from date not null,
    document jsonb not null check (document ->> 'slug' = slug),
    event_id uuid not null unique references events (id),
    primary key (kind, slug, revision)
);

-- Builders as they were resolved when the revision was recorded.
create table service_builders (
    slug text not null references services (slug),
    revision int not null,
    place int not null check (place >= 0),
    organisation_id uuid not null references organisations (id),
    key text not null,
    name text not null,
    role text not null check (role in ('lead', 'partner')),
    event_id uuid not null references document_revisions (event_id),
    primary key (slug, revision, place),
    unique (slug, revision, organisation_id)
);

create index service_builders_organisation on service_builders (organisation_id);

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

-- The catalogues merged, anew with each of their editions: the event is that of the edition.
create table procedures (
    event_id uuid not null references reference_editions (event_id),
    place int not null check (place > 0),
    key text,
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
    primary key (event_id, place),
    unique (event_id, key),
    check ((kind = 'unlisted') = (key is null))
);

create index procedures_ozg on procedures (ozg_id, place);
create index procedures_vector on procedures using gin (vector);

-- One row for each revision. In force from `valid_from` up to, not including, `valid_to`; both equal where
-- a later revision took its place. Passing time changes no row.
create table document_cards (
    kind text not null,
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
    primary key (kind, slug, revision),
    foreign key (kind, slug, revision) references document_revisions (kind, slug, revision)
);

create index document_cards_vector on document_cards using gin (vector);

create table document_facets (
    kind text not null,
    slug text not null,
    revision int not null,
    facet text not null,
    value text not null,
    valid_from date,
    valid_to date,
    foreign key (kind, slug, revision) references document_cards (kind, slug, revision) on delete cascade
);

create index document_facets_revision on document_facets (kind, slug, revision, facet);
create index document_facets_value on document_facets (facet, value);

-- Which revision of each document of a kind holds on a day: as recorded in the first `known_size` events of
-- the log, or (null) in all of it. The later record holds where two begin on one day.
create function documents_in_force(wanted text, day date, known_size bigint)
returns table (slug text, revision int) language sql stable as $$
    select c.slug, c.revision
    from document_cards c
    where known_size is null and c.kind = wanted and holds_on(day, c.valid_from, c.valid_to)
    union all
    (select distinct on (r.slug) r.slug, r.revision
     from document_revisions r join events e on e.id = r.event_id
     where known_size is not null and r.kind = wanted and e.leaf_idx < known_size and r.valid_from <= day
     order by r.slug, r.valid_from desc, r.revision desc)
$$;

create function services_in_force(day date, known_size bigint)
returns table (slug text, revision int) language sql stable as $$
    select d.slug, d.revision from documents_in_force('services', day, known_size) d
$$;

-- The revision in force on a day, else the first one to come.
create function revision_standing(of_kind text, of_slug text, day date) returns int language sql stable as $$
    select c.revision from document_cards c
    where c.kind = of_kind and c.slug = of_slug and c.valid_to is distinct from c.valid_from
    order by c.valid_from <= day desc, case when c.valid_from <= day then c.valid_from end desc, c.valid_from
    limit 1
$$;

-- Every value a service has on a day, by facet; the journeys it is part of among them.
create function service_values(day date, known_size bigint)
returns table (slug text, facet text, value text) language sql stable as $$
    select f.slug, f.facet, f.value
    from services_in_force(day, known_size) s
    join document_facets f on f.kind = 'services' and f.slug = s.slug and f.revision = s.revision
    where holds_on(day, f.valid_from, f.valid_to)
    union all
    select f.value, 'journey', f.slug
    from documents_in_force('journeys', day, known_size) j
    join document_facets f on f.kind = 'journeys' and f.slug = j.slug and f.revision = j.revision
    where f.facet = 'service'
$$;

-- Which procedures (`procedure`) and bundles of them (`ozg`) the services on a day name.
create function procedures_named(day date, known_size bigint)
returns table (slug text, facet text, value text, demo boolean, card jsonb, sort_key text)
language sql stable as $$
    select c.slug, f.facet, f.value, c.demo, c.card, c.sort_key
    from document_facets f
    join services_in_force(day, known_size) s on s.slug = f.slug and s.revision = f.revision
    join document_cards c on c.kind = 'services' and c.slug = s.slug and c.revision = s.revision
    where f.kind = 'services' and f.facet in ('procedure', 'ozg')
$$;

-- The catalogue of procedures as merged with the last edition in the first `known_size` events (null: in all).
create function procedures_known(known_size bigint) returns setof procedures language sql stable as $$
    select p.*
    from procedures p
    where p.event_id = (
        select r.event_id
        from reference_editions r join events e on e.id = r.event_id
        where r.dataset in ('leika', 'ozg_bundles', 'pvog')
          and (known_size is null or e.leaf_idx < known_size)
        order by e.seq desc limit 1)
$$;

-- The codelists, each in its last edition in the first `known_size` events (null: in all).
create function codelists_known(known_size bigint)
returns table (name text, edition int, sha256 text, recorded_at timestamptz, titles jsonb)
language sql stable as $$
    with known as (
        select distinct on (r.dataset) r.dataset, r.edition, r.sha256, e.recorded_at
        from reference_editions r join events e on e.id = r.event_id
        where known_size is null or e.leaf_idx < known_size
        order by r.dataset, r.edition desc
    )
    select k.dataset, k.edition, encode(k.sha256, 'hex'), k.recorded_at,
           coalesce((select jsonb_build_object('de', t.label_de, 'en', t.label_en)
                     from known n
                     join codelist_entries t on t.codelist = n.dataset and t.edition = n.edition
                     where n.dataset = 'codelists' and t.code = k.dataset),
                    jsonb_build_object('de', k.dataset))
    from known k
    where exists (select 1 from codelist_entries c
                  where c.codelist = k.dataset and c.edition = k.edition)
$$;

-- What each code is called, as in the last edition known in the first `known_size` events (null: in all).
create function codelist_labels(known_size bigint)
returns table (codelist text, code text, label_de text, label_en text) language sql stable as $$
    select distinct on (c.codelist, c.code) c.codelist, c.code, c.label_de, c.label_en
    from codelists_known(known_size) known
    join codelist_entries c on c.codelist = known.name and c.edition = known.edition
    order by c.codelist, c.code, c.valid_from desc nulls last
$$;

grant select, insert on reference_editions, services, document_revisions, service_builders to efa_app;
grant select, insert, update, delete on
    codelist_entries, procedures, document_cards, document_facets
    to efa_app;
grant select on
    reference_editions, services, document_revisions, service_builders, codelist_entries, procedures,
    document_cards, document_facets
    to efa_reader;
