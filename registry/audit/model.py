"""Events, their leaves, and the position in the log that `known_at` names."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import rfc8785

from registry.db import Tx
from registry.errors import NotFound


class UnknownLogPosition(NotFound):
    """`known_at` lies before the first checkpoint, or beyond the last."""

    code = "unknown-log-position"


class LogPosition(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed prefix of the log: its number of leaves, and when it was sealed."""

    size: int
    sealed_at: datetime


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded change, as readers of the log see it.

    `log_index` is its number in the log, counted from 0; `facts` is null where they were erased.
    """

    log_index: int
    id: UUID
    action: str
    subject: str
    organisation: str
    on_behalf_of: str | None
    batch: UUID | None
    recorded_at: datetime
    facts: msgspec.Raw | None


class NewEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What `record` writes: the event, its salted facts, and the leaf that commits to both."""

    id: UUID
    action: str
    subject: str
    leaf_subject: str
    organisation: str
    on_behalf_of: str | None
    public: bool
    batch: UUID | None
    recorded_at: datetime
    salt: bytes
    facts: bytes

    @property
    def leaf(self) -> bytes:
        """The bytes of the leaf (RFC 8785): who, what, when, and SHA-256(salt || facts).

        A private action shows neither its name nor its organisation, and a subject that is random.
        """
        return rfc8785.dumps(
            {
                "action": self.action if self.public else "private",
                "event": str(self.id),
                "facts": hashlib.sha256(self.salt + self.facts).hexdigest(),
                "organisation": self.organisation if self.public else None,
                "recorded_at": self.recorded_at.isoformat(),
                "subject": self.leaf_subject,
            }
        )


class Replay(msgspec.Struct, frozen=True):
    """How one action is replayed: the type of its facts, and what writes its rows."""

    facts: Any
    apply: Callable[[Tx, UUID, Any], Awaitable[object]]


def canonical(facts: object) -> bytes:
    """The facts as RFC 8785 bytes; they are ours, so they hold no numbers JSON cannot keep."""
    return rfc8785.dumps(msgspec.to_builtins(facts))
