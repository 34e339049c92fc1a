"""Where the log stands, looked up once for all who wait in this process.

Told by the database when something was sealed, and looked for now and then anyway: soon after
something happened, ever more seldom while nothing does, never while nobody waits.
"""

import asyncio
from typing import Any

import structlog

from registry.audit.seals import Seals
from registry.db import Reads
from registry.db.failures import BUSY
from registry.subscriptions.store import log as store
from registry.subscriptions.store.log import Standing

SELDOM_SECONDS = 2.0
_SOON_SECONDS = 0.02

_log: Any = structlog.get_logger()


class Tail:
    """One reader for all who wait."""

    def __init__(self, seals: Seals) -> None:
        self.standing = Standing()
        self._seals = seals
        self._waiting = 0
        self._wanted = asyncio.Event()
        self._looked = asyncio.Event()

    async def next(self) -> Standing:
        """Where the log stands at the next look."""
        self._waiting += 1
        self._wanted.set()
        try:
            await self._looked.wait()
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._wanted.clear()
        return self.standing

    def hurry(self) -> None:
        """Look soon: something was done that changes where things stand."""
        self._seals.hint()

    async def run(self, reads: Reads) -> None:
        """Look as long as somebody waits, until cancelled."""
        pause = _SOON_SECONDS
        while True:
            await self._wanted.wait()
            seal = self._seals.next()
            before = self.standing
            await self._look(reads)
            told = await self._seals.wait(seal, pause, SELDOM_SECONDS)
            soon = told or self.standing != before
            pause = _SOON_SECONDS if soon else min(2 * pause, SELDOM_SECONDS)

    async def _look(self, reads: Reads) -> None:
        try:
            self.standing = await store.standing(reads)
        except BUSY as error:
            _log.warning("the log cannot be read now", reason=str(error) or type(error).__name__)
        self._looked.set()
        self._looked = asyncio.Event()
