-- The hash tree over the leaves of the log (RFC 6962), in full tiles that never change (C2SP, tlog-tiles). What is
-- not a full tile yet follows from the leaves and from the roots of the tiles below it, and is not stored.
-- Writers are the sequencer's role, in the transaction that numbers the leaves.

create table log_tiles (
    level smallint not null check (level between 0 and 7),
    tile bigint not null check (tile >= 0),
    root bytea not null check (octet_length(root) = 32),
    hashes bytea not null check (octet_length(hashes) = 8192),
    primary key (level, tile)
);
-- Hashes do not compress; kept out of line, they are not read along with the roots.
alter table log_tiles alter column hashes set storage external;

-- Under which name and key the log is signed from a size on; another one follows only after a real restore.
create table log_origins (
    first_size bigint primary key check (first_size >= 0),
    verifier_key text not null unique check (verifier_key ~ '^[^+[:space:]]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$')
);

-- What was signed: the checkpoint as a signed note (C2SP, tlog-checkpoint).
create table log_heads (
    size bigint primary key references checkpoints (size),
    root bytea not null check (octet_length(root) = 32),
    note text not null
);

-- Leaves are public whatever their event is: that of a private one tells nothing. Run as the owner, past the row
-- security of the events themselves.
create function log_leaves(first bigint, below bigint)
returns table (log_index bigint, leaf bytea)
language sql stable security definer set search_path = public as $$
    select e.leaf_idx, e.leaf from public.events e
    where e.leaf_idx >= first and e.leaf_idx < below
    order by e.leaf_idx
$$;
revoke execute on function log_leaves(bigint, bigint) from public;
grant execute on function log_leaves(bigint, bigint) to efa_app, efa_reader, efa_sequencer;

grant select on log_tiles, log_origins, log_heads to efa_app, efa_reader;
grant select, insert on log_tiles, log_origins, log_heads to efa_sequencer;
