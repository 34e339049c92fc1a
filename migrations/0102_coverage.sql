-- Coverage of services by Land without a look at every period for each Land, and with one look at the bodies.

-- As before; the Länder of a period are found from the period, as they are for the ranking.
create or replace function report_stages(
    day date, known_size bigint, wanted text[], within text, with_demo boolean)
returns table (
    service text, land text, live bigint, pilot bigint, contracted bigint, suspended bigint, own_use bigint,
    at_least_one boolean, land_takes_part boolean)
language sql stable as $$
    with lands as materialized (select s.land from report_states(day, known_size, within, with_demo) s)
    select p.service, u.land,
           count(*) filter (where p.stage = 'live' and not p.own_use),
           count(*) filter (where p.stage = 'pilot' and not p.own_use),
           count(*) filter (where p.stage in ('contracted', 'connecting') and not p.own_use),
           count(*) filter (where p.stage = 'suspended' and not p.own_use),
           count(*) filter (where p.stage = 'live' and p.own_use),
           bool_or(p.stage = 'live'),
           bool_or(p.stage = 'live' and p.organisation_key = u.land)
    from reuse_periods_known(known_size) p
    cross join lateral unnest(reuse_used_in(p.organisation_key, p.places)) u (land)
    where p.service = any (wanted) and u.land in (select l.land from lands l)
      and p.valid_from <= day and (p.valid_to is null or p.valid_to > day)
      and (within is null or p.places @> array[within]
           or p.organisation_id in (
               select w.organisation_id from organisations_within(within, day, known_size) w))
    group by p.service, u.land
$$;

-- As before, with what else is asked of a body.
drop function report_cover(date, bigint, text[], text, boolean);
create function report_cover(
    day date, known_size bigint, wanted text[], within text, with_demo boolean)
returns table (service text, organisation_id uuid, stage text, land text, levels text[], population int)
language sql stable set work_mem to '32MB' set enable_mergejoin to off as $$
    with running as materialized (
        select p.service, p.organisation_id, p.stage, p.reuse_id, a.key, p.evidence
        from reuse_periods_known(known_size) p
        cross join lateral unnest(p.area) a (key)
        where p.stage in ('pilot', 'live', 'suspended') and p.service = any (wanted)
          and p.valid_from <= day and (p.valid_to is null or p.valid_to > day)
          and (with_demo or not p.demo)
    ),
    bodies as materialized (
        select b.organisation_id, b.key, b.land, b.levels, b.population
        from report_bodies(day, known_size, within, with_demo) b
    ),
    lengths as materialized (select distinct octet_length(r.key) as length from running r),
    candidates as (
        select r.service, b.organisation_id, r.stage, r.reuse_id, l.length
        from bodies b
        join lengths l on l.length <= octet_length(b.key)
        join running r on r.key = left(b.key, l.length)
        where l.length > 2 or r.evidence is distinct from 'reported'
        union all
        select r.service, b.organisation_id, r.stage, r.reuse_id, 13
        from bodies b join running r on r.organisation_id = b.organisation_id
    )
    select n.service, n.organisation_id, n.stage, b.land, b.levels, b.population
    from (
        select distinct on (c.service, c.organisation_id) c.service, c.organisation_id, c.stage
        from candidates c
        order by c.service, c.organisation_id, c.length desc, c.reuse_id
    ) n
    join bodies b on b.organisation_id = n.organisation_id
$$;

create or replace function report_reached(
    day date, known_size bigint, wanted text[], within text, with_demo boolean)
returns table (service text, land text, inhabitants bigint) language sql stable as $$
    select v.service, v.land, sum(v.population)
    from report_cover(day, known_size, wanted, within, with_demo) v
    where v.stage = 'live' and 'municipality' = any (v.levels)
    group by v.service, v.land
$$;

-- As before; who is competent is not repeated for each service before it is asked who is covered.
create or replace function report_competence(
    day date, known_size bigint, wanted text[], within text, with_demo boolean)
returns table (service text, land text, competent bigint, covered bigint, in_pilot bigint)
language sql stable set work_mem to '32MB' as $$
    with rules as materialized (
        select r.service, r.area, r.levels, r.kinds, r.named, r.excepted,
               dense_rank() over (order by r.area, r.levels, r.kinds, r.named, r.excepted) as rule
        from competence_rules(day, known_size, wanted) r
    ),
    ruled as materialized (
        select s.service, s.rules, dense_rank() over (order by s.rules) as alike
        from (select r.service, array_agg(distinct r.rule order by r.rule) as rules
              from rules r group by r.service) s
    ),
    bodies as materialized (
        select b.organisation_id, b.key, b.land, b.levels, b.kind
        from report_bodies(day, known_size, within, with_demo) b
    ),
    competent as materialized (
        select distinct g.alike, b.organisation_id, b.land
        from (select distinct r.alike, one.rule from ruled r cross join unnest(r.rules) one (rule)) g
        join (select distinct on (r.rule) r.* from rules r order by r.rule) r on r.rule = g.rule
        join bodies b
            on (b.levels && r.levels or b.kind = any (r.kinds) or b.organisation_id = any (r.named))
               and (r.area is null or starts_with(b.key, r.area)) and not b.organisation_id = any (r.excepted)
    ),
    counted as (
        select c.alike, c.land, count(*) as competent from competent c group by c.alike, c.land
    ),
    cover as materialized (
        select r.service, r.alike, v.organisation_id, v.stage
        from report_cover(day, known_size, array(select r.service from ruled r), within, with_demo) v
        join ruled r on r.service = v.service
    ),
    covered as (
        select v.service, c.land, count(*) filter (where v.stage = 'live') as covered,
               count(*) filter (where v.stage = 'pilot') as in_pilot
        from cover v join competent c on c.alike = v.alike and c.organisation_id = v.organisation_id
        group by v.service, c.land
    )
    select r.service, n.land, n.competent, coalesce(c.covered, 0), coalesce(c.in_pilot, 0)
    from ruled r
    join counted n on n.alike = r.alike
    left join covered c on c.service = r.service and c.land = n.land
$$;

-- The Länder by the services in operation there; the ranks are those among all Länder. With a plan of its own for each
-- question, as coverage has.
create function report_ranking(day date, known_size bigint, of_service text, within text, with_demo boolean)
returns table (
    state text, state_name text, at_least_locally bigint, rank_at_least_locally bigint, everywhere bigint,
    rank_everywhere bigint, with_competence bigint, rank_change bigint)
language plpgsql stable set plan_cache_mode to force_custom_plan as $$
#variable_conflict use_column
declare
    ruled text[] := array(
        select distinct r.service
        from competence_rules(day, known_size, case when of_service is not null then array[of_service] end) r);
begin
    return query
    with locally as (
        select r.land, count(*) as services
        from report_running(day, known_size, of_service, with_demo) r group by r.land
    ),
    fully as (
        select c.land, count(*) filter (where c.covered = c.competent) as services, count(*) as ruled
        from report_competence(day, known_size, ruled, null, with_demo) c
        group by c.land
    ),
    ranked as (
        select s.land, s.name, coalesce(l.services, 0) as locally,
               rank() over (order by coalesce(l.services, 0) desc) as rank_locally,
               f.services,
               case when f.services is not null then rank() over (order by f.services desc nulls last) end
                   as rank_fully,
               coalesce(f.ruled, 0) as ruled
        from report_states(day, known_size, null, with_demo) s
        left join locally l on l.land = s.land
        left join fully f on f.land = s.land
    )
    select r.land, r.name, r.locally, r.rank_locally, r.services, r.rank_fully, r.ruled, r.rank_fully - r.rank_locally
    from ranked r
    where within is null or r.land = left(within, 2)
    order by r.rank_locally, r.land;
end
$$;
