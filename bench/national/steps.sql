-- Who reuses what, and through which steps; drawn, not yet recorded.

-- Municipalities, and districts that use a service in a part of their territory.
create unlogged table bench_bodies as
select row_number() over (order by o.key) as body, b.organisation_id, o.key, l.organisation_id as land_id,
       0.3 + 1.4 * bench_draw(row_number() over (order by o.key), 1) as zeal,
       case when b.is_district then array(
           select k.key from organisation_keys_known(null) k
           where k.level = 'association' and k.key > o.key and k.key < o.key || ':'
             and holds_on(legal_today(), k.valid_from, k.valid_to)
           order by k.key limit 3) else array[o.key] end as area
from (select k.organisation_id, not bool_or(k.level = 'municipality') as is_district
      from organisation_keys_known(null) k
      where k.level in ('municipality', 'district') and holds_on('2024-12-31', k.valid_from, k.valid_to)
        and k.key < '99'
      group by k.organisation_id) b
cross join lateral organisation_on(b.organisation_id, legal_today()) o
join organisation_keys_known(null) l on l.key = left(o.key, 2) and l.level = 'state'
    and holds_on(legal_today(), l.valid_from, l.valid_to);

-- The bodies of each service, those with more zeal rather than others.
create unlogged table bench_pairs as
select row_number() over (order by p.rank, p.body) as n, p.rank, p.body
from (
    select s.rank, s.reuses, b.body,
           row_number() over (
               partition by s.rank order by -ln(1 - bench_draw(s.rank * 100000 + b.body, 6)) / b.zeal) as place
    from bench_services s cross join bench_bodies b
    where (s.service, b.organisation_id) not in (select r.service, r.organisation_id from reuses r)
) p
where p.place <= p.reuses;

create unlogged table bench_reuses as
select p.n, s.service, b.organisation_id, b.key, b.area, s.versions, bench_draw(p.n, 2) as plan_drawn,
       case when bench_draw(p.n, 3) < 0.4 then b.land_id else b.organisation_id end as recorder,
       date '2020-01-01' + floor(2500 * sqrt(bench_draw(p.n, 4)))::int as begun,
       (30 + floor(130 * bench_draw(p.n, 5)))::int as pace
from bench_pairs p join bench_services s on s.rank = p.rank join bench_bodies b on b.body = p.body;

-- By what steps a reuse goes: `after` in paces since it began, `voids` the ordinal a correction takes out.
create unlogged table bench_plans (
    plan int, reach double precision, ordinal int, stage text, after double precision, evidence text, voids int);
insert into bench_plans values
    (1, 0.22, 1, 'contracted', 0, 'contract', null), (1, 0.22, 2, 'live', 1, 'statement', null),
    (1, 0.22, 3, 'live', 4, 'statement', null),
    (2, 0.37, 1, 'interest', 0, null, null), (2, 0.37, 2, 'contracted', 1, 'contract', null),
    (2, 0.37, 3, 'live', 2, 'statement', null),
    (3, 0.49, 1, 'contracted', 0, 'contract', null), (3, 0.49, 2, 'pilot', 1, 'statement', null),
    (3, 0.49, 3, 'live', 2, 'statement', null),
    (4, 0.61, 1, 'contracted', 0, 'document', null), (4, 0.61, 2, 'connecting', 1, null, null),
    (4, 0.61, 3, 'pilot', 2, null, null), (4, 0.61, 4, 'live', 3, 'statement', null),
    (5, 0.72, 1, 'contracted', 0, 'contract', null), (5, 0.72, 2, 'live', 1, 'statement', null),
    (6, 0.78, 1, 'live', 0, 'reported', null),
    (7, 0.84, 1, 'contracted', 0, 'contract', null), (7, 0.84, 2, 'live', 1, 'statement', null),
    (7, 0.84, 3, 'suspended', 3, null, null), (7, 0.84, 4, 'live', 4, 'statement', null),
    (8, 0.88, 1, 'contracted', 0, 'contract', null), (8, 0.88, 2, 'live', 1, 'statement', null),
    (8, 0.88, 3, 'ended', 6, null, null),
    (9, 0.91, 1, 'interest', 0, null, null), (9, 0.91, 2, 'withdrawn', 1, null, null),
    (10, 0.96, 1, 'contracted', 0, 'contract', null), (10, 0.96, 2, 'live', 1, 'statement', null),
    (10, 0.96, 3, 'live', 1.4, 'statement', 2),
    (11, 1, 1, 'interest', 0, null, null), (11, 1, 2, 'agreed', 1, null, null),
    (11, 1, 3, 'contracted', 2, 'contract', null), (11, 1, 4, 'connecting', 3, null, null),
    (11, 1, 5, 'live', 4, 'statement', null);

-- `turn` sorts all that is recorded: a reuse begins in the first part of the log and goes on from there.
create unlogged table bench_steps as
select r.n, p.plan, p.ordinal, bench_id('step', r.n * 8 + p.ordinal) as id, p.stage,
       case when p.stage = 'live' and p.evidence = 'reported' then r.begun
            else r.begun + floor(p.after * r.pace + 20 * bench_draw(r.n, 10 + p.ordinal))::int end as valid_from,
       case when p.evidence = 'reported' then 'observed' else 'since' end as basis,
       case when cardinality(r.versions) > 0 and bench_draw(r.n, 7) > 0.2
            then r.versions[case when p.ordinal = 3 and p.plan = 1 then cardinality(r.versions)
                                 else 1 + floor(bench_draw(r.n, 8) * (cardinality(r.versions) - 1))::int end]
       end as version,
       (array[null, null, 'form', 'specialist_system', 'end_to_end'])[
           1 + floor(5 * bench_draw(r.n, 9))::int] as back_end,
       r.area,
       p.evidence, p.voids,
       0.55 * bench_draw(r.n, 21) + 0.09 * (p.ordinal - 1) as turn
from bench_reuses r
join bench_plans p on p.reach > r.plan_drawn
    and not exists (select 1 from bench_plans o where o.reach > r.plan_drawn and o.reach < p.reach);
