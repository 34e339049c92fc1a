"""A change commits before its response is sent, and time is the database's."""

from collections.abc import AsyncGenerator
from datetime import date

import asyncpg
import httpx
import pytest
from litestar import Litestar, post
from litestar.datastructures import State
from litestar.di import Provide

from registry.authority import Actor
from registry.db import Connection, Tx, begin, begin_reading, connect, open_database
from registry.identity.guard import DEPENDENCIES
from registry.settings import Settings
from registry.web.problems import EXCEPTION_HANDLERS
from registry.web.resources import RequestResources
from tests.client import transport_to

ACTOR = Actor(organisation="05", name="NRW")


@pytest.fixture
async def conn(empty_settings: Settings) -> AsyncGenerator[Connection]:
    opened = await connect(empty_settings.owner_url)
    yield opened
    await opened.close()


async def test_today_is_the_legal_day_in_germany(conn: Connection) -> None:
    async with begin(conn, ACTOR) as tx:
        expected = await tx.fetchval("select (now() at time zone 'Europe/Berlin')::date")
        assert tx.today == expected
        assert isinstance(tx.today, date)
        assert tx.now == await tx.fetchval("select now()")


async def test_an_error_rolls_everything_back(conn: Connection) -> None:
    with pytest.raises(RuntimeError):  # noqa: PT012 - the error must pass through the transaction
        async with begin(conn, ACTOR) as tx:
            await tx.execute("insert into blobs (sha256, content) values ($1, '')", b"x" * 32)
            raise RuntimeError
    assert await conn.fetchval("select count(*) from blobs") == 0


async def provide_actor() -> Actor:
    return ACTOR


@post("/b", dependencies={"actor": Provide(provide_actor)})
async def post_b(tx: Tx) -> None:
    await tx.execute("insert into b values (1)")


async def test_a_constraint_that_fails_at_commit_is_no_success(
    conn: Connection, empty_settings: Settings
) -> None:
    """The response must not be sent before the commit of the guard's own `tx` has succeeded."""
    await conn.execute("create table a (id int primary key)")
    await conn.execute("create table b (a int references a deferrable initially deferred)")
    await conn.execute("grant select, insert on a, b to efa_app")
    async with open_database(empty_settings) as database:
        app = Litestar(
            [post_b],
            dependencies=DEPENDENCIES,
            state=State({"database": database}),
            exception_handlers=EXCEPTION_HANDLERS,
            openapi_config=None,
        )
        app.asgi_handler = RequestResources(app.asgi_handler)
        transport = transport_to(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://registry") as http:
            assert (await http.post("/b")).status_code == 500
            assert await conn.fetchval("select count(*) from b") == 0
            await conn.execute("insert into a values (1)")
            assert (await http.post("/b")).status_code == 201
    assert await conn.fetchval("select count(*) from b") == 1


async def test_reading_as_a_body_writes_nothing(conn: Connection) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with begin_reading(conn, ACTOR) as tx:
            await tx.execute("insert into blobs (sha256, content) values ($1, '')", b"x" * 32)
