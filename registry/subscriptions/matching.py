"""Matching: each public event, in log order, becomes one delivery to everyone it concerns.

The place up to which that happened moves in the same transaction, so that no event is left out and
none is matched twice, whichever process does it.
"""

from functools import lru_cache

from registry.db import Connection, Tx, begin
from registry.identity.operator import operator
from registry.semver import parse, parse_range, satisfies
from registry.subscriptions.model import topic_of
from registry.subscriptions.store import matching as store

_BATCH = 200


async def match_batch(conn: Connection) -> int:
    """Match some events that nobody was told of yet; returns how many there were."""
    async with begin(conn, operator()) as tx:
        position = await store.hold_position(tx)
        if position is None:
            return 0
        events = await store.events_from(tx, position, _BATCH)
        for event in events:
            await _match(tx, event)
        if events:
            await store.move_position(tx, events[-1].log_index + 1)
        return len(events)


async def _match(tx: Tx, event: store.Found) -> None:
    topic = topic_of(event.action, event.subject)
    asked = await store.ranges(tx, topic.service)
    fitting = [text for text in asked if topic.version is None or lies_in(topic.version, text)]
    if fitting:
        await store.insert_deliveries(tx, event, topic, fitting)


@lru_cache(maxsize=4_096)
def lies_in(version: str, wanted: str) -> bool:
    """Whether a version lies in a range; pre-releases lie in `*` only where they are asked for."""
    return satisfies(parse(version), parse_range(wanted))
