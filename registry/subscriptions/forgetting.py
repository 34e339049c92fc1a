"""Forgets what was sent long ago, and addresses that nothing is sent to any more."""

import asyncio
from typing import Any

import structlog

from registry.db import Database, begin
from registry.db.failures import BUSY
from registry.identity.operator import operator
from registry.subscriptions.store import forgetting as store

_EVERY_SECONDS = 3_600.0
_log: Any = structlog.get_logger()


async def forget_regularly(database: Database, days: int) -> None:
    """Forget every hour what is older than some days, until cancelled."""
    while True:
        try:
            await forget(database, days)
        except BUSY as error:
            _log.warning("what was sent long ago is kept for now", exc_info=error)
        await asyncio.sleep(_EVERY_SECONDS)


async def forget(database: Database, days: int) -> None:
    """Forget all that is older than some days, a part at a time."""
    more = True
    while more:
        async with database.writes.acquire() as conn, begin(conn, operator()) as tx:
            more = await store.forget_deliveries(tx, days)
    async with database.writes.acquire() as conn, begin(conn, operator()) as tx:
        await store.forget_addresses(tx, days)
