"""The transaction of a change: connection, clock and actor in one value.

Time is the database's: `now` is the instant the transaction began, `today` the legal day then.
"""

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from registry.authority import Actor, Reach
from registry.db.connections import Connection, Row

LEGAL_TIME = ZoneInfo("Europe/Berlin")


class Tx:
    """One open transaction; `batch` joins the events of one bulk intake.

    `behalf` is the body in whose place the actor acts, for the events that name no other.
    `recorded` are the events of this transaction, in their order.
    """

    def __init__(
        self, conn: Connection, now: datetime, actor: Actor, batch: UUID | None = None
    ) -> None:
        self.conn = conn
        self.now = now
        self.actor = actor
        self.batch = batch
        self.behalf: str | None = None
        self.recorded: list[UUID] = []

    @property
    def today(self) -> date:
        """The legal day in Europe/Berlin on which the transaction began."""
        return self.now.astimezone(LEGAL_TIME).date()

    async def fetch(self, query: str, /, *args: object) -> list[Row]:
        return await self.conn.fetch(query, *args)

    async def fetchrow(self, query: str, /, *args: object) -> Row | None:
        return await self.conn.fetchrow(query, *args)

    async def fetchval(self, query: str, /, *args: object) -> Any:
        return await self.conn.fetchval(query, *args)

    async def execute(self, query: str, /, *args: object) -> str:
        return await self.conn.execute(query, *args)

    async def executemany(self, query: str, rows: Iterable[Sequence[object]]) -> None:
        await self.conn.executemany(query, rows)

    async def insert(self, query: str, rows: Iterable[Sequence[object]]) -> None:
        """Write many rows by one statement, which takes each of their columns as an array."""
        if columns := list(zip(*rows, strict=True)):
            await self.conn.execute(query, *columns)

    async def copy(
        self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
    ) -> None:
        """Write many rows at once by COPY."""
        await self.conn.copy_records_to_table(table, records=rows, columns=list(columns))


_OPEN = """
select now(),
       set_config('efa.organisation', $1, true),
       set_config('efa.acting', $5, true),
       set_config('efa.sees_all', $2, true),
       set_config('efa.audit_within', $3, true),
       set_config('efa.audit_services', $4, true)
"""


@asynccontextmanager
async def begin(conn: Connection, actor: Actor, batch: UUID | None = None) -> AsyncGenerator[Tx]:
    """Run a change: commits on leaving, rolls back when an error passes through.

    The operator sees what is private too: a change to it records an event.
    """
    async with conn.transaction():
        yield Tx(conn, await _open(conn, actor, sees_all=actor.is_admin), actor, batch)


@asynccontextmanager
async def begin_reading(
    conn: Connection, actor: Actor, *, sees_all: bool = False, audits: bool = False
) -> AsyncGenerator[Tx]:
    """Read as `actor`: a read-only transaction that sees what row security lets this body see.

    Whoever asks for `sees_all`, for the private rows of others too, records that first; so does
    an auditor who `audits` within its reach.
    """
    async with conn.transaction(readonly=True):
        yield Tx(conn, await _open(conn, actor, sees_all=sees_all, audits=audits), actor)


async def _open(
    conn: Connection, actor: Actor, *, sees_all: bool, audits: bool = False
) -> datetime:
    """Tell row security who acts, and read the clock of the transaction: one round trip."""
    reach = actor.audits if audits else Reach()
    return await conn.fetchval(
        _OPEN,
        actor.organisation,
        "yes" if sees_all else "",
        ",".join(reach.within),
        ",".join(reach.services),
        actor.lent_by or "",
    )
