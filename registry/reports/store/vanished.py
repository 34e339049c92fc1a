"""SQL of the report on reuses whose body is gone."""

from collections.abc import Sequence

from registry.db import Query, Row
from registry.reports.store.coverage import Scope


async def to_be_confirmed(
    db: Query, scope: Scope, after: Sequence[str] | None, limit: int
) -> Sequence[Row]:
    """Reuses of bodies that ended, with who holds on the day what they gave; by keyset."""
    return await db.fetch(
        """
        with gone as materialized (
            select distinct s.organisation_id
            from organisation_successions_known($2) s where s.effective_on <= $1::date
        ),
        held as (
            select h.service, h.organisation_key, h.organisation_id, h.reuse_id, h.stage, h.version,
                   o.key, o.name, o.ended_on
            from report_holders($1, $2, $3, $4, $5::boolean) h
            join gone g on g.organisation_id = h.organisation_id
            cross join lateral organisation_on(h.organisation_id, $1, $2) o
            where o.status = 'ended'
              and ($6::text[] is null or array[h.service, h.organisation_key] collate "C" > $6)
            order by array[h.service, h.organisation_key] collate "C" limit $7
        )
        select h.service, h.organisation_key, h.key as organisation, h.name as organisation_name,
               h.stage, h.version, h.ended_on, '/v1/reuses/' || h.reuse_id as link,
               coalesce(s.heirs, '{}') as successors, coalesce(s.own, '{}') as successors_reusing
        from held h
        cross join lateral (
            select array_agg(b.key order by b.key) as heirs,
                   array_agg(b.key order by b.key) filter (where exists (
                       select 1 from report_holders($1, $2, h.service, null, $5) p
                       where p.organisation_id = e.heir_id)) as own
            from organisation_heirs(h.organisation_id, $1, $2) e
            cross join lateral organisation_on(e.heir_id, $1, $2) b
        ) s
        order by array[h.service, h.organisation_key] collate "C"
        """,
        *scope.arguments,
        after,
        limit,
    )
