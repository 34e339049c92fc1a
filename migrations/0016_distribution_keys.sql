-- The tables of distribution keys, as they came with the program; each edition is the whole file.

create table distribution_key_editions (
    edition int primary key check (edition > 0),
    sha256 bytea not null references blobs (sha256),
    event_id uuid not null unique references events (id)
);

grant select, insert on distribution_key_editions to efa_app;
grant select on distribution_key_editions to efa_reader;
