"""SQL of impact: who uses a version on a day, now or as once known. It reads what reuse keeps."""

from collections.abc import Sequence
from datetime import date

import msgspec

from registry.db import Query, Row
from registry.impact.model import StateUsers, User, UserCounts
from registry.impact.retirement import Left, LeftCounts
from registry.reuse.answers import BodyName
from registry.reuse.model import OPEN_STAGES

RUNNING = ["pilot", "live", "suspended"]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Whose users are asked for: a version on a day, with fictitious bodies or without.

    As known in the first `size` events of the log (None: in all that is recorded).
    """

    service: str
    version: str
    day: date
    size: int | None
    demo: bool

    @property
    def arguments(self) -> tuple[object, ...]:
        return (self.service, self.version, self.day, self.size, self.demo, OPEN_STAGES)


class FoundUser(msgspec.Struct, frozen=True):
    """A user with the sort key of its place."""

    place: tuple[str, str]
    user: User


async def users(
    db: Query, wanted: Wanted, after: Sequence[str] | None, limit: int
) -> list[FoundUser]:
    """Who uses a version, by key of the body, behind `after`."""
    rows = await db.fetch(
        """
        select p.organisation_key, o.key, o.name, p.reuse_id, p.stage, p.since, p.own_use
        from reuse_periods_known($4) p
        cross join lateral organisation_on(p.organisation_id, $3, $4) o
        where p.service = $1 and p.version = $2
          and p.valid_from <= $3 and (p.valid_to is null or p.valid_to > $3)
          and ($5::boolean or not p.demo) and p.stage = any ($6)
          and ($7::text is null or (p.organisation_key, p.reuse_id) > ($7, $8))
        order by p.organisation_key, p.reuse_id limit $9
        """,
        *wanted.arguments,
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


async def counts(db: Query, wanted: Wanted) -> UserCounts:
    """How many use a version, own use and unknown versions apart."""
    rows = await db.fetch(
        """
        select case when p.organisation_key ~ '^[0-9]' then left(p.organisation_key, 2) end as key,
               count(*) filter (where p.version = $2 and not p.own_use) as users,
               count(*) filter (where p.version = $2 and p.own_use) as own_use,
               count(*) filter (where p.version is null) as without_version
        from reuse_periods_known($4) p
        where p.service = $1 and (p.version is null or p.version = $2)
          and p.valid_from <= $3 and (p.valid_to is null or p.valid_to > $3)
          and ($5::boolean or not p.demo) and p.stage = any ($6)
        group by 1 order by 1 nulls last
        """,
        *wanted.arguments,
    )
    by_state = [StateUsers(key=row["key"], users=row["users"]) for row in rows if row["users"]]
    return UserCounts(
        users=sum(row["users"] for row in rows),
        own_use=sum(row["own_use"] for row in rows),
        without_version=sum(row["without_version"] for row in rows),
        by_state=by_state,
    )


async def running(db: Query, service: str, version: str) -> int:
    """How many reuses run a version today, or are about to."""
    return await db.fetchval(
        """
        select count(*) from reuse_periods p
        where p.service = $1 and p.version = $2 and p.stage = any ($3)
          and (not p.demo or (select is_demonstration($1)))
          and holds_on(legal_today(), p.valid_from, p.valid_to)
        """,
        service,
        version,
        RUNNING,
    )


async def left(
    db: Query, wanted: Wanted, after: Sequence[str] | None, limit: int
) -> list[tuple[tuple[str, str], Left]]:
    """Who is left on a version today, with their places, by key of the body, behind `after`."""
    rows = await db.fetch(
        """
        select u.organisation_key, o.key, o.name, u.reuse_id, u.stage, u.since, u.own_use, u.told,
               u.told_at, u.acknowledged_at
        from retirement_users($1, $2, $3, $4) u
        cross join lateral organisation_on(u.organisation_id, legal_today(), null) o
        where $5::text is null or (u.organisation_key, u.reuse_id::text) > ($5, $6)
        order by u.organisation_key, u.reuse_id::text limit $7
        """,
        wanted.service,
        wanted.version,
        OPEN_STAGES,
        wanted.demo,
        *(after or (None, None)),
        limit,
    )
    return [((row["organisation_key"], str(row["reuse_id"])), _left(row)) for row in rows]


def _left(row: Row) -> Left:
    return Left(
        reuse_id=row["reuse_id"],
        organisation=BodyName(key=row["key"], name=row["name"]),
        stage=row["stage"],
        since=row["since"],
        own_use=row["own_use"],
        told=row["told"],
        told_at=row["told_at"],
        acknowledged_at=row["acknowledged_at"],
        href=f"/v1/reuses/{row['reuse_id']}",
    )


async def left_counts(db: Query, wanted: Wanted) -> LeftCounts:
    """How many are left on a version today; whom its end reached, where all of that is shown."""
    row = await db.fetchrow(
        """
        select count(*) as left, coalesce(bool_and(u.shown), true) as shown,
               count(*) filter (where u.told in ('delivered', 'readable')) as told,
               count(u.acknowledged_at) as acknowledged
        from retirement_users($1, $2, $3, $4) u
        """,
        wanted.service,
        wanted.version,
        OPEN_STAGES,
        wanted.demo,
    )
    told, acknowledged = (row["told"], row["acknowledged"]) if row and row["shown"] else (None,) * 2
    return LeftCounts(left=row["left"] if row else 0, told=told, acknowledged=acknowledged)
