"""Recording: the one way a change enters the log."""

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from uuid import UUID, uuid4

from registry.audit import store
from registry.audit.model import Entry, NewEvent, ReadFacts, Replay, canonical
from registry.db import Tx

_MANY = 100


async def record(
    tx: Tx,
    action: str,
    subject: str,
    facts: object,
    *,
    public: bool = True,
    on_behalf_of: str | None = None,
) -> UUID:
    """Record one event of this transaction; rows written for it carry the id returned.

    `action` is the path of the calling function (`versions.publish`), `subject` the path of the
    thing below `/v1/`, `facts` everything needed to write the same rows again.
    """
    entry = Entry(action, subject, facts, public=public, on_behalf_of=on_behalf_of)
    return (await record_all(tx, [entry]))[0]


async def record_all(tx: Tx, entries: Sequence[Entry]) -> list[UUID]:
    """Record one event for each entry, in their order; returns their ids."""
    events = await _events(tx, entries)
    if events:
        await store.insert_events(tx, events)
    ids = [event.id for event in events]
    tx.recorded += ids
    return ids


async def _events(tx: Tx, entries: Sequence[Entry]) -> list[NewEvent]:
    """The events of the entries; those of a batch are hashed beside the event loop."""
    made = (_event(tx, entry) for entry in entries)
    return list(made) if len(entries) < _MANY else await asyncio.to_thread(list, made)


def _event(tx: Tx, entry: Entry) -> NewEvent:
    return NewEvent(
        id=uuid4(),
        action=entry.action,
        subject=entry.subject,
        leaf_subject=entry.subject if entry.public else f"private/{uuid4()}",
        organisation=tx.actor.acting,
        on_behalf_of=entry.on_behalf_of or tx.behalf or tx.actor.stands_for,
        public=entry.public,
        batch=tx.batch,
        recorded_at=tx.now,
        salt=secrets.token_bytes(32),
        facts=canonical(entry.facts),
    )


async def read(tx: Tx, method: str, path: str, query: str) -> UUID:
    """Record that an auditor reads what may be private; committed before any row is sent."""
    facts = ReadFacts(method=method, path=path, query=query)
    subject = f"organisations/{tx.actor.organisation}"
    return await record(tx, "audit.read", subject, facts, public=False)


async def apply_read(_tx: Tx, _event_id: UUID, _facts: ReadFacts) -> None:
    """A reading leaves nothing but its event."""


async def keep(tx: Tx, content: bytes) -> bytes:
    """Store `content` once, and return its SHA-256 (32 bytes)."""
    return (await keep_all(tx, [content]))[0]


async def keep_all(tx: Tx, contents: Sequence[bytes]) -> list[bytes]:
    """Store each of these once, and return their SHA-256 (32 bytes each)."""
    kept = [hashlib.sha256(content).digest() for content in contents]
    await store.insert_blobs(tx, kept, contents)
    return kept


REPLAY = {"audit.read": Replay(ReadFacts, apply_read)}
