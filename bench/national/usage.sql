-- What was counted in 2025, by months since a service ran there; some of it was told anew later, or withdrawn.

create unlogged table bench_using as
select r.n, r.service, bench_id('reuse', r.n) as reuse_id,
       greatest(0, (extract(year from s.since)::int - 2025) * 12 + extract(month from s.since)::int - 1) as first
from bench_reuses r
join (select n, min(valid_from) as since
      from bench_steps where stage = 'live' and not (plan = 10 and ordinal = 2) group by n) s on s.n = r.n
where s.since < '2026-01-01';

create unlogged table bench_figures as
with asked as (
    select current_setting('bench.usage')::double precision / nullif(sum(12 - first), 0) as share
    from bench_using
)
select u.n, u.service, u.reuse_id, (date '2025-01-01' + make_interval(months => m))::date as month, m as told,
       c.channel, 1 as revision, d.started, floor(d.started * (0.5 + d.rest / 2))::bigint as completed
from asked a
cross join bench_using u
cross join lateral generate_series(u.first, 11) m
join (values (0, 'online'), (1, 'counter')) c (place, channel)
    on bench_draw(u.n * 32 + m * 2 + c.place, 30) < a.share - c.place
cross join lateral (
    select floor(8 / (1.001 - bench_draw(u.n * 32 + m * 2 + c.place, 31)))::bigint as started,
           bench_draw(u.n * 32 + m * 2 + c.place, 32) as rest) d;

insert into bench_figures
select n, service, reuse_id, month, 12, channel, 2,
       case when bench_draw(n * 16 + told, 33) > 0.1 then started + 3 end,
       case when bench_draw(n * 16 + told, 33) > 0.1 then completed + 2 end
from bench_figures
where channel = 'online' and told < 6 and bench_draw(n * 16 + told, 34) < 0.02;

create unlogged table bench_contents as
select service, told, count(*) as figures,
       convert_to(string_agg(
           reuse_id || ';' || month || ';' || channel || ';;' || coalesce(started::text, '') || ';'
           || coalesce(completed::text, ''), E'\n' order by n, month, channel), 'UTF8') as content
from bench_figures
group by service, told;
