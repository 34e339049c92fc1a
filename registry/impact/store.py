"""SQL of impact: who uses a version on a day. It reads the periods of reuse."""

from collections.abc import Sequence
from datetime import date

import msgspec

from registry.db import Query
from registry.impact.model import StateUsers, User, UserCounts
from registry.reuse.answers import BodyName

# Whoever agreed on it, prepares it, or has it.
STAGES = ["agreed", "contracted", "connecting", "pilot", "live", "suspended"]


class FoundUser(msgspec.Struct, frozen=True):
    """A user with the sort key of its place."""

    place: tuple[str, str]
    user: User


async def users(
    db: Query,
    place: tuple[str, str],
    day: date,
    after: Sequence[str] | None,
    limit: int,
    *,
    demo: bool,
) -> list[FoundUser]:
    """Who uses a version (service and number) on a day, by key of the body, behind `after`."""
    rows = await db.fetch(
        """
        select p.organisation_key, o.key, o.name, p.reuse_id, p.stage, p.since, p.own_use
        from reuse_periods p
        cross join lateral organisation_on(p.organisation_id, $3) o
        where p.service = $1 and p.version = $2
          and p.valid_from <= $3 and (p.valid_to is null or p.valid_to > $3)
          and p.stage = any ($4) and ($5::boolean or not p.demo)
          and ($6::text is null or (p.organisation_key, p.reuse_id) > ($6, $7))
        order by p.organisation_key, p.reuse_id limit $8
        """,
        *place,
        day,
        STAGES,
        demo,
        *(after or (None, None)),
        limit,
    )
    return [
        FoundUser(
            (row["organisation_key"], str(row["reuse_id"])),
            User(
                reuse_id=row["reuse_id"],
                organisation=BodyName(key=row["key"], name=row["name"]),
                stage=row["stage"],
                since=row["since"],
                own_use=row["own_use"],
                href=f"/v1/reuses/{row['reuse_id']}",
            ),
        )
        for row in rows
    ]


async def counts(db: Query, place: tuple[str, str], day: date, *, demo: bool) -> UserCounts:
    """How many use a version (service and number) on a day, own use and unknown versions apart."""
    rows = await db.fetch(
        """
        select case when p.organisation_key ~ '^[0-9]' then left(p.organisation_key, 2) end as key,
               count(*) filter (where p.version = $2 and not p.own_use) as users,
               count(*) filter (where p.version = $2 and p.own_use) as own_use,
               count(*) filter (where p.version is null) as without_version
        from reuse_periods p
        where p.service = $1 and (p.version is null or p.version = $2)
          and p.valid_from <= $3 and (p.valid_to is null or p.valid_to > $3)
          and p.stage = any ($4) and ($5::boolean or not p.demo)
        group by 1 order by 1 nulls last
        """,
        *place,
        day,
        STAGES,
        demo,
    )
    by_state = [StateUsers(key=row["key"], users=row["users"]) for row in rows if row["users"]]
    return UserCounts(
        users=sum(row["users"] for row in rows),
        own_use=sum(row["own_use"] for row in rows),
        without_version=sum(row["without_version"] for row in rows),
        by_state=by_state,
    )


async def today(db: Query) -> date:
    """The legal day in Germany."""
    return await db.fetchval("select legal_today()")
