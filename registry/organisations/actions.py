"""Loading data sets of organisations."""

from collections.abc import Callable
from uuid import UUID

from registry import audit
from registry.audit import Replay
from registry.db import Tx
from registry.organisations import register, store
from registry.organisations.model import RegisterFacts, require_bodies_kept
from registry.organisations.register import DataSet, Sources


async def load_register(tx: Tx) -> list[UUID]:
    """Load the reference data that came with the program; the same data again changes nothing."""
    territory = register.read_sources(register.TERRITORY_FILES)
    others = register.read_sources(["bodies"])
    events = [
        await load_data_set(tx, "territory", territory, register.build_territory),
        await load_data_set(tx, "others", others, register.build_others),
    ]
    return [event_id for event_id in events if event_id is not None]


async def load_data_set(
    tx: Tx, name: str, sources: Sources, build: Callable[[Sources], DataSet]
) -> UUID | None:
    """Load one data set; None when it is loaded already.

    It answers in place of its former version from now on, which stays for what was known before.
    """
    await store.lock_data_set(tx, name)
    digest = sources.digest()
    if await store.loaded_sources(tx, name) == digest:
        return None
    data_set = build(sources)
    require_bodies_kept(await store.lost_bodies(tx, data_set))
    content = await audit.keep(tx, register.encode(data_set))
    facts = RegisterFacts(
        data_set=data_set.name,
        territory_date=data_set.territory_date,
        organisations=len(data_set.bodies),
        content=content.hex(),
        sources=digest.hex(),
    )
    event_id = await audit.record(tx, "organisations.load_register", "organisations", facts)
    await store.add_data_set(tx, event_id, facts, data_set)
    return event_id


async def apply_load_register(tx: Tx, event_id: UUID, facts: RegisterFacts) -> None:
    """Write the rows of a data set from its kept content."""
    content = await audit.blob(tx, bytes.fromhex(facts.content))
    if content is None:
        raise LookupError(f"the content of event {event_id} was not kept")
    await store.add_data_set(tx, event_id, facts, register.decode(content))


REPLAY = {"organisations.load_register": Replay(RegisterFacts, apply_load_register)}
