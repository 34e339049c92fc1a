-- Public bodies with the keys they had and what they were, and what became of those that are gone.
-- Rows are only added: each data set is an event and brings all its keys, states and successions, so that what
-- was known at a position of the log is what the newest data set of each name said then.

create table organisation_data_sets (
    event_id uuid primary key references events (id),
    name text not null check (name ~ '^[a-z][a-z0-9-]*$'),
    -- Lists answer for this day unless asked for another; null where a data set has no such day.
    territory_date date,
    sources_sha256 bytea not null check (octet_length(sources_sha256) = 32),
    content_sha256 bytea not null references blobs (sha256),
    loaded_at timestamptz not null,
    unique (name, loaded_at)
);

create table organisations (
    id uuid primary key,
    slug text unique check (slug ~ '^[a-z0-9-]+$' and slug ~ '[a-z]'),
    event_id uuid not null references events (id)
);

-- Regional keys only (2, 3, 5, 9 or 12 digits): a shorter key contains every key it prefixes.
-- The key of eight digits (AGS) is no such key and stands with the states.
create table organisation_keys (
    organisation_id uuid not null references organisations (id),
    key text collate "C" not null check (key ~ '^\d+$' and octet_length(key) in (2, 3, 5, 9, 12)),
    level text not null check (
        level in ('state', 'region', 'district', 'association', 'municipality', 'unincorporated', 'part')
    ),
    valid_from date,
    valid_to date,
    event_id uuid not null references events (id),
    check (valid_from < valid_to),
    unique nulls not distinct (key, valid_from, event_id)
);

create index organisation_keys_organisation on organisation_keys (organisation_id);

create table organisation_states (
    organisation_id uuid not null references organisations (id),
    valid_from date,
    valid_to date,
    name text not null check (name <> ''),
    sort_key text collate "C" not null,
    search_text text not null,
    search_words tsvector not null generated always as (to_tsvector('simple', search_text)) stored,
    kind text not null,
    levels text[] not null,
    ags text collate "C" check (ags ~ '^\d{8}$'),
    legal_form text,
    population integer check (population >= 0),
    population_on date,
    area_km2 double precision check (area_km2 > 0),
    postcode text check (postcode ~ '^\d{5}$'),
    longitude double precision check (longitude between -180 and 180),
    latitude double precision check (latitude between -90 and 90),
    event_id uuid not null references events (id),
    check (valid_from < valid_to),
    check ((population is null) = (population_on is null)),
    unique nulls not distinct (organisation_id, valid_from, event_id)
);

create index organisation_states_ags on organisation_states (ags) where ags is not null;
create index organisation_states_words on organisation_states using gin (search_words);

create table organisation_successions (
    organisation_id uuid not null references organisations (id),
    heir_id uuid not null references organisations (id),
    effective_on date not null,
    kind text not null check (kind in ('merger', 'incorporation', 'split', 'transfer')),
    share double precision check (share between 0 and 1),
    basis text check (basis in ('all', 'population', 'area', 'equal')),
    event_id uuid not null references events (id),
    primary key (organisation_id, effective_on, heir_id, event_id),
    check ((share is null) = (basis is null)),
    check (organisation_id <> heir_id)
);

create index organisation_successions_heir on organisation_successions (heir_id);

-- Whether a period holds on a day; open ends hold for ever.
create function holds_on(day date, valid_from date, valid_to date) returns boolean
language sql immutable parallel safe as $$
    select (valid_from is null or valid_from <= day) and (valid_to is null or day < valid_to)
$$;

create function legal_today() returns date
language sql stable parallel safe as $$
    select (now() at time zone 'Europe/Berlin')::date
$$;

-- The newest data set of each name in the first `known_size` events of the log (null: in all that is recorded).
-- In plpgsql, so that it does not enter the plans around it: it is asked once for each look into a table.
create function organisation_data(known_size bigint) returns uuid[]
language plpgsql stable as $$
begin
    return array(
        select distinct on (s.name) s.event_id
        from organisation_data_sets s left join events e on e.id = s.event_id
        where known_size is null or e.leaf_idx < known_size
        order by s.name, s.loaded_at desc);
end
$$;

-- What those data sets say. All questions go through these three, never to the tables.
create function organisation_keys_known(known_size bigint) returns setof organisation_keys
language sql stable as $$
    select k.* from organisation_keys k
    where k.event_id = any ((select organisation_data(known_size))::uuid[])
$$;

create function organisation_states_known(known_size bigint) returns setof organisation_states
language sql stable as $$
    select s.* from organisation_states s
    where s.event_id = any ((select organisation_data(known_size))::uuid[])
$$;

create function organisation_successions_known(known_size bigint) returns setof organisation_successions
language sql stable as $$
    select s.* from organisation_successions s
    where s.event_id = any ((select organisation_data(known_size))::uuid[])
$$;

-- The body each asked key leads to on a day. `wanted` holds, for each asked key, the forms to look for,
-- `places` their order. A key is preferred while it is held, else from its last holder before the day.
-- In plpgsql, so that the size of the arrays does not enter the plans around it: they are planned once.
create function organisations_found(
    asked_keys text[], wanted text[], places integer[], on_day date, known_size bigint)
returns table (asked text, organisation_id uuid)
language plpgsql stable rows 10 as $$
#variable_conflict use_column
begin
    return query
    with forms as (
        select f.asked, f.wanted, f.place
        from unnest(asked_keys, wanted, places) as f (asked, wanted, place)
    ),
    held as (
        select f.asked, f.place, k.organisation_id, k.valid_from, k.valid_to
        from forms f join organisation_keys_known(known_size) k on k.key = f.wanted
        union all
        select f.asked, f.place, s.organisation_id, s.valid_from, s.valid_to
        from forms f join organisation_states_known(known_size) s on s.ags = f.wanted
        union all
        select f.asked, f.place, o.id, null, null
        from forms f join organisations o on o.slug = f.wanted left join events e on e.id = o.event_id
        where known_size is null or e.leaf_idx < known_size
    )
    select distinct on (h.asked) h.asked, h.organisation_id
    from held h
    order by h.asked, not holds_on(on_day, h.valid_from, h.valid_to), h.place,
             coalesce(h.valid_from > on_day, false), h.valid_from desc nulls last;
end
$$;

-- What a body was on a day: before its founding its first state, after its end its last (`shown_on` is the
-- day within it). Its key is the shortest it holds; the association a municipality is to itself does not
-- name it. A body that had no regional key has a slug or, ended before 2009, an AGS.
create function organisation_on(organisation uuid, day date, known_size bigint default null)
returns table (
    id uuid, key text, slug text, name text, kind text, levels text[], keys text[], ags text, status text,
    population integer, population_on date, ended_on date, legal_form text, area_km2 double precision,
    postcode text, longitude double precision, latitude double precision, shown_on date
)
language sql stable rows 1 as $$
    select o.id,
           coalesce(
               (select k.key from organisation_keys_known(known_size) k
                where k.organisation_id = o.id and k.level <> 'part'
                order by not holds_on(d.shown_on, k.valid_from, k.valid_to),
                         k.level = 'association' and s.ags is not null, octet_length(k.key), k.key
                limit 1),
               o.slug, s.ags),
           o.slug, s.name, s.kind, s.levels,
           array(select k.key from organisation_keys_known(known_size) k
                 where k.organisation_id = o.id and k.level <> 'part'
                   and holds_on(d.shown_on, k.valid_from, k.valid_to)
                 order by octet_length(k.key), k.key),
           s.ags, d.status, s.population, s.population_on,
           case when d.status = 'ended' then s.valid_to end,
           s.legal_form, s.area_km2, s.postcode, s.longitude, s.latitude, d.shown_on
    from organisations o
    cross join lateral (
        select s.*
        from organisation_states_known(known_size) s
        where s.organisation_id = o.id
        order by case when s.valid_from > $2 then s.valid_from end nulls first,
                 s.valid_from desc nulls last
        limit 1
    ) s
    cross join lateral (
        select case when s.valid_to <= $2 then 'ended' when s.valid_from > $2 then 'not-yet'
                    else 'current' end as status,
               case when s.valid_to <= $2 then s.valid_to - 1 when s.valid_from > $2 then s.valid_from
                    else $2 end as shown_on
    ) d
    where o.id = $1
$$;

-- The functions below each give one row, so that a statement takes them into its own plan.

create function organisation_relative(organisation uuid, day date, known_size bigint)
returns table (body jsonb, key text)
language sql stable rows 1 as $$
    select jsonb_build_object('id', o.id, 'key', o.key, 'name', o.name, 'kind', o.kind), o.key
    from organisation_on($1, $2, $3) o
$$;

-- The bodies whose keys begin the keys of this one, from the widest to the nearest.
create function organisation_parents(
    organisation uuid, keys text[], ags text, day date, known_size bigint)
returns table (parents jsonb)
language sql stable rows 1 as $$
    select coalesce(jsonb_agg(r.body order by octet_length(k.key)), '[]')
    from (select coalesce(max(key), $3) as key from unnest($2) key) own
    cross join unnest(array[2, 3, 5, 9]) length
    join organisation_keys_known(known_size) k on k.key = left(own.key, length) and octet_length(k.key) = length
    cross join organisation_relative(k.organisation_id, $4, known_size) r
    where k.organisation_id <> $1 and holds_on($4, k.valid_from, k.valid_to)
$$;

-- How many bodies of each level lie within a key.
create function organisation_children(organisation uuid, key text, day date, known_size bigint)
returns table (children jsonb)
language sql stable rows 1 as $$
    select coalesce(jsonb_object_agg(c.level, c.bodies), '{}')
    from (
        select k.level, count(*) as bodies
        from organisation_keys_known(known_size) k
        where k.key > $2 collate "C" and k.key < ($2 || ':') collate "C"
          and k.organisation_id <> $1 and k.level <> 'part'
          and holds_on($3, k.valid_from, k.valid_to)
        group by k.level
    ) c
$$;

create function organisation_history(organisation uuid, known_size bigint)
returns table (history jsonb, key_history jsonb)
language sql stable rows 1 as $$
    select (select jsonb_agg(jsonb_build_object(
                        'valid_from', s.valid_from, 'valid_to', s.valid_to, 'name', s.name,
                        'kind', s.kind, 'levels', s.levels, 'ags', s.ags)
                    order by s.valid_from nulls first)
            from organisation_states_known(known_size) s where s.organisation_id = $1),
           (select coalesce(jsonb_agg(jsonb_build_object(
                        'key', k.key, 'level', k.level,
                        'valid_from', k.valid_from, 'valid_to', k.valid_to)
                    order by k.valid_from nulls first, octet_length(k.key), k.key), '[]')
            from organisation_keys_known(known_size) k where k.organisation_id = $1)
$$;

create function organisation_lineage(organisation uuid, known_size bigint)
returns table (predecessors jsonb, successors jsonb)
language sql stable rows 1 as $$
    select (select coalesce(jsonb_agg(jsonb_build_object(
                        'organisation', r.body, 'effective_on', s.effective_on, 'kind', s.kind,
                        'share', s.share, 'basis', s.basis)
                    order by s.effective_on, r.key, s.organisation_id), '[]')
            from organisation_successions_known(known_size) s
            cross join organisation_relative(s.organisation_id, s.effective_on - 1, known_size) r
            where s.heir_id = $1),
           (select coalesce(jsonb_agg(jsonb_build_object(
                        'organisation', r.body, 'effective_on', s.effective_on, 'kind', s.kind,
                        'share', s.share, 'basis', s.basis)
                    order by s.effective_on, r.key, s.heir_id), '[]')
            from organisation_successions_known(known_size) s
            cross join organisation_relative(s.heir_id, s.effective_on, known_size) r
            where s.organisation_id = $1)
$$;

-- The bodies of a day that hold what an ended body gave, through all successions.
create function organisation_heirs(organisation uuid, day date, known_size bigint)
returns table (heir_id uuid, share double precision)
language sql stable as $$
    with recursive inherited as (
        select s.heir_id, s.share
        from organisation_successions_known(known_size) s
        where s.organisation_id = $1 and s.kind <> 'transfer' and s.effective_on <= $2
        union all
        select s.heir_id, i.share * s.share
        from inherited i
        join organisation_successions_known(known_size) s on s.organisation_id = i.heir_id
        where s.kind <> 'transfer' and s.effective_on <= $2
    )
    select i.heir_id, sum(i.share)
    from inherited i
    where exists (
        select 1 from organisation_states_known(known_size) s
        where s.organisation_id = i.heir_id and holds_on($2, s.valid_from, s.valid_to))
    group by i.heir_id
$$;

-- The bodies in a territory on a day; one that had ended by then, or was still to come, is found by any key.
create function organisations_within(territory text, day date, known_size bigint)
returns table (organisation_id uuid)
language sql stable as $$
    select k.organisation_id
    from organisation_keys_known(known_size) k
    where k.key >= territory and k.key < territory || ':' and k.level <> 'part'
      and (holds_on(day, k.valid_from, k.valid_to)
           or not exists (select 1 from organisation_keys_known(known_size) h
                          where h.organisation_id = k.organisation_id
                            and holds_on(day, h.valid_from, h.valid_to)))
$$;

grant select, insert on organisation_data_sets, organisations, organisation_keys, organisation_states,
    organisation_successions to efa_app;
grant select on organisation_data_sets, organisations, organisation_keys, organisation_states,
    organisation_successions to efa_reader;
