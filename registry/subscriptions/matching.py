"""Matching: each public event, in log order, becomes one delivery to everyone it concerns.

The place up to which that happened moves in the same transaction, so that no event is left out and
none is matched twice, whichever process does it.
"""

from collections.abc import Sequence
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
        if events:
            await _match(tx, events)
            await store.move_position(tx, events[-1].log_index + 1)
        return len(events)


async def _match(tx: Tx, events: Sequence[store.Found]) -> None:
    asked = await store.ranges(tx)
    if asked:
        await store.insert_deliveries(tx, [_happened(event, asked) for event in events])


def _happened(event: store.Found, asked: Sequence[str]) -> store.Happened:
    topic = topic_of(event.action, event.subject)
    version = topic.version
    fitting = [text for text in asked if lies_in(version, text)] if version else None
    return store.Happened(event=event, topic=topic, fitting=fitting)


@lru_cache(maxsize=4_096)
def lies_in(version: str, wanted: str) -> bool:
    """Whether a version lies in a range; pre-releases lie in `*` only where they are asked for."""
    return satisfies(parse(version), parse_range(wanted))
