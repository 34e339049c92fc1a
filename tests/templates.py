"""What the template databases of the tests hold, loaded as `efa load` does."""

from registry.agreements.actions import load_distribution_keys
from registry.audit.sequencer import number_all, sequencer_connection
from registry.catalogue.actions import load_codelists, load_procedures
from registry.cli.load import _gather_statistics, load_all
from registry.db import begin, connect
from registry.identity.operator import operator
from registry.organisations.actions import load_register
from registry.settings import Settings


async def build_germany(settings: Settings) -> None:
    """Load organisations, then what the rooms above bring as reference data."""
    conn = await connect(settings.database_url)
    try:
        async with begin(conn, operator()) as tx:
            await load_register(tx)
            await load_codelists(tx)
            await load_procedures(tx)
            await load_distribution_keys(tx)
    finally:
        await conn.close()


async def build_loaded(settings: Settings) -> None:
    """Load the services that come with the program, and number their events."""
    await _load(settings, demo=False)


async def build_demo(settings: Settings) -> None:
    """Load the made-up Land as well."""
    await _load(settings, demo=True)


async def _load(settings: Settings, *, demo: bool) -> None:
    outcome = await load_all(settings.database_url, None, demo=demo)
    assert outcome.mistakes == []
    await _gather_statistics(settings.owner_url)
    await number_events(settings)


async def number_events(settings: Settings) -> int:
    """Number all waiting events of a database now."""
    conn = await sequencer_connection(settings)
    try:
        return await number_all(conn)
    finally:
        await conn.close()
