"""One PostgreSQL per test process, a migrated template, a fresh database for each test."""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from registry.db import Connection, Tx, begin, connect
from registry.db.embedded import EmbeddedPostgres
from registry.db.migrations import migrate
from registry.identity.operator import operator
from registry.settings import Settings
from tests.client import ApiClient, open_client
from tests.templates import build_demo, build_germany, build_loaded

# A busy machine is slow; that says nothing of what is tested.
hypothesis.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("house")

# Tests change the past to see it noticed; the triggers refuse that unless it is said.
OPEN_HISTORY = "set efa.history = 'open'"
_NUMBERS = itertools.count(1)
# Keys and the like of the databases of this process, a folder for each.
_FILES = Path(tempfile.gettempdir(), f"efa-test-files-{os.getpid()}")


@pytest.fixture(scope="session")
def cluster() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL of this test process, in shared memory when there is room."""
    shared = Path("/dev/shm")  # noqa: S108 - the place of shared memory, not a temporary file
    roomy = shared.is_dir() and shutil.disk_usage(shared).free > 1 << 30
    folder = Path(tempfile.mkdtemp(prefix="efa-test-", dir=shared if roomy else None))
    folder.chmod(0o755)
    with EmbeddedPostgres(folder / "pg", durable=False) as server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(_FILES, ignore_errors=True)


@pytest.fixture(scope="session")
def empty_template(cluster: EmbeddedPostgres) -> str:
    """The name of a migrated database without content."""
    asyncio.run(_create(cluster, "tpl_empty", None))
    asyncio.run(migrate(cluster.dsn("efa_owner", "tpl_empty")))
    return "tpl_empty"


@pytest.fixture(scope="session")
def germany_template(cluster: EmbeddedPostgres, empty_template: str) -> str:
    """A migrated database with all reference data."""
    asyncio.run(_create(cluster, "tpl_germany", empty_template))
    asyncio.run(build_germany(_settings(cluster, "tpl_germany")))
    return "tpl_germany"


@pytest.fixture(scope="session")
def loaded_template(cluster: EmbeddedPostgres, germany_template: str) -> str:
    """A database with everything `efa serve` loads: all real services, versions and reuses."""
    asyncio.run(_create(cluster, "tpl_loaded", germany_template))
    asyncio.run(build_loaded(_settings(cluster, "tpl_loaded")))
    return "tpl_loaded"


@pytest.fixture(scope="session")
def demo_template(cluster: EmbeddedPostgres, loaded_template: str) -> str:
    """The same with the made-up Land."""
    asyncio.run(_create(cluster, "tpl_demo", loaded_template))
    asyncio.run(build_demo(_settings(cluster, "tpl_demo")))
    return "tpl_demo"


@pytest.fixture(scope="module")
def demo_settings(cluster: EmbeddedPostgres, demo_template: str) -> Iterator[Settings]:
    """A database with all that can be loaded, for tests of a file that only read it."""
    yield from _fresh(cluster, demo_template)


@pytest.fixture
def loaded_settings(cluster: EmbeddedPostgres, loaded_template: str) -> Iterator[Settings]:
    """A fresh database with everything `efa serve` loads, by its addresses."""
    yield from _fresh(cluster, loaded_template)


@pytest.fixture
def empty_settings(cluster: EmbeddedPostgres, empty_template: str) -> Iterator[Settings]:
    """A fresh migrated database without content, by its addresses."""
    yield from _fresh(cluster, empty_template)


@pytest.fixture
def settings(cluster: EmbeddedPostgres, germany_template: str) -> Iterator[Settings]:
    """A fresh database with the reference data, by its addresses."""
    yield from _fresh(cluster, germany_template)


@pytest.fixture(scope="module")
def shared_settings(cluster: EmbeddedPostgres, germany_template: str) -> Iterator[Settings]:
    """A database with the reference data for all tests of a file, which keep out of each other."""
    yield from _fresh(cluster, germany_template)


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[ApiClient]:
    """The application over a fresh database with reference data; anonymous unless `as_…`."""
    async with open_client(settings) as opened:
        yield opened


@pytest.fixture
async def conn(settings: Settings) -> AsyncIterator[Connection]:
    """A connection with the app's role on the same database as `client`."""
    opened = await connect(settings.database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def owner(settings: Settings) -> AsyncIterator[Connection]:
    """A connection with the owner's role on the same database as `client`."""
    opened = await connect(settings.owner_url)
    await opened.execute(OPEN_HISTORY)
    yield opened
    await opened.close()


@pytest.fixture
async def tx(conn: Connection) -> AsyncIterator[Tx]:
    """An open transaction of the operator with scope `admin`."""
    async with begin(conn, operator()) as opened:
        yield opened


def _fresh(cluster: EmbeddedPostgres, template: str) -> Iterator[Settings]:
    name = f"t_{next(_NUMBERS)}"
    asyncio.run(_create(cluster, name, template))
    yield _settings(cluster, name)
    asyncio.run(_drop(cluster, name))


def _settings(cluster: EmbeddedPostgres, database: str) -> Settings:
    return Settings(
        database_url=cluster.dsn("efa_app", database),
        owner_url=cluster.dsn("efa_owner", database),
        sequencer_url=cluster.dsn("efa_sequencer", database),
        reader_url=cluster.dsn("efa_reader", database),
        data_dir=str(_FILES / database),
        pool_size=3,
        rate_limit=0,
        costly_rate_limit=0,
        secret="test secret, the same for every test",
    )


async def _create(cluster: EmbeddedPostgres, name: str, template: str | None) -> None:
    conn = await asyncpg.connect(cluster.dsn("postgres", "postgres"))
    source = f"template {template} strategy file_copy" if template else "template template0"
    await conn.execute(f"create database {name} owner efa_owner {source}")
    await conn.close()


async def _drop(cluster: EmbeddedPostgres, name: str) -> None:
    conn = await asyncpg.connect(cluster.dsn("postgres", "postgres"))
    await conn.execute(f"drop database {name} with (force)")
    await conn.close()
