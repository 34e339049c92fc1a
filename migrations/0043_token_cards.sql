-- Tokens as they are shown, to who may see them.
create view token_cards with (security_invoker = true) as
select t.id, t.organisation_id, o.key, o.name, t.kind, t.scopes, t.note, t.cidrs, t.audit_within, t.audit_services,
       t.issued_at, i.key as issuer_key, i.name as issuer_name, t.expires_at, r.revoked_at, u.last_used_on, t.follows
from tokens t
cross join lateral organisation_on(t.organisation_id, legal_today(), null) o
left join lateral organisation_on(t.issued_by, legal_today(), null) i on t.issued_by is not null
left join token_revocations r on r.token_id = t.id
left join token_uses u on u.token_id = t.id;

grant select on token_cards to efa_app;
