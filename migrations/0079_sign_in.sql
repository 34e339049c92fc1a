-- Where people of a body sign in: the OpenID Connect provider of an organisation, and who of it may do what. Each
-- change is a revision; a session belongs to the one it began under, and ends with it.
create table sign_in_providers (
    slug text collate "C" not null,
    revision int not null check (revision > 0),
    settings jsonb not null, -- as in the facts of its event
    ended boolean not null,
    recorded_at timestamptz not null,
    recorded_by uuid not null references organisations (id),
    event_id uuid not null unique references events (id),
    primary key (slug, revision)
);

create view current_sign_in_providers with (security_invoker = true) as
select distinct on (p.slug) p.*
from sign_in_providers p
order by p.slug, p.revision desc;

-- People who signed in, by what their browsers show. A person is a number that nobody can lead back to an account.
-- No history: kept for as long as a session may last.
create table sessions (
    id uuid primary key,
    sha256 bytea not null unique check (octet_length(sha256) = 32),
    organisation_id uuid not null references organisations (id),
    person text collate "C" not null check (person ~ '^p_[0-9a-f]{32}$'),
    provider text collate "C" not null,
    revision int not null,
    scopes text[] not null check (are_scopes(scopes)),
    audit_within text[],
    audit_services text[],
    started_at timestamptz not null,
    used_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > started_at),
    ended_at timestamptz,
    foreign key (provider, revision) references sign_in_providers (slug, revision)
);

create index sessions_organisation on sessions (organisation_id, person);
create index sessions_expires_at on sessions (expires_at);

-- A body as it acts today: what it is called, its keys, and in whose place it may act. Runs as the owner: who asks is
-- not known yet.
create function acting_body(body uuid) returns table (slug text, name text, keys text[], mandates jsonb)
language sql stable security definer set search_path = public as $$
    select o.slug,
           coalesce((select s.name from organisation_states_known(null) s
                     where s.organisation_id = o.id
                     order by not holds_on(legal_today(), s.valid_from, s.valid_to),
                              s.valid_from desc nulls last limit 1), ''),
           array(select k.key from organisation_keys_known(null) k
                 where k.organisation_id = o.id and k.level <> 'part'
                   and holds_on(legal_today(), k.valid_from, k.valid_to)),
           (select coalesce(jsonb_agg(jsonb_build_object(
                       'organisation', d.delegator, 'key', d.delegator_key,
                       'scopes', d.scopes, 'services', d.services,
                       'keys', array(select k.key from organisation_keys_known(null) k
                                     where k.organisation_id = d.delegator and k.level <> 'part'
                                       and holds_on(legal_today(), k.valid_from, k.valid_to)))
                   order by d.delegator_key), '[]')
            from mandates_of(o.id::text) d)
    from organisations o where o.id = body
$$;

create or replace function token_holders(digests bytea[])
returns table (
    sha256 text, id uuid, organisation_id uuid, slug text, name text, keys text[], kind text, scopes text[],
    cidrs text[], audit_within text[], audit_services text[], state text, expires_at timestamptz,
    seconds_left float8, last_used_on date, lent_by uuid, mandates jsonb)
language sql stable security definer set search_path = public as $$
    select encode(t.sha256, 'hex'), t.id, t.organisation_id, b.slug, b.name, b.keys,
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
           nullif(t.issued_by, t.organisation_id), b.mandates
    from tokens t
    cross join lateral acting_body(t.organisation_id) b
    left join token_uses u on u.token_id = t.id
    where t.sha256 = any (digests)
$$;

-- Whom a session acts for today, found by its digest; one not used for `idle` has ended. What has ended is told apart,
-- since its use is worth a line in the security log. `stale`: that it is used is not recorded since a minute.
create function session_holder(digest bytea, idle interval)
returns table (
    id uuid, organisation_id uuid, slug text, name text, keys text[], scopes text[], audit_within text[],
    audit_services text[], person text, provider text, state text, expires_at timestamptz, stale boolean,
    mandates jsonb)
language sql stable security definer set search_path = public as $$
    select s.id, s.organisation_id, b.slug, b.name, b.keys, s.scopes, s.audit_within, s.audit_services, s.person,
           s.provider,
           case when s.ended_at is not null
                     or not exists (select 1 from current_sign_in_providers p
                                    where p.slug = s.provider and p.revision = s.revision and not p.ended)
                then 'ended'
                when s.expires_at <= now() or s.used_at + idle <= now() then 'expired'
                else 'valid' end,
           s.expires_at, s.used_at + interval '1 minute' < now(), b.mandates
    from sessions s
    cross join lateral acting_body(s.organisation_id) b
    where s.sha256 = digest
$$;

alter table sessions enable row level security;
alter table sessions force row level security;
create policy sessions_owner on sessions to efa_owner using (true) with check (true);
create policy sessions_read on sessions for select to efa_app using (efa_sees(false, organisation_id::text));
create policy sessions_add on sessions for insert to efa_app with check (true);
create policy sessions_change on sessions for update to efa_app using (efa_sees(false, organisation_id::text));
create policy sessions_forget on sessions for delete to efa_app using (efa_sees(false, organisation_id::text));

grant select, insert on sign_in_providers to efa_app;
grant select on sign_in_providers to efa_reader;
grant select on current_sign_in_providers to efa_app, efa_reader;
grant select, insert, update, delete on sessions to efa_app;
revoke execute on function acting_body(uuid), session_holder(bytea, interval) from public;
grant execute on function session_holder(bytea, interval) to efa_app;

call efa_keep_history('sign_in_providers');
