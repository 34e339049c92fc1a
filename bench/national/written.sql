-- Into the tables of the program.

insert into events (id, seq, action, subject, organisation, on_behalf_of, public, batch, recorded_at, leaf, leaf_idx)
overriding system value
select event_id, current_setting('bench.base_seq')::bigint + place, action, subject, organisation, on_behalf_of,
       public, batch, recorded_at,
       convert_to(
           '{' || case when public then '' else '"about":"' || encode(sha256(salt || convert_to(
                  '{"action":"' || action || '","batch":' || bench_json(batch::text)
                  || ',"on_behalf_of":' || bench_json(on_behalf_of)
                  || ',"organisation":' || bench_json(organisation)
                  || ',"subject":"' || subject || '"}', 'UTF8')), 'hex') || '",' end
           || '"action":"' || case when public then action else 'private' end
           || '","batch":' || bench_json(case when public then batch::text end)
           || ',"event":"' || event_id || '","facts":"' || encode(sha256(salt || facts), 'hex')
           || '","on_behalf_of":' || bench_json(case when public then on_behalf_of end)
           || ',"organisation":' || bench_json(case when public then organisation end)
           || ',"recorded_at":"' || bench_instant(recorded_at)
           || '","seq":' || current_setting('bench.base_seq')::bigint + place
           || ',"subject":"' || case when public then subject else 'private/' || bench_id('private', place) end
           || '"}', 'UTF8'),
       current_setting('bench.base')::bigint + place - 1
from bench_events;

insert into event_facts (event_id, public, organisation, salt, facts)
select event_id, public, organisation, salt, facts from bench_events;

insert into reuses (id, service, organisation_id, organisation_key, event_id)
select bench_id('reuse', r.n), r.service, r.organisation_id, r.key, o.event_id
from bench_reuses r join bench_origins o on o.n = r.n and o.ordinal = 1;

insert into reuse_locks (digest)
select sha256(convert_to(r.service || '/' || r.organisation_id, 'UTF8')) from bench_reuses r;

insert into reuse_steps (id, event_id, reuse_id, service, ordinal, stage, version, valid_from, precision, basis,
                         back_end, recorded_at, recorded_by, on_behalf_of, evidence_kind, evidence_reference)
select s.id, o.event_id, bench_id('reuse', r.n), r.service, s.ordinal, s.stage, s.version, s.valid_from, 'day', s.basis,
       s.back_end, o.recorded_at, r.recorder, case when r.recorder <> r.organisation_id then r.organisation_id end,
       s.evidence, case s.evidence when 'reported' then 'https://www.example.org/' || r.service end
from bench_steps s join bench_reuses r on r.n = s.n join bench_origins o on o.n = s.n and o.ordinal = s.ordinal;

insert into reuse_areas (step_id, key, own, event_id)
select s.id, a.key, a.key = r.key, o.event_id
from bench_steps s join bench_reuses r on r.n = s.n join bench_origins o on o.n = s.n and o.ordinal = s.ordinal
cross join unnest(s.area) a (key);

insert into reuse_voids (step_id, event_id, recorded_at, reason)
select bench_id('step', s.n * 8 + s.voids), o.event_id, o.recorded_at, 'wrong day'
from bench_steps s join bench_origins o on o.n = s.n and o.ordinal = s.ordinal
where s.voids is not null;

insert into blobs (sha256, content)
select distinct on (sha256(content)) sha256(content), content from bench_contents;

insert into usage_figures (reuse_id, month, channel, version, revision, started, completed, event_id)
select f.reuse_id, f.month, f.channel, '', f.revision, f.started, f.completed, o.event_id
from bench_figures f join bench_origins o on o.service = f.service and o.told = f.told;

insert into checkpoints (size, sealed_at)
select current_setting('bench.base')::bigint + place, recorded_at
from bench_origins
where place % 1000 = 0 or place = (select max(place) from bench_origins);

update log_clock set sealed_until = (select max(sealed_at) from checkpoints);

select setval(pg_get_serial_sequence('events', 'seq'), (select max(seq) from events));
