"""The log as a file of JSON lines, complete enough to rebuild the database from it.

First a header, then contents by their SHA-256, events in log order with salt and facts, the
checkpoints, and an end line that counts them, so that a file cut short is noticed.
"""

import hashlib
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from registry.audit import export_store
from registry.db import Reads, Row, Tx
from registry.errors import Unprocessable

FORMAT = "efa-log/1"
_PART = 1_000


class UnreadableLog(Unprocessable):
    """A line of the file is not what the log writes, or contradicts itself."""

    code = "unreadable-log"


class LogHeader(msgspec.Struct, frozen=True, kw_only=True, tag_field="line", tag="log"):
    """The first line."""

    format: Literal["efa-log/1"]


class LogContent(msgspec.Struct, frozen=True, kw_only=True, tag_field="line", tag="content"):
    """A content that facts name by its SHA-256 (hex); the bytes are in base64."""

    sha256: str
    content: bytes


class LogEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="line", tag="event"):
    """One event; `log_index` is null while unnumbered, `salt` and `facts` are null once erased."""

    id: UUID
    seq: int
    log_index: int | None
    action: str
    subject: str
    organisation: str
    on_behalf_of: str | None
    public: bool
    batch: UUID | None
    recorded_at: datetime
    leaf: bytes
    salt: bytes | None
    facts: msgspec.Raw

    def commits(self) -> bool:
        """Whether the leaf holds the SHA-256 of salt and facts, or both were erased."""
        if self.salt is None:
            return True
        claimed = msgspec.json.decode(self.leaf, type=dict[str, str | int | None]).get("facts")
        return hashlib.sha256(self.salt + bytes(self.facts)).hexdigest() == claimed


class LogLeaf(msgspec.Struct, frozen=True, kw_only=True, tag_field="line", tag="leaf"):
    """All that a public export shows of a private event; no database is rebuilt from it."""

    log_index: int
    leaf: bytes


class LogCheckpoint(msgspec.Struct, frozen=True, kw_only=True, tag_field="line", tag="checkpoint"):
    """A size the log was sealed at; `note` is the checkpoint, where one was signed then."""

    size: int
    sealed_at: datetime
    note: str | None = None


class LogEnd(msgspec.Struct, frozen=True, kw_only=True, tag_field="line", tag="end"):
    """The last line: how many lines of each kind came before it."""

    contents: int
    events: int
    checkpoints: int


Line = LogHeader | LogContent | LogEvent | LogCheckpoint | LogEnd

_decoder = msgspec.json.Decoder(Line)


async def log_lines(tx: Tx) -> AsyncIterator[bytes]:
    """The whole log as the reader of `tx` sees it, line by line, without line ends."""
    yield msgspec.json.encode(LogHeader(format=FORMAT))
    contents = events = checkpoints = 0
    async for row in export_store.contents(tx):
        yield msgspec.json.encode(LogContent(sha256=row["sha256"].hex(), content=row["content"]))
        contents += 1
    async for row in export_store.events(tx):
        yield msgspec.json.encode(_event(row))
        events += 1
    async for row in export_store.checkpoints(tx):
        yield msgspec.json.encode(LogCheckpoint(**dict(row.items())))
        checkpoints += 1
    yield msgspec.json.encode(LogEnd(contents=contents, events=events, checkpoints=checkpoints))


def _event(row: Row) -> LogEvent:
    values = dict(row.items())
    facts = values.pop("facts")
    return LogEvent(**values, facts=msgspec.Raw(b"null" if facts is None else facts))


async def public_lines(reads: Reads, size: int) -> AsyncIterator[bytes]:
    """The first `size` leaves as everybody may see them, with line ends, by and by.

    Public events come with salt and facts, private ones as their leaf, contents not at all: each
    has its address. Such a prefix never changes, so no connection is held between two parts.
    """
    yield msgspec.json.encode(LogHeader(format=FORMAT)) + b"\n"
    events = checkpoints = 0
    for first in range(0, size, _PART):
        rows = await export_store.public_leaves(reads, first, min(first + _PART, size))
        events += sum(row["id"] is not None for row in rows)
        yield msgspec.json.Encoder().encode_lines([_public(row) for row in rows])
    for first in range(0, size, _PART):
        rows = await export_store.checkpoints_within(reads, first, min(first + _PART, size))
        checkpoints += len(rows)
        yield msgspec.json.Encoder().encode_lines([LogCheckpoint(**dict(r.items())) for r in rows])
    end = LogEnd(contents=0, events=events, checkpoints=checkpoints)
    yield msgspec.json.encode(end) + b"\n"


def _public(row: Row) -> LogEvent | LogLeaf:
    if row["id"] is None:
        return LogLeaf(log_index=row["log_index"], leaf=row["leaf"])
    return _event(row)


def read_log(lines: Iterable[bytes]) -> Iterator[LogContent | LogEvent | LogCheckpoint]:
    """The lines of a log file; refuses a wrong header, a wrong hash and a missing end."""
    counted = {LogContent: 0, LogEvent: 0, LogCheckpoint: 0}
    end: LogEnd | None = None
    for number, text in enumerate(lines, start=1):
        line = _line(number, text)
        if (number == 1) != isinstance(line, LogHeader) or end is not None:
            raise UnreadableLog(line=number, reason="out of place")
        if isinstance(line, LogEnd):
            end = line
        elif not isinstance(line, LogHeader):
            counted[type(line)] += 1
            yield _checked(number, line)
    if end is None or list(counted.values()) != [end.contents, end.events, end.checkpoints]:
        raise UnreadableLog(reason="the file ends too early")


def _line(number: int, text: bytes) -> Line:
    try:
        return _decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UnreadableLog(line=number, reason=str(error)) from None


def _checked(
    number: int, line: LogContent | LogEvent | LogCheckpoint
) -> LogContent | LogEvent | LogCheckpoint:
    if isinstance(line, LogContent) and hashlib.sha256(line.content).hexdigest() != line.sha256:
        raise UnreadableLog(line=number, reason="the content has another SHA-256")
    if isinstance(line, LogEvent) and not line.commits():
        raise UnreadableLog(line=number, reason="the leaf does not commit to the facts")
    return line
