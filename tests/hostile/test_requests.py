"""Hostile requests over real sockets: each is answered or cut off, and none with a 5xx."""

import asyncio
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from registry.settings import Settings
from tests.client import open_client
from tests.live import live_server

HOST = b"Host: registry\r\n"
JSON = b"Content-Type: application/json\r\n"
PUT = b"PUT /v1/services/a HTTP/1.1\r\n" + HOST
GET = b"GET /v1/services HTTP/1.1\r\n" + HOST
CHUNK = b"2\r\n{}\r\n0\r\n\r\n"
TE = b"Transfer-Encoding: chunked\r\n"

RAW = {
    "te and cl": PUT + TE + b"Content-Length: 4\r\n\r\n" + CHUNK,
    "cl and te": PUT + b"Content-Length: 4\r\n" + TE + b"\r\n" + CHUNK,
    "two cl": PUT + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "two equal cl": PUT + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "cl list": PUT + b"Content-Length: 2, 2\r\n\r\n{}",
    "cl negative": PUT + b"Content-Length: -2\r\n\r\n{}",
    "cl plus": PUT + b"Content-Length: +2\r\n\r\n{}",
    "cl hex": PUT + b"Content-Length: 0x2\r\n\r\n{}",
    "cl huge": PUT + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n{}",
    "cl words": PUT + b"Content-Length: two\r\n\r\n{}",
    "cl arabic": PUT + "Content-Length: ٢\r\n\r\n{}".encode(),
    "cl tab": PUT + b"Content-Length:\t2\r\n\r\n{}",
    "cl space before colon": PUT + b"Content-Length : 2\r\n\r\n{}",
    "cl too short": PUT + JSON + b"Content-Length: 1\r\n\r\n{}",
    "te identity": PUT + b"Transfer-Encoding: identity\r\n\r\n{}",
    "te gzip chunked": PUT + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + CHUNK,
    "te chunked gzip": PUT + b"Transfer-Encoding: chunked, gzip\r\n\r\n" + CHUNK,
    "te twice": PUT + TE + TE + b"\r\n" + CHUNK,
    "te obfuscated": PUT + b"Transfer-Encoding: xchunked\r\n\r\n" + CHUNK,
    "te space before colon": PUT + b"Transfer-Encoding : chunked\r\n\r\n" + CHUNK,
    "te vertical tab": PUT + b"Transfer-Encoding:\x0bchunked\r\n\r\n" + CHUNK,
    "te http/1.0": b"PUT /v1/services/a HTTP/1.0\r\n" + HOST + TE + b"\r\n" + CHUNK,
    "chunk size huge": PUT + TE + b"\r\n" + b"f" * 40 + b"\r\n{}\r\n0\r\n\r\n",
    "chunk size negative": PUT + TE + b"\r\n-2\r\n{}\r\n0\r\n\r\n",
    "chunk size words": PUT + TE + b"\r\nzz\r\n{}\r\n0\r\n\r\n",
    "chunk extension": PUT + JSON + TE + b"\r\n2;a=b\r\n{}\r\n0\r\n\r\n",
    "chunk lf only": PUT + TE + b"\r\n2\n{}\n0\n\n",
    "chunk trailer": PUT + JSON + TE + b"\r\n2\r\n{}\r\n0\r\nHost: other\r\n\r\n",
    "lf only": b"GET /v1/services HTTP/1.1\nHost: registry\n\n",
    "cr only": b"GET /v1/services HTTP/1.1\rHost: registry\r\r",
    "folded header": GET + b"X-A: b\r\n c\r\n\r\n",
    "header without colon": GET + b"nothing\r\n\r\n",
    "header with nul": GET + b"X-A: \x00\r\n\r\n",
    "header with cr": GET + b"X-A: a\rb\r\n\r\n",
    "many headers": GET + b"".join(b"X-%d: a\r\n" % n for n in range(2_000)) + b"\r\n",
    "long header": GET + b"X-A: " + b"a" * 200_000 + b"\r\n\r\n",
    "no host": b"GET /v1/services HTTP/1.1\r\n\r\n",
    "two hosts": GET + b"Host: other\r\n\r\n",
    "absolute form": b"GET http://other/v1/services HTTP/1.1\r\n" + HOST + b"\r\n",
    "authority form": b"CONNECT registry:80 HTTP/1.1\r\n" + HOST + b"\r\n",
    "asterisk form": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    "odd method": b"BREW / HTTP/1.1\r\n" + HOST + b"\r\n",
    "odd version": b"GET / HTTP/9.9\r\n" + HOST + b"\r\n",
    "http/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
    "space in target": b"GET /v1/serv ices HTTP/1.1\r\n" + HOST + b"\r\n",
    "bytes in target": b"GET /v1/\xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n",
    "upgrade": GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "h2c": GET + b"Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
    "pipelined": GET + b"\r\n" + GET + b"Connection: close\r\n\r\n",
    "expect": PUT + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
    "expect other": PUT + b"Expect: 200-maybe\r\nContent-Length: 2\r\n\r\n{}",
}

HOSTS = [
    "a:99999",
    "a:b",
    "a:-1",
    "a b",
    "[::1",
    "a:1:2",
    "a/b",
    "a@b:c",
    "\xe4",
    "a?b",
    "a#b",
]

PATHS = [
    "/v1/events?subject=%00",
    "/v1/procedures?q=%00",
    "/v1/services?q=%00",
    "/v1/services?q=a%00b",
    "/v1/services?%00=a",
    "/v1/services/%00",
    "/v1/services/a%0A",
    "/v1/organisations/05%0A",
    "/v1/services?q=%0A",
    "/v1/services?limit=5&limit=200",
    "/v1/services?limit=" + "9" * 5_000,
    "/v1/services?limit=1e400",
    "/v1/services?limit=%D9%A1",
    "/v1/services?request=1",
    "/v1/services?reads=1",
    "/v1/services/a?slug=b",
    "/v1/services?q=" + "a" * 30_000,
    "/v1/services?" + "&".join(f"a{n}=1" for n in range(3_000)),
    "/v1/services?cursor=%FF",
    "/v1/services?cursor=" + "A" * 1_900,
    "/v1/services?as_of=0000-00-00",
    "/v1/services?as_of=99999-01-01",
    "/v1/reuses/not-a-uuid",
    "/v1/codelists/a%2Fb",
    "/v1/services/a/versions/%5E%5E%5E",
    "/v1/services/a/versions/" + "1" * 190,
]

BODIES = [
    b'{"name": "\xff"}',
    b'{"name": "\xed\xa0\x80"}',
    b'{"name": "\\ud800"}',
    b'{"name": "\\u0000"}',
    b"\xef\xbb\xbf{}",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"name": ' + b"[" * 700 + b"]" * 700 + b"}",
    b'{"name": ' + b"9" * 5_000 + b"}",
    b'{"population": 123456789012345678901234567890}',
    b'{"population": 1e400}',
    b"NaN",
    b"-",
    b"",
    b"null",
    b'{"name": "a", "name": "b"}',
]

TYPES = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "a",
    "/",
    ";",
    "application/json; charset=utf-16",
    "application/json, text/plain",
    "application/msgpack",
]


async def _token(settings: Settings) -> str:
    async with open_client(settings) as client:
        return (await client.as_admin()).token


@pytest.fixture
def admin(settings: Settings) -> Iterator[httpx.Client]:
    token = asyncio.run(_token(settings))
    headers = {"Authorization": f"Bearer {token}"}
    with live_server(settings) as address, httpx.Client(base_url=address, headers=headers) as http:
        yield http


def _send(address: str, sent: bytes) -> bytes:
    """What a server answers before it closes, or falls silent for a moment."""
    place = urlsplit(address)
    received = b""
    with socket.create_connection((str(place.hostname), place.port or 0), timeout=0.5) as link:
        try:
            link.sendall(sent)
            while part := link.recv(65_536):
                received += part
        except (TimeoutError, ConnectionError):
            pass
    return received


def _statuses(received: bytes) -> list[int]:
    lines = [part for part in received.split(b"\r\n") if part.startswith(b"HTTP/1.1 ")]
    return [int(line.split(b" ")[1]) for line in lines]


def test_no_bytes_on_a_socket_make_the_server_fail(settings: Settings) -> None:
    with live_server(settings) as address:
        failed = [
            (name, status)
            for name, sent in RAW.items()
            for status in _statuses(_send(address, sent))
            if status >= 500
        ]
        assert not failed
        assert httpx.get(f"{address}/readyz").status_code == 200


def test_a_request_that_two_readers_would_cut_differently_is_refused(settings: Settings) -> None:
    with live_server(settings) as address:
        for name in ("te and cl", "cl and te", "two cl", "cl list", "te obfuscated"):
            assert all(status >= 400 for status in _statuses(_send(address, RAW[name]))), name


def test_no_odd_host_makes_the_server_fail(settings: Settings) -> None:
    with live_server(settings) as address:
        for host in HOSTS:
            for path in ("/v1/services?limit=1", "/v1/services?limit=0", "/nowhere"):
                line = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
                (status,) = _statuses(_send(address, line.encode("latin-1")))
                assert status in (400, 404), (host, path, status)


def test_who_names_no_host_is_refused_unless_it_speaks_as_before_hosts(settings: Settings) -> None:
    with live_server(settings) as address:
        for path in ("/v1", "/v1/services", "/healthz", "/v1/codelists"):
            for version, expected in (("1.1", 400), ("1.0", 200)):
                line = f"GET {path} HTTP/{version}\r\nConnection: close\r\n\r\n".encode()
                assert _statuses(_send(address, line)) == [expected], (path, version)


def test_no_address_makes_the_server_fail(admin: httpx.Client) -> None:
    for path in PATHS:
        for method in ("GET", "HEAD", "OPTIONS", "PUT", "POST", "DELETE", "PATCH", "TRACE"):
            answer = admin.request(method, path)
            assert answer.status_code < 500, (method, path, answer.text)
        assert admin.get(path).status_code in (400, 404), path


def test_no_body_makes_the_server_fail(admin: httpx.Client) -> None:
    places = [("PUT", "/v1/services/a"), ("PUT", "/v1/journeys/a"), ("POST", "/v1/reuses")]
    places += [("PUT", "/v1/services/a/versions/1.0.0")]
    for method, path in places:
        for body in BODIES:
            headers = {"Content-Type": "application/json", "If-None-Match": "*"}
            answer = admin.request(method, path, content=body, headers=headers)
            assert 400 <= answer.status_code < 500, (method, path, body[:40], answer.text)


def test_only_json_is_read_as_json(admin: httpx.Client) -> None:
    for media_type in TYPES:
        headers = {"Content-Type": media_type}
        answer = admin.put("/v1/services/a", content=b"{}", headers=headers)
        assert answer.status_code == 415, media_type
        assert answer.json()["type"] == "/problems/unsupported-media-type"


def test_strangers_are_refused_before_their_body_is_read(settings: Settings) -> None:
    with live_server(settings) as address:
        for body in BODIES:
            answer = httpx.put(f"{address}/v1/services/a", content=body)
            assert answer.status_code == 401
        announced = PUT + JSON + b"Content-Length: 7000000\r\n\r\n{"
        assert _statuses(_send(address, announced)) == [401]


def test_a_caller_who_leaves_within_a_body_is_no_failure(admin: httpx.Client) -> None:
    token = f"Authorization: {admin.headers['authorization']}\r\n".encode()
    place = urlsplit(str(admin.base_url))
    before = _counted(admin, "4"), _counted(admin, "5")
    with socket.create_connection((str(place.hostname), place.port or 0)) as link:
        link.sendall(PUT + token + JSON + b"Content-Length: 100\r\n\r\n{")
        time.sleep(0.3)
    deadline = time.monotonic() + 10
    while _counted(admin, "4") == before[0] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (_counted(admin, "4"), _counted(admin, "5")) == (before[0] + 1, before[1])


def _counted(http: httpx.Client, first_digit: str) -> float:
    """How many changes of services were answered with such a status."""
    marks = ('method="PUT"', "/v1/services/{slug", f'status="{first_digit}')
    lines = http.get("/metrics").text.splitlines()
    found = [line for line in lines if all(mark in line for mark in marks)]
    return sum(
        float(line.rsplit(" ", 1)[1]) for line in found if line.startswith("efa_requests_total")
    )


def test_head_is_get_without_a_body(admin: httpx.Client) -> None:
    for path in ("/v1/services", "/v1/", "/openapi.json", "/healthz", "/schemas/service.json"):
        got, head = admin.get(path), admin.head(path)
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert head.headers["content-length"] == got.headers["content-length"]
    assert "HEAD" in admin.delete("/v1/services").headers["allow"]


def test_no_page_of_the_framework_is_served(admin: httpx.Client) -> None:
    for path in ("", "/", "/redoc", "/swagger", "/elements", "/rapidoc", "/openapi.json", "/x.yml"):
        assert admin.get(f"/schema{path}").status_code == 404
