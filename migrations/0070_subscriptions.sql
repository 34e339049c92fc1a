-- Who wants to hear of what, and what was sent to them. What is wanted is history; how far each receiver is serves the
-- running of the program, and begins anew after a rebuild.

-- `service` is a slug, '*' for all services, or null for those that the body reuses. All conditions must be met.
create table subscriptions (
    id uuid primary key,
    organisation_id uuid not null references organisations (id),
    service text collate "C",
    range text not null,
    theme text,
    builder_id uuid references organisations (id),
    builder_key text,
    procedure text,
    area text collate "C",
    actions text[] not null,
    url text,
    note text not null,
    recorded_at timestamptz not null,
    event_id uuid not null unique references events (id)
);

create index subscriptions_organisation on subscriptions (organisation_id, recorded_at, id);
create index subscriptions_service on subscriptions (service);

create table subscription_ends (
    subscription_id uuid primary key references subscriptions (id),
    ended_at timestamptz not null,
    reason text not null check (reason in ('cancelled', 'gone', 'unreachable', 'unverified')),
    event_id uuid not null unique references events (id)
);

-- Who confirmed to have read that a version ends: `event_id` is the deprecation's or revocation's.
create table acknowledgements (
    told_of uuid not null references events (id),
    organisation_id uuid not null references organisations (id),
    acknowledged_at timestamptz not null,
    event_id uuid not null unique references events (id),
    primary key (told_of, organisation_id)
);

-- `generation` counts the secrets a receiver has had; the one before is good until a day after `rotated_at`.
-- `due_at` is when there is something to send; whoever sends holds the row until `leased_until`.
create table subscription_states (
    subscription_id uuid primary key references subscriptions (id),
    organisation_id uuid not null,
    webhook boolean not null,
    verified_at timestamptz,
    generation int not null default 1 check (generation > 0),
    rotated_at timestamptz,
    failures int not null default 0,
    due_at timestamptz not null default 'infinity',
    leased_until timestamptz not null default '-infinity',
    ended boolean not null default false
);

create index subscription_states_due on subscription_states (due_at) where not ended and due_at < 'infinity';

-- The log number of the first event that nobody has been told of yet. It begins where the log stands now.
create table subscription_position (
    only_row boolean primary key default true check (only_row),
    position bigint not null
);
insert into subscription_position (position) select coalesce(max(leaf_idx) + 1, 0) from events;

-- What is to be sent: an event (once per subscription), or a question to the receiver. In the order of `number`; what
-- could not be sent for an hour becomes `late`, and what follows goes on without it; `readable` is what is read from a feed.
create table deliveries (
    id uuid primary key default gen_random_uuid(),
    number bigint generated always as identity unique,
    subscription_id uuid not null references subscriptions (id),
    organisation_id uuid not null,
    kind text not null check (kind in ('event', 'handshake', 'test')),
    event_id uuid references events (id),
    state text not null default 'pending' 
        check (state in ('pending', 'late', 'delivered', 'dead', 'readable')),
    attempts int not null default 0,
    created_at timestamptz not null default now(),
    first_tried_at timestamptz,
    next_at timestamptz not null default now(),
    delivered_at timestamptz,
    check ((kind = 'event') = (event_id is not null)),
    unique (subscription_id, event_id)
);

create index deliveries_open on deliveries (subscription_id, number) where state in ('pending', 'late');
create index deliveries_of on deliveries (subscription_id, number);
create index deliveries_event on deliveries (event_id, organisation_id);

create table delivery_attempts (
    delivery_id uuid not null references deliveries (id),
    attempt int not null,
    tried_at timestamptz not null,
    milliseconds int not null,
    status int,
    reason text not null,
    primary key (delivery_id, attempt)
);

-- Whether the body that asks may see what is sent to another: itself, and whom it lets subscribe in its place.
create function efa_sees_subscriptions(of_body uuid) returns boolean
language sql stable security definer set search_path = public as $$
    select coalesce(current_setting('efa.sees_all', true) = 'yes', false)
        or of_body::text in (select efa_stands_for('', array['subscribe']))
$$;

do $$
declare
    private text;
begin
    foreach private in array array['subscriptions', 'subscription_states', 'deliveries', 'acknowledgements'] loop
        execute format('alter table %I enable row level security', private);
        execute format('alter table %I force row level security', private);
        execute format('create policy %I on %I to efa_owner using (true) with check (true)',
                       private || '_owner', private);
        execute format('create policy %I on %I for select to efa_app using ('
                       || 'current_setting(''efa.sees_all'', true) = ''yes'''
                       || ' or efa_sees_subscriptions(organisation_id))', private || '_read', private);
        execute format('create policy %I on %I for insert to efa_app with check (true)', private || '_add', private);
    end loop;
end
$$;
create policy subscription_states_change on subscription_states for update to efa_app using (true);
create policy deliveries_change on deliveries for update to efa_app using (true);

alter table subscription_ends enable row level security;
alter table subscription_ends force row level security;
create policy ends_owner on subscription_ends to efa_owner using (true) with check (true);
create policy ends_read on subscription_ends for select to efa_app
    using (exists (select 1 from subscriptions s where s.id = subscription_id));
create policy ends_add on subscription_ends for insert to efa_app with check (true);

alter table delivery_attempts enable row level security;
alter table delivery_attempts force row level security;
create policy attempts_owner on delivery_attempts to efa_owner using (true) with check (true);
create policy attempts_read on delivery_attempts for select to efa_app
    using (current_setting('efa.sees_all', true) = 'yes'
           or exists (select 1 from deliveries d where d.id = delivery_id));
create policy attempts_add on delivery_attempts for insert to efa_app with check (true);

-- Whom an event concerns: of an action, about a service or a reuse, in a version that lies in these ranges. Who reuses
-- a service hears of `notices` on it, whatever else it chose.
create function subscriptions_matching(
    of_action text, of_service text, of_reuse uuid, ranges text[], stages text[], notices text[], at timestamptz)
returns table (id uuid) language sql stable as $$
    with about as (
        select coalesce(of_service, r.service) as service, r.organisation_key
        from (select 1) one left join reuses r on r.id = of_reuse
    ),
    using_it as (
        select p.organisation_id, p.organisation_key from reuse_periods p, about
        where p.service = about.service and p.stage = any (stages)
          and holds_on(legal_today(), p.valid_from, p.valid_to)
    ),
    facets as (
        select f.facet, f.value from document_facets f, about
        where f.kind = 'services' and f.slug = about.service
          and f.revision = revision_standing('services', f.slug, legal_today())
    )
    select s.id from about cross join subscriptions s
    where s.recorded_at <= at and s.range = any (ranges)
      and case when s.service is null
               then s.organisation_id in (select u.organisation_id from using_it u)
                    and (s.actions = '{}' or of_action = any (s.actions) or of_action = any (notices))
               else s.service in (about.service, '*') and (s.actions = '{}' or of_action = any (s.actions)) end
      and (s.theme is null or exists (select 1 from facets where facet = 'theme' and value = s.theme))
      and (s.builder_id is null
           or exists (select 1 from facets where facet = 'builder' and value = s.builder_id::text))
      and (s.procedure is null or exists (select 1 from facets where facet = 'procedure' and value = s.procedure))
      and (s.area is null
           or starts_with(about.organisation_key, s.area)
           or (about.organisation_key is null
               and exists (select 1 from using_it u where starts_with(u.organisation_key, s.area))))
$$;

grant select, insert on subscriptions, subscription_ends, acknowledgements, delivery_attempts to efa_app;
grant select, insert, update on subscription_states, deliveries to efa_app;
grant select, update on subscription_position to efa_app;
grant select on subscription_position to efa_reader;

call efa_keep_history('subscriptions');
call efa_keep_history('subscription_ends');
call efa_keep_history('acknowledgements');
