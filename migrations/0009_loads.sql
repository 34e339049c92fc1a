-- Which files were brought in by `efa load`, so that the same files are not read a second time.
-- `document` is the SHA-256 of the service.yaml that was brought in last, where a source has one.

create table loads (
    event_id uuid primary key references events (id),
    source text not null,
    sha256 bytea not null check (octet_length(sha256) = 32),
    document bytea check (octet_length(document) = 32)
);

create index loads_source on loads (source);

grant select, insert on loads to efa_app;
