"""What a request holds is left once, before its answer: kept after a success, else undone."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
import pytest
from litestar import Litestar, Request, Response, get
from litestar.di import NamedDependency, Provide

from registry.web.problems import EXCEPTION_HANDLERS
from registry.web.resources import RequestResources, resources_of
from tests.client import transport_to

SEEN: list[str] = []
LOST: list[bool] = []
FAILING: list[Exception] = []


@asynccontextmanager
async def _change() -> AsyncGenerator[str]:
    SEEN.append("begun")
    try:
        yield "open"
    except BaseException:
        SEEN.append("rolled back")
        if LOST:
            raise ConnectionResetError from None
        raise
    if FAILING:
        raise FAILING[0]
    SEEN.append("committed")


async def provide_change(request: Request[Any, Any, Any]) -> str:
    return await resources_of(request).enter(_change())


@get("/")
async def get_change(change: NamedDependency[str], limit: int, status: int = 200) -> Response[str]:
    SEEN.append(f"handled {change}")
    if status == 599:
        raise RuntimeError
    return Response(str(limit), status_code=status)


@pytest.fixture
def http() -> httpx.AsyncClient:
    SEEN.clear()
    app = Litestar(
        [get_change],
        dependencies={"change": Provide(provide_change)},
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=None,
        logging_config=None,
    )
    app.asgi_handler = RequestResources(app.asgi_handler)
    return httpx.AsyncClient(transport=transport_to(app), base_url="http://registry")


async def test_a_success_is_committed(http: httpx.AsyncClient) -> None:
    assert (await http.get("/?limit=1")).status_code == 200
    assert SEEN == ["begun", "handled open", "committed"]


@pytest.mark.parametrize("status", [404, 409, 503])
async def test_an_answer_that_is_no_success_is_rolled_back(
    http: httpx.AsyncClient, status: int
) -> None:
    assert (await http.get(f"/?limit=1&status={status}")).status_code == status
    assert SEEN == ["begun", "handled open", "rolled back"]


async def test_an_answer_does_not_fail_with_the_connection_that_is_rolled_back(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "LOST", [True])
    assert (await http.get("/?limit=1&status=503")).status_code == 503
    assert (await http.get("/?limit=1&status=599")).status_code == 500


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (asyncpg.ConnectionDoesNotExistError("closed"), 503, "busy"),
        (ConnectionResetError(), 503, "busy"),
        (TimeoutError(), 503, "busy"),
        (asyncpg.DiskFullError("base/1"), 507, "no-room"),
        (asyncpg.UniqueViolationError("x"), 500, "internal-error"),
    ],
)
async def test_a_commit_that_fails_is_answered_as_any_failure(
    http: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
    status: int,
    code: str,
) -> None:
    monkeypatch.setitem(globals(), "FAILING", [failure])
    answer = await http.get("/?limit=1")
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{code}")
    assert answer.headers["content-type"] == "application/problem+json"
    assert ("retry-after" in answer.headers) == (status == 503)
    assert "committed" not in SEEN


async def test_a_failure_is_rolled_back(http: httpx.AsyncClient) -> None:
    assert (await http.get("/?limit=1&status=599")).status_code == 500
    assert SEEN == ["begun", "handled open", "rolled back"]


async def test_a_refused_parameter_leaves_nothing_open(http: httpx.AsyncClient) -> None:
    assert (await http.get("/?limit=many")).status_code == 400
    assert SEEN in ([], ["begun", "rolled back"])
