-- Projects of a GitLab or GitHub whose jobs publish a service without a token of their own.
create table pipelines (
    id uuid primary key,
    organisation_id uuid not null references organisations (id),
    service text collate "C" not null references services (slug),
    issuer text collate "C" not null,
    project text collate "C" not null,
    tags text collate "C" not null,
    note text not null,
    recorded_at timestamptz not null,
    recorded_by uuid not null references organisations (id),
    event_id uuid not null unique references events (id)
);

create index pipelines_project on pipelines (issuer, lower(project));
create index pipelines_organisation on pipelines (organisation_id, recorded_at, id);

-- Which project a path led to when a job of it came first: another one that takes the path over is refused.
create table pipeline_pins (
    pipeline_id uuid primary key references pipelines (id),
    project_id text collate "C" not null,
    namespace_id text collate "C" not null,
    recorded_at timestamptz not null,
    event_id uuid not null references events (id)
);

create table pipeline_ends (
    pipeline_id uuid primary key references pipelines (id),
    recorded_at timestamptz not null,
    event_id uuid not null unique references events (id)
);

-- Which ID tokens were exchanged, by the digest of issuer and `jti`, until none of them can be valid any more.
create table used_id_tokens (
    sha256 bytea primary key check (octet_length(sha256) = 32),
    until timestamptz not null
);

create index used_id_tokens_until on used_id_tokens (until);

-- What a project may publish. Runs as the owner: a job is nobody yet who could see it.
create function pipelines_of(of_issuer text, of_project text)
returns table (id uuid, organisation_id uuid, service text, tags text, project_id text, namespace_id text)
language sql stable security definer set search_path = public as $$
    select p.id, p.organisation_id, p.service, p.tags, n.project_id, n.namespace_id
    from pipelines p
    left join pipeline_pins n on n.pipeline_id = p.id
    where p.issuer = of_issuer and lower(p.project) = lower(of_project)
      and not exists (select 1 from pipeline_ends e where e.pipeline_id = p.id)
    order by p.service, p.id
$$;

alter table pipelines enable row level security;
alter table pipelines force row level security;
create policy pipelines_owner on pipelines to efa_owner using (true) with check (true);
create policy pipelines_read on pipelines for select to efa_app using (efa_sees(false, organisation_id::text));
create policy pipelines_add on pipelines for insert to efa_app with check (true);

alter table pipeline_pins enable row level security;
alter table pipeline_pins force row level security;
create policy pins_owner on pipeline_pins to efa_owner using (true) with check (true);
create policy pins_read on pipeline_pins for select to efa_app
    using (exists (select 1 from pipelines p where p.id = pipeline_id));
create policy pins_add on pipeline_pins for insert to efa_app with check (true);

alter table pipeline_ends enable row level security;
alter table pipeline_ends force row level security;
create policy ends_owner on pipeline_ends to efa_owner using (true) with check (true);
create policy ends_read on pipeline_ends for select to efa_app
    using (exists (select 1 from pipelines p where p.id = pipeline_id));
create policy ends_add on pipeline_ends for insert to efa_app with check (true);

create view pipeline_cards with (security_invoker = true) as
select p.id, p.organisation_id, o.key, o.name, p.service, p.issuer, p.project, p.tags, p.note, p.recorded_at,
       n.project_id, n.namespace_id, n.recorded_at as pinned_at, e.recorded_at as ended_at
from pipelines p
cross join lateral organisation_on(p.organisation_id, legal_today(), null) o
left join pipeline_pins n on n.pipeline_id = p.id
left join pipeline_ends e on e.pipeline_id = p.id;

grant select, insert on pipelines, pipeline_pins, pipeline_ends to efa_app;
grant select on pipeline_cards to efa_app;
grant select, insert, delete on used_id_tokens to efa_app;
revoke execute on function pipelines_of(text, text) from public;
grant execute on function pipelines_of(text, text) to efa_app;

call efa_keep_history('pipelines');
call efa_keep_history('pipeline_pins');
call efa_keep_history('pipeline_ends');
