-- The same as before, with the rules read once: in the plan chosen, a list of named bodies was looked up anew for each
-- of the 12,000 bodies of Germany.
create or replace function report_competent(
    day date, known_size bigint, wanted text[], within text, with_demo boolean)
returns table (service text, organisation_id uuid, land text) language sql stable as $$
    with rules as materialized (
        select r.service, r.area, r.levels, r.kinds, r.named, r.excepted
        from competence_rules(day, known_size, wanted) r
    ),
    bodies as materialized (
        select b.organisation_id, b.key, b.land, b.levels, b.kind
        from report_bodies(day, known_size, within, with_demo) b
    )
    select distinct r.service, b.organisation_id, b.land
    from rules r
    join bodies b
        on (b.levels && r.levels or b.kind = any (r.kinds) or b.organisation_id = any (r.named))
           and (r.area is null or starts_with(b.key, r.area))
    where not b.organisation_id = any (r.excepted)
$$;
