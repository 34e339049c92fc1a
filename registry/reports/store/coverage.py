"""SQL of coverage and ranking: one statement each over the periods in force on the day."""

from collections.abc import Sequence

import msgspec

from registry.audit import Moment
from registry.db import Query, Row


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What a report is asked over."""

    at: Moment
    service: str | None
    within: str | None
    demo: bool

    @property
    def arguments(self) -> tuple[object, ...]:
        return (self.at.day, self.at.size, self.service, self.within, self.demo)


async def coverage(
    db: Query, scope: Scope, after: Sequence[str] | None, limit: int
) -> Sequence[Row]:
    """Services by Land behind `after`; a service has a row for every Land."""
    return await db.fetch(
        """
        select service, state, state_name, at_least_one, everywhere, land_takes_part, live, pilot,
               contracted, suspended, own_use, competent, competent_covered, competent_in_pilot,
               competent_percent, inhabitants, inhabitants_covered, inhabitants_percent,
               population_on
        from report_coverage($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        *scope.arguments,
        *(after or (None, None)),
        limit,
    )


async def ranking(db: Query, scope: Scope) -> Sequence[Row]:
    """The Länder by the services in operation there; the ranks are those among all Länder."""
    return await db.fetch(
        """
        select state, state_name, at_least_locally, rank_at_least_locally, everywhere,
               rank_everywhere, with_competence, rank_change
        from report_ranking($1, $2, $3, $4, $5)
        """,
        *scope.arguments,
    )
