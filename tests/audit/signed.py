"""Events numbered and signed as the server does it, for the tests of the log."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from registry import audit
from registry.audit.growing import Grower
from registry.audit.keys import Mark, mark_path, signers
from registry.audit.sequencer import number_all, sequencer_connection
from registry.authority import Actor
from registry.db import Connection, begin, connect
from registry.settings import Settings

WUPPERTAL = Actor(organisation="wuppertal", name="Wuppertal", keys=("05124",))


@asynccontextmanager
async def connected(url: str) -> AsyncGenerator[Connection]:
    conn = await connect(url)
    try:
        yield conn
    finally:
        await conn.close()


async def record(settings: Settings, count: int, *, public: bool = True) -> None:
    """Record events in one transaction."""
    entries = [
        audit.Entry("services.put", f"services/s{n}", {"n": n}, public=public) for n in range(count)
    ]
    async with connected(settings.database_url) as conn, begin(conn, WUPPERTAL) as tx:
        await audit.record_all(tx, entries)


async def sign_events(settings: Settings) -> int:
    """Number and sign all waiting events now, with the key of the installation."""
    conn = await sequencer_connection(settings)
    try:
        grower = Grower(signers(settings), Mark(mark_path(settings)))
        numbered = await number_all(conn, grower)
        await grower.rest()
        return numbered
    finally:
        await conn.close()


async def grow(settings: Settings, count: int, *, public: bool = True) -> None:
    """Record, number and sign."""
    await record(settings, count, public=public)
    await sign_events(settings)
