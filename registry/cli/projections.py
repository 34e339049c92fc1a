"""`efa rebuild --projections`: everything that is derived from the history, made anew from it.

In one transaction: readers see the old rows until it commits, and writers wait for it.
"""

import asyncio

from registry.catalogue import actions as catalogue
from registry.db import Connection, begin, connected
from registry.identity.operator import operator
from registry.reuse import store as reuse
from registry.settings import Settings
from registry.usage import store as usage
from registry.versions import actions as versions
from registry.versions import store as version_store


def rebuild_projections(settings: Settings) -> None:
    """Make all projections anew."""
    asyncio.run(_rebuild(settings.database_url))


async def _rebuild(database_url: str) -> None:
    async with connected(database_url) as conn:
        await show_everything(conn)


async def show_everything(conn: Connection) -> None:
    """Every room from the lowest up, since the upper ones read what the lower ones show."""
    async with begin(conn, operator()) as tx:
        await catalogue.show_everything(tx)
        await version_store.forget_encodings(tx)
        for sha256 in await version_store.published_schemas(tx):
            await versions.show_schema(tx, sha256)
        await versions.show_worked_out(tx)
        await reuse.rebuild_projections(tx)
        await usage.rebuild_projections(tx)
