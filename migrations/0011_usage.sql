-- How often services are used: counts as told for a reuse, a month and a channel, and perhaps a version.
-- A later count of the same is a further revision; nothing is overwritten.

-- `version` is empty where it was not told. Neither started nor completed uses: the figure was withdrawn, which
-- leaves a gap and no zero. Within one event each figure is told once.
create table usage_figures (
    reuse_id uuid not null references reuses (id),
    month date not null check (extract(day from month) = 1),
    channel text collate "C" not null check (channel ~ '^[a-z][a-z0-9_-]{0,39}$'),
    version text collate "C" not null check (octet_length(version) <= 128),
    revision int not null check (revision > 0),
    started bigint check (started >= 0),
    completed bigint check (completed >= 0),
    event_id uuid not null references events (id),
    primary key (reuse_id, month, channel, version, revision)
) partition by range (month);

-- A partition a year, made ahead, since the application makes no tables; what lies outside has a place, too.
do $$
begin
    for year in 2018..2040 loop
        execute format('create table usage_figures_%s partition of usage_figures for values from (%L) to (%L)',
                       year, make_date(year, 1, 1), make_date(year + 1, 1, 1));
    end loop;
end
$$;
create table usage_figures_other partition of usage_figures default;

create index usage_figures_event on usage_figures (event_id);

-- Lists go by body and service.
create index usage_of_bodies on reuses (organisation_key, service, id);
create index usage_of_services on reuses (service, organisation_key, id);

-- Projection: the sums of what stands, per service, Land and month. A Land is the first two digits of the key
-- a body was recorded under, empty for one without a territory. `started_told` and `completed_told` count the figures
-- a sum is made of: where there are none, there is no sum.
create table usage_months (
    service text not null,
    state text collate "C" not null,
    month date not null,
    figures int not null,
    started bigint not null,
    started_told int not null,
    completed bigint not null,
    completed_told int not null,
    primary key (service, state, month)
);

create index usage_months_state on usage_months (state, month);

create function usage_state(organisation_key text) returns text
language sql immutable parallel safe as $$
    select case when organisation_key ~ '^[0-9]' then left(organisation_key, 2) else '' end
$$;

-- The figures of a content as it was kept: a line each, its parts parted by `;`.
create function usage_rows(content bytea)
returns table (place bigint, reuse_id uuid, month date, channel text, version text, started bigint, completed bigint)
language sql stable rows 10000 as $$
    select l.place, split_part(l.line, ';', 1)::uuid, split_part(l.line, ';', 2)::date,
           split_part(l.line, ';', 3), split_part(l.line, ';', 4),
           nullif(split_part(l.line, ';', 5), '')::bigint, nullif(split_part(l.line, ';', 6), '')::bigint
    from string_to_table(convert_from(content, 'UTF8'), E'\n') with ordinality l (line, place)
$$;

-- The last revisions of all figures of some reuses and months, withdrawn ones too. In plpgsql, so that it is joined to
-- the rows of a file by a hash, however many they are.
create function usage_before(reuses uuid[], first date, last date)
returns table (reuse_id uuid, month date, channel text, version text, revision int, started bigint, completed bigint)
language plpgsql stable rows 10000 as $$
#variable_conflict use_column
begin
    return query
    select distinct on (f.reuse_id, f.month, f.channel, f.version)
           f.reuse_id, f.month, f.channel, f.version, f.revision, f.started, f.completed
    from usage_figures f
    where f.reuse_id = any (reuses) and f.month >= first and f.month <= last
    order by f.reuse_id, f.month, f.channel, f.version, f.revision desc;
end
$$;

-- The figures of one reuse and some months that stand, as known in the first `known_size` events of the log (null: in
-- all that is recorded).
create function usage_standing(reuse uuid, first date, last date, known_size bigint)
returns setof usage_figures
language sql stable rows 20 as $$
    select s.*
    from (
        select distinct on (f.month, f.channel, f.version) f.*
        from usage_figures f
        where f.reuse_id = reuse and f.month >= first and f.month <= last
          and (known_size is null
               or (select e.leaf_idx from events e where e.id = f.event_id) < known_size)
        order by f.month, f.channel, f.version, f.revision desc
    ) s
    where s.started is not null or s.completed is not null
$$;

-- The one definition of the sums per service, Land and month, as known in the first `known_size` events of the log.
create function usage_sums(of_service text, first date, last date, known_size bigint)
returns setof usage_months
language sql stable as $$
    select r.service, usage_state(r.organisation_key), f.month,
           (count(*) filter (where f.started is not null or f.completed is not null))::int,
           coalesce(sum(f.started), 0)::bigint, count(f.started)::int,
           coalesce(sum(f.completed), 0)::bigint, count(f.completed)::int
    from (
        select distinct on (f.reuse_id, f.month, f.channel, f.version) f.*
        from usage_figures f
        where f.month >= first and f.month <= last
          and (of_service is null
               or f.reuse_id = any (array(select r.id from reuses r where r.service = of_service)))
          and (known_size is null
               or (select e.leaf_idx from events e where e.id = f.event_id) < known_size)
        order by f.reuse_id, f.month, f.channel, f.version, f.revision desc
    ) f
    join reuses r on r.id = f.reuse_id
    group by r.service, usage_state(r.organisation_key), f.month
$$;

grant select, insert on usage_figures to efa_app;
grant select, insert, update, delete on usage_months to efa_app;
grant select on usage_figures, usage_months to efa_reader;
