"""Answers marked immutable come from memory the next time; nothing else does."""

import httpx
import pytest
from litestar import Litestar, Response, get
from litestar.di import Provide

from registry.web.immutable import ImmutableAnswers
from registry.web.middleware import Shortcut
from registry.web.stored import StoredAnswers
from tests.client import transport_to

CALLS: list[str] = []


@get("/for-ever/{name:str}")
async def get_for_ever(name: str) -> Response[bytes]:
    CALLS.append(name)
    headers = {"ETag": f'"{name}"', "Cache-Control": "public, max-age=31536000, immutable"}
    return Response(name.encode() * 1_000, headers=headers, media_type="text/plain")


@get("/for-now")
async def get_for_now() -> Response[bytes]:
    CALLS.append("now")
    return Response(b"now", headers={"ETag": '"now"', "Cache-Control": "no-cache"})


@get("/slow")
async def get_slow(kept: ImmutableAnswers) -> Response[bytes]:
    """Something is erased while this is being answered."""
    CALLS.append("slow")
    kept.forget()
    headers = {"ETag": '"slow"', "Cache-Control": "public, max-age=300, immutable"}
    return Response(b"erased", headers=headers, media_type="text/plain")


@pytest.fixture
def kept() -> ImmutableAnswers:
    return ImmutableAnswers(max_bytes=40_000)


@pytest.fixture
def http(kept: ImmutableAnswers) -> httpx.AsyncClient:
    CALLS.clear()
    app = Litestar(
        [get_for_ever, get_for_now, get_slow],
        dependencies={"kept": Provide(lambda: kept, sync_to_thread=False)},
        openapi_config=None,
        logging_config=None,
    )
    app.asgi_handler = Shortcut(app.asgi_handler, kept, StoredAnswers(app))
    return httpx.AsyncClient(transport=transport_to(app), base_url="http://registry")


async def test_the_second_answer_is_the_same_and_costs_no_call(http: httpx.AsyncClient) -> None:
    first, second = await http.get("/for-ever/a"), await http.get("/for-ever/a")
    assert (first.content, first.headers) == (second.content, second.headers)
    assert CALLS == ["a"]


@pytest.mark.parametrize("tag", ['"a"', 'W/"a"', '"b", "a"', "*"])
async def test_a_known_tag_gets_304_without_a_body(http: httpx.AsyncClient, tag: str) -> None:
    await http.get("/for-ever/a")
    answer = await http.get("/for-ever/a", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == '"a"'


async def test_another_tag_gets_the_whole(http: httpx.AsyncClient) -> None:
    await http.get("/for-ever/a")
    answer = await http.get("/for-ever/a", headers={"If-None-Match": '"b"'})
    assert answer.status_code == 200
    assert len(answer.content) == 1_000


async def test_what_may_change_is_never_kept(http: httpx.AsyncClient) -> None:
    await http.get("/for-now")
    await http.get("/for-now")
    await http.get("/for-ever/nothing/here")
    await http.get("/for-ever/nothing/here")
    assert CALLS == ["now", "now"]


async def test_each_coding_is_kept_apart(http: httpx.AsyncClient) -> None:
    for coding in ("br", "gzip", "br;q=0.9"):
        await http.get("/for-ever/a", headers={"Accept-Encoding": coding})
    assert CALLS == ["a", "a"]


async def test_however_a_coding_is_asked_for_it_is_kept_once(http: httpx.AsyncClient) -> None:
    for number in range(20):
        await http.get("/for-ever/a", headers={"Accept-Encoding": f"br, x{number}"})
    assert CALLS == ["a"]


async def test_the_least_lately_asked_goes_first(http: httpx.AsyncClient) -> None:
    for name in "abc":
        await http.get(f"/for-ever/{name * 4}")
    CALLS.clear()
    for number in range(60):
        await http.get(f"/for-ever/x{number}")
        await http.get("/for-ever/aaaa")
    await http.get("/for-ever/bbbb")
    assert "aaaa" not in CALLS
    assert "bbbb" in CALLS


async def test_long_or_odd_requests_are_passed_on(http: httpx.AsyncClient) -> None:
    for _ in range(2):
        await http.get("/for-ever/a", headers={"Accept-Encoding": "br," * 80})
        await http.get("/for-ever/a?x=1")
        await http.head("/for-ever/a")
    assert CALLS.count("a") >= 4


async def test_what_was_kept_is_forgotten_on_demand(
    http: httpx.AsyncClient, kept: ImmutableAnswers
) -> None:
    for _ in range(2):
        await http.get("/for-ever/a")
    kept.forget()
    await http.get("/for-ever/a")
    assert CALLS == ["a", "a"]


async def test_what_was_being_answered_meanwhile_is_not_kept(http: httpx.AsyncClient) -> None:
    for _ in range(2):
        assert (await http.get("/slow")).content == b"erased"
    assert CALLS == ["slow", "slow"]
