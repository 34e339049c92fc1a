"""SQL of the security log."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.db import Query, Row, Tx
from registry.identity.security import Attempt, SecurityEntry
from registry.organisations.model import BodyName

After = Sequence[Any] | None
Key = tuple[str, str, str, str]
_NO_TOKEN = UUID(int=0)


async def add(tx: Tx, attempts: Sequence[tuple[Attempt, int]]) -> None:
    """Add attempts to those of this minute."""
    await tx.execute(
        """
        insert into security_log (minute, organisation_id, token_id, code, attempts, method, route,
                                  address)
        select date_trunc('minute', now()), n.organisation, n.token, n.code, n.attempts, n.method,
               n.route, n.address
        from unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::text[], $6::text[],
                    $7::inet[]) n (organisation, token, code, attempts, method, route, address)
        order by n.organisation, n.token, n.code
        on conflict (minute, organisation_id, token_id, code) do update
        set attempts = security_log.attempts + excluded.attempts, method = excluded.method,
            route = excluded.route, address = excluded.address
        """,
        *zip(*(_columns(attempt, count) for attempt, count in attempts), strict=True),
    )


def _columns(attempt: Attempt, count: int) -> tuple[object, ...]:
    return (
        UUID(attempt.organisation),
        UUID(attempt.token) if attempt.token else _NO_TOKEN,
        attempt.code,
        count,
        attempt.method,
        attempt.route,
        attempt.address,
    )


async def forget(tx: Tx, days: int) -> None:
    """Forget what is older than some days."""
    await tx.execute(
        "delete from security_log where minute < now() - make_interval(days => $1)", days
    )


async def entries(
    db: Query, organisation_id: UUID | None, after: After, limit: int
) -> list[tuple[Key, SecurityEntry]]:
    """The attempts this reader may see, each with its place, the newest first."""
    rows = await db.fetch(
        """
        select l.minute, l.organisation_id, l.token_id, l.code, l.attempts as count, l.method,
               l.route, host(l.address) as address, o.key, o.name
        from security_log l
        cross join lateral organisation_on(l.organisation_id, legal_today(), null) o
        where ($1::uuid is null or l.organisation_id = $1)
          and ($2::timestamptz is null
               or (l.minute, l.organisation_id, l.token_id, l.code)
                  < ($2, $3::uuid, $4::uuid, $5::text))
        order by l.minute desc, l.organisation_id desc, l.token_id desc, l.code desc
        limit $6
        """,
        organisation_id,
        *_behind(after),
        limit,
    )
    return [(_key(row), _entry(row)) for row in rows]


def _behind(after: After) -> tuple[Any, ...]:
    if after is None:
        return (None, None, None, None)
    return (datetime.fromisoformat(after[0]), after[1], after[2], after[3])


def _key(row: Row) -> Key:
    minute: datetime = row["minute"]
    return (minute.isoformat(), str(row["organisation_id"]), str(row["token_id"]), row["code"])


def _entry(row: Row) -> SecurityEntry:
    values = dict(row.items())
    token = values.pop("token_id")
    body = BodyName(key=values.pop("key"), name=values.pop("name"))
    known = {"organisation": body, "token": None if token == _NO_TOKEN else token}
    return msgspec.convert(values | known, SecurityEntry)
