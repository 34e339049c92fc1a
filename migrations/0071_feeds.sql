-- Reading the log: by whom it may be read, what of it is about a service or an area, and where it stands.

create index events_private on events (organisation, leaf_idx) where not public;

-- The log as the body that asks may read it: what is public, and what it did itself that is not.
create view visible_events with (security_invoker = true) as
    select log_index, id, action, subject, organisation, on_behalf_of, batch, recorded_at, facts from public_events
    union all
    select e.leaf_idx, e.id, e.action, e.subject, e.organisation, e.on_behalf_of, e.batch, e.recorded_at, f.facts
    from events e left join event_facts f on f.event_id = e.id
    where not e.public and e.leaf_idx is not null
      and e.organisation = nullif(current_setting('efa.organisation', true), '');

-- The numbers of the events about some services: on themselves, their versions, their use and their counts.
create function log_about_services(slugs text[], from_number bigint) returns setof bigint
language sql stable as $$
    select e.leaf_idx
    from unnest(slugs) s (slug)
    cross join lateral unnest(array['services/' || s.slug, 'usage/' || s.slug]) p (path)
    join events e on e.subject = p.path or (e.subject >= p.path || '/' and e.subject < p.path || '0')
    where e.leaf_idx >= from_number
    union all
    select e.leaf_idx
    from reuses r
    join events e on e.subject = 'reuses/' || r.id
                     or (e.subject >= 'reuses/' || r.id || '/' and e.subject < 'reuses/' || r.id || '0')
    where r.service = any (slugs) and e.leaf_idx >= from_number
$$;

-- The numbers of the events about an area: the reuses of its bodies, and the services and versions used there today.
create function log_about_area(of_area text, stages text[]) returns setof bigint
language sql stable as $$
    select e.leaf_idx
    from reuses r
    join events e on e.subject = 'reuses/' || r.id
                     or (e.subject >= 'reuses/' || r.id || '/' and e.subject < 'reuses/' || r.id || '0')
    where starts_with(r.organisation_key, of_area)
    union all
    select e.leaf_idx
    from (select distinct p.service from reuse_periods p
          where starts_with(p.organisation_key, of_area) and p.stage = any (stages)
            and holds_on(legal_today(), p.valid_from, p.valid_to)) s
    join events e on e.subject = 'services/' || s.service
                     or (e.subject >= 'services/' || s.service || '/' and e.subject < 'services/' || s.service || '0')
$$;

-- Whether anything is due to any receiver: a public sign, so that looking needs no transaction.
create function deliveries_are_due() returns boolean
language sql stable security definer set search_path = public as $$
    select exists (select 1 from subscription_states t
                   where not t.ended and t.due_at <= now() and t.leased_until <= now())
$$;

grant select on visible_events to efa_app, efa_reader;
