"""Waiting for the next signed checkpoint, and for erasures: told by the database, or looked for."""

import asyncio
import contextlib
from collections.abc import Callable

from registry.audit import store
from registry.db import CONNECTION_LOST, Connection, DatabaseUnreachable, connect

_LOOK_SECONDS = 0.25
_RETRY_SECONDS = 2.0
_CHECK_SECONDS = 5.0


class Seals:
    """One listener for all who wait in this process, and for what it keeps that may be erased."""

    def __init__(self) -> None:
        self._next = asyncio.Event()
        self._forgetting: list[Callable[[], None]] = []
        self._erasures = 0
        self._sealed_here = 0

    def on_erasure(self, forget: Callable[[], None]) -> None:
        """Have something forgotten when facts were erased, and when they may have been."""
        self._forgetting.append(forget)

    def next(self) -> asyncio.Event:
        """What the next seal sets; taken before looking whether it is needed."""
        return self._next

    async def wait(
        self, seal: asyncio.Event, seconds: float, longest: float = _LOOK_SECONDS
    ) -> bool:
        """Until that seal, though no longer than it is worth to look again; whether it came."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(seconds, longest)):
                return await seal.wait()
        return False

    def hint(self) -> None:
        """Let all who wait look again: something was done in this process."""
        self._next.set()
        self._next = asyncio.Event()

    def sealed_here(self, size: int) -> None:
        """The same for what this process sealed itself; that it is told of it again is no news."""
        self._sealed_here = size
        self.hint()

    async def listen(self, database_url: str) -> None:
        """Pass on what the sequencer tells, until cancelled; without it, waiters look anyway."""
        while True:
            with contextlib.suppress(DatabaseUnreachable, TimeoutError, *CONNECTION_LOST):
                await self._listen(database_url)
            await asyncio.sleep(_RETRY_SECONDS)

    async def _listen(self, database_url: str) -> None:
        conn = await connect(database_url)
        try:
            await conn.add_listener("efa_sealed", self._on_seal)
            await conn.add_listener("efa_erased", self._on_erasure)
            while True:
                await self._look_for_erasures(conn)
                await asyncio.sleep(_CHECK_SECONDS)
        finally:
            conn.terminate()

    def _on_seal(self, _conn: object, _pid: int, _channel: str, size: object) -> None:
        if int(str(size)) > self._sealed_here:
            self.hint()

    async def _look_for_erasures(self, conn: Connection) -> None:
        """Notice one that was not told: while this process did not listen, or had to wait."""
        found = await store.erasures(conn, _CHECK_SECONDS)
        if found != self._erasures:
            self._on_erasure()
        self._erasures = found

    def _on_erasure(self, *_notice: object) -> None:
        for forget in self._forgetting:
            forget()
