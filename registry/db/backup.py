"""A backup of the database as PostgreSQL's own tools write it, and the way back into an empty one.

The owner's rights are enough: its policies show it every row. What was read is one snapshot, which
the caller holds open.
"""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from registry.db.connections import Connection, connected
from registry.db.embedded.binaries import find_binaries
from registry.db.embedded.cluster import environment
from registry.errors import SetupProblem


async def snapshot(conn: Connection) -> str:
    """The name by which another connection reads what the open transaction reads."""
    return await conn.fetchval("select pg_export_snapshot()")


def dump(owner_url: str, file: Path, bin_dir: Path | None, snapshot_name: str) -> None:
    """Write all of the database to a new file that only its owner may read."""
    options = ["--format=custom", "--enable-row-security", f"--snapshot={snapshot_name}"]
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        _run("pg_dump", bin_dir, options, owner_url, out.fileno())
        os.fsync(out.fileno())


async def require_empty(owner_url: str) -> None:
    """Refuse a database that holds any table."""
    async with connected(owner_url) as conn:
        if await conn.fetchval(
            "select exists (select 1 from pg_class"
            " where relnamespace = 'public'::regnamespace and relkind in ('r', 'p'))"
        ):
            raise SetupProblem(
                "The database is not empty; a backup is brought back into an empty one. Name"
                " another with EFA_DATA_DIR or EFA_DATABASE_URL, or move the old data away."
            )


def restore(owner_url: str, file: Path, bin_dir: Path | None) -> None:
    """Bring everything back from the file, or nothing."""
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--enable-row-security"]
    name = _place(owner_url)["PGDATABASE"]
    _run("pg_restore", bin_dir, [*options, f"--dbname={name}", str(file)], owner_url)


def _run(
    tool: str, bin_dir: Path | None, options: Sequence[str], owner_url: str, out: int | None = None
) -> None:
    done = subprocess.run(
        [find_binaries(bin_dir).tool(tool), "--no-password", *options],
        env=environment() | _place(owner_url),
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        told = (done.stderr.strip().splitlines() or ["it gave no reason"])[0]
        raise SetupProblem(f"{tool} failed: {told}")


def _place(url: str) -> dict[str, str]:
    """An address as the variables of PostgreSQL's tools: no password is seen in a command line."""
    parts = urlsplit(url)
    given = {
        "PGHOST": parts.hostname,
        "PGPORT": str(parts.port) if parts.port else None,
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
    }
    given |= {f"PG{name.upper()}": value for name, value in parse_qsl(parts.query)}
    return {name: value for name, value in given.items() if value}
