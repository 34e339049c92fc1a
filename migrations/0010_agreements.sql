-- Agreements and who joined them. A revision is the whole agreement as it was recorded, and a correction is
-- a new one; when an agreement holds is said by its own dates.

create table agreements (
    slug text primary key check (slug ~ '^[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?$'),
    event_id uuid not null unique references events (id)
);

-- `concluded_by`, `begins_on` and `ends_on` are the days that the dates of the document come to: concluded by
-- the last day of what is stated, in force from its first day, ended on its first day.
create table agreement_revisions (
    slug text not null references agreements (slug),
    revision int not null check (revision > 0),
    kind text not null check (kind in ('framework', 'individual', 'administrative', 'provision', 'reuse',
                                       'onward', 'decision')),
    parent text references agreements (slug) check (parent <> slug),
    document jsonb not null check (document ->> 'slug' = slug),
    concluded_by date,
    begins_on date,
    ends_on date check (ends_on > begins_on),
    demo boolean not null,
    sort_key text collate "C" not null,
    event_id uuid not null unique references events (id),
    primary key (slug, revision)
);

create index agreement_revisions_services on agreement_revisions using gin ((document -> 'services'));
create index agreement_revisions_themes on agreement_revisions using gin ((document -> 'themes'));

-- Parties as they were when the revision was recorded; one that is no body of the register has only a name.
create table agreement_parties (
    slug text not null,
    revision int not null,
    place int not null check (place >= 0),
    organisation_id uuid references organisations (id),
    key text,
    keys text[] not null,
    name text not null,
    role text not null,
    event_id uuid not null references agreement_revisions (event_id),
    primary key (slug, revision, place),
    foreign key (slug, revision) references agreement_revisions (slug, revision),
    check ((organisation_id is null) = (key is null))
);

create index agreement_parties_organisation on agreement_parties (organisation_id);
create index agreement_parties_keys on agreement_parties using gin (keys);

-- Of several records of one body the last one holds.
create table agreement_accessions (
    agreement text not null references agreements (slug),
    organisation_id uuid not null references organisations (id),
    ordinal int not null check (ordinal > 0),
    key text not null,
    keys text[] not null,
    name text not null,
    begins_on date not null,
    ends_on date check (ends_on >= begins_on),
    document jsonb not null,
    event_id uuid not null unique references events (id),
    primary key (agreement, organisation_id, ordinal)
);

create index agreement_accessions_organisation on agreement_accessions (organisation_id);
create index agreement_accessions_keys on agreement_accessions using gin (keys);

-- Whether an event is among the first `known_size` of the log (null: recorded at all).
create function is_known(event uuid, known_size bigint) returns boolean language sql stable as $$
    select known_size is null
        or exists (select 1 from events e where e.id = event and e.leaf_idx < known_size)
$$;

create function agreements_known(known_size bigint) returns setof agreement_revisions
language sql stable as $$
    select distinct on (r.slug) r.*
    from agreement_revisions r
    where is_known(r.event_id, known_size)
    order by r.slug, r.revision desc
$$;

create function accessions_known(known_size bigint) returns setof agreement_accessions
language sql stable as $$
    select distinct on (a.agreement, a.organisation_id) a.*
    from agreement_accessions a
    where is_known(a.event_id, known_size)
    order by a.agreement, a.organisation_id, a.ordinal desc
$$;

-- Everybody who is bound by a revision of an agreement: its parties, without dates of their own, and who joined.
create function agreement_members(of_slug text, of_revision int, known_size bigint)
returns table (organisation_id uuid, key text, keys text[], begins_on date, ends_on date)
language sql stable as $$
    select p.organisation_id, p.key, p.keys, null::date, null::date
    from agreement_parties p
    where p.slug = of_slug and p.revision = of_revision and p.organisation_id is not null
    union all
    select a.organisation_id, a.key, a.keys, a.begins_on, a.ends_on
    from accessions_known(known_size) a where a.agreement = of_slug
$$;

-- How an agreement stands on a day; without any date nobody can say.
create function agreement_status(concluded_by date, begins_on date, ends_on date, day date) returns text
language sql immutable as $$
    select case when ends_on <= day then 'ended'
                when begins_on <= day then 'in_force'
                when concluded_by <= day then 'concluded'
                when coalesce(concluded_by, begins_on, ends_on) is null then 'undated'
                else 'upcoming' end
$$;

-- The agreements asked for as they stand on a day; what is still to come only where that status is asked for.
create function agreements_matching(
    of_kind text, of_status text, party uuid, service text, theme text, within text, with_demo boolean,
    day date, known_size bigint)
returns setof agreement_revisions language sql stable as $$
    select r.*
    from agreements_known(known_size) r
    cross join lateral agreement_status(r.concluded_by, r.begins_on, r.ends_on, day) as status
    where (of_kind is null or r.kind = of_kind)
      and case when of_status is null then status <> 'upcoming' else status = of_status end
      and (service is null or r.document -> 'services' ? service)
      and (theme is null or r.document -> 'themes' ? theme)
      and (with_demo or not r.demo)
      and ((party is null and within is null)
           or exists (
               select 1 from agreement_members(r.slug, r.revision, known_size) m
               where (party is null or m.organisation_id = party)
                 and (within is null
                      or exists (select 1 from unnest(m.keys) key where starts_with(key, within)))
                 and holds_on(day, m.begins_on, m.ends_on)))
$$;

alter table reuse_steps add foreign key (agreement) references agreements (slug);

grant select, insert on agreements, agreement_revisions, agreement_parties, agreement_accessions to efa_app;
grant select on agreements, agreement_revisions, agreement_parties, agreement_accessions to efa_reader;
