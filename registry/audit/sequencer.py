"""The sequencer: numbers committed events densely, in batches; seals and signs each batch.

One per database, by a session advisory lock on a connection of its own. It takes whatever is not
numbered yet, so an event that commits late is never lost; the unique index on the number would stop
a second one. Between batches it advances the clock of the log, which says up to which instant
`known_at` has an answer.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import structlog
from prometheus_client import Counter, Gauge

from registry.audit import store, tree_store
from registry.audit.growing import ForkedLog, Grower, Grown
from registry.audit.keys import Mark, mark_path, signers
from registry.audit.model import LogBehind
from registry.audit.standing import Condition
from registry.db import Connection, connect
from registry.settings import Settings

_LOCK = 7_316_504_112_002
_BATCH = 2_000
# Writers do not notify: PostgreSQL holds a lock over the whole commit of a transaction with NOTIFY,
# so that they would commit one after the other. Looking costs little.
_LOOK_SECONDS = 0.001
_SELDOM_SECONDS = 0.1
_CLOCK_SECONDS = 0.5
_RETRY_SECONDS = 0.5
_STAND_BY_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0
_COMMAND_SECONDS = 60.0
# A holder of the lock whose host has vanished is found dead by the server within half a minute.
_KEEPALIVES = {
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "statement_timeout": "0",
}
# A batch is little beside the whole log: its events are found one by one, never by reading all.
_PLANS = {"enable_hashjoin": "off", "enable_mergejoin": "off"}

_WAITING = Gauge("efa_events_waiting", "Events that have no number in the log yet")
_FAILURES = Counter("efa_sequencer_failures", "Failures of the sequencer of this process")
_log: Any = structlog.get_logger()


async def number_batch(conn: Connection, grower: Grower) -> int:
    """Number the events that wait, seal the log at its new size and sign it; returns how many."""
    await grower.begin(conn)
    batch = await store.waiting_batch(conn, _BATCH)
    if batch is None:
        return 0
    grower.keep(await grower.add(conn, batch))
    return len(batch.seqs)


async def advance_clock(conn: Connection) -> None:
    """Say that nothing is sealed up to now; losing this in a crash loses no promise already due."""
    async with conn.transaction():
        await conn.execute("set local synchronous_commit = off")
        await store.advance_clock(conn)


async def number_all(conn: Connection, grower: Grower | None = None) -> int:
    """Number every event that waits now; returns how many. Without a grower nothing is signed."""
    grower = grower or Grower()
    total = numbered = await number_batch(conn, grower)
    while numbered == _BATCH:
        numbered = await number_batch(conn, grower)
        total += numbered
    return total


async def hold_sequencing(conn: Connection) -> bool:
    """Whether this connection is the one that numbers events, until it is closed."""
    return await conn.fetchval("select pg_try_advisory_lock($1)", _LOCK)


class Sequencer:
    """Runs beside the server until cancelled; a second one waits for the lock as a stand-by.

    What it signed is `told` in its own process at once, beside what the database tells all others.
    """

    def __init__(
        self,
        settings: Settings,
        condition: Condition,
        told: Callable[[Grown], None] = lambda _grown: None,
    ) -> None:
        self._settings = settings
        self._condition = condition
        self._told = told
        self._pause = _RETRY_SECONDS

    async def run(self) -> None:
        """Number events as they come; every failure is told, and tried again after a pause."""
        while True:
            try:
                await self._run_connected()
            except LogBehind as behind:
                _log.error("sequencer stands still", standing=str(behind))
            except Exception as error:  # noqa: BLE001 - the log must go on, whatever it was
                _FAILURES.inc()
                _log.error("sequencer failed", retry_seconds=self._pause, exc_info=error)
            await asyncio.sleep(self._pause)
            self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECONDS)

    async def _run_connected(self) -> None:
        conn = await sequencer_connection(self._settings)
        try:
            await self._stand_by(conn)
            await self._examine(conn)
            await tree_store.forget_restored(conn)
            mark = Mark(mark_path(self._settings))
            grower = Grower(signers(self._settings), mark, self._told)
            self._pause = _RETRY_SECONDS
            await self._work_to_the_end(conn, grower)
        finally:
            await conn.close(timeout=2)

    async def _work_to_the_end(self, conn: Connection, grower: Grower) -> None:
        """Work until stopped; what was signed last is kept outside before that."""
        try:
            await self._work(conn, grower)
        except asyncio.CancelledError:
            with contextlib.suppress(OSError):
                await grower.rest()
            raise

    async def _work(self, conn: Connection, grower: Grower) -> None:
        """Look soon again after finding something, and ever more seldom after finding nothing."""
        clock, look, now = 0.0, _LOOK_SECONDS, asyncio.get_running_loop().time
        while True:
            if await self._number_all(conn, grower):
                look = _LOOK_SECONDS
            elif now() >= clock:
                await advance_clock(conn)
                _WAITING.set(await store.waiting(conn))
                clock = now() + _CLOCK_SECONDS
            await asyncio.sleep(look)
            look = min(2 * look, _SELDOM_SECONDS)

    async def _examine(self, conn: Connection) -> None:
        await self._condition.examine(conn, self._settings)
        self._condition.require_fine()

    async def _number_all(self, conn: Connection, grower: Grower) -> int:
        try:
            grower.require_kept()
            return await number_all(conn, grower)
        except ForkedLog as error:
            _log.error("log forked", reason=str(error))
            self._condition.set("forked")
            raise

    async def _stand_by(self, conn: Connection) -> None:
        """Ask again and again: waiting inside the lock would hold back vacuum everywhere."""
        while not await hold_sequencing(conn):
            _WAITING.set(await store.waiting(conn))
            self._pause = _RETRY_SECONDS
            await asyncio.sleep(_STAND_BY_SECONDS)


async def sequencer_connection(settings: Settings) -> Connection:
    """A connection with the sequencer's role: its own address, or the owner's and SET ROLE."""
    url = settings.sequencer_url or settings.owner_url
    conn = await connect(
        url, server_settings=_KEEPALIVES | _PLANS, command_timeout=_COMMAND_SECONDS
    )
    # Nothing is signed that a crash could take back.
    await conn.execute("set role efa_sequencer; set synchronous_commit = on")
    return conn
