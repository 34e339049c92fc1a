-- What a version's number was measured by: the verdict on it and each neighbour, as it was when the version
-- was published. The full text of a verdict is a blob.

create table version_verdicts (
    service text not null,
    version text not null,
    other text not null check (other <> version),
    reading text not null check (reading in ('open', 'reserved')),
    formats text not null check (formats in ('annotate', 'assert')),
    engine text not null,
    bump text not null check (bump in ('none', 'patch', 'minor', 'major')),
    relation text not null check (
        relation in ('equal', 'wider', 'narrower', 'incomparable', 'unknown')
    ),
    enforced boolean not null,
    sha256 bytea not null references blobs (sha256),
    event_id uuid not null references events (id),
    primary key (service, version, other),
    foreign key (service, version) references versions (service, version),
    foreign key (service, other) references versions (service, version)
);

-- What a named person vouched for when a version was published.
create table version_overrides (
    service text not null,
    version text not null,
    fingerprint text not null,
    reason text not null check (reason <> ''),
    event_id uuid not null references events (id),
    primary key (service, version, fingerprint),
    foreign key (service, version) references versions (service, version)
);

-- Projection: verdicts on pairs of schemas by what they consist of, so that none is worked out twice. `decided`
-- is false where an answer that counts is unknown; a newer engine is asked again.
create table schema_verdicts (
    old bytea not null check (octet_length(old) = 32),
    new bytea not null check (octet_length(new) = 32),
    direction text not null,
    reading text not null,
    formats text not null,
    engine text not null,
    decided boolean not null,
    verdict bytea not null,
    primary key (old, new, direction, reading, formats, engine)
);

grant select, insert on version_verdicts, version_overrides to efa_app;
grant select, insert, update, delete on schema_verdicts to efa_app;
grant select on version_verdicts, version_overrides, schema_verdicts to efa_reader;
