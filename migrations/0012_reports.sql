-- What the auditors' reports rest on: which bodies are competent, and which are covered by whose reuse.
-- Nothing is stored here.

-- The first day of a date that may be a year or a month.
create function first_day_of(stated text) returns date
language sql immutable as $$ select left(stated || '-01-01', 10)::date $$;

create function organisations_in_list(keys jsonb, day date, known_size bigint)
returns table (organisation_id uuid) language sql stable as $$
    select f.organisation_id
    from (select array_agg(k.key) as keys, array_agg(k.place::int) as places
          from jsonb_array_elements_text(keys) with ordinality as k (key, place)) listed
    cross join organisations_found(listed.keys, listed.keys, listed.places, day, known_size) f
    where listed.keys is not null
$$;

-- Who is competent for the asked services (null: all) under the rules in force on a day. The bodies that a
-- rule names are found by key, AGS or slug.
create function competence_rules(day date, known_size bigint, wanted text[])
returns table (service text, area text, levels text[], kinds text[], named uuid[], excepted uuid[], source text)
language sql stable as $$
    select s.slug, r.rule ->> 'area',
           array(select jsonb_array_elements_text(r.rule -> 'levels')),
           array(select jsonb_array_elements_text(r.rule -> 'kinds')),
           array(select f.organisation_id from organisations_in_list(r.rule -> 'bodies', day, known_size) f),
           array(select f.organisation_id from organisations_in_list(r.rule -> 'exceptions', day, known_size) f),
           r.rule ->> 'source'
    from services_in_force(day, known_size) s
    join document_revisions d on d.kind = 'services' and d.slug = s.slug and d.revision = s.revision
    cross join lateral jsonb_array_elements(d.document -> 'competence') r (rule)
    where (wanted is null or s.slug = any (wanted))
      and holds_on(day, first_day_of(r.rule ->> 'valid_from'), first_day_of(r.rule ->> 'valid_to'))
$$;

-- Territorial bodies on a day: the longest key names the territory, the first two digits the Land.
create function report_bodies(day date, known_size bigint, within text, with_demo boolean)
returns table (organisation_id uuid, key text, land text, levels text[], kind text, population int, population_on date)
language sql stable as $$
    select s.organisation_id, k.key, left(k.key, 2), s.levels, s.kind, s.population, s.population_on
    from (
        select k.organisation_id, max(k.key collate "C") as key
        from organisation_keys_known(known_size) k
        where k.level <> 'part' and holds_on(day, k.valid_from, k.valid_to)
        group by k.organisation_id
    ) k
    join organisation_states_known(known_size) s
        on s.organisation_id = k.organisation_id and holds_on(day, s.valid_from, s.valid_to)
    where (within is null or starts_with(k.key, within)) and (with_demo or not starts_with(k.key, '99'))
$$;

-- The state of each body for each asked service: that of the reuse whose area is the most specific around it.
-- Only stages that say whether the service runs there compete. What a source reports of a whole Land says that
-- the Land takes part, and covers none of its bodies; an area that is not recorded covers nobody.
create function report_cover(
    day date, known_size bigint, wanted text[], within text, with_demo boolean)
returns table (service text, organisation_id uuid, stage text)
language sql stable as $$
    with running as materialized (
        select p.service, p.organisation_id, p.stage, p.reuse_id, a.key, p.evidence
        from reuse_periods_known(known_size) p
        cross join lateral unnest(p.area) a (key)
        where p.stage in ('pilot', 'live', 'suspended') and p.service = any (wanted)
          and p.valid_from <= day and (p.valid_to is null or p.valid_to > day)
          and (with_demo or not p.demo)
    ),
    bodies as materialized (
        select b.organisation_id, b.key from report_bodies(day, known_size, within, with_demo) b
    ),
    candidates as (
        select r.service, b.organisation_id, r.stage, r.reuse_id, octet_length(r.key) as length
        from bodies b
        cross join unnest(array[2, 3, 5, 9, 12]) length
        join running r on r.key = left(b.key, length)
        where length <= octet_length(b.key) and (length > 2 or r.evidence is distinct from 'reported')
        union all
        select r.service, b.organisation_id, r.stage, r.reuse_id, 13
        from bodies b join running r on r.organisation_id = b.organisation_id
    )
    select distinct on (c.service, c.organisation_id) c.service, c.organisation_id, c.stage
    from candidates c
    order by c.service, c.organisation_id, c.length desc, c.reuse_id
$$;

-- The bodies competent for the asked services, each with its Land.
create function report_competent(
    day date, known_size bigint, wanted text[], within text, with_demo boolean)
returns table (service text, organisation_id uuid, land text) language sql stable as $$
    select distinct r.service, b.organisation_id, b.land
    from competence_rules(day, known_size, wanted) r
    join report_bodies(day, known_size, within, with_demo) b
        on (b.levels && r.levels or b.kind = any (r.kinds) or b.organisation_id = any (r.named))
           and (r.area is null or starts_with(b.key, r.area))
    where not b.organisation_id = any (r.excepted)
$$;

-- In which Länder each service runs, at least in one place, own use included: by a body of the Land, or by an area
-- in it. For the present knowledge this takes one look into the index for each service and Land.
create function report_running(day date, known_size bigint, wanted text, with_demo boolean)
returns table (service text, land text) language plpgsql stable as $$
#variable_conflict use_column
declare
    lands text[] := array(
        select k.key from organisation_keys_known(known_size) k
        where k.level = 'state' and octet_length(k.key) = 2 and holds_on(day, k.valid_from, k.valid_to)
          and (with_demo or k.key <> '99'));
begin
    if known_size is null then
        return query
        select s.slug, l.land
        from services_in_force(day, null) s cross join unnest(lands) l (land)
        cross join lateral (
            select 1 from reuse_periods p
            where p.stage = 'live' and p.service = s.slug
              and p.organisation_key >= l.land and p.organisation_key < l.land || ':'
              and p.valid_from <= day and (p.valid_to is null or p.valid_to > day)
            limit 1) found
        where wanted is null or s.slug = wanted
        union
        select p.service, l.land
        from reuse_periods p join unnest(lands) l (land) on p.places @> array[l.land]
        where p.places is not null and p.stage = 'live' and (wanted is null or p.service = wanted)
          and p.valid_from <= day and (p.valid_to is null or p.valid_to > day);
    else
        return query
        select distinct p.service, l.land
        from reuse_states(known_size) p join unnest(lands) l (land)
            on l.land = left(p.organisation_key, 2) or p.places @> array[l.land]
        where p.stage = 'live' and (wanted is null or p.service = wanted)
          and p.valid_from <= day and (p.valid_to is null or p.valid_to > day);
    end if;
end
$$;

-- The Länder on a day with their inhabitants, or those of the territory asked for within one.
create function report_states(day date, known_size bigint, within text, with_demo boolean)
returns table (land text, name text, inhabitants int, population_on date) language sql stable as $$
    select k.key, o.name, t.population, t.population_on
    from organisation_keys_known(known_size) k
    cross join lateral organisation_on(k.organisation_id, day, known_size) o
    left join organisation_keys_known(known_size) w
        on w.key = case when octet_length(within) > 2 then within else k.key end
           and holds_on(day, w.valid_from, w.valid_to)
    left join lateral organisation_on(w.organisation_id, day, known_size) t on true
    where k.level = 'state' and octet_length(k.key) = 2 and holds_on(day, k.valid_from, k.valid_to)
      and (with_demo or k.key <> '99') and (within is null or k.key = left(within, 2))
$$;

-- How many bodies have each asked service at which stage, by Land.
create function report_stages(
    day date, known_size bigint, wanted text[], within text, with_demo boolean)
returns table (
    service text, land text, live bigint, pilot bigint, contracted bigint, suspended bigint, own_use bigint,
    at_least_one boolean, land_takes_part boolean)
language sql stable as $$
    select p.service, l.land,
           count(*) filter (where p.stage = 'live' and not p.own_use),
           count(*) filter (where p.stage = 'pilot' and not p.own_use),
           count(*) filter (where p.stage in ('contracted', 'connecting') and not p.own_use),
           count(*) filter (where p.stage = 'suspended' and not p.own_use),
           count(*) filter (where p.stage = 'live' and p.own_use),
           bool_or(p.stage = 'live'),
           bool_or(p.stage = 'live' and p.organisation_key = l.land)
    from reuse_periods_known(known_size) p
    join report_states(day, known_size, within, with_demo) l
        on l.land = left(p.organisation_key, 2) or p.places @> array[l.land]
    where p.service = any (wanted)
      and p.valid_from <= day and (p.valid_to is null or p.valid_to > day)
      and (within is null or p.places @> array[within]
           or p.organisation_id in (
               select w.organisation_id from organisations_within(within, day, known_size) w))
    group by p.service, l.land
$$;

-- How many bodies of each Land are competent for each asked service, and how many of them are covered.
create function report_competence(
    day date, known_size bigint, wanted text[], within text, with_demo boolean)
returns table (service text, land text, competent bigint, covered bigint, in_pilot bigint)
language sql stable as $$
    select c.service, c.land, count(*), count(*) filter (where v.stage = 'live'),
           count(*) filter (where v.stage = 'pilot')
    from report_competent(day, known_size, wanted, within, with_demo) c
    left join report_cover(day, known_size, wanted, within, with_demo) v
        on v.service = c.service and v.organisation_id = c.organisation_id
    group by c.service, c.land
$$;

-- How many inhabitants of each Land live where each asked service is in operation.
create function report_reached(
    day date, known_size bigint, wanted text[], within text, with_demo boolean)
returns table (service text, land text, inhabitants bigint) language sql stable as $$
    select v.service, b.land, sum(b.population)
    from report_cover(day, known_size, wanted, within, with_demo) v
    join report_bodies(day, known_size, within, with_demo) b on b.organisation_id = v.organisation_id
    where v.stage = 'live' and 'municipality' = any (b.levels)
    group by v.service, b.land
$$;

-- Whoever has a service on a day, agreed on it, or prepares it; within a territory where one is asked for.
create function report_holders(
    day date, known_size bigint, of_service text, within text, with_demo boolean)
returns setof reuse_periods language sql stable as $$
    select p.*
    from reuse_periods_known(known_size) p
    where p.stage in ('agreed', 'contracted', 'connecting', 'pilot', 'live', 'suspended')
      and p.valid_from <= day and (p.valid_to is null or p.valid_to > day)
      and (of_service is null or p.service = of_service) and (with_demo or not p.demo)
      and (within is null or p.places @> array[within]
           or p.organisation_id in (
               select w.organisation_id from organisations_within(within, day, known_size) w))
$$;

-- Every version released by a day in its state on that day.
create function report_versions(day date, known_size bigint, of_service text)
returns table (
    service text, version text, state text, released_on date, since date, sunset date, successor text,
    revoked_on date)
language sql stable as $$
    select v.service, v.version,
           case when r.since <= day then 'revoked' when d.since <= day then 'deprecated' else 'active' end,
           v.released_on, coalesce(r.since, d.since), d.sunset, d.successor, r.since
    from versions v
    left join lateral (
        select d.since, d.sunset, d.successor
        from version_deprecations d join events e on e.id = d.event_id
        where d.service = v.service and d.version = v.version and (known_size is null or e.leaf_idx < known_size)
        order by e.seq desc limit 1
    ) d on true
    left join lateral (
        select r.since
        from version_revocations r join events e on e.id = r.event_id
        where r.service = v.service and r.version = v.version and (known_size is null or e.leaf_idx < known_size)
    ) r on true
    where v.released_on <= day and (of_service is null or v.service = of_service)
      and (known_size is null
           or exists (select 1 from events e where e.id = v.event_id and e.leaf_idx < known_size))
$$;

-- Stays at stages up to a day, without own use, each with the stage that followed it by then.
create function report_stays(
    day date, known_size bigint, of_service text, within text, with_demo boolean)
returns table (
    reuse_id uuid, stage text, since date, dated boolean, next_stage text, next_since date, ever_live boolean)
language sql stable as $$
    select s.reuse_id, s.stage, s.since, s.dated,
           lead(s.stage) over stays, lead(s.since) over stays,
           bool_or(s.stage in ('live', 'suspended')) over (partition by s.reuse_id)
    from (
        select distinct p.reuse_id, p.stage, p.since, p.since_basis <> 'recorded' as dated
        from reuse_periods_known(known_size) p
        where p.valid_from <= day and not p.own_use and (with_demo or not p.demo)
          and (of_service is null or p.service = of_service)
          and (within is null or p.places @> array[within]
               or p.organisation_id in (
                   select w.organisation_id from organisations_within(within, day, known_size) w))
    ) s
    window stays as (partition by s.reuse_id order by s.since)
$$;

-- On each of some days: who uses the services asked for, and where.
create function report_use_on(
    days date[], known_size bigint, of_service text, within text, with_demo boolean)
returns table (day date, bodies bigint, states bigint, suspended bigint) language sql stable as $$
    select d.day,
           count(distinct p.organisation_id) filter (where p.stage <> 'suspended'),
           count(distinct left(p.organisation_key, 2))
               filter (where p.stage <> 'suspended' and p.organisation_key ~ '^[0-9]'),
           count(distinct p.organisation_id) filter (where p.stage = 'suspended')
    from unnest(days) d (day)
    left join reuse_periods_known(known_size) p
        on p.stage in ('pilot', 'live', 'suspended') and not p.own_use
           and p.valid_from <= d.day and (p.valid_to is null or p.valid_to > d.day)
           and (of_service is null or p.service = of_service) and (with_demo or not p.demo)
           and (within is null or p.places @> array[within]
                or p.organisation_id in (
                    select w.organisation_id
                    from organisations_within(within, days[cardinality(days)], known_size) w))
    group by d.day
$$;

-- Inhabitants covered by a service on each of some days, by the bodies and the population of the last of them.
create function report_reached_on(
    days date[], known_size bigint, of_service text, within text, with_demo boolean)
returns table (day date, inhabitants bigint) language sql stable as $$
    with running as materialized (
        select p.organisation_id, p.stage, p.reuse_id, p.valid_from, p.valid_to, p.evidence, a.key
        from reuse_periods_known(known_size) p cross join lateral unnest(p.area) a (key)
        where p.service = of_service and p.stage in ('pilot', 'live', 'suspended') and (with_demo or not p.demo)
    ),
    places as materialized (
        select b.organisation_id, b.key, b.population
        from report_bodies(days[cardinality(days)], known_size, within, with_demo) b
        where 'municipality' = any (b.levels)
    ),
    candidates as materialized (
        select b.organisation_id, b.population, r.stage, r.reuse_id, r.valid_from, r.valid_to, length
        from places b
        cross join unnest(array[2, 3, 5, 9, 12]) length
        join running r on r.key = left(b.key, length)
        where length > 2 or r.evidence is distinct from 'reported'
        union all
        select b.organisation_id, b.population, r.stage, r.reuse_id, r.valid_from, r.valid_to, 13
        from places b join running r on r.organisation_id = b.organisation_id
    )
    select n.day, sum(n.population) filter (where n.stage = 'live')
    from (
        select distinct on (d.day, c.organisation_id) d.day, c.stage, c.population
        from unnest(days) d (day)
        join candidates c on c.valid_from <= d.day and (c.valid_to is null or c.valid_to > d.day)
        order by d.day, c.organisation_id, c.length desc, c.reuse_id
    ) n
    group by n.day
$$;
