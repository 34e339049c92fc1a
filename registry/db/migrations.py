"""Migrations: plain SQL files, each applied once, in order, in a transaction of its own.

A session advisory lock lets several processes start at once. An edited file, or a database that has
migrations this program does not know, stops the start.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import asyncpg

from registry.db.connections import Connection, connected
from registry.errors import SetupProblem
from registry.resources import folder

_LOCK = 7_316_504_112_001

_TABLE = """
create table if not exists migrations (
    name text primary key,
    sha256 bytea not null,
    applied_at timestamptz not null default now()
)
"""


class Migration:
    """One file: its name, its text, and the SHA-256 of its bytes."""

    def __init__(self, path: Path) -> None:
        content = path.read_bytes()
        self.name = path.stem
        self.text = content.decode()
        self.sha256 = hashlib.sha256(content).digest()


def known_migrations() -> list[Migration]:
    """All migrations of this program, in order."""
    return [Migration(path) for path in sorted(folder("migrations").glob("*.sql"))]


async def migrate(owner_url: str, report: Callable[[str], None] = lambda _name: None) -> list[str]:
    """Bring the database up to date as its owner; returns the names applied now."""
    async with connected(owner_url) as conn:
        await conn.execute("select pg_advisory_lock($1)", _LOCK)
        return await _apply_missing(conn, report)


async def require_up_to_date(conn: Connection) -> None:
    """Refuse to serve a database that is behind or ahead of this program."""
    try:
        applied = await _applied(conn)
    except (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError):
        applied = {}
    missing = _checked(applied)
    if missing:
        raise SetupProblem(f"The database lacks migration {missing[0].name}; run `efa migrate`.")


async def _apply_missing(conn: Connection, report: Callable[[str], None]) -> list[str]:
    await conn.execute(_TABLE)
    missing = _checked(await _applied(conn))
    for migration in missing:
        report(migration.name)
        async with conn.transaction():
            await conn.execute(migration.text)
            await conn.execute(
                "insert into migrations (name, sha256) values ($1, $2)",
                migration.name,
                migration.sha256,
            )
    return [migration.name for migration in missing]


async def _applied(conn: Connection) -> dict[str, bytes]:
    rows = await conn.fetch("select name, sha256 from migrations")
    return {row["name"]: row["sha256"] for row in rows}


def _checked(applied: dict[str, bytes]) -> list[Migration]:
    known = {migration.name: migration for migration in known_migrations()}
    for name, sha256 in applied.items():
        if name not in known:
            raise SetupProblem(
                f"The database has migration {name}, which this program lacks; update it."
            )
        if known[name].sha256 != sha256:
            raise SetupProblem(
                f"Migration {name} was edited after it was applied; restore the file."
            )
    missing = [migration for name, migration in known.items() if name not in applied]
    last = max(applied, default="")
    if missing and missing[0].name < last:
        raise SetupProblem(
            f"Migration {missing[0].name} comes before {last}, which was applied already; "
            "give it a later number."
        )
    return missing
