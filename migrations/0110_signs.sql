-- How far each service reaches in each Land, as signs: what pages show and ranks are made of, without counting bodies.

create index reuse_periods_contracted on reuse_periods (service, left(organisation_key, 2), valid_from)
    where stage in ('contracted', 'connecting') and not own_use;

-- Of some services, each with a Land: those under contract there on a day, by others than the builder. Runs as the owner,
-- whose searches an index may answer by an expression; both stages are public.
create function reuse_contracted_in(on_day date, services text[], lands text[])
returns table (service text, land text)
language sql stable security definer set search_path = public as $$
    select a.service, a.land
    from unnest(services, lands) a (service, land)
    cross join lateral (
        (select 1 from reuse_periods p
         where p.stage in ('contracted', 'connecting') and not p.own_use and p.public
           and p.service = a.service and left(p.organisation_key, 2) = a.land
           and p.valid_from <= on_day and (p.valid_to is null or p.valid_to > on_day)
         limit 1)
        union all
        (select 1 from reuse_periods p
         where p.places is not null and p.organisation_key >= ':' and p.service = a.service
           and p.stage in ('contracted', 'connecting') and not p.own_use and p.public
           and a.land = any (p.places)
           and p.valid_from <= on_day and (p.valid_to is null or p.valid_to > on_day)
         limit 1)
        limit 1
    ) found
$$;

-- Of the services for which it is recorded who is competent: the Länder where anybody is, and of these where all of them are
-- covered. By what is recorded now, a few bodies of each Land tell most: one of them that is not covered is enough. Only of
-- services of which these few tell nothing are all bodies counted.
create function report_everywhere(day date, known_size bigint, wanted text[], within text, with_demo boolean)
returns table (service text, everywhere text[], ruled text[])
language plpgsql stable set plan_cache_mode to force_custom_plan as $$
#variable_conflict use_column
declare
    governed text[] := array(select distinct r.service from competence_rules(day, known_size, wanted) r);
    lands text[];
    told text[] := '{}';
begin
    if cardinality(governed) > 0 and known_size is null and coalesce(octet_length(within), 2) = 2 then
        lands := array(select l.land from report_states(day, null, within, with_demo) l);
        told := array(
            with few as materialized (
                select b.organisation_id, b.key, b.land, b.levels, b.kind,
                       array[left(b.key, 2), left(b.key, 3), left(b.key, 5), left(b.key, 9), b.key] as above
                from report_bodies(day, null, within, with_demo) b
                where b.organisation_id = any (array(
                    select k.organisation_id
                    from unnest(lands) l (land)
                    cross join lateral (
                        select k.organisation_id from organisation_keys k
                        where k.key > l.land and k.key < l.land || ':' and octet_length(k.key) = 12
                          and k.level <> 'part' and holds_on(day, k.valid_from, k.valid_to)
                        order by k.key limit 6) k))
            ),
            known as materialized (
                select f.*, array(
                           select distinct others.key
                           from organisation_keys k join organisation_keys others using (organisation_id)
                           where k.key = any (f.above)) as keys
                from few f
            ),
            competent as materialized (
                select distinct r.service, k.land, k.organisation_id, k.above, k.keys
                from competence_rules(day, null, governed) r
                join known k
                    on (k.levels && r.levels or k.kind = any (r.kinds) or k.organisation_id = any (r.named))
                       and (r.area is null or starts_with(k.key, r.area)) and not k.organisation_id = any (r.excepted)
            )
            select g.service from unnest(governed) g (service)
            where not exists (
                    select from reuse_periods p
                    where p.service = g.service and p.places is not null and p.organisation_key >= ':')
              and not exists (
                    select from unnest(lands) l (land)
                    where not exists (
                        select from competent c
                        where c.service = g.service and c.land = l.land
                          and (select p.stage
                               from reuse_periods p cross join lateral unnest(p.area) a (key)
                               where p.service = c.service and p.organisation_key = any (c.keys)
                                 and p.stage in ('pilot', 'live', 'suspended')
                                 and p.valid_from <= day and (p.valid_to is null or p.valid_to > day)
                                 and (with_demo or not p.demo)
                                 and (p.organisation_id = c.organisation_id
                                      or a.key = any (c.above)
                                         and (octet_length(a.key) > 2 or p.evidence is distinct from 'reported'))
                               order by case when p.organisation_id = c.organisation_id then 13
                                             else octet_length(a.key) end desc, p.reuse_id
                               limit 1) is distinct from 'live')));
    end if;
    return query
    select t.service, '{}'::text[], lands from unnest(told) t (service)
    union all
    select c.service, coalesce(array_agg(c.land) filter (where c.covered = c.competent), '{}'), array_agg(c.land)
    from report_competence(day, known_size, array(
        select g.service from unnest(governed) g (service) where not g.service = any (told)), within, with_demo) c
    group by c.service;
end
$$;

-- For each service in force the Länder where it is in operation (`live`), or else in a pilot, or else under contract; where
-- it is known who is competent (`ruled`), and of these where all of them are covered (`everywhere`). Within a territory
-- smaller than a Land, and by past knowledge, from the periods.
create function report_signs(
    day date, known_size bigint, of_service text, within text, with_demo boolean)
returns table (
    service text, live text[], pilot text[], contracted text[], everywhere text[], ruled text[])
language plpgsql stable set plan_cache_mode to force_custom_plan as $$
#variable_conflict use_column
declare
    slugs text[] := array(
        select s.slug
        from services_in_force(day, known_size) s
        join document_cards c on c.kind = 'services' and c.slug = s.slug and c.revision = s.revision
        where (of_service is null or s.slug = of_service) and (with_demo or not c.demo));
    lands text[] := array(select l.land from report_states(day, known_size, within, with_demo) l);
    from_spans boolean := known_size is null and coalesce(octet_length(within), 2) = 2;
begin
    return query
    with spans as materialized (
        select s.service, s.land, bool_or(s.running) as running
        from reuse_land_spans s
        where from_spans and s.days @> day and s.land = any (lands) and s.service = any (slugs)
        group by s.service, s.land
    ),
    other as (
        select array_agg(w.slug) as services, array_agg(l.land) as lands
        from unnest(slugs) w (slug) cross join unnest(lands) l (land)
        where from_spans and not exists (
            select from spans s where s.service = w.slug and s.land = l.land)
    ),
    counted as (
        select u.* from report_stages(day, known_size, case when from_spans then '{}' else slugs end, within, with_demo) u
    ),
    signs as (
        select s.service, s.land, case when s.running then 'live' else 'pilot' end as sign from spans s
        union all
        select c.service, c.land, 'contracted' from other o cross join lateral reuse_contracted_in(day, o.services, o.lands) c
        union all
        select u.service, u.land,
               case when u.at_least_one then 'live' when u.pilot > 0 then 'pilot' when u.contracted > 0 then 'contracted' end
        from counted u
    ),
    lit as (
        select g.service, array_agg(g.land) filter (where g.sign = 'live') as live,
               array_agg(g.land) filter (where g.sign = 'pilot') as pilot,
               array_agg(g.land) filter (where g.sign = 'contracted') as contracted
        from signs g group by g.service
    )
    select w.slug, coalesce(g.live, '{}'), coalesce(g.pilot, '{}'), coalesce(g.contracted, '{}'),
           coalesce(f.everywhere, '{}'), coalesce(f.ruled, '{}')
    from unnest(slugs) w (slug)
    left join lit g on g.service = w.slug
    left join report_everywhere(day, known_size, slugs, within, with_demo) f on f.service = w.slug
    order by w.slug;
end
$$;

-- Ranks are made of these signs now.
drop function report_ranking(date, bigint, text, text, boolean);
drop function report_running(date, bigint, text, boolean);
