-- The order of the log, and its events as the program writes them.

create unlogged table bench_places as
select row_number() over (order by t.turn, t.n, t.ordinal, t.service, t.told) as place, t.*
from (
    select turn, n, ordinal, null::text as service, null::int as told from bench_steps
    union all
    select 0.56 + 0.03 * told + 0.02 * bench_draw(told, hashtext(service)), null, null, service, told
    from bench_contents
) t;

create unlogged table bench_origins as
select p.place, p.n, p.ordinal, p.service, p.told, bench_id('event', p.place) as event_id,
       current_setting('bench.began')::timestamptz + p.place * interval '1 microsecond' as recorded_at
from bench_places p;

create view bench_step_events as
select o.place, o.event_id, o.recorded_at,
       case when s.voids is not null then 'reuse.correct' when s.ordinal = 1 then 'reuse.start'
            else 'reuse.step' end as action,
       'reuses/' || bench_id('reuse', r.n) as subject, r.recorder::text as organisation,
       case when r.recorder <> r.organisation_id then r.organisation_id::text end as on_behalf_of,
       s.stage not in ('interest', 'withdrawn') as public,
       case when r.recorder <> r.organisation_id then bench_id(r.recorder::text, o.place / 3000) end as batch,
       sha256(convert_to('salt' || o.event_id, 'UTF8')) as salt,
       convert_to(
           '{"begins":' || (s.ordinal = 1)::text || ',"notes":[],"organisation_id":"' || r.organisation_id
           || '","organisation_key":"' || r.key || '","reuse_id":"' || bench_id('reuse', r.n)
           || '","service":"' || r.service || '","steps":[{"agreement":null,"area":["'
           || array_to_string(s.area, '","') || '"],"back_end":' || bench_json(s.back_end) || ',"basis":"'
           || s.basis || '","evidence":'
           || case s.evidence
                  when 'reported' then
                      '{"kind":"reported","reference":"https://www.example.org/' || r.service || '","sha256":null}'
                  else coalesce('{"kind":"' || s.evidence || '","reference":null,"sha256":null}', 'null') end
           || ',"id":"' || s.id || '","note":null,"ordinal":' || s.ordinal || ',"precision":"day","stage":"'
           || s.stage || '","valid_from":"' || s.valid_from || '","version":' || bench_json(s.version)
           || '}],"voids":['
           || coalesce('{"reason":"wrong day","step_id":"' || bench_id('step', r.n * 8 + s.voids) || '"}', '')
           || ']}', 'UTF8') as facts
from bench_origins o
join bench_steps s on s.n = o.n and s.ordinal = o.ordinal
join bench_reuses r on r.n = o.n;

create view bench_usage_events as
select o.place, o.event_id, o.recorded_at, 'usage.record' as action, 'usage/' || o.service as subject,
       current_setting('bench.operator') as organisation, null::text as on_behalf_of, true as public,
       bench_id('usage', o.told) as batch, sha256(convert_to('salt' || o.event_id, 'UTF8')) as salt,
       convert_to(
           '{"content":"' || encode(sha256(c.content), 'hex') || '","figures":' || c.figures || ',"file":"'
           || encode(sha256(convert_to('file ' || o.told, 'UTF8')), 'hex') || '","service":"' || o.service || '"}',
           'UTF8') as facts
from bench_origins o
join bench_contents c on c.service = o.service and c.told = o.told;

create view bench_events as
select * from bench_step_events union all select * from bench_usage_events;
