"""SQL of the reconciliation: what runs where on a day, and what it is for."""

from registry.db import Query
from registry.reports.reconciliation import Declared
from registry.reports.store.coverage import Scope


async def declared(db: Query, scope: Scope) -> list[Declared]:
    """The reuses in operation, own use among them, by service and body."""
    rows = await db.fetch(
        """
        select h.service, h.organisation_key, h.reuse_id, h.area,
               h.evidence is not distinct from 'reported'
                   and octet_length(h.organisation_key) = 2 as land_only,
               array(select f.value from procedures_named($1::date, $2) f
                     where f.slug = h.service and f.facet = 'procedure'
                     order by f.value) as procedures,
               array(select f.value from procedures_named($1, $2) f
                     where f.slug = h.service and f.facet = 'ozg' order by f.value) as ozg_ids
        from report_holders($1, $2, $3, $4, $5::boolean) h
        where h.stage = 'live'
        order by h.service, h.organisation_key
        """,
        *scope.arguments,
    )
    return [
        Declared(
            service=row["service"],
            organisation=row["organisation_key"],
            keys=tuple(row["area"] or [row["organisation_key"]]),
            procedures=tuple(row["procedures"]),
            ozg_ids=tuple(row["ozg_ids"]),
            land_only=row["land_only"],
            link=f"/v1/reuses/{row['reuse_id']}",
        )
        for row in rows
    ]
