-- Nothing of the drawing is left behind.

drop view bench_events, bench_usage_events, bench_step_events;
drop table bench_services, bench_bodies, bench_pairs, bench_reuses, bench_plans, bench_steps, bench_using, bench_figures,
    bench_contents, bench_places, bench_origins;
drop function bench_draw(bigint, bigint), bench_id(text, bigint), bench_json(text), bench_instant(timestamptz);
