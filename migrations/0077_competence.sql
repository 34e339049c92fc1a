-- How many bodies are competent is worked out once for all services with the same rules, and counted by Land; only who is
-- covered is looked up service by service.
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
    covered as (
        select r.service, c.land, count(*) filter (where v.stage = 'live') as covered,
               count(*) filter (where v.stage = 'pilot') as in_pilot
        from report_cover(day, known_size, array(select r.service from ruled r), within, with_demo) v
        join ruled r on r.service = v.service
        join competent c on c.alike = r.alike and c.organisation_id = v.organisation_id
        group by r.service, c.land
    )
    select r.service, n.land, n.competent, coalesce(c.covered, 0), coalesce(c.in_pilot, 0)
    from ruled r
    join counted n on n.alike = r.alike
    left join covered c on c.service = r.service and c.land = n.land
$$;

drop function report_competent(date, bigint, text[], text, boolean);

-- As before, but only keys of the lengths that areas have are looked for; in a hash, since sorting them takes longer.
create or replace function report_cover(
    day date, known_size bigint, wanted text[], within text, with_demo boolean)
returns table (service text, organisation_id uuid, stage text)
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
        select b.organisation_id, b.key from report_bodies(day, known_size, within, with_demo) b
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
    select distinct on (c.service, c.organisation_id) c.service, c.organisation_id, c.stage
    from candidates c
    order by c.service, c.organisation_id, c.length desc, c.reuse_id
$$;
