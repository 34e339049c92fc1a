-- Who reuses which service since when: a ledger of dated steps, and the periods made from it.
-- History is only added to; the tables below "projections" can be built again from it at any time.

-- `organisation_key` is what the body was called by when the reuse was recorded: it sorts lists for ever.
create table reuses (
    id uuid primary key,
    service text not null references services (slug),
    organisation_id uuid not null references organisations (id),
    organisation_key text collate "C" not null,
    demo boolean not null generated always as (organisation_key ~ '^99') stored,
    event_id uuid not null unique references events (id),
    unique (service, organisation_id),
    unique (id, service)
);

create index reuses_organisation on reuses (organisation_id);

-- `ordinal` counts the steps of a reuse in the order of the log. A step without a date holds from the day
-- of recording (basis `recorded`).
create table reuse_steps (
    id uuid primary key,
    event_id uuid not null references events (id),
    reuse_id uuid not null,
    service text not null,
    ordinal int not null check (ordinal > 0),
    stage text not null check (stage in ('interest', 'agreed', 'contracted', 'connecting', 'pilot',
                                         'live', 'suspended', 'ended', 'rejected', 'withdrawn')),
    version text,
    valid_from date not null,
    precision text not null check (precision in ('day', 'month', 'year')),
    basis text not null check (basis in ('since', 'observed', 'recorded')),
    back_end text check (back_end in ('form', 'specialist_system', 'end_to_end')),
    recorded_at timestamptz not null,
    recorded_by uuid not null references organisations (id),
    on_behalf_of uuid references organisations (id),
    evidence_kind text
        check (evidence_kind in ('statement', 'contract', 'document', 'reported')),
    evidence_reference text,
    evidence_sha256 text check (evidence_sha256 ~ '^[0-9a-f]{64}$'),
    agreement text, -- what covers the step; agreements come with a later file
    note text,
    public boolean not null
        generated always as (stage not in ('interest', 'rejected', 'withdrawn')) stored,
    unique (reuse_id, ordinal),
    foreign key (reuse_id, service) references reuses (id, service),
    foreign key (service, version) references versions (service, version),
    check (basis <> 'recorded' or precision = 'day'),
    check (evidence_kind is not null or (evidence_reference is null and evidence_sha256 is null)),
    check (evidence_kind <> 'reported' or evidence_reference ~ '^https?://')
);

create index reuse_steps_service on reuse_steps (service);
create index reuse_steps_event on reuse_steps (event_id);

-- The keys a step's area consists of; a step without any has an area that is not recorded. `own` marks the
-- body's whole territory, which is found by the body itself.
create table reuse_areas (
    step_id uuid not null references reuse_steps (id),
    key text collate "C" not null check (key ~ '^(\d{2}|\d{3}|\d{5}|\d{9}|\d{12})$'),
    own boolean not null,
    event_id uuid not null references events (id),
    primary key (step_id, key)
);

create index reuse_areas_key on reuse_areas (key) where not own;

-- Takes a step out of all answers from its record on; never itself void.
create table reuse_voids (
    step_id uuid primary key references reuse_steps (id),
    event_id uuid not null references events (id),
    recorded_at timestamptz not null,
    reason text not null
);

create index reuse_voids_event on reuse_voids (event_id);

create table reuse_notes (
    id uuid primary key,
    event_id uuid not null references events (id),
    reuse_id uuid not null references reuses (id),
    kind text not null check (kind in ('announced', 'remark')),
    text text not null,
    stated_on text collate "C" check (stated_on ~ '^\d{4}(-\d\d(-\d\d)?)?$'),
    source text,
    recorded_at timestamptz not null,
    public boolean not null
);

create index reuse_notes_reuse on reuse_notes (reuse_id);

-- Figures as sources report them; `stated_on` is as precise as the source.
create table reported_figures (
    id uuid primary key,
    event_id uuid not null references events (id),
    service text references services (slug),
    subject text collate "C" not null,
    subject_kind text not null,
    key text,
    measure text not null,
    value numeric,
    unit text,
    stated_on text collate "C" check (stated_on ~ '^\d{4}(-\d\d(-\d\d)?)?$'),
    note text,
    source text not null,
    recorded_at timestamptz not null
);

create index reported_figures_service on reported_figures (service, id);

-- A row for each body and service, under a digest that names neither: changes of one reuse, its beginning
-- included, wait for each other on it. Rows, since one batch may hold more than there are advisory locks.
create table reuse_locks (
    digest bytea primary key check (octet_length(digest) = 32)
);

-- Projections. A period ends where the next one begins, or is open; periods to come are there already.
-- `since` is when the stage began, over steps that only repeat or upgrade it. Where a service changes its
-- builder within a step, the step has a period before and one after.

create table reuse_periods (
    reuse_id uuid not null references reuses (id),
    step_id uuid not null references reuse_steps (id),
    service text not null,
    organisation_id uuid not null,
    organisation_key text collate "C" not null,
    stage text not null,
    version text,
    valid_from date not null,
    valid_to date check (valid_to > valid_from),
    since date not null,
    since_precision text not null,
    since_basis text not null,
    back_end text,
    own_use boolean not null,
    evidence text,
    agreement text,
    area text[],
    places text[],
    public boolean not null,
    demo boolean not null,
    primary key (reuse_id, valid_from)
);

create index reuse_periods_service on reuse_periods (service, organisation_key, reuse_id);
create index reuse_periods_stage on reuse_periods (stage, service, organisation_key, reuse_id);
create index reuse_periods_organisation on reuse_periods (organisation_id);
create index reuse_periods_places on reuse_periods (organisation_id) where places is not null;
create index reuse_periods_private on reuse_periods (stage) where not public;

-- How many more public periods hold from a day on; the sum up to a day is how many hold on it. By day and not
-- by month, since `as_of` names a day. Each transaction counts in a lane of its own, so that none waits for
-- another; what a lane says alone means nothing.
create table reuse_counters (
    lane int not null,
    day date not null,
    stage text not null,
    own_use boolean not null,
    reported boolean not null,
    demo boolean not null,
    periods int not null,
    primary key (lane, day, stage, own_use, reported, demo)
);

-- Where each step stands in the log. Owned by the owner on purpose, past row security: a private step must
-- end the public one before it, though nobody may see which it is. It therefore names neither body nor
-- private stage.
create view reuse_ledger as
select s.id as step_id, s.reuse_id, s.service, s.ordinal, s.valid_from, s.precision, s.basis,
       case when s.public then s.stage end as stage,
       e.leaf_idx, v.step_id is not null as void, voiding.leaf_idx as void_idx
from reuse_steps s
join events e on e.id = s.event_id
left join reuse_voids v on v.step_id = s.id
left join events voiding on voiding.id = v.event_id;

-- The same for notes: one that is public may have been recorded with a stage that is not.
create view reuse_note_ledger as
select n.id as note_id, e.leaf_idx
from reuse_notes n join events e on e.id = n.event_id;

-- All prefixes of the keys that are keys themselves: where `within` finds an area.
create function reuse_places(area text[]) returns text[]
language sql immutable as $$
    select array_agg(distinct left(key, length) order by left(key, length))
    from unnest(area) key, unnest(array[2, 3, 5, 9, 12]) length
    where length <= octet_length(key)
$$;

-- Since when each service has which builders, by their ids and their Länder, as known in the first `known_size`
-- events of the log (null: in all that is recorded). The first ones built it before their record, too.
create function reuse_builders(known_size bigint)
returns table (service text, valid_from date, valid_to date, builders uuid[], lands text[])
language sql stable as $$
    select t.slug, case when lag(t.revision) over turns is not null then t.valid_from end,
           lead(t.valid_from) over turns, b.builders, b.lands
    from (
        select distinct on (r.slug, r.valid_from) r.slug, r.valid_from, r.revision
        from document_revisions r left join events e on e.id = r.event_id
        where r.kind = 'services' and (known_size is null or e.leaf_idx < known_size)
        order by r.slug, r.valid_from, r.revision desc
    ) t
    left join (
        select b.slug, b.revision, array_agg(b.organisation_id) as builders,
               array_agg(left(b.key, 2)) filter (where b.key ~ '^[0-9]+$') as lands
        from service_builders b
        group by b.slug, b.revision
    ) b on b.slug = t.slug and b.revision = t.revision
    window turns as (partition by t.slug order by t.valid_from)
$$;

-- Whether use of a service is its builder's own: by a builder, or all of it inside the Land of one. A body without
-- a key uses it where its area says. The key the body had when recorded will do: none leaves its Land by it.
create function reuse_is_own(
    organisation uuid, key text, area text[], builders uuid[], lands text[]) returns boolean
language sql immutable as $$
    select coalesce(organisation = any (builders), false)
        or coalesce(case when key ~ '^[0-9]+$' then array[left(key, 2)]
                         else (select array_agg(left(a, 2)) from unnest(area) a) end <@ lands, false)
$$;

-- The one definition of what holds when: the periods as known in the first `known_size` events of the log
-- (null: in all that is recorded). Of several steps on one day the later record holds.
create function reuse_states(known_size bigint) returns setof reuse_periods
language sql stable as $$
    with standing as (
        select distinct on (l.service, l.reuse_id, l.valid_from)
               l.service, l.reuse_id, l.valid_from, l.step_id, l.stage, l.precision, l.basis
        from reuse_ledger l
        where case when known_size is null then not l.void
                   else l.leaf_idx < known_size
                        and (not l.void or l.void_idx is null or l.void_idx >= known_size) end
        order by l.service, l.reuse_id, l.valid_from, l.ordinal desc
    ),
    bounded as (
        select service, reuse_id, valid_from, step_id, precision, basis,
               lead(valid_from) over (partition by service, reuse_id order by valid_from)
                   as valid_to,
               stage is null or stage is distinct from
                   lag(stage) over (partition by service, reuse_id order by valid_from) as begins
        from standing
    ),
    runs as (
        select service, reuse_id, valid_from, step_id, precision, basis, valid_to,
               count(*) filter (where begins)
                   over (partition by service, reuse_id order by valid_from) as run
        from bounded
    ),
    dated as (
        select service, reuse_id, valid_from, step_id, valid_to,
               first_value(valid_from) over stretch as since,
               first_value(precision) over stretch as since_precision,
               first_value(basis) over stretch as since_basis
        from runs
        window stretch as (partition by service, reuse_id, run order by valid_from)
    ),
    built as (
        select d.reuse_id, d.step_id, d.service, d.valid_from as step_from, d.valid_to,
               d.since, d.since_precision, d.since_basis,
               greatest(d.valid_from, b.valid_from) as valid_from,
               r.organisation_id, r.organisation_key, r.demo, a.area, a.beyond,
               reuse_is_own(r.organisation_id, r.organisation_key, a.area, b.builders, b.lands)
                   as own_use
        from dated d
        join reuses r on r.id = d.reuse_id
        left join lateral (
            select array_agg(a.key order by a.key) as area,
                   array_agg(a.key) filter (where not a.own) as beyond
            from reuse_areas a where a.step_id = d.step_id
        ) a on true
        left join reuse_builders(known_size) b
            on b.service = d.service
               and (b.valid_from < d.valid_to) is not false and (b.valid_to <= d.valid_from) is not true
    ),
    turned as (
        select b.*,
               b.own_use is distinct from lag(b.own_use) over piece as turns
        from built b
        window piece as (partition by service, reuse_id, step_from order by valid_from)
    )
    select t.reuse_id, t.step_id, t.service, t.organisation_id, t.organisation_key, s.stage, s.version,
           t.valid_from,
           coalesce(lead(t.valid_from) over piece, t.valid_to),
           t.since, t.since_precision, t.since_basis, s.back_end,
           t.own_use, s.evidence_kind, s.agreement, t.area, reuse_places(t.beyond), s.public, t.demo
    from turned t
    join reuse_steps s on s.id = t.step_id
    where t.turns
    window piece as (partition by t.service, t.reuse_id, t.step_from order by t.valid_from)
$$;

-- The same, from the periods where all that is recorded is asked for.
create function reuse_periods_known(known_size bigint) returns setof reuse_periods
language sql stable as $$
    select p.* from reuse_periods p where known_size is null
    union all
    select p.* from reuse_states(known_size) p where known_size is not null
$$;

-- Who sees a reuse whose stage is private: the body, whom stands above it, the builder, whoever recorded it,
-- the operator and the auditors. Runs as the owner, since it asks the very tables it guards.
create function efa_sees_reuse(wanted uuid) returns boolean
language sql stable security definer cost 1000 set search_path = public as $$
    select efa_sees(false, r.organisation_id::text)
        or exists (
            select 1
            from organisation_keys_known(null) own
            join organisation_keys_known(null) below on starts_with(below.key, own.key)
            where own.organisation_id::text = current_setting('efa.organisation', true)
              and holds_on(legal_today(), own.valid_from, own.valid_to)
              and below.organisation_id = r.organisation_id)
        or exists (
            select 1
            from services_in_force(legal_today(), null) f
            join service_builders b on b.slug = f.slug and b.revision = f.revision
            where f.slug = r.service
              and b.organisation_id::text = current_setting('efa.organisation', true))
        or exists (
            select 1
            from reuse_steps s
            where s.reuse_id = r.id
              and s.recorded_by::text = current_setting('efa.organisation', true))
    from reuses r where r.id = wanted
$$;

-- Bodies, and reuses, of which something may lie in a territory on a day. They narrow a search by conditions
-- an index may answer under row security (`@>` may not); the exact question is asked of what is left.
create function reuse_bodies_touching(territory text, day date) returns setof uuid
language sql stable as $$
    select w.organisation_id from organisations_within(territory, day, null) w
    union
    select p.organisation_id from reuse_periods p
    where p.places is not null and p.places @> array[territory]
$$;

create function reuses_touching(territory text, day date, known_size bigint) returns setof uuid
language sql stable as $$
    select r.id from reuses r
    where r.organisation_id = any (
        array(select w.organisation_id from organisations_within(territory, day, known_size) w))
    union
    select s.reuse_id from reuse_areas a join reuse_steps s on s.id = a.step_id
    where not a.own and a.key >= territory and a.key < territory || ':'
$$;

-- Whether a period holds on a day and matches; a condition that is null lets all through.
create function reuse_matches(
    p reuse_periods, on_day date, of_service text, of_body uuid, at_stage text, in_version text,
    is_own boolean, with_demo boolean, by_back_end text)
returns boolean language sql immutable as $$
    select p.valid_from <= on_day and (p.valid_to is null or p.valid_to > on_day)
       and (of_service is null or p.service = of_service)
       and (of_body is null or p.organisation_id = of_body)
       and (at_stage is null or p.stage = at_stage)
       and (in_version is null or p.version = in_version)
       and (is_own is null or p.own_use = is_own)
       and (with_demo or not p.demo)
       and (by_back_end is null or p.back_end = by_back_end)
$$;

-- The reuses that match, and lie within a territory where one is asked for: by a body that lies there on the day,
-- or by an area that reaches beyond its body's own.
create function reuses_matching(
    on_day date, of_service text, of_body uuid, within text, at_stage text, in_version text,
    is_own boolean, with_demo boolean, by_back_end text)
returns setof reuse_periods language sql stable as $$
    select p.* from reuse_periods p
    where reuse_matches(p, on_day, of_service, of_body, at_stage, in_version, is_own, with_demo, by_back_end)
      and (within is null or p.organisation_id = any (array(select reuse_bodies_touching(within, on_day))))
      and (within is null or p.places @> array[within]
           or p.organisation_id in (
               select w.organisation_id from organisations_within(within, on_day, null) w))
$$;

-- The same as known in the first `known_size` events of the log, from the steps themselves.
create function reuses_matching_known(
    known_size bigint, on_day date, of_service text, of_body uuid, within text, at_stage text,
    in_version text, is_own boolean, with_demo boolean, by_back_end text)
returns setof reuse_periods language sql stable as $$
    select p.* from reuse_states(known_size) p
    where reuse_matches(p, on_day, of_service, of_body, at_stage, in_version, is_own, with_demo, by_back_end)
      and (within is null or p.reuse_id = any (array(select reuses_touching(within, on_day, known_size))))
      and (within is null or p.places @> array[within]
           or p.organisation_id in (
               select w.organisation_id from organisations_within(within, on_day, known_size) w))
$$;

-- The counters follow the periods, whoever writes them. Run as the owner, since a private period takes the place
-- of a public one, and the other way round, in the eyes of all.
create function reuse_lane() returns int
language plpgsql as $$
declare
    lane int := 0;
begin
    while not pg_try_advisory_xact_lock(731650411, lane) loop
        lane := lane + 1;
    end loop;
    return lane;
end
$$;

create function reuse_count() returns trigger
language plpgsql security definer set search_path = public as $$
declare
    own_lane int := reuse_lane();
    more int := case when tg_op = 'INSERT' then 1 else -1 end;
begin
    insert into reuse_counters as c (lane, day, stage, own_use, reported, demo, periods)
    select own_lane, e.day, e.stage, e.own_use, e.reported, e.demo, sum(e.periods)
    from (
        select valid_from as day, stage, own_use, evidence is not distinct from 'reported' as reported, demo,
               more as periods
        from moved where public
        union all
        select valid_to, stage, own_use, evidence is not distinct from 'reported', demo, -more
        from moved where public and valid_to is not null
    ) e
    group by e.day, e.stage, e.own_use, e.reported, e.demo having sum(e.periods) <> 0
    order by e.day, e.stage, e.own_use, e.reported, e.demo
    on conflict (lane, day, stage, own_use, reported, demo) do update set periods = c.periods + excluded.periods;
    delete from reuse_counters c
    where c.lane = own_lane and c.periods = 0
      and c.day = any (array(select valid_from from moved union select valid_to from moved));
    return null;
end
$$;

create trigger reuse_periods_more after insert on reuse_periods
referencing new table as moved for each statement execute function reuse_count();
create trigger reuse_periods_fewer after delete on reuse_periods
referencing old table as moved for each statement execute function reuse_count();

-- Other builders make other use their own: when they change, the periods of the service are made anew. At the end of
-- the transaction, when all builders are there, and while no step of the service is being recorded. As the
-- owner, since it concerns reuses the actor may not see.
create function reuse_follow_builders() returns trigger
language plpgsql security definer set search_path = public as $$
begin
    if (select count(distinct coalesce(b.builders, '{}')) > 1
        from document_revisions r
        left join lateral (
            select array_agg(b.organisation_id order by b.organisation_id) as builders
            from service_builders b where b.slug = r.slug and b.revision = r.revision) b on true
        where r.kind = 'services' and r.slug = new.slug)
    then
        perform pg_advisory_xact_lock(hashtextextended('reuses of ' || new.slug, 0));
        delete from reuse_periods where service = new.slug;
        insert into reuse_periods select p.* from reuse_states(null) p where p.service = new.slug;
    end if;
    return null;
end
$$;

create constraint trigger reuses_follow_builders after insert on document_revisions
deferrable initially deferred for each row when (new.kind = 'services')
execute function reuse_follow_builders();

-- Whether somebody asks who may see more than everybody. Asked first, since it costs nothing.
create function efa_acts() returns boolean
language sql stable as $$
    select coalesce(current_setting('efa.organisation', true), '') <> ''
$$;

alter table reuses enable row level security;
alter table reuses force row level security;
create policy reuses_owner on reuses to efa_owner using (true) with check (true);
create policy reuses_read on reuses for select to efa_app, efa_reader
    using (exists (select 1 from reuse_steps s where s.reuse_id = reuses.id and s.public)
           or exists (select 1 from reuse_notes n where n.reuse_id = reuses.id and n.public)
           or efa_sees_reuse(id));
create policy reuses_add on reuses for insert to efa_app with check (true);

alter table reuse_steps enable row level security;
alter table reuse_steps force row level security;
create policy steps_owner on reuse_steps to efa_owner using (true) with check (true);
create policy steps_read on reuse_steps for select to efa_app, efa_reader
    using (public or efa_sees_reuse(reuse_id));
create policy steps_add on reuse_steps for insert to efa_app with check (true);

alter table reuse_areas enable row level security;
alter table reuse_areas force row level security;
create policy areas_owner on reuse_areas to efa_owner using (true) with check (true);
create policy areas_read on reuse_areas for select to efa_app, efa_reader
    using (exists (select 1 from reuse_steps s where s.id = step_id));
create policy areas_add on reuse_areas for insert to efa_app with check (true);

alter table reuse_voids enable row level security;
alter table reuse_voids force row level security;
create policy voids_owner on reuse_voids to efa_owner using (true) with check (true);
create policy voids_read on reuse_voids for select to efa_app, efa_reader
    using (exists (select 1 from reuse_steps s where s.id = step_id));
create policy voids_add on reuse_voids for insert to efa_app with check (true);

alter table reuse_notes enable row level security;
alter table reuse_notes force row level security;
create policy notes_owner on reuse_notes to efa_owner using (true) with check (true);
create policy notes_read on reuse_notes for select to efa_app, efa_reader
    using (public or efa_sees_reuse(reuse_id));
create policy notes_add on reuse_notes for insert to efa_app with check (true);

alter table reuse_periods enable row level security;
alter table reuse_periods force row level security;
create policy periods_owner on reuse_periods to efa_owner using (true) with check (true);
create policy periods_read on reuse_periods for select to efa_app, efa_reader
    using (public or (efa_acts() and efa_sees_reuse(reuse_id)));
create policy periods_add on reuse_periods for insert to efa_app with check (true);
create policy periods_replace on reuse_periods for delete to efa_app using (true);

grant select, insert on
    reuses, reuse_steps, reuse_areas, reuse_voids, reuse_notes, reported_figures
    to efa_app;
grant select, insert, delete on reuse_periods, reuse_counters to efa_app;
grant select, insert, update on reuse_locks to efa_app;
grant select on
    reuses, reuse_steps, reuse_areas, reuse_voids, reuse_notes, reported_figures, reuse_periods, reuse_counters
    to efa_reader;
grant select on reuse_ledger, reuse_note_ledger to efa_app, efa_reader;
