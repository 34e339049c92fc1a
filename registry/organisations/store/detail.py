"""One body with all it was, what it came from and what became of it."""

from collections.abc import Sequence

import msgspec

from registry.audit import LogPosition, Moment
from registry.db import Query, Row
from registry.organisations.model import OrganisationDetail
from registry.organisations.store.finding import asked_forms


async def details(
    db: Query, keys: Sequence[str], at: Moment | None = None
) -> dict[str, OrganisationDetail]:
    """The answers about bodies today, or at a moment, by the key asked.

    Keys that lead nowhere are left out.
    """
    rows = await db.fetch(
        """
        select f.asked, o.id, o.key, o.slug, o.name, o.kind, o.levels, o.keys, o.ags, o.status,
               o.population, o.population_on, o.ended_on, o.legal_form, o.area_km2, o.postcode,
               o.longitude, o.latitude, $4::date as as_of,
               p.parents, c.children, h.history, h.key_history, l.predecessors, l.successors,
               (select coalesce(jsonb_agg(jsonb_build_object(
                        'organisation', r.body, 'share', round(e.share::numeric, 6))
                    order by e.share desc, r.key, e.heir_id), '[]')
                from organisation_heirs(o.id, d.day, $5) e
                cross join organisation_relative(e.heir_id, d.day, $5) r
                where o.status = 'ended') as heirs
        from (select coalesce($4::date, legal_today()) as day) d
        cross join organisations_found($1, $2, $3, d.day, $5) f
        cross join organisation_on(f.organisation_id, d.day, $5) o
        cross join organisation_parents(o.id, o.keys, o.ags, o.shown_on, $5) p
        cross join organisation_children(o.id, o.key, o.shown_on, $5) c
        cross join organisation_history(o.id, $5) h
        cross join organisation_lineage(o.id, $5) l
        """,
        *asked_forms(keys),
        at.day if at else None,
        at.size if at else None,
    )
    known = at.known if at else None
    return {row["asked"]: _detail(row, known) for row in rows}


def _detail(row: Row, known: LogPosition | None) -> OrganisationDetail:
    values = {name: value for name, value in row.items() if name != "asked"}
    return msgspec.convert(values | {"known_at": known}, OrganisationDetail)
