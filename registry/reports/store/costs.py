"""SQL of cost shares: who takes part, and how many inhabitants they have."""

from collections.abc import Sequence

from registry.audit import Moment
from registry.db import Query, many
from registry.reports.cost_model import Population


async def reusing_states(db: Query, service: str, at: Moment, *, demo: bool) -> list[str]:
    """The Länder in which others than the builder use the service on the day."""
    return await db.fetchval(
        """
        select array(
            select p.place
            from reuse_places_of_services($2::date, $3, null, $4, array[$1]) p
            where p.slug = $1 and octet_length(p.place) = 2
            order by p.place)
        """,
        service,
        at.day,
        at.size,
        demo,
    )


async def populations(db: Query, keys: Sequence[str], at: Moment) -> list[Population]:
    """The inhabitants of territorial bodies on the day."""
    rows = await db.fetch(
        """
        select f.asked as key, o.population as inhabitants, o.population_on as counted_on
        from organisations_found(
            $1::text[], $1, array_fill(1, array[cardinality($1)]), $2::date, $3) f
        cross join lateral organisation_on(f.organisation_id, $2, $3) o
        order by f.asked
        """,
        list(keys),
        at.day,
        at.size,
    )
    return many(Population, rows)
