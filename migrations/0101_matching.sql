-- Whom an event concerns, looked for by its service instead of among all subscriptions; `ranges` null: whatever range they
-- ask for, since the event has no version. Otherwise as before.
create or replace function subscriptions_matching(
    of_action text, of_service text, of_reuse uuid, ranges text[], stages text[], notices text[], at timestamptz)
returns table (id uuid) language sql stable as $$
    with about as (
        select coalesce(of_service, r.service) as service, r.organisation_key
        from (select 1) one left join reuses r on r.id = of_reuse
    ),
    using_it as (
        select p.organisation_id, p.organisation_key from reuse_periods p, about
        where p.service = about.service and p.stage = any (stages)
          and holds_on(legal_today(), p.valid_from, p.valid_to)
    ),
    facets as (
        select f.facet, f.value from document_facets f, about
        where f.kind = 'services' and f.slug = about.service
          and f.revision = revision_standing('services', f.slug, legal_today())
    ),
    asking as (
        select s.* from about join subscriptions s on s.service in (about.service, '*')
        where s.actions = '{}' or of_action = any (s.actions)
        union all
        select s.* from subscriptions s
        where s.service is null and s.organisation_id in (select u.organisation_id from using_it u)
          and (s.actions = '{}' or of_action = any (s.actions) or of_action = any (notices))
    )
    select s.id from about cross join asking s
    where s.recorded_at <= at and (ranges is null or s.range = any (ranges))
      and (s.theme is null or exists (select 1 from facets where facet = 'theme' and value = s.theme))
      and (s.builder_id is null
           or exists (select 1 from facets where facet = 'builder' and value = s.builder_id::text))
      and (s.procedure is null or exists (select 1 from facets where facet = 'procedure' and value = s.procedure))
      and (s.area is null
           or starts_with(about.organisation_key, s.area)
           or (about.organisation_key is null
               and exists (select 1 from using_it u where starts_with(u.organisation_key, s.area))))
$$;
