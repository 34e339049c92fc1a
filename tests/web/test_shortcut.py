"""What is answered before the router is what the router would answer, to the byte."""

import asyncio
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from litestar import Litestar
from litestar.types import ASGIApp

from registry.db import Database
from registry.web import middleware
from registry.web.middleware import REQUESTS, SECONDS, Shortcut
from tests.catalogue.drafts import draft
from tests.client import ApiClient
from tests.versions.published import SERVICE, publish, service

SCHEMA = f"{SERVICE}/versions/1.0.0/interfaces/application"

PATHS = [
    SERVICE,
    SCHEMA,
    f"{SERVICE}/",
    "/v1//services/wohngeld-sh",
    f"{SERVICE}?",
    f"{SERVICE}?as_of=2026-01-01",
    f"{SERVICE}?unknown=1",
    "/v1/services/%77ohngeld-sh",
    "/v1/services/unbekannt",
    "/v1/services/Wohngeld-SH",
    "/v1/services/wohngeld-sh%0A",
    "/v1/services/%00",
    "/v1/services/" + "a" * 81,
    "/v1/services/",
    f"{SERVICE}/versions",
    f"{SCHEMA}?x=1",
]

HEADERS: list[list[tuple[str, str]]] = [
    [],
    [("If-None-Match", "*")],
    [("If-None-Match", '"other"')],
    [("If-None-Match", '"other", {etag}')],
    [("If-None-Match", "W/{etag}")],
    [("If-None-Match", '"other"'), ("If-None-Match", "{etag}")],
    [("If-None-Match", "")],
    [("If-Match", '"other"')],
    [("Range", "bytes=0-5")],
    [("Accept", "text/html")],
    [("Accept", "nothing/*;q=0, ,")],
    [("Accept-Language", "en")],
    [("Accept-Encoding", "br")],
    [("Accept-Encoding", "br"), ("If-None-Match", "*")],
    [("Accept-Encoding", "gzip;q=0.5, br;q=0")],
    [("Accept-Encoding", "gzip"), ("Accept-Encoding", "br")],
    [("Authorization", "Bearer nothing")],
    [("Content-Encoding", "gzip")],
    [("Content-Type", "text/plain"), ("Content-Length", "0")],
    [("Host", "a:99999")],
    [("Host", "")],
    [("Host", "[::1]:80")],
    [("Host", "a"), ("Host", "b")],
    [("Cookie", "a=b"), ("Cookie", "c=d")],
]


class Seen(NamedTuple):
    """All that a caller sees of an answer, and what was counted for it."""

    status: int
    headers: list[tuple[bytes, bytes]]
    content: bytes
    counted: dict[tuple[str, ...], float]


class Counted:
    """The router, and how many requests reached it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.calls = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.calls += 1
        await self.app(scope, receive, send)


@pytest.fixture
async def published(client: ApiClient) -> ApiClient:
    await publish(await service(client), "1.0.0")
    return client


def app_of(client: ApiClient) -> Any:
    transport: Any = client.http._transport
    return transport.app


def shortcut_of(client: ApiClient) -> Shortcut:
    """Behind the record of requests and HEAD as GET."""
    return app_of(client).asgi_handler.app.app


def counted(client: ApiClient) -> Counted:
    """From now on the router counts its calls."""
    shortcut = shortcut_of(client)
    router = Counted(shortcut.app)
    shortcut.app = router
    return router


@contextmanager
def without_shortcut(client: ApiClient) -> Generator[None]:
    """All requests go to the router."""
    head = app_of(client).asgi_handler.app
    shortcut = head.app
    head.app = shortcut.app
    yield
    head.app = shortcut


def meters() -> dict[tuple[str, ...], float]:
    samples = [s for kind in (REQUESTS, SECONDS) for m in kind.collect() for s in m.samples]
    counts = [sample for sample in samples if sample.name.endswith(("_total", "_count"))]
    return {(sample.name, *sample.labels.values()): sample.value for sample in counts}


def _begin_counting() -> None:
    """At nothing: all that was ever counted would have to be read twice for each call."""
    REQUESTS.clear()
    SECONDS.clear()
    middleware._meters.cache_clear()


async def see(
    client: ApiClient, method: str, path: str, headers: Sequence[tuple[str, str]]
) -> Seen:
    _begin_counting()
    sent = [*headers, ("X-Request-Id", "one-and-the-same")]
    answer = await client.http.request(method, path, headers=sent)
    return Seen(answer.status_code, answer.headers.raw, answer.content, meters())


async def tag_of(client: ApiClient, path: str) -> str:
    return (await client.http.get(path)).headers.get("etag", '"none"')


async def require_alike(
    client: ApiClient, method: str, path: str, headers: Sequence[tuple[str, str]]
) -> None:
    with without_shortcut(client):
        routed = await see(client, method, path, headers)
    for _ in ("first", "perhaps from memory"):
        assert await see(client, method, path, headers) == routed, (method, headers)


@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_is_the_routers(published: ApiClient, path: str) -> None:
    etag = await tag_of(published, path)
    for template in HEADERS:
        headers = [(name, value.format(etag=etag)) for name, value in template]
        await require_alike(published, "GET", path, headers)
        await require_alike(published, "HEAD", path, headers)
    for method in ("OPTIONS", "PUT", "POST", "DELETE", "TRACE"):
        await require_alike(published, method, path, [])


@pytest.mark.parametrize("path", [SERVICE, SCHEMA])
async def test_plain_requests_do_not_reach_the_router(published: ApiClient, path: str) -> None:
    etag = await tag_of(published, path)
    router = counted(published)
    assert (await published.http.get(path)).status_code == 200
    assert (await published.http.head(path)).status_code == 200
    known = await published.http.get(path, headers={"If-None-Match": etag})
    assert (known.status_code, router.calls) == (304, 0)


@pytest.mark.parametrize(
    "headers",
    [
        [("Authorization", "Bearer nothing")],
        [("Content-Encoding", "identity")],
        [("Host", "a"), ("Host", "b")],
        [("Host", "a b")],
    ],
)
@pytest.mark.parametrize("path", [SERVICE, SCHEMA])
async def test_all_others_do(
    published: ApiClient, path: str, headers: list[tuple[str, str]]
) -> None:
    await published.http.get(path)
    router = counted(published)
    await published.http.get(path, headers=headers)
    assert router.calls == 1


async def test_a_change_is_seen_by_whoever_asks_after_it(published: ApiClient) -> None:
    admin = await published.as_admin()
    for status in ("live", "planned", "live"):
        etag = await tag_of(published, SERVICE)
        changed = await admin.put(SERVICE, json=draft(status=status), headers={"If-Match": etag})
        assert changed.status_code == 200, changed.text
        answers = await asyncio.gather(*(published.http.get(SERVICE) for _ in range(20)))
        assert {answer.headers["etag"] for answer in answers} == {changed.headers["etag"]}
        assert {answer.content for answer in answers} == {changed.content}


async def test_callers_at_the_same_time_each_get_their_own(published: ApiClient) -> None:
    slugs = [f"dienst-{number}" for number in range(5)]
    for slug in slugs:
        await service(published, slug)
    asked = [*slugs, "unbekannt", "wohngeld-sh"] * 10
    answers = await asyncio.gather(*(published.http.get(f"/v1/services/{s}") for s in asked))
    assert [answer.json().get("slug") for answer in answers] == [
        None if slug == "unbekannt" else slug for slug in asked
    ]


async def test_without_a_database_the_answer_is_the_routers_too(published: ApiClient) -> None:
    app: Litestar = app_of(published)
    database: Database = app.state.database
    await database.reads.pool.close()
    with without_shortcut(published):
        routed = await see(published, "GET", SERVICE, [])
    assert routed.status == 503
    assert await see(published, "GET", SERVICE, []) == routed
