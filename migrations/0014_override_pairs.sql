-- An override vouches for a finding of one interface between the version and one neighbour (`other`). Those recorded
-- before say neither: what they vouched for is not known any closer.

alter table version_overrides
    add column interface text,
    add column other text check (other <> version),
    drop constraint version_overrides_pkey,
    add check ((interface is null) = (other is null)),
    add unique nulls not distinct (service, version, other, interface, fingerprint),
    add foreign key (service, version, interface) references version_interfaces (service, version, name),
    add foreign key (service, other) references versions (service, version);
