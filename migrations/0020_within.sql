-- Which bodies lie in a territory is asked by every list and report. Only a body that does not hold its key on the
-- day is looked up again by its other keys, through the index, instead of hashing the keys of all bodies.
create or replace function organisations_within(territory text, day date, known_size bigint)
returns table (organisation_id uuid)
language sql stable as $$
    select k.organisation_id
    from organisation_keys_known(known_size) k
    left join lateral (
        select true as held
        from organisation_keys_known(known_size) h
        where not holds_on(day, k.valid_from, k.valid_to) and h.organisation_id = k.organisation_id
          and holds_on(day, h.valid_from, h.valid_to)
        limit 1
    ) other on true
    where k.key >= territory and k.key < territory || ':' and k.level <> 'part'
      and (holds_on(day, k.valid_from, k.valid_to) or other.held is null)
$$;
