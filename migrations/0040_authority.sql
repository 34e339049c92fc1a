-- Who may act in whose place, tokens bound to addresses and to what an auditor may read, and the private rows that
-- both may see.

alter table tokens
    add column kind text not null default 'write' check (kind ~ '^[a-z]{1,20}$'),
    add column issued_at timestamptz,
    add column issued_by uuid references organisations (id), -- null: by the registry itself
    add column issued_with uuid references tokens (id), -- the token that asked for it
    add column follows uuid references tokens (id), -- the token it takes the place of
    add column cidrs text[] not null default '{}',
    add column audit_within text[],
    add column audit_services text[];
set local efa.history = 'open'; -- when it was issued was known from its event only
update tokens t set issued_at = e.recorded_at from events e where e.id = t.event_id;
alter table tokens alter column issued_at set default now();
alter table tokens alter column issued_at set not null;

create index tokens_organisation on tokens (organisation_id, issued_at, id);
create index tokens_issued_with on tokens (issued_with);
create index tokens_follows on tokens (follows);

alter table token_revocations
    add column revoked_at timestamptz not null default now(),
    add column reason text not null default 'revoked' check (reason in ('revoked', 'reported'));

-- The last day a token was used on; no history, and written beside what it was used for.
create table token_uses (
    token_id uuid primary key references tokens (id),
    last_used_on date not null
);

-- Who lets whom act in its place. A revision is all that is agreed from a day on, and of those that have begun the
-- last one holds; what is taken back is a revision that ends as it begins. Without services it is for all of them.
create table delegations (
    delegator uuid not null references organisations (id),
    delegate uuid not null references organisations (id) check (delegate <> delegator),
    revision int not null check (revision > 0),
    delegator_key text collate "C" not null,
    delegate_key text collate "C" not null,
    scopes text[] not null check (are_scopes(scopes)),
    services text[] not null,
    valid_from date not null,
    valid_to date check (valid_to >= valid_from),
    note text not null,
    recorded_at timestamptz not null,
    recorded_by uuid not null references organisations (id),
    event_id uuid not null unique references events (id),
    primary key (delegator, delegate, revision)
);

create index delegations_of_delegate on delegations ((delegate::text));

-- How it stood on a day, as known in the first `known_size` events of the log (null: in all that is recorded): of what
-- had begun by then the last record, whether it still held or not.
create function delegations_on(day date, known_size bigint) returns setof delegations
language sql stable as $$
    select distinct on (d.delegator, d.delegate) d.*
    from delegations d
    where d.valid_from <= day and is_known(d.event_id, known_size)
    order by d.delegator, d.delegate, d.revision desc
$$;

-- What holds today for a delegate.
create function mandates_of(body text) returns setof delegations
language sql stable as $$
    select d.*
    from delegations d
    where d.delegate::text = body and holds_on(legal_today(), d.valid_from, d.valid_to)
      and not exists (
          select 1 from delegations later
          where later.delegator = d.delegator and later.delegate = d.delegate
            and later.revision > d.revision and later.valid_from <= legal_today())
$$;

-- The bodies in whose place may be acted now: the body that asks, and those that let it do so for a service.
create function efa_stands_for(of_service text, in_scopes text[]) returns setof text
language sql stable security definer set search_path = public as $$
    select current_setting('efa.organisation', true)
    where current_setting('efa.organisation', true) <> ''
    union all
    select d.delegator::text from mandates_of(current_setting('efa.organisation', true)) d
    where d.scopes && in_scopes and (d.services = '{}' or of_service = any (d.services))
$$;

-- Whether an auditor asks who may read what is private of a body, or of a service.
create function efa_audits(of_service text, body uuid) returns boolean
language sql stable security definer set search_path = public as $$
    select coalesce(of_service = any (string_to_array(current_setting('efa.audit_services', true), ',')), false)
        or (coalesce(current_setting('efa.audit_within', true), '') <> ''
            and exists (
                select 1
                from organisation_keys_known(null) k
                join unnest(string_to_array(current_setting('efa.audit_within', true), ',')) outer_key
                    on starts_with(k.key, outer_key)
                where k.organisation_id = body))
$$;

create or replace function efa_sees_reuse(wanted uuid) returns boolean
language sql stable security definer cost 1000 set search_path = public as $$
    select coalesce(current_setting('efa.sees_all', true) = 'yes', false)
        or efa_audits(r.service, r.organisation_id)
        or exists (
            select 1
            from efa_stands_for(r.service, array['read', 'reuse', 'publish:*', 'publish:' || r.service]) own (id)
            where own.id = r.organisation_id::text
               or exists (
                   select 1
                   from organisation_keys_known(null) above
                   join organisation_keys_known(null) below on starts_with(below.key, above.key)
                   where above.organisation_id::text = own.id
                     and holds_on(legal_today(), above.valid_from, above.valid_to)
                     and below.organisation_id = r.organisation_id)
               or exists (
                   select 1
                   from services_in_force(legal_today(), null) f
                   join service_builders b on b.slug = f.slug and b.revision = f.revision
                   where f.slug = r.service and b.organisation_id::text = own.id)
               or exists (
                   select 1 from reuse_steps s
                   where s.reuse_id = r.id and s.recorded_by::text = own.id))
    from reuses r where r.id = wanted
$$;

-- The body itself and the builders of today, and whom they let act; what stands above the body does not see it.
create or replace function efa_sees_parameters(wanted uuid) returns boolean
language sql stable security definer cost 1000 set search_path = public as $$
    select coalesce(current_setting('efa.sees_all', true) = 'yes', false)
        or efa_audits(r.service, r.organisation_id)
        or r.organisation_id::text in (select efa_stands_for(r.service, array['read', 'reuse']))
        or exists (
            select 1
            from services_in_force(legal_today(), null) f
            join service_builders b on b.slug = f.slug and b.revision = f.revision
            where f.slug = r.service
              and b.organisation_id::text in (
                  select efa_stands_for(r.service, array['publish:*', 'publish:' || r.service])))
    from reuses r where r.id = wanted
$$;

-- Whom each token acts for today, found by its digest. What has ended or was taken back is told apart, since its use
-- is worth a line in the security log. A token that another body asked for lives as long as it may act so.
-- Runs as the owner: nobody is known yet who could see a token.
create function token_holders(digests bytea[])
returns table (
    sha256 text, id uuid, organisation_id uuid, slug text, name text, keys text[], kind text, scopes text[],
    cidrs text[], audit_within text[], audit_services text[], state text, expires_at timestamptz,
    seconds_left float8, last_used_on date, lent_by uuid, mandates jsonb)
language sql stable security definer set search_path = public as $$
    select encode(t.sha256, 'hex'), t.id, t.organisation_id, o.slug,
           coalesce((select s.name from organisation_states_known(null) s
                     where s.organisation_id = o.id
                     order by not holds_on(legal_today(), s.valid_from, s.valid_to),
                              s.valid_from desc nulls last limit 1), ''),
           array(select k.key from organisation_keys_known(null) k
                 where k.organisation_id = o.id and k.level <> 'part'
                   and holds_on(legal_today(), k.valid_from, k.valid_to)),
           t.kind, t.scopes, t.cidrs, t.audit_within, t.audit_services,
           case when exists (select 1 from token_revocations r where r.token_id = t.id) then 'revoked'
                when t.expires_at <= now() then 'expired'
                when t.issued_by <> t.organisation_id
                     and not exists (select 1 from mandates_of(t.issued_by::text) d
                                     where d.delegator = t.organisation_id and d.services = '{}'
                                       and t.scopes <@ (d.scopes || array['read']))
                then 'undelegated'
                else 'valid' end,
           t.expires_at, extract(epoch from t.expires_at - now())::float8, u.last_used_on,
           nullif(t.issued_by, t.organisation_id),
           (select coalesce(jsonb_agg(jsonb_build_object(
                       'organisation', d.delegator, 'key', d.delegator_key,
                       'scopes', d.scopes, 'services', d.services,
                       'keys', array(select k.key from organisation_keys_known(null) k
                                     where k.organisation_id = d.delegator and k.level <> 'part'
                                       and holds_on(legal_today(), k.valid_from, k.valid_to)))
                   order by d.delegator_key), '[]')
            from mandates_of(t.organisation_id::text) d)
    from tokens t
    join organisations o on o.id = t.organisation_id
    left join token_uses u on u.token_id = t.id
    where t.sha256 = any (digests)
$$;

-- The token with a digest that was reported, and every token that was asked for with it, directly or not.
create function tokens_reported(digest bytea) returns setof uuid
language sql stable security definer set search_path = public as $$
    with recursive found as (
        select t.id from tokens t where t.sha256 = digest
        union
        select t.id from found f join tokens t on t.issued_with = f.id
    )
    select f.id from found f
    where not exists (select 1 from token_revocations r where r.token_id = f.id)
$$;

alter table tokens enable row level security;
alter table tokens force row level security;
create policy tokens_owner on tokens to efa_owner using (true) with check (true);
create policy tokens_read on tokens for select to efa_app
    using (efa_sees(false, organisation_id::text) or issued_by::text = current_setting('efa.organisation', true));
create policy tokens_add on tokens for insert to efa_app with check (true);

alter table token_revocations enable row level security;
alter table token_revocations force row level security;
create policy revocations_owner on token_revocations to efa_owner using (true) with check (true);
create policy revocations_read on token_revocations for select to efa_app
    using (exists (select 1 from tokens t where t.id = token_id));
create policy revocations_add on token_revocations for insert to efa_app with check (true);

alter table token_uses enable row level security;
alter table token_uses force row level security;
create policy uses_owner on token_uses to efa_owner using (true) with check (true);
create policy uses_read on token_uses for select to efa_app
    using (exists (select 1 from tokens t where t.id = token_id));
create policy uses_add on token_uses for insert to efa_app with check (true);
create policy uses_change on token_uses for update to efa_app using (true);

grant select, insert, update on token_uses to efa_app;
grant select, insert on delegations to efa_app;
grant select on delegations to efa_reader;
revoke execute on function token_holders(bytea[]), tokens_reported(bytea) from public;
grant execute on function token_holders(bytea[]), tokens_reported(bytea) to efa_app;

call efa_keep_history('delegations');
