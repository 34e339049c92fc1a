"""Lists of bodies, sorted by name."""

from uuid import UUID

import msgspec

from registry.db import Query
from registry.organisations.model import DEMO_STATE, Filters, Matches

After = tuple[str, UUID] | None


async def matches(db: Query, filters: Filters, after: After, limit: int) -> Matches:
    """Up to `limit` bodies behind a sort key and id, how many match in all, and for which day.

    Without a day, each data set answers for its own; that of the territory is the day named.
    """
    row = await db.fetchrow(
        """
        with matched as materialized (
            select s.organisation_id, s.sort_key, d.day
            from (select event_id, coalesce($1, territory_date, $7) as day
                  from organisation_data_sets
                  where event_id = any ((select organisation_data($6))::uuid[])) d
            join organisation_states s on s.event_id = d.event_id
            join organisations o on o.id = s.organisation_id
            where holds_on(d.day, s.valid_from, s.valid_to)
              and ($2::text is null or s.levels @> array[$2])
              and ($3::text is null or s.search_words @@ to_tsquery('simple', $3))
              and ($4::text is null or case
                    when s.ags is not null and octet_length($4) <= 5 then starts_with(s.ags, $4)
                    when s.ags is null or starts_with(s.ags, left($4, 5))
                        then starts_with(s.ags, $4) is true or exists (
                            select 1 from organisation_keys k
                            where k.event_id = d.event_id and k.organisation_id = s.organisation_id
                              and k.level <> 'part' and starts_with(k.key, $4)
                              and holds_on(d.day, k.valid_from, k.valid_to))
                    else false end)
              and ($5 or (starts_with(o.slug, $11 || '-') is not true
                          and o.id not in (select k.organisation_id
                                           from organisation_keys_known($6) k
                                           where k.key >= $11 and k.key < $11 || ':')))
        ),
        shown as (
            select m.organisation_id, m.sort_key, m.day from matched m
            where $8::text is null or (m.sort_key, m.organisation_id) > ($8, $9::uuid)
            order by m.sort_key, m.organisation_id
            limit $10
        )
        select (select count(*) from matched) as total,
               coalesce($1, (select max(territory_date) from organisation_data_sets
                             where event_id = any (organisation_data($6)))) as as_of,
               (select coalesce(jsonb_agg(jsonb_build_object(
                        'id', o.id, 'key', o.key, 'slug', o.slug, 'name', o.name, 'kind', o.kind,
                        'levels', o.levels, 'keys', o.keys, 'ags', o.ags, 'status', o.status,
                        'population', o.population, 'population_on', o.population_on)
                    order by s.sort_key, s.organisation_id), '[]')
                from shown s cross join organisation_on(s.organisation_id, s.day, $6) o) as items
        """,
        *filters.arguments,
        *(after or (None, None)),
        limit,
        DEMO_STATE,
    )
    return msgspec.convert(dict(row.items()) if row else {}, Matches)
