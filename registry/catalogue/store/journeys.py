"""SQL of the list of journeys."""

from collections.abc import Sequence
from datetime import date

from registry.catalogue.model import FoundJourney
from registry.db import Query, many


async def find_journeys(
    db: Query, day: date, log_size: int | None, after: Sequence[str] | None, limit: int
) -> list[FoundJourney]:
    """Journeys in force on a day in the order of their names, behind `after`.

    As recorded in a prefix of the log (None: all).
    """
    sort_key, slug = after or (None, None)
    rows = await db.fetch(
        """
        select c.card as item, c.sort_key
        from documents_in_force('journeys', $1, $2) j
        join document_cards c
            on c.kind = 'journeys' and c.slug = j.slug and c.revision = j.revision
        where $3::text is null or (c.sort_key, c.slug) > ($3 collate "C", $4)
        order by c.sort_key, c.slug limit $5
        """,
        day,
        log_size,
        sort_key,
        slug,
        limit,
    )
    return many(FoundJourney, rows)


async def count_journeys(db: Query, day: date, log_size: int | None) -> int:
    """How many journeys `find_journeys` finds in all."""
    return await db.fetchval(
        "select count(*) from documents_in_force('journeys', $1, $2)", day, log_size
    )
