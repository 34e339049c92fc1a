"""`efa upgrade-data`: bring the data of the embedded server to a new major of PostgreSQL.

Read out of the old server into a new cluster beside it, compared row by row, and put in use by one
rename. The old cluster stays; while it is the newest one, nothing has happened yet.
"""

import asyncio
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import asyncpg

from registry.db.embedded.account import Account, account_for
from registry.db.embedded.binaries import Binaries, find_binaries, keep, kept, reachable
from registry.db.embedded.cluster import clusters, environment, major_of, make_cluster, unfinished
from registry.db.embedded.manager import DataDirectory, address, require_same_major
from registry.db.embedded.server import PORT, Server
from registry.errors import SetupProblem

_DATABASE = "efa"
Contents = dict[str, tuple[object, ...]]


def upgrade_data(
    data_dir: Path,
    *,
    bin_dir: Path | None = None,
    old_bin: Path | None = None,
    report: Callable[[str], None] = lambda _step: None,
) -> Path | None:
    """Returns the folder of the old data, which are kept, or None where there was nothing to do."""
    directory = DataDirectory(data_dir.absolute())
    directory.take()
    try:
        return _upgrade(directory.path, find_binaries(bin_dir), old_bin, report)
    finally:
        directory.release()


def _upgrade(
    data_dir: Path, binaries: Binaries, old_bin: Path | None, report: Callable[[str], None]
) -> Path | None:
    existing = clusters(data_dir)
    if not existing or major_of(existing[-1]) == binaries.major:
        return None
    old_cluster = existing[-1]
    if major_of(old_cluster) > binaries.major:
        require_same_major(existing, binaries)
    old_binaries = find_binaries(old_bin) if old_bin else kept(data_dir, major_of(old_cluster))
    account = account_for(data_dir, existing)
    old = Server(reachable(old_binaries, data_dir, account), old_cluster, account)
    final = data_dir / f"pg{binaries.major}"
    new = _empty_server(reachable(binaries, data_dir, account), final, account, report)
    _transfer(old, new, binaries, report)
    new.cluster.rename(final)
    new.log.unlink(missing_ok=True)
    keep(binaries, data_dir)
    return old_cluster


def _empty_server(
    binaries: Binaries, final: Path, account: Account, report: Callable[[str], None]
) -> Server:
    report(f"Making an empty cluster of PostgreSQL {binaries.version}")
    building = unfinished(final)
    make_cluster(binaries, building, account, durable=True)
    return Server(binaries, building, account)


def _transfer(old: Server, new: Server, binaries: Binaries, report: Callable[[str], None]) -> None:
    with ExitStack() as running:
        for server in (old, new):
            server.start()
            running.callback(server.stop)
        asyncio.run(_require_nothing_else(old))
        report("Copying the data")
        _copy(old, new, binaries)
        report("Comparing every row")
        _require_equal(asyncio.run(contents(old)), asyncio.run(contents(new)))


def _copy(old: Server, new: Server, binaries: Binaries) -> None:
    """The newer pg_dump reads the older server, as PostgreSQL advises."""
    dump = [binaries.tool("pg_dump"), *_place(old)]
    restore = [binaries.tool("psql"), *_place(new), "--no-psqlrc", "--quiet"]
    strict = ["--set=ON_ERROR_STOP=1", "--single-transaction"]
    with subprocess.Popen(dump, stdout=subprocess.PIPE, env=environment()) as reading:
        done = subprocess.run(
            [*restore, *strict],
            stdin=reading.stdout,
            stdout=subprocess.DEVNULL,
            env=environment(),
            check=False,
        )
    if reading.returncode or done.returncode:
        raise SetupProblem("The data could not be copied; the old data are unchanged.")


def _place(server: Server) -> list[str]:
    folder = f"--host={server.socket_dir}"
    return [folder, f"--port={PORT}", "--username=postgres", f"--dbname={_DATABASE}"]


async def _require_nothing_else(server: Server) -> None:
    conn = await asyncpg.connect(address(server.socket_dir, "postgres", _DATABASE))
    try:
        others = await conn.fetch(
            "select datname from pg_database"
            " where not datistemplate and datname not in ('postgres', 'efa') order by datname"
        )
    finally:
        await conn.close()
    if others:
        names = ", ".join(row[0] for row in others)
        raise SetupProblem(f"The server also holds {names}; move or drop these databases first.")


async def contents(server: Server) -> Contents:
    """Per table the number of rows and a digest that does not depend on their order."""
    conn = await asyncpg.connect(address(server.socket_dir, "postgres", _DATABASE))
    try:
        counting = await conn.fetch(
            "select format('select count(*), sum((''x'' || left(encode(sha256(convert_to("
            "whole_row::text, ''UTF8'')), ''hex''), 15))::bit(60)::bigint)"
            " from only %I.%I as whole_row', schema.nspname, class.relname),"
            " schema.nspname || '.' || class.relname"
            " from pg_class class join pg_namespace schema on schema.oid = class.relnamespace"
            " where class.relkind = 'r'"
            " and schema.nspname not in ('pg_catalog', 'information_schema')"
        )
        tables = {name: await conn.fetchrow(statement) for statement, name in counting}
        sequences = await conn.fetch(
            "select schemaname || '.' || sequencename, last_value from pg_sequences"
        )
    finally:
        await conn.close()
    return {name: tuple(row or ()) for name, row in tables.items()} | {
        name: (value,) for name, value in sequences
    }


def _require_equal(old: Contents, new: Contents) -> None:
    differing = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    if differing:
        raise SetupProblem(
            f"The copy differs from the original in {', '.join(differing)}; "
            "the old data are unchanged and stay in use."
        )
