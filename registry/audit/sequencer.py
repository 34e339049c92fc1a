"""The sequencer: numbers committed events densely, in batches, and seals each batch.

One per database, by a session advisory lock on a connection of its own. It takes whatever is not
numbered yet, so an event that commits late is never lost; the unique index on the number would stop
a second one.
"""

import asyncio
import contextlib

from registry.audit import store
from registry.db import CONNECTION_LOST, Connection, connect
from registry.settings import Settings

_LOCK = 7_316_504_112_002
_BATCH = 2_000
_POLL_SECONDS = 0.5


async def number_batch(conn: Connection) -> int:
    """Number the events that wait, and seal the log at its new size; returns how many."""
    async with conn.transaction():
        await conn.execute("set local synchronous_commit = on")
        numbered = await store.number_waiting(conn, _BATCH)
        if numbered:
            await store.seal(conn)
    return numbered


async def number_all(conn: Connection) -> int:
    """Number every event that waits now; returns how many."""
    total = 0
    while numbered := await number_batch(conn):
        total += numbered
    return total


class Sequencer:
    """Runs beside the server until cancelled; a second one waits for the lock as a stand-by."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Number events as they come; reconnects after a failure of the connection."""
        while True:
            with contextlib.suppress(*CONNECTION_LOST):
                await self._run_connected()
            await asyncio.sleep(_POLL_SECONDS)

    async def _run_connected(self) -> None:
        conn = await sequencer_connection(self._settings)
        try:
            await conn.execute("set statement_timeout = 0")
            await conn.fetchval("select pg_advisory_lock($1)", _LOCK)
            await conn.add_listener("efa_events", self._on_notice)
            while True:
                self._wake.clear()
                await number_all(conn)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), _POLL_SECONDS)
        finally:
            await conn.close(timeout=2)

    def _on_notice(self, *_notice: object) -> None:
        self._wake.set()


async def sequencer_connection(settings: Settings) -> Connection:
    """A connection with the sequencer's role: its own address, or the owner's and SET ROLE."""
    conn = await connect(settings.sequencer_url or settings.owner_url)
    await conn.execute("set role efa_sequencer")
    return conn
