"""Events, their leaves, and the position in the log that `known_at` names."""

import hashlib
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import rfc8785

from registry.db import Tx
from registry.errors import Fault, Malformed, NotFound, Refusal, Unprocessable

_SIZE = re.compile(r"[0-9]{1,18}")
_INSTANT = re.compile(
    r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})"
)


class UnknownLogPosition(NotFound):
    """`known_at` lies before the first checkpoint, or beyond the last."""

    code = "unknown-log-position"


class LogBehind(Refusal):
    """The database does not continue what the log signed before; nothing is changed meanwhile."""

    code = "log-behind"
    status = 503


class NoReceiptYet(NotFound):
    """The event waits for its number in the log."""

    code = "no-receipt-yet"


class LogPosition(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed prefix of the log: its number of leaves, when it was sealed, and its root (hex).

    `root` is null only while the tree over an older log is built.
    """

    size: int
    sealed_at: datetime
    root: str | None = None


class Seal(NamedTuple):
    """When the log was sealed at a size, and the size it was sealed at before; 0 for none."""

    sealed_at: datetime
    before: int

    @property
    def line(self) -> str:
        """The line of the checkpoint that says so.

        Without it an instant in `known_at` could be given another meaning unseen.
        """
        return f"sealed {self.sealed_at.astimezone(UTC).isoformat()} after {self.before}"


def read_known_at(text: str) -> int | datetime:
    """What `known_at` says: a size of the log, or an instant (RFC 3339)."""
    if _SIZE.fullmatch(text):
        return int(text)
    try:
        if _INSTANT.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise Malformed(Fault("?known_at", "no-such-instant", {"value": text}))


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


class Entry(msgspec.Struct, frozen=True):
    """What a room has to record: the path of its function, the subject, and all of the facts."""

    action: str
    subject: str
    facts: Any
    public: bool = True
    on_behalf_of: str | None = None


_HIDDEN = {"action": "private", "batch": None, "on_behalf_of": None, "organisation": None}


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
    def leaf(self) -> tuple[bytes, bytes]:
        """The bytes of the leaf (RFC 8785) before and after `seq`, which the database gives.

        Who, what, when, and SHA-256(salt || facts). A private action shows neither its name nor a
        body nor its batch, and its subject is random; `about` commits to them.
        """
        said = self._who_and_what if self.public else _HIDDEN | {"about": self._about}
        head = said | {
            "event": str(self.id),
            "facts": hashlib.sha256(self.salt + self.facts).hexdigest(),
            "recorded_at": self.recorded_at.isoformat(),
        }
        subject = _canonical_words({"subject": self.leaf_subject})
        return _canonical_words(head)[:-1] + b',"seq":', b"," + subject[1:]

    @property
    def _who_and_what(self) -> dict[str, str | None]:
        return {
            "action": self.action,
            "batch": str(self.batch) if self.batch else None,
            "on_behalf_of": self.on_behalf_of,
            "organisation": self.organisation,
        }

    @property
    def _about(self) -> str:
        about = _canonical_words(self._who_and_what | {"subject": self.subject})
        return hashlib.sha256(self.salt + about).hexdigest()


class ReadFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `audit.read`: the request whose answer may hold what is private."""

    method: str
    path: str
    query: str


class Replay(msgspec.Struct, frozen=True):
    """How one action is replayed: the type of its facts, and what writes its rows."""

    facts: Any
    apply: Callable[[Tx, UUID, Any], Awaitable[object]]


def _canonical_words(words: dict[str, str | None]) -> bytes:
    """RFC 8785 of an object of texts with ASCII names: without numbers it is this, but faster."""
    return msgspec.json.encode(words, order="sorted")


def canonical(facts: object) -> bytes:
    """The facts as RFC 8785 bytes; refuses numbers that JSON does not keep exactly."""
    try:
        return rfc8785.dumps(msgspec.to_builtins(facts))
    except (rfc8785.IntegerDomainError, rfc8785.FloatDomainError):
        raise Unprocessable(Fault("", "number-not-exact")) from None
