-- What the bodies of the demonstration do counts nowhere but in their own service: whoever tries the registry with
-- one must see whom a change of it hits.

create function is_demonstration(of_service text) returns boolean language sql stable as $$
    select exists (
        select from document_cards c
        where c.kind = 'services' and c.slug = of_service and c.demo
          and holds_on(legal_today(), c.valid_from, c.valid_to))
$$;
