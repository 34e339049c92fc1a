-- The log every change is written to, and who may do what with it.
-- The roles efa_owner, efa_app, efa_reader and efa_sequencer exist before this file runs (registry/db/roles.py).

revoke create on schema public from public;
grant usage on schema public to efa_app, efa_reader, efa_sequencer;
grant select on migrations to efa_app, efa_reader;

create table blobs (
    sha256 bytea primary key check (octet_length(sha256) = 32),
    content bytea not null
);

create table events (
    id uuid primary key,
    seq bigint generated always as identity unique,
    action text not null check (action ~ '^[a-z_]+\.[a-z_]+$'),
    subject text collate "C" not null, -- bytewise, so that what lies below a subject is a range
    organisation text not null,
    on_behalf_of text,
    public boolean not null,
    batch uuid,
    recorded_at timestamptz not null,
    leaf bytea not null,
    leaf_idx bigint unique check (leaf_idx >= 0)
);

create index events_waiting on events (seq) where leaf_idx is null;
create index events_subject on events (subject, leaf_idx);
create index events_action on events (action, leaf_idx) where public;

-- Salt and facts can be erased together; the leaf keeps only SHA-256(salt || facts).
create table event_facts (
    event_id uuid primary key references events (id),
    public boolean not null,
    organisation text not null,
    salt bytea not null check (octet_length(salt) = 32),
    facts bytea not null
);

-- When a prefix of the log was sealed: the only thing an instant in `known_at` can mean.
create table checkpoints (
    size bigint primary key check (size > 0),
    sealed_at timestamptz not null unique
);

-- Nothing is sealed any more at or before this instant; so what an instant up to it means stays the same for ever.
create table log_clock (
    only_row boolean primary key default true check (only_row),
    sealed_until timestamptz not null
);
insert into log_clock (sealed_until) values ('-infinity');

create function efa_sees(row_public boolean, row_organisation text) returns boolean
language sql stable as $$
    select row_public
        or row_organisation = nullif(current_setting('efa.organisation', true), '')
        or current_setting('efa.sees_all', true) = 'yes'
$$;

alter table events enable row level security;
alter table events force row level security;
create policy events_owner on events to efa_owner using (true) with check (true);
create policy events_sequencer_reads on events for select to efa_sequencer using (true);
create policy events_sequencer_numbers on events for update to efa_sequencer
    using (leaf_idx is null) with check (leaf_idx is not null);
create policy events_app_reads on events for select to efa_app, efa_reader
    using (efa_sees(public, organisation));
create policy events_app_adds on events for insert to efa_app
    with check (organisation = current_setting('efa.organisation', true) and leaf_idx is null);

alter table event_facts enable row level security;
alter table event_facts force row level security;
create policy facts_owner on event_facts to efa_owner using (true) with check (true);
create policy facts_app_reads on event_facts for select to efa_app, efa_reader
    using (efa_sees(public, organisation));
create policy facts_app_adds on event_facts for insert to efa_app
    with check (organisation = current_setting('efa.organisation', true));

-- The log as everybody may read it: what has its number and is public.
create view public_events with (security_invoker = true) as
    select e.leaf_idx as log_index, e.id, e.action, e.subject, e.organisation, e.on_behalf_of,
           e.batch, e.recorded_at, f.facts
    from events e left join event_facts f on f.event_id = e.id
    where e.public and e.leaf_idx is not null;

grant select on public_events to efa_app, efa_reader;
grant select, insert on blobs, events, event_facts to efa_app;
grant select on blobs, events, event_facts to efa_reader;
grant select on checkpoints, log_clock to efa_app, efa_reader;
grant select, update (leaf_idx) on events to efa_sequencer;
grant select, insert on checkpoints to efa_sequencer;
grant select, update on log_clock to efa_sequencer;
