-- A backup that is brought back knows nothing of tokens that were taken back after it: where the operator says so, none
-- counts that was issued before. That is no history; a token issued from then on counts as ever.

create table tokens_count_from (
    only_row boolean primary key default true check (only_row),
    instant timestamptz not null
);
insert into tokens_count_from (instant) values ('-infinity');
grant select on tokens_count_from to efa_app;

create function token_is_ended(token uuid, issued_at timestamptz) returns boolean
language sql stable as $$
    select exists (select 1 from token_revocations r where r.token_id = token)
        or exists (select 1 from tokens_count_from c where issued_at < c.instant)
$$;

create or replace function token_holders(digests bytea[])
returns table (
    sha256 text, id uuid, organisation_id uuid, slug text, name text, keys text[], kind text, scopes text[],
    cidrs text[], audit_within text[], audit_services text[], state text, expires_at timestamptz,
    seconds_left float8, last_used_on date, lent_by uuid, mandates jsonb)
language sql stable security definer set search_path = public as $$
    select encode(t.sha256, 'hex'), t.id, t.organisation_id, b.slug, b.name, b.keys,
           t.kind, t.scopes, t.cidrs, t.audit_within, t.audit_services,
           case when token_is_ended(t.id, t.issued_at) then 'revoked'
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

create or replace view token_cards with (security_invoker = true) as
select t.id, t.organisation_id, o.key, o.name, t.kind, t.scopes, t.note, t.cidrs, t.audit_within, t.audit_services,
       t.issued_at, i.key as issuer_key, i.name as issuer_name, t.expires_at,
       coalesce(r.revoked_at, (select c.instant from tokens_count_from c where t.issued_at < c.instant)) as revoked_at,
       u.last_used_on, t.follows
from tokens t
cross join lateral organisation_on(t.organisation_id, legal_today(), null) o
left join lateral organisation_on(t.issued_by, legal_today(), null) i on t.issued_by is not null
left join token_revocations r on r.token_id = t.id
left join token_uses u on u.token_id = t.id;
