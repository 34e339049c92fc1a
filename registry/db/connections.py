"""Connections: a pool for changes, one for reads as a certain body, a read-only one for the public.

Whoever waits too long for a connection gets a TimeoutError, so that one kind of call cannot keep
all others waiting.

Pooled connections never hold session state (no SET without LOCAL, no LISTEN, no session locks), so
releasing one costs no reset round trip; `tests/db/test_connections.py` watches over that.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Protocol, TypeVar, runtime_checkable
from urllib.parse import urlsplit

import asyncpg
import msgspec
from asyncpg.pool import PoolConnectionProxy

from registry.db.coalesce import Coalescer
from registry.errors import SetupProblem
from registry.settings import Settings

Row = asyncpg.Record
Connection = asyncpg.Connection | PoolConnectionProxy
CONNECTION_LOST = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
)
_NOT_LET_IN = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.TooManyConnectionsError,
    ValueError,
)
_ACQUIRE_SECONDS = 5.0
_POOLS = 3


V = TypeVar("V")
LookUp = Callable[["Reads", Sequence[str]], Awaitable[Mapping[str, V]]]


@runtime_checkable
class Query(Protocol):
    """Whatever can run one statement: a `Tx`, a `Reads`, or a bare connection."""

    async def fetch(self, query: str, /, *args: object) -> list[Row]: ...
    async def fetchrow(self, query: str, /, *args: object) -> Row | None: ...
    async def fetchval(self, query: str, /, *args: object) -> Any: ...


class PooledConnection(asyncpg.Connection):
    """A connection whose release rolls back an open transaction and resets nothing else."""

    def get_reset_query(self) -> str:
        return ""


class Pool(asyncpg.Pool):
    """A pool nobody waits for longer than some seconds."""

    def acquire(self, *, timeout: float | None = _ACQUIRE_SECONDS) -> Any:
        return super().acquire(timeout=timeout)


class Reads:
    """Public reads: one statement each, outside any transaction, on the read-only pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self._coalescers: dict[Any, Coalescer[Any]] = {}

    def coalesced(self, look_up: LookUp[V]) -> Coalescer[V]:
        """The shared coalescer of one kind of look-up: many keys in one statement."""
        if look_up not in self._coalescers:
            self._coalescers[look_up] = Coalescer(partial(look_up, self))
        return self._coalescers[look_up]

    async def fetch(self, query: str, /, *args: object) -> list[Row]:
        async with self.pool.acquire() as conn:
            return await conn.fetch(query, *args)

    async def fetchrow(self, query: str, /, *args: object) -> Row | None:
        async with self.pool.acquire() as conn:
            return await conn.fetchrow(query, *args)

    async def fetchval(self, query: str, /, *args: object) -> Any:
        async with self.pool.acquire() as conn:
            return await conn.fetchval(query, *args)


class Database:
    """The pools of one process: `writes` for changes, `reads` for public reads.

    `views` serves the look-ups of tokens and the reads as a certain body.
    """

    def __init__(
        self, settings: Settings, writes: asyncpg.Pool, views: asyncpg.Pool, reads: asyncpg.Pool
    ) -> None:
        self.settings = settings
        self.writes = writes
        self.views = views
        self.reads = Reads(reads)


async def connect(url: str, **options: Any) -> asyncpg.Connection:
    """One dedicated connection outside the pools (migrations, LISTEN, session locks)."""
    try:
        connection: asyncpg.Connection = await asyncpg.connect(url, **options)
    except (*CONNECTION_LOST, *_NOT_LET_IN) as error:
        raise DatabaseUnreachable(_place(url), error) from error
    await prepare_connection(connection)
    return connection


class DatabaseUnreachable(SetupProblem):
    """No database answers at an address, or it does not let us in."""

    def __init__(self, place: str, error: Exception) -> None:
        super().__init__(f"No database can be used {place}: {str(error) or type(error).__name__}.")


def _place(url: str) -> str:
    """Where an address leads, without its password."""
    try:
        parts = urlsplit(url)
        return f"at {parts.hostname or 'a local socket'}:{parts.port or 5432}{parts.path}"
    except ValueError:
        return "by the address that is set"


def connections_needed(settings: Settings) -> int:
    """How many connections all processes of this host may hold at once, with some to spare."""
    sequencers_and_commands = 2 * settings.workers + 20
    return settings.workers * _POOLS * settings.pool_size + sequencers_and_commands


async def prepare_connection(connection: asyncpg.Connection) -> None:
    """JSON columns arrive as Python values and leave as msgspec writes them."""
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_json_text, decoder=msgspec.json.decode
    )


def _json_text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else msgspec.json.encode(value).decode()


@asynccontextmanager
async def connected(url: str, **options: Any) -> AsyncGenerator[Connection]:
    """One connection outside the pools; it is closed on leaving."""
    conn = await connect(url, **options)
    try:
        yield conn
    finally:
        await conn.close()


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncGenerator[Database]:
    """Open the pools; they are closed on leaving."""
    timeout = {"statement_timeout": str(settings.statement_timeout_ms)}
    read_only = timeout | {"default_transaction_read_only": "on"}
    async with (
        _pool(settings.database_url, settings.pool_size, timeout) as writes,
        _pool(settings.database_url, settings.pool_size, timeout) as views,
        _pool(settings.reader_url or settings.database_url, settings.pool_size, read_only) as reads,
    ):
        yield Database(settings, writes, views, reads)


def _pool(url: str, size: int, server_settings: dict[str, str]) -> asyncpg.Pool:
    return Pool(
        url,
        min_size=1,
        init_size=1,
        max_size=size,
        max_queries=50_000,
        max_inactive_connection_lifetime=300.0,
        setup=None,
        reset=None,
        connect=None,
        loop=None,
        record_class=Row,
        connection_class=PooledConnection,
        init=prepare_connection,
        server_settings=server_settings,
    )
