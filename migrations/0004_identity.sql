-- Tokens: only their SHA-256 is kept. Issuing and revoking are rows of their own, so that nothing is overwritten.

-- A scope is one word, or a word about one service or `*`.
create function are_scopes(scopes text[]) returns boolean
language sql immutable as $$
    select cardinality(scopes) > 0
       and not exists (
            select 1 from unnest(scopes) s
            where s is null or s !~ '^[a-z]+(:([a-z0-9][a-z0-9-]{0,79}|[*]))?$')
$$;

create table tokens (
    id uuid primary key,
    event_id uuid not null references events (id),
    sha256 bytea not null unique check (octet_length(sha256) = 32),
    organisation_id uuid not null references organisations (id),
    scopes text[] not null check (are_scopes(scopes)),
    note text not null default '',
    expires_at timestamptz not null
);

create table token_revocations (
    token_id uuid primary key references tokens (id),
    event_id uuid not null references events (id)
);

grant select, insert on tokens, token_revocations to efa_app;
