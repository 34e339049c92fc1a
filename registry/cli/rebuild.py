"""`efa log export` and `efa rebuild`: the log into a file, and the database again from the file.

Events are inserted as they were, by the owner; then each is applied by its room, with the rights of
the application and at the time it was recorded. Everything happens in one transaction.
"""

import asyncio
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import msgspec

from registry import audit
from registry.audit import export, export_store
from registry.audit.export import LogCheckpoint, LogContent, LogEvent, UnreadableLog
from registry.authority import ADMIN, Actor
from registry.cli import origin, rooms, store, whole_reads
from registry.cli.erasing import REPLAY as ERASURES
from registry.cli.whole_reads import ExportFacts
from registry.db import Connection, Tx, begin, begin_reading, connected
from registry.db.failures import REFUSED
from registry.errors import Refusal, SetupProblem
from registry.identity import store as identity
from registry.identity.operator import operator
from registry.settings import Settings

T = TypeVar("T")

_CHUNK = 1_000
_REBUILDER = Actor(organisation="", name="rebuild", scopes=frozenset({ADMIN}))


REPLAY = rooms.REPLAY | origin.REPLAY | whole_reads.REPLAY | ERASURES


def export_log(settings: Settings, file: Path) -> int:
    """Write the log as it is at one instant; returns the number of events."""
    return asyncio.run(_export(settings.database_url, file))


def rebuild(settings: Settings, file: Path, *, keeps_tokens: bool = False) -> int:
    """Fill an empty database from an exported log; returns the number of events.

    Which tokens were taken back after the export it does not know: unless they are kept, none of
    it counts any more.
    """
    if not settings.owner_url:
        raise SetupProblem("Rebuilding needs the owner's address: set EFA_OWNER_URL.")
    return asyncio.run(_rebuild(settings.owner_url, file, keeps_tokens=keeps_tokens))


async def _export(database_url: str, file: Path) -> int:
    async with connected(database_url) as conn:
        with _new_file(file) as out:
            return await write_log(conn, out.write)


@contextmanager
def _new_file(file: Path) -> Generator[BinaryIO]:
    """A file that was not there before, and is not there after a failure."""
    try:
        out = file.open("xb")
    except OSError as error:
        raise SetupProblem(f"{file} cannot be made: {error.strerror}.") from None
    try:
        with out:
            yield out
    except BaseException:
        file.unlink()
        raise


async def write_log(conn: Connection, write: Any) -> int:
    """Hand the lines of the log to `write`, all of one snapshot; returns the number of events.

    It holds what is private too; that it is read is recorded first.
    """
    async with begin(conn, operator()) as tx:
        await audit.record(tx, "cli.write_log", "log/export", ExportFacts(format=export.FORMAT))
    async with (
        conn.transaction(isolation="repeatable_read", readonly=True),
        begin_reading(conn, operator(), sees_all=True) as tx,
    ):
        return await write_lines(tx, write)


async def write_lines(tx: Tx, write: Any) -> int:
    """Hand the lines of the log as `tx` sees it to `write`; returns the number of events."""
    events = 0
    async for line in export.log_lines(tx):
        write(line + b"\n")
        events += line.startswith(b'{"line":"event"')
    return events


async def _rebuild(owner_url: str, file: Path, *, keeps_tokens: bool) -> int:
    async with connected(owner_url) as conn:
        with file.open("rb") as lines:
            events = await replay_log(conn, lines, keeps_tokens=keeps_tokens)
        await store.gather_statistics(conn)
        return events


async def replay_log(conn: Connection, lines: Iterable[bytes], *, keeps_tokens: bool = True) -> int:
    """Rebuild everything from the lines of a log, or nothing; returns the number of events."""
    events = 0
    async with begin(conn, _REBUILDER) as tx:
        if not await export_store.is_empty(tx):
            raise SetupProblem("The database is not empty; rebuild into a fresh one.")
        for chunk in _chunks(export.read_log(lines)):
            await _insert(tx, chunk)
            await export_store.act_as_application(tx)
            for organisation, its in groupby(_of(LogEvent, chunk), lambda one: one.organisation):
                events += await _apply_all(conn, organisation, its)
            await export_store.act_as_owner(tx)
        await export_store.keep_late(tx)
        await export_store.continue_after_last_event(tx)
        if not keeps_tokens:
            await identity.end_tokens_issued(tx)
    return events


def _chunks(lines: Iterator[Any]) -> Iterator[list[Any]]:
    chunk: list[Any] = []
    for line in lines:
        chunk.append(line)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    yield chunk


def _of(kind: type[T], chunk: list[Any]) -> list[T]:
    return [line for line in chunk if isinstance(line, kind)]


async def _insert(tx: Tx, chunk: list[Any]) -> None:
    contents = [(bytes.fromhex(c.sha256), c.content) for c in _of(LogContent, chunk)]
    await export_store.insert_contents(tx, contents)
    events = _of(LogEvent, chunk)
    await export_store.insert_events(tx, [_event_row(event) for event in events])
    await export_store.insert_facts(
        tx,
        [
            (event.id, event.public, event.organisation, event.salt, bytes(event.facts))
            for event in events
            if event.salt is not None
        ],
    )
    seals = [(seal.size, seal.sealed_at) for seal in _of(LogCheckpoint, chunk)]
    await export_store.insert_checkpoints(tx, seals)


def _event_row(event: LogEvent) -> tuple[object, ...]:
    return (
        event.id,
        event.seq,
        event.log_index,
        event.action,
        event.subject,
        event.organisation,
        event.on_behalf_of,
        event.public,
        event.batch,
        event.recorded_at,
        event.leaf,
    )


async def _apply_all(conn: Connection, organisation: str, events: Iterable[LogEvent]) -> int:
    """Apply events of one organisation as it; returns how many."""
    actor = msgspec.structs.replace(_REBUILDER, organisation=organisation)
    count = 0
    async with begin(conn, actor):
        for event in events:
            await _apply(Tx(conn, event.recorded_at, actor, event.batch), event)
            count += 1
    return count


async def _apply(tx: Tx, event: LogEvent) -> None:
    """Let the room write the rows of this event; one whose facts were erased leaves none."""
    if event.salt is None:
        return
    if event.action not in REPLAY:
        raise UnreadableLog(event=str(event.id), reason=f"no room replays {event.action}")
    replay = REPLAY[event.action]
    try:
        await replay.apply(tx, event.id, msgspec.json.decode(event.facts, type=replay.facts))
    except (*REFUSED, msgspec.MsgspecError, Refusal) as error:
        raise UnreadableLog(event=str(event.id), reason=str(error)) from error
