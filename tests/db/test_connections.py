"""Pools: public reads cannot write, and releasing a connection leaves nothing behind."""

import ast
import inspect
import re
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import pytest

import registry
from registry.db import open_database
from registry.settings import Settings

SESSION_STATE = re.compile(
    r"^\s*(set (?!local|role)\w+ (=|to) |listen |select pg_(try_)?advisory_lock\()"
)
OUTSIDE_THE_POOLS = {"audit/sequencer.py", "db/migrations.py", "cli/store.py"}


async def test_the_read_pool_cannot_write(empty_settings: Settings) -> None:
    async with open_database(empty_settings) as database:
        with pytest.raises(asyncpg.PostgresError):
            await database.reads.fetch("create temporary table t (a int)")
        assert await database.reads.fetchval("show default_transaction_read_only") == "on"


async def test_a_released_connection_has_no_open_transaction(empty_settings: Settings) -> None:
    async with open_database(empty_settings) as database:
        async with database.writes.acquire() as conn:
            await conn.execute("begin")
            await conn.execute("select set_config('efa.organisation', 'leak', true)")
        for _ in range(10):
            async with database.writes.acquire() as conn:
                assert not conn.is_in_transaction()
                setting = await conn.fetchval("select current_setting('efa.organisation', true)")
                assert not setting


async def test_nobody_waits_long_for_a_connection(empty_settings: Settings) -> None:
    async with open_database(empty_settings) as database, AsyncExitStack() as held:
        for _ in range(empty_settings.pool_size):
            await held.enter_async_context(database.writes.acquire())
        with pytest.raises(TimeoutError):
            await database.writes.acquire(timeout=0.05)
        assert inspect.signature(database.writes.acquire).parameters["timeout"].default
        async with database.views.acquire() as conn:
            assert await conn.fetchval("select 1") == 1


async def test_every_statement_has_a_time_limit(empty_settings: Settings) -> None:
    async with open_database(empty_settings) as database:
        assert await database.reads.fetchval("show statement_timeout") == "10s"


def test_nothing_sets_session_state_on_a_pooled_connection() -> None:
    package = Path(registry.__file__).parent
    for path in package.rglob("*.py"):
        if str(path.relative_to(package)) in OUTSIDE_THE_POOLS:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not SESSION_STATE.match(node.value), f"{path}:{node.lineno}"
