"""`efa log verify --database`: the rows of a database against the facts, these against the leaves.

The log is read out and checked as any export is. Then it is replayed into an empty database, and
each table of the history, of what was signed and of what is derived is compared with it row by row.
Nothing is recorded: no content leaves the database, only the places where something differs.
"""

import asyncio
import tempfile
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Sequence,
)
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from registry.audit import export, tree_store
from registry.audit.export import LogCheckpoint
from registry.audit.growing import Grower
from registry.audit.notes import read_checkpoint
from registry.audit.proofs import root_at
from registry.audit.standing import Condition
from registry.audit.tree_store import Head
from registry.cli import efa_verify, projections, rows_store
from registry.cli.rebuild import replay_log, write_lines
from registry.cli.rows_store import Table
from registry.db import Connection, Tx, begin_reading, connected
from registry.db.embedded import EmbeddedPostgres
from registry.db.failures import REFUSED
from registry.db.migrations import migrate
from registry.errors import Refusal, SetupProblem
from registry.identity.operator import operator
from registry.settings import Settings

_SHOWN = 20
# How values look as text; the same on both servers.
_TEXT = {"timezone": "UTC", "datestyle": "ISO, MDY", "intervalstyle": "postgres"}
# Kept as they are worked out, by readers too, so a table may hold more or less of them.
_KEPT_ON_THE_WAY = {"schema_verdicts"}
# German | English
_TEXTS = {
    "changed": "{table} {key}: {column} ist nicht, was die Ereignisse sagen | "
    "{table} {key}: {column} is not what the events say",
    "missing": "{table} {key}: die Zeile fehlt | {table} {key}: the row is missing",
    "unknown": "{table} {key}: kein Ereignis hat diese Zeile geschrieben | "
    "{table} {key}: no event wrote this row",
    "erased": "Ereignis {key}: die Angaben fehlen, und kein Löschvermerk nennt sie | "
    "event {key}: the facts are gone, and no erasure names them",
    "content": "Inhalt {key}: kein Ereignis nennt ihn | content {key}: no event names it",
    "standing": "Die Datenbank setzt nicht fort, was zuletzt unterschrieben wurde ({key}) | "
    "the database does not continue what was signed last ({key})",
    "replay": "Die Ereignisse lassen sich nicht anwenden: {key} | "
    "the events cannot be applied: {key}",
    "key": "Unter diesem Schlüssel wurde auch unterschrieben; nennen Sie ihn mit --key: {key} | "
    "the log was signed under this key too; name it with --key: {key}",
    "derived": "Abgeleitetes stellt `efa rebuild --projections` wieder her. | "
    "`efa rebuild --projections` makes anew what is derived.",
    "more": "… und {key} weitere | … and {key} more",
    "unsigned": "Es ist noch nichts unterschrieben, woran sich die Datenbank prüfen ließe. | "
    "nothing is signed yet that the database could be checked by.",
    "rows": "Tabellen: {tables}, Zeilen: {rows}. | Tables: {tables}, rows: {rows}.",
    "fine": "In Ordnung. | All is right.",
    "wrong": "NICHT in Ordnung. | NOT right.",
}


class Difference(NamedTuple):
    """Where a database differs from its log: a code of the texts, and the place."""

    code: str
    key: str
    table: str = ""
    column: str = ""


Fill = Callable[[Path, Sequence[str]], Awaitable[tuple[str, list[Difference]]]]


def check_database(
    settings: Settings, keys: Sequence[str], lang: str, *, standing: bool = True
) -> tuple[int, list[str]]:
    """The exit code, and the lines to print; beside the database a scratch one is filled.

    Without `standing` it may be an older state than was signed last.
    """
    if not settings.owner_url:
        raise SetupProblem("Checking the database needs the owner's address: set EFA_OWNER_URL.")
    with tempfile.TemporaryDirectory(prefix="efa-check-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with EmbeddedPostgres(folder / "pg", durable=False) as scratch:
            url = scratch.dsn("efa_owner")
            asyncio.run(migrate(url))
            return asyncio.run(check(settings, filling(url), keys, lang, standing=standing))


async def check(
    settings: Settings, fill: Fill, keys: Sequence[str], lang: str, *, standing: bool = True
) -> tuple[int, list[str]]:
    """The same with a database that `fill` makes from the exported log."""
    async with _snapshot(settings.owner_url) as tx:
        if await tree_store.last_head(tx) is None:
            return 1, [_text("unsigned", lang)]
        with tempfile.NamedTemporaryFile(prefix="efa-log-", dir=settings.data_path) as file:
            await write_lines(tx, file.write)
            file.flush()
            status, lines = efa_verify.verify([file.name], list(keys), lang)
            if status:
                return status, lines
            url, differences = await fill(Path(file.name), keys)
        silent = await rows_store.unexplained_erasures(tx)
        found = _Found([*(Difference("erased", str(event)) for event in silent), *differences])
        if not differences:
            async with connected(url, server_settings=_TEXT) as scratch:
                for table in await rows_store.tables(scratch):
                    if table.name not in _KEPT_ON_THE_WAY:
                        await _compare_table(found, table, tx, scratch)
    if standing:
        await _add_standing(found, settings)
    return found.verdict(lines[:-1], lang)


def filling(url: str) -> Fill:
    """Fills the empty, migrated database at an address with what the events say."""

    async def fill(file: Path, keys: Sequence[str]) -> tuple[str, list[Difference]]:
        async with connected(url) as scratch:
            return url, [one async for one in _filled(scratch, file, keys)]

    return fill


async def _filled(
    scratch: Connection, file: Path, keys: Sequence[str]
) -> AsyncGenerator[Difference]:
    try:
        with file.open("rb") as lines:
            await replay_log(scratch, lines)
        await projections.show_everything(scratch)
    except (*REFUSED, Refusal) as error:
        yield Difference("replay", str(error))
        return
    for sha256 in await rows_store.unnamed_contents(scratch):
        yield Difference("content", sha256)
    for origin in await _sign_as_signed(scratch, file, keys):
        yield Difference("key", origin)


@asynccontextmanager
async def _snapshot(owner_url: str) -> AsyncGenerator[Tx]:
    async with (
        connected(owner_url, server_settings=_TEXT) as conn,
        conn.transaction(isolation="repeatable_read", readonly=True),
        begin_reading(conn, operator(), sees_all=True) as tx,
    ):
        yield tx


class _Found:
    """What was found so far, and how much was compared."""

    def __init__(self, differences: Sequence[Difference]) -> None:
        self.differences = list(differences)
        self.tables = self.rows = 0
        self.derived = False

    def add(self, code: str, key: object, table: str = "", column: str = "") -> None:
        self.differences.append(Difference(code, str(key), table, column))

    def verdict(self, lines: list[str], lang: str) -> tuple[int, list[str]]:
        lines.append(_text("rows", lang, tables=self.tables, rows=self.rows))
        lines += [_text(one.code, lang, **one._asdict()) for one in self.differences[:_SHOWN]]
        if len(self.differences) > _SHOWN:
            lines.append(_text("more", lang, key=len(self.differences) - _SHOWN))
        if self.derived:
            lines.append(_text("derived", lang))
        lines.append(_text("wrong" if self.differences else "fine", lang))
        return int(bool(self.differences)), lines


def _text(code: str, lang: str, /, **facts: object) -> str:
    return _TEXTS[code].split(" | ")[efa_verify.LANGUAGES.index(lang)].format(**facts)


async def _sign_as_signed(scratch: Connection, file: Path, keys: Sequence[str]) -> list[str]:
    """Tiles, heads and keys as they follow from the leaves and from the notes, which are checked.

    Returns the origins that no key was given for.
    """
    await Grower().begin(scratch)
    begun = await rows_store.origins_begun(scratch)
    known = {key.partition("+")[0]: key for key in keys}
    origins: dict[str, int] = {}
    for size, note in _notes(file):
        root = await root_at(scratch, size)
        await tree_store.insert_head(scratch, Head(size=size, root=root or b"", note=note))
        origin = read_checkpoint(note).origin
        if origin not in origins:
            first = begun.get(known.get(origin, ""), 0) if origins else 0
            origins[origin] = first
            if origin in known:
                await tree_store.insert_origin(scratch, first, known[origin])
    return [origin for origin in origins if origin not in known]


def _notes(file: Path) -> Iterator[tuple[int, str]]:
    with file.open("rb") as lines:
        for line in export.read_log(lines):
            if isinstance(line, LogCheckpoint) and line.note:
                yield line.size, line.note


async def _compare_table(found: _Found, table: Table, tx: Tx, scratch: Connection) -> None:
    found.tables += 1
    before = len(found.differences)
    async with scratch.transaction():
        said, held = (rows_store.all_rows(conn, table) for conn in (scratch, tx.conn))
        async for key, expected, row in merged(said, held):
            found.rows += row is not None
            place = "/".join(key)
            if row is None or expected is None:
                found.add("missing" if row is None else "unknown", place, table.name)
                continue
            for column, ours, theirs in zip(table.columns, expected, row, strict=True):
                if ours != theirs:
                    found.add("changed", place, table.name, column)
    found.derived |= not table.history and len(found.differences) > before


Rows = AsyncIterator[tuple[list[str], list[str]]]


async def merged(
    left: Rows, right: Rows
) -> AsyncGenerator[tuple[list[str], list[str] | None, list[str] | None]]:
    """Rows of both sides that have the same key, or of one side alone, by the key."""
    ours, theirs = await anext(left, None), await anext(right, None)
    while ours or theirs:
        key = min(row[0] for row in (ours, theirs) if row)
        expected = ours[1] if ours and ours[0] == key else None
        held = theirs[1] if theirs and theirs[0] == key else None
        yield key, expected, held
        ours = ours if expected is None else await anext(left, None)
        theirs = theirs if held is None else await anext(right, None)


async def _add_standing(found: _Found, settings: Settings) -> None:
    standing = await Condition().examine_database(settings)
    if standing != "fine":
        found.add("standing", standing)
