"""What the template database of the tests holds: the reference data, loaded as `efa load` does."""

from registry.organisations.actions import load_register
from registry.organisations.model import organisation_id

from registry.audit.sequencer import number_all, sequencer_connection
from registry.authority import ADMIN, Actor
from registry.db import Query, begin, connect
from registry.organisations import store as organisations
from registry.settings import Settings


async def build_germany(settings: Settings) -> None:
    """Load organisations, then what the rooms above bring as reference data."""
    conn = await connect(settings.database_url)
    try:
        async with begin(conn, first_actor()) as tx:
            await load_register(tx)
    finally:
        await conn.close()


def first_actor() -> Actor:
    """The operator before any organisation is recorded."""
    return Actor(
        organisation=str(organisation_id("betreiber")),
        name="Betreiber dieses Registers",
        slug="betreiber",
        scopes=frozenset({ADMIN}),
    )


async def operator(db: Query) -> Actor:
    """The operator with scope `admin`."""
    await organisations.resolve(db, "betreiber")
    return first_actor()


async def number_events(settings: Settings) -> int:
    """Number all waiting events of a database now."""
    conn = await sequencer_connection(settings)
    try:
        return await number_all(conn)
    finally:
        await conn.close()
