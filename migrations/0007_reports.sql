-- Questions across rooms. Nothing is stored here: functions over what the rooms keep.

-- Who uses a service that another body built, in a pilot or in operation, on a day.
create function reuse_in_use(on_day date, known_size bigint)
returns table (service text, organisation_id uuid, organisation_key text, places text[], demo boolean)
language sql stable as $$
    select p.service, p.organisation_id, p.organisation_key, p.places, p.demo
    from reuse_periods_known(known_size) p
    where p.stage in ('pilot', 'live') and not p.own_use
      and p.valid_from <= on_day and (p.valid_to is null or p.valid_to > on_day)
$$;

-- Each service with the states in which it is used, and with the territory `within` where it is: by a body that lies
-- there on the day, or in an area that reaches beyond its body's own (as in `reuses_matching`). A body's state is
-- that of its key, since none ever moved to another; for the present knowledge this takes one look into the
-- index for each state, however many bodies use the service. In plpgsql, so that it is planned once.
create function reuse_places_of_services(
    on_day date, known_size bigint, within text, with_demo boolean)
returns table (slug text, place text) language plpgsql stable as $$
#variable_conflict use_column
declare
    states text[] := array(
        select l.code from codelist_labels(known_size) l where l.codelist = 'states'
        union
        select '99' where with_demo
        union
        select within where octet_length(within) = 2);
    asked text[] := array(select unnest(states) union select within where within is not null);
    bodies uuid[] := array(
        select w.organisation_id from organisations_within(within, on_day, known_size) w
        where octet_length(within) > 2);
begin
    if known_size is null then
        return query
        select s.slug, l.place
        from services_in_force(on_day, null) s cross join unnest(states) l (place)
        cross join lateral (
            select 1 from reuse_in_use(on_day, null) u
            where u.service = s.slug
              and u.organisation_key >= l.place and u.organisation_key < l.place || ':'
              and (with_demo or not u.demo)
            limit 1) found
        union
        select u.service, l.place
        from reuse_in_use(on_day, null) u join unnest(asked) l (place) on u.places @> array[l.place]
        where u.places is not null and (with_demo or not u.demo)
        union
        select u.service, within
        from reuse_in_use(on_day, null) u
        where u.organisation_id = any (bodies) and (with_demo or not u.demo);
    else
        return query
        select u.service, l.place
        from reuse_in_use(on_day, known_size) u join unnest(asked) l (place)
            on l.place = left(u.organisation_key, 2) or u.places @> array[l.place]
               or (l.place = within and u.organisation_id = any (bodies))
        where with_demo or not u.demo
        group by u.service, l.place;
    end if;
end
$$;

-- Every value a service has on a day, by facet: its own, and what the rooms above know of it.
create function report_values(on_day date, known_size bigint, within text, with_demo boolean)
returns table (slug text, facet text, value text) language sql stable as $$
    with used as (
        select u.slug, u.place from reuse_places_of_services(on_day, known_size, within, with_demo) u
    )
    select v.slug, v.facet, v.value from service_values(on_day, known_size) v
    union all
    select u.slug, 'reused_within', u.place from used u
    union all
    select s.slug, 'reused_by_states', count(u.place)::text
    from services_in_force(on_day, known_size) s
    left join used u on u.slug = s.slug and octet_length(u.place) = 2
    group by s.slug
    union all
    select s.slug, 'has_versions', exists (
               select 1 from versions v join events e on e.id = v.event_id
               where v.service = s.slug and v.released_on <= on_day
                 and (known_size is null or e.leaf_idx < known_size))::text
    from services_in_force(on_day, known_size) s
$$;

-- Services on a day that match the words asked for, and which of the wanted facet values each has.
-- `any_words` is searched with German stemming, `prefixes` as beginnings of folded words, `parts` anywhere
-- in them, which finds the parts of compounds. A smaller rank is a better match, and a name with all of them
-- better than any text. A service has all that is wanted where `passed` has every wanted facet.
create function services_matching(
    any_words text, prefixes text, parts text[], wanted_facets text[], wanted_values text[],
    on_day date, known_size bigint, with_demo boolean)
returns table (slug text, revision int, rank int, passed text[]) language sql stable as $$
    with asked as (
        select websearch_to_tsquery('german', any_words) || to_tsquery('simple', prefixes) as text
    ),
    found as materialized (
        select c.slug, c.revision,
               case when any_words is null then 0
                    else -((ts_rank(c.vector, asked.text) + part.in_name) * 1000000)::int
               end as rank
        from services_in_force(on_day, known_size) s
        join document_cards c on c.kind = 'services' and c.slug = s.slug and c.revision = s.revision
        cross join asked
        cross join lateral (
            select coalesce(bool_and(strpos(c.sort_key, part) > 0), false)::int as in_name,
                   coalesce(bool_and(strpos(c.words, part) > 0), false) as anywhere
            from unnest(parts) part
        ) part
        where (with_demo or not c.demo)
          and (any_words is null or c.vector @@ asked.text or part.anywhere)
    ),
    held as (
        select v.slug, array_agg(distinct v.facet) as passed
        from unnest(wanted_facets, wanted_values) as w (facet, value)
        join report_values(
            on_day, known_size, wanted_values[array_position(wanted_facets, 'reused_within')],
            with_demo) v
            on v.facet = w.facet and v.value = w.value
        group by v.slug
    )
    select f.slug, f.revision, f.rank, coalesce(h.passed, '{}')
    from found f left join held h on h.slug = f.slug
$$;
