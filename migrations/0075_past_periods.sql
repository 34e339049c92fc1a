-- Periods keep when they were recorded: one that a later record changes is not gone but past. What was known once is then
-- asked as what is known now is, with one condition more, instead of going through all steps again.

-- The sequence number of the event that made the period what it is (see log_late), and of the one that changed it.
alter table reuse_periods add known_from bigint;
create table reuse_past_periods (like reuse_periods, known_until bigint not null);

-- As before, with the sequence numbers of the events.
create or replace view reuse_ledger as
select s.id as step_id, s.reuse_id, s.service, s.ordinal, s.valid_from, s.precision, s.basis,
       case when s.public then s.stage end as stage,
       e.leaf_idx, v.step_id is not null as void, voiding.leaf_idx as void_idx,
       e.seq, voiding.seq as void_seq
from reuse_steps s
join events e on e.id = s.event_id
left join reuse_voids v on v.step_id = s.id
left join events voiding on voiding.id = v.event_id;

-- As `reuse_builders`, for each time at which it was recorded otherwise: as known from one event on until another. A
-- service that always had the same builders is told of once.
create function reuse_builders_recorded(of_services text[])
returns table (
    service text, known_from bigint, known_until bigint, valid_from date, valid_to date, builders uuid[], lands text[])
language sql stable as $$
    with revised as (
        select r.slug, r.revision, r.valid_from, e.seq, b.builders, b.lands
        from document_revisions r
        join events e on e.id = r.event_id
        left join lateral (
            select array_agg(b.organisation_id order by b.organisation_id) as builders,
                   array_agg(left(b.key, 2) order by b.organisation_id) filter (where b.key ~ '^[0-9]+$') as lands
            from service_builders b where b.slug = r.slug and b.revision = r.revision
        ) b on true
        where r.kind = 'services' and r.slug = any (of_services)
    ),
    changing as (
        select r.slug from revised r group by r.slug having count(distinct coalesce(r.builders, '{}')) > 1
    ),
    recorded as (
        select r.slug, r.seq as known_from, lead(r.seq) over (partition by r.slug order by r.seq) as known_until
        from revised r where r.slug in (select c.slug from changing c)
    ),
    turns as (
        select distinct on (k.slug, k.known_from, r.valid_from)
               k.slug, k.known_from, k.known_until, r.revision, r.valid_from, r.builders, r.lands
        from recorded k join revised r on r.slug = k.slug and r.seq <= k.known_from
        order by k.slug, k.known_from, r.valid_from, r.revision desc
    )
    select t.slug, t.known_from, t.known_until,
           case when lag(t.revision) over turns is not null then t.valid_from end,
           lead(t.valid_from) over turns, t.builders, t.lands
    from turns t
    window turns as (partition by t.slug, t.known_from order by t.valid_from)
    union all
    (select distinct on (r.slug) r.slug, 0::bigint, null::bigint, null::date, null::date, r.builders, r.lands
     from revised r where r.slug not in (select c.slug from changing c)
     order by r.slug, r.revision)
$$;

-- The one definition of what holds when: the periods of some reuses, each as known from one event on until another (null:
-- it still is). Whatever was said of a reuse or of its builders is a moment, in the order of the log, since each change
-- waited for the one before. Of several steps on one day the later record holds.
create function reuse_history(wanted uuid[]) returns setof reuse_past_periods
language sql stable as $$
    with said as materialized (
        select l.service, l.reuse_id, l.step_id, l.ordinal, l.valid_from, l.stage, l.precision, l.basis, l.seq,
               l.void_seq, a.area, a.beyond
        from unnest(wanted) w (id)
        join reuse_ledger l on l.reuse_id = w.id
        left join lateral (
            select array_agg(a.key order by a.key) as area,
                   array_agg(a.key) filter (where not a.own) as beyond
            from reuse_areas a where a.step_id = l.step_id
        ) a on true
    ),
    built as materialized (
        select b.* from reuse_builders_recorded(array(select distinct s.service from said s)) b
    ),
    moments as (
        select m.service, m.reuse_id, m.moment,
               lead(m.moment) over (partition by m.reuse_id order by m.moment) as next_moment
        from (
            select s.service, s.reuse_id, s.seq as moment from said s
            union
            select s.service, s.reuse_id, s.void_seq from said s where s.void_seq is not null
            union
            select f.service, f.reuse_id, b.known_from
            from (select s.service, s.reuse_id, min(s.seq) as first from said s group by s.service, s.reuse_id) f
            join built b on b.service = f.service and b.known_from > f.first
        ) m
    ),
    standing as (
        select distinct on (m.reuse_id, m.moment, s.valid_from) m.moment, m.next_moment, s.*
        from moments m
        join said s on s.reuse_id = m.reuse_id
            and s.seq <= m.moment and (s.void_seq <= m.moment) is not true
        order by m.reuse_id, m.moment, s.valid_from, s.ordinal desc
    ),
    bounded as (
        select s.*, lead(s.valid_from) over sequence as valid_to,
               s.stage is null or s.stage is distinct from lag(s.stage) over sequence as begins
        from standing s
        window sequence as (partition by s.reuse_id, s.moment order by s.valid_from)
    ),
    runs as (
        select b.*, count(*) filter (where b.begins)
                   over (partition by b.reuse_id, b.moment order by b.valid_from) as run
        from bounded b
    ),
    dated as (
        select r.*, first_value(r.valid_from) over stretch as since,
               first_value(r.precision) over stretch as since_precision,
               first_value(r.basis) over stretch as since_basis
        from runs r
        window stretch as (partition by r.reuse_id, r.moment, r.run order by r.valid_from)
    ),
    owned as (
        select d.*, r.organisation_id, r.organisation_key, r.demo, greatest(d.valid_from, b.valid_from) as begun,
               reuse_is_own(r.organisation_id, r.organisation_key, d.area, b.builders, b.lands) as own_use
        from dated d
        join reuses r on r.id = d.reuse_id
        left join built b
            on b.service = d.service and b.known_from <= d.moment and (b.known_until <= d.moment) is not true
               and (b.valid_from < d.valid_to) is not false and (b.valid_to <= d.valid_from) is not true
    ),
    turned as (
        select o.*, o.own_use is distinct from lag(o.own_use) over piece as turns
        from owned o
        window piece as (partition by o.reuse_id, o.moment, o.valid_from order by o.begun)
    ),
    pieces as (
        select t.*, coalesce(lead(t.begun) over piece, t.valid_to) as ended
        from turned t
        where t.turns
        window piece as (partition by t.reuse_id, t.moment, t.valid_from order by t.begun)
    ),
    stretches as (
        select p.*, p.moment is distinct from lag(p.next_moment) over same as anew
        from pieces p
        window same as (partition by p.reuse_id, p.step_id, p.begun, p.ended, p.since, p.since_precision,
                                     p.since_basis, p.own_use order by p.moment)
    ),
    kept as (
        select s.*, min(s.moment) over stretch as known_from,
               case when bool_and(s.next_moment is not null) over stretch
                    then max(s.next_moment) over stretch end as known_until,
               row_number() over (stretch order by s.moment) as place
        from (
            select s.*, count(*) filter (where s.anew) over (
                       partition by s.reuse_id, s.step_id, s.begun, s.ended, s.since, s.since_precision,
                                    s.since_basis, s.own_use order by s.moment) as stretch
            from stretches s
        ) s
        window stretch as (partition by s.reuse_id, s.step_id, s.begun, s.ended, s.since, s.since_precision,
                                        s.since_basis, s.own_use, s.stretch)
    )
    select k.reuse_id, k.step_id, k.service, k.organisation_id, k.organisation_key, s.stage, s.version,
           k.begun, k.ended, k.since, k.since_precision, k.since_basis, s.back_end,
           k.own_use, s.evidence_kind, s.agreement, k.area, reuse_places(k.beyond), s.public, k.demo,
           k.known_from, k.known_until
    from kept k
    join reuse_steps s on s.id = k.step_id
    where k.place = 1
$$;

-- Whoever changes a service, its builders included, waits for steps being recorded, and they for it (documents.share).
create or replace function reuse_follow_builders() returns trigger
language plpgsql security definer set search_path = public as $$
begin
    if (select count(distinct coalesce(b.builders, '{}')) > 1
        from document_revisions r
        left join lateral (
            select array_agg(b.organisation_id order by b.organisation_id) as builders
            from service_builders b where b.slug = r.slug and b.revision = r.revision) b on true
        where r.kind = 'services' and r.slug = new.slug)
    then
        perform reuse_project(array(select r.id from reuses r where r.service = new.slug));
    end if;
    return null;
end
$$;

-- What is there: the present periods get their events, the past ones are put in.
create temporary table history on commit drop as
select h.*
from (select array_agg(r.id) as ids from reuses r group by r.service) s cross join lateral reuse_history(s.ids) h;
update reuse_periods p set known_from = h.known_from
from history h
where h.known_until is null and h.reuse_id = p.reuse_id and h.valid_from = p.valid_from;
insert into reuse_past_periods select h.* from history h where h.known_until is not null;
alter table reuse_periods alter known_from set not null;
alter table reuse_past_periods alter known_from set not null;

alter table reuse_past_periods
    add primary key (reuse_id, valid_from, known_from),
    add foreign key (reuse_id) references reuses (id),
    add foreign key (step_id) references reuse_steps (id);
create index reuse_past_periods_service on reuse_past_periods (service, organisation_key, reuse_id);
create index reuse_past_periods_organisation on reuse_past_periods (organisation_id);
create index reuse_past_periods_keyless on reuse_past_periods (service, organisation_key)
    where places is not null and organisation_key >= ':';

alter table reuse_past_periods enable row level security;
alter table reuse_past_periods force row level security;
create policy past_periods_owner on reuse_past_periods to efa_owner using (true) with check (true);
create policy past_periods_read on reuse_past_periods for select to efa_app, efa_reader
    using (public or (efa_acts() and efa_sees_reuse(reuse_id)));
create policy past_periods_add on reuse_past_periods for insert to efa_app with check (true);
create policy past_periods_replace on reuse_past_periods for delete to efa_app using (true);
grant select, insert, delete on reuse_past_periods to efa_app;
grant select on reuse_past_periods to efa_reader;

-- The periods as known in the first `known_size` events of the log (null: in all that is recorded).
create or replace function reuse_periods_known(known_size bigint) returns setof reuse_periods
language sql stable as $$
    select p.* from reuse_periods p where known_size is null
    union all
    select p.* from reuse_periods p
    where known_size is not null and p.known_from <= (select log_last_seq(known_size))
      and p.known_from not in (select l.seq from log_late_seqs(known_size) l (seq))
    union all
    select p.reuse_id, p.step_id, p.service, p.organisation_id, p.organisation_key, p.stage, p.version, p.valid_from,
           p.valid_to, p.since, p.since_precision, p.since_basis, p.back_end, p.own_use, p.evidence, p.agreement,
           p.area, p.places, p.public, p.demo, p.known_from
    from reuse_past_periods p
    where known_size is not null and p.known_from <= (select log_last_seq(known_size))
      and p.known_from not in (select l.seq from log_late_seqs(known_size) l (seq))
      and (p.known_until > (select log_last_seq(known_size))
           or p.known_until in (select l.seq from log_late_seqs(known_size) l (seq)))
$$;

-- As `reuse_bodies_touching`, as known in the first `known_size` events of the log.
create function reuse_bodies_touching_known(territory text, day date, known_size bigint) returns setof uuid
language sql stable as $$
    select w.organisation_id from organisations_within(territory, day, known_size) w
    union
    select k.organisation_id from organisation_keys_known(known_size) k
    where k.key = any (array[left(territory, 2), left(territory, 3), left(territory, 5), left(territory, 9)])
    union
    select p.organisation_id from reuse_periods_known(known_size) p
    where p.places is not null and p.organisation_key >= ':' and p.places @> array[territory]
$$;

create or replace function reuses_matching_known(
    known_size bigint, on_day date, of_service text, of_body uuid, within text, at_stage text,
    in_version text, is_own boolean, with_demo boolean, by_back_end text)
returns setof reuse_periods language sql stable as $$
    select p.* from reuse_periods_known(known_size) p
    where reuse_matches(p, on_day, of_service, of_body, at_stage, in_version, is_own, with_demo, by_back_end)
      and (within is null
           or p.organisation_id = any (array(select reuse_bodies_touching_known(within, on_day, known_size))))
      and (within is null or p.places @> array[within]
           or p.organisation_id in (
               select w.organisation_id from organisations_within(within, on_day, known_size) w))
$$;

-- Stays at stages up to a day, without own use, each with the stage that followed it by then.
create or replace function report_stays(
    day date, known_size bigint, of_service text, within text, with_demo boolean)
returns table (
    reuse_id uuid, stage text, since date, dated boolean, next_stage text, next_since date, ever_live boolean)
language sql stable as $$
    select s.reuse_id, s.stage, s.since, s.dated,
           lead(s.stage) over stays, lead(s.since) over stays,
           bool_or(s.stage in ('live', 'suspended')) over (partition by s.reuse_id)
    from (
        select distinct p.reuse_id, p.stage, p.since, p.since_basis <> 'recorded' as dated
        from reuse_periods_known(known_size) p
        where p.valid_from <= day and not p.own_use and (with_demo or not p.demo)
          and (of_service is null or p.service = of_service)
          and (within is null
               or p.organisation_id = any (array(select reuse_bodies_touching_known(within, day, known_size))))
          and (within is null or p.places @> array[within]
               or p.organisation_id in (
                   select w.organisation_id from organisations_within(within, day, known_size) w))
    ) s
    window stays as (partition by s.reuse_id order by s.since)
$$;

drop function reuses_touching(text, date, bigint);
