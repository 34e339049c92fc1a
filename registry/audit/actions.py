"""Recording: the one way a change enters the log."""

import hashlib
import secrets
from uuid import UUID, uuid4

from registry.audit import store
from registry.audit.model import NewEvent, ReadFacts, Replay, canonical
from registry.db import Tx


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
    event_id = uuid4()
    await store.insert_event(
        tx,
        NewEvent(
            id=event_id,
            action=action,
            subject=subject,
            leaf_subject=subject if public else f"private/{uuid4()}",
            organisation=tx.actor.organisation,
            on_behalf_of=on_behalf_of,
            public=public,
            batch=tx.batch,
            recorded_at=tx.now,
            salt=secrets.token_bytes(32),
            facts=canonical(facts),
        ),
    )
    return event_id


async def read(tx: Tx, method: str, path: str, query: str) -> UUID:
    """Record that an auditor reads what may be private; committed before any row is sent."""
    facts = ReadFacts(method=method, path=path, query=query)
    subject = f"organisations/{tx.actor.organisation}"
    return await record(tx, "audit.read", subject, facts, public=False)


async def apply_read(_tx: Tx, _event_id: UUID, _facts: ReadFacts) -> None:
    """A reading leaves nothing but its event."""


async def keep(tx: Tx, content: bytes) -> bytes:
    """Store `content` once, and return its SHA-256 (32 bytes)."""
    sha256 = hashlib.sha256(content).digest()
    await store.insert_blob(tx, sha256, content)
    return sha256


REPLAY = {"audit.read": Replay(ReadFacts, apply_read)}
