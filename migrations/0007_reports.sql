-- Questions across rooms. Nothing is stored here: functions over what the rooms keep.

-- Every value a service has on a day, by facet: its own, and what the rooms above know of it.
create function report_values(on_day date, known_size bigint)
returns table (slug text, facet text, value text) language sql stable as $$
    select v.slug, v.facet, v.value from service_values(on_day, known_size) v
    union all
    select s.slug, 'has_versions', exists (
               select 1 from versions v join events e on e.id = v.event_id
               where v.service = s.slug and v.released_on <= on_day
                 and (known_size is null or e.leaf_idx < known_size))::text
    from services_in_force(on_day, known_size) s
$$;

-- Services on a day that match the words asked for, and which of the wanted facet values each has.
-- `any_words` is searched with German stemming, `prefixes` as beginnings of folded words, `parts` anywhere in
-- them, which finds the parts of compounds. A smaller rank is a better match, and a name with
-- all of them better than any text. A service has all that is wanted where `passed` has every wanted facet.
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
        join service_cards c on c.slug = s.slug and c.revision = s.revision
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
        join report_values(on_day, known_size) v on v.facet = w.facet and v.value = w.value
        group by v.slug
    )
    select f.slug, f.revision, f.rank, coalesce(h.passed, '{}')
    from found f left join held h on h.slug = f.slug
$$;
