"""SQL of the sums of usage by service, Land and month."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from registry.db import Query, Row
from registry.organisations.model import DEMO_STATE
from registry.usage.model import Sums
from registry.usage.store import Filters

After = Sequence[Any] | None


async def count(db: Query, wanted: Filters) -> int | None:
    """How many figures stand, from the sums; None where these do not tell."""
    whole_land = wanted.within is None or len(wanted.within) == 2
    if wanted.size is not None or wanted.organisation_id is not None or not whole_land:
        return None
    return await db.fetchval(
        """
        select coalesce(sum(m.figures), 0)::bigint from usage_months m
        where m.month >= $1 and m.month <= $2 and ($3::text is null or m.service = $3)
          and ($4::text is null or m.state = $4) and ($5::boolean or m.state <> $6)
        """,
        wanted.first,
        wanted.last,
        wanted.service,
        wanted.within,
        wanted.demo,
        DEMO_STATE,
    )


async def sums(db: Query, wanted: Filters, after: After, limit: int) -> list[Sums]:
    """The sums of each service, Land and month; one page behind `after`."""
    rows = await db.fetch(
        """
        select m.service, m.state, m.month, m.figures, m.started, m.started_told, m.completed,
               m.completed_told
        from (
            select m.* from usage_months m where $3::bigint is null
            union all
            select s.* from usage_sums($4, $1, $2, $3) s where $3::bigint is not null
        ) m
        where m.figures > 0 and m.month >= $1 and m.month <= $2
          and ($4::text is null or m.service = $4) and ($5::text is null or m.state = $5)
          and ($6::boolean or m.state <> $11)
          and ($7::text is null or (m.service, m.state, m.month) > ($7, $8, $9::date))
        order by m.service, m.state, m.month
        limit $10
        """,
        wanted.first,
        wanted.last,
        wanted.size,
        wanted.service,
        wanted.within,
        wanted.demo,
        *(_cell(after) if after else (None, None, None)),
        limit,
        DEMO_STATE,
    )
    return [_sums(row) for row in rows]


def _cell(after: Sequence[Any]) -> tuple[object, ...]:
    service, state, month = after
    return (service, state, date.fromisoformat(f"{month}-01"))


def _sums(row: Row) -> Sums:
    return Sums(
        service=row["service"],
        state=row["state"] or None,
        month=row["month"].isoformat()[:7],
        figures=row["figures"],
        started=row["started"] if row["started_told"] else None,
        completed=row["completed"] if row["completed_told"] else None,
    )
