-- Which reuses an agreement covers is asked by its page.
create index reuse_periods_agreement on reuse_periods (agreement, service, organisation_key, reuse_id)
    where agreement is not null;
