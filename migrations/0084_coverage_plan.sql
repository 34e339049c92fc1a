-- Coverage as a function with a plan of its own for each question: the plan that fits all of them, which the server
-- takes after some calls, is worse by a factor of ten and more where one service is asked for.
create function report_coverage(
    day date, known_size bigint, of_service text, within text, with_demo boolean, after_service text, after_land text,
    most int)
returns table (
    service text, state text, state_name text, at_least_one boolean, everywhere boolean, land_takes_part boolean,
    live bigint, pilot bigint, contracted bigint, suspended bigint, own_use bigint, competent bigint,
    competent_covered bigint, competent_in_pilot bigint, competent_percent text, inhabitants int,
    inhabitants_covered bigint, inhabitants_percent text, population_on date)
language plpgsql stable set plan_cache_mode to force_custom_plan as $$
#variable_conflict use_column
declare
    slugs text[] := array(
        select s.slug
        from services_in_force(day, known_size) s
        join document_cards c on c.kind = 'services' and c.slug = s.slug and c.revision = s.revision
        where (of_service is null or s.slug = of_service) and (with_demo or not c.demo)
          and (after_service is null or s.slug >= after_service)
        order by s.slug limit most / 16 + 2);
begin
    return query
    select w.slug, l.land, l.name, coalesce(u.at_least_one, false), c.covered = c.competent,
           coalesce(u.land_takes_part, false), coalesce(u.live, 0), coalesce(u.pilot, 0), coalesce(u.contracted, 0),
           coalesce(u.suspended, 0), coalesce(u.own_use, 0), c.competent, c.covered, c.in_pilot,
           trunc(100.0 * c.covered / c.competent, 2)::text, l.inhabitants, coalesce(r.inhabitants, 0),
           case when c.competent is not null then
               trunc(100.0 * coalesce(r.inhabitants, 0) / nullif(l.inhabitants, 0), 2)::text
           end,
           l.population_on
    from unnest(slugs) w (slug)
    cross join report_states(day, known_size, within, with_demo) l
    left join report_stages(day, known_size, slugs, within, with_demo) u on u.service = w.slug and u.land = l.land
    left join report_competence(day, known_size, slugs, within, with_demo) c on c.service = w.slug and c.land = l.land
    left join report_reached(day, known_size, slugs, within, with_demo) r on r.service = w.slug and r.land = l.land
    where after_service is null or (w.slug, l.land) > (after_service, after_land)
    order by w.slug, l.land limit most;
end
$$;
