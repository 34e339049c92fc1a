"""Calls to foreign addresses: not a byte reaches what lies inside."""

import asyncio
import ipaddress
import re
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from registry.web.egress import Forbidden, Guard, Unreachable, open_egress, ranges, readable_url

# One of each kind that must not be reached: this host, private, link-local and metadata, shared,
# special, multicast, broadcast, and what carries one of these inside.
INSIDE = [
    "0.0.0.0",  # noqa: S104 - an address to refuse
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.8",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::1",
    "2001:0:7f00:1::1",
    "fc00::1",
    "fe80::1",
    "fec0::1",
    "5f00::1",
    "ff02::1",
]
SPELLINGS = ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "[::1]", "localhost"]
_connections: list[Any] = []
PUBLIC = ["93.184.215.14", "2606:2800:21f:cb07::1"]


class Canary:
    """A server that answers with one reply, and counts what reaches it."""

    def __init__(self, reply: bytes) -> None:
        self.reply = reply
        self.connections = 0
        self.port = 0
        self.head, self.body = "", b""

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"content-length: (\d+)", self.head.lower())
        self.body = await reader.readexactly(int(length[1])) if length else b""
        writer.write(self.reply)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def canary(reply: bytes = b"HTTP/1.1 204 No Content\r\n\r\n") -> AsyncGenerator[Canary]:
    bird = Canary(reply)
    server = await asyncio.start_server(bird.take, "localhost", 0, family=socket.AF_INET)
    bird.port = server.sockets[0].getsockname()[1]
    async with server:
        yield bird


def _note(event: str, given: tuple[Any, ...]) -> None:
    if event == "socket.connect" and isinstance(given[1], tuple):
        _connections.append(given[1])


sys.addaudithook(_note)


@pytest.fixture
def connections() -> list[Any]:
    """Where the interpreter opened a connection to, in this test."""
    _connections.clear()
    return _connections


@pytest.mark.parametrize("address", INSIDE)
def test_what_lies_inside_is_not_admitted(address: str) -> None:
    guard = Guard((), encrypted=True)
    for port in (443, 8443):
        with pytest.raises(OSError, match=address.split("%", maxsplit=1)[0]):
            guard.require((address, port))


@pytest.mark.parametrize("address", PUBLIC)
def test_the_open_internet_is_admitted_encrypted_and_at_two_ports(address: str) -> None:
    Guard((), encrypted=True).require((address, 443))
    for guard, port in ((Guard((), encrypted=True), 22), (Guard((), encrypted=False), 443)):
        with pytest.raises(OSError, match=address):
            guard.require((address, port))


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", SPELLINGS)
async def test_no_spelling_of_this_host_is_reached(host: str, scheme: str) -> None:
    async with canary() as bird, open_egress("") as egress:
        with pytest.raises(Unreachable) as refused:
            await egress.post(f"{scheme}://{host}:{bird.port}/hook", {}, b"secret")
        assert refused.value.reason in {"forbidden-address", "name-unknown", "no-url"}
        assert bird.connections == 0


def spelled(text: str) -> list[str]:
    """Five ways to write an address as the host of a URL."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        tail = ipaddress.ip_address(int(address) & 0xFFFFFFFF)
        mixed = ":".join(address.exploded.split(":")[:6]) + f":{tail}"
        ways = [address.compressed, address.exploded, address.exploded.upper(), mixed]
        return [f"[{way}]" for way in [*ways, f"{address.compressed}%25lo"]]
    number, parts = int(address), address.packed
    octal = ".".join(f"0{part:o}" for part in parts)
    return [text, str(number), hex(number), octal, f"{parts[0]}.{number & 0xFFFFFF}"]


async def test_no_socket_is_opened_to_any_spelling_of_an_address_inside(
    connections: list[Any],
) -> None:
    refused = 0
    async with canary() as bird, open_egress("") as egress:
        for host in (way for address in INSIDE for way in spelled(address)):
            for place in (f"https://{host}", f"https://{host}:8443", f"http://{host}:{bird.port}"):
                with pytest.raises(Unreachable) as told:
                    await egress.post(f"{place}/hook", {}, b"secret")
                refused += told.value.reason in {"forbidden-address", "name-unknown", "no-url"}
        assert (refused, connections, bird.connections) == (5 * 3 * len(INSIDE), [], 0)
        async with open_egress("127.0.0.0/8") as open_one:
            await open_one.post(f"http://127.0.0.1:{bird.port}/hook", {}, b"x")
        assert [place[1] for place in connections] == [bird.port]


async def test_a_name_that_turns_inside_is_refused_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = [[PUBLIC[0]], ["127.0.0.1"], [PUBLIC[0], "10.0.0.1"]]

    async def look_up(*_: Any, **__: Any) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))
            for address in answers.pop(0)
        ]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
    guard = Guard((), encrypted=True)
    found = await guard.resolve("empfaenger.example", 443)
    assert [one["host"] for one in found] == [PUBLIC[0]]
    for _ in range(2):
        with pytest.raises(OSError, match=r"127\.0\.0\.1|10\.0\.0\.1"):
            await guard.resolve("empfaenger.example", 443)


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with canary() as inside:
        where = f"http://localhost:{inside.port}/"
        reply = f"HTTP/1.1 307 Away\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n".encode()
        async with canary(reply) as outside, open_egress("127.0.0.0/8") as egress:
            answer = await egress.post(f"http://localhost:{outside.port}/", {}, b"x")
        assert (answer.status, outside.connections, inside.connections) == (307, 1, 0)


async def test_a_long_answer_is_cut_and_a_stalling_one_given_up() -> None:
    flood = b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + b"x" * 200_000
    async with canary(flood) as bird, open_egress("127.0.0.1/32") as egress:
        answer = await egress.post(f"http://127.0.0.1:{bird.port}/", {}, b"x")
        assert (len(answer.body), answer.whole) == (65_536, False)
    async with canary(b"HTTP/1.1 200 OK\r\nContent-Le") as bird:
        async with open_egress("127.0.0.1/32") as egress:
            with pytest.raises(Unreachable) as failed:
                await egress.get(f"http://127.0.0.1:{bird.port}/", seconds=0.2)
        assert failed.value.reason in {"timed-out", "broken-answer"}


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/",
        "//a.example",
        "https://",
        "https://u:p@a.example/",
        "https://a:99999/",
        "",
    ],
)
def test_what_is_no_address_of_a_receiver_is_refused(url: str) -> None:
    with pytest.raises(Forbidden) as refused:
        readable_url(url)
    assert (refused.value.reason, str(refused.value)) == ("no-url", "no-url")


def test_an_address_of_a_receiver_has_2000_characters_at_most() -> None:
    longest = "https://a.example/".ljust(2_000, "x")
    assert str(readable_url(longest)) == longest
    assert readable_url("http://a.example:81/b").port == 81
    with pytest.raises(Forbidden):
        readable_url(f"{longest}x")
    for url in ("https://u@a.example/", "https://:p@a.example/"):
        with pytest.raises(Forbidden):
            readable_url(url)


async def test_a_call_says_who_calls_and_carries_what_was_given_only() -> None:
    async with canary() as bird, open_egress("127.0.0.0/8") as egress:
        where = f"http://127.0.0.1:{bird.port}/hook?a=b"
        answer = await egress.post(where, {"X-One": "1"}, b"the body")
        assert (answer.status, answer.body, answer.whole) == (204, b"", True)
        line, *headers = bird.head.strip().split("\r\n")
        assert (line, bird.body) == ("POST /hook?a=b HTTP/1.1", b"the body")
        sent = dict(one.split(": ", 1) for one in headers)
        assert sent["User-Agent"] == "efa-registry"
        assert sent["Accept-Encoding"] == "identity"
        assert sent["X-One"] == "1"
        assert "Content-Type" not in sent
        await egress.get(where)
        assert bird.head.startswith("GET /hook?a=b HTTP/1.1")
        assert "X-One" not in bird.head


async def test_no_proxy_of_the_environment_and_no_cookie_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = b"Set-Cookie: a=b\r\nContent-Encoding: gzip\r\nContent-Length: 2"
    reply = b"HTTP/1.1 200 OK\r\n" + told + b"\r\n\r\nok"
    async with canary() as proxy, canary(reply) as bird, open_egress("127.0.0.0/8") as egress:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        for _ in range(2):
            answer = await egress.get(f"http://localhost:{bird.port}/")
            assert (answer.body, answer.whole) == (b"ok", True)
            assert answer.headers["Content-Encoding"] == "gzip"
        assert (proxy.connections, bird.connections) == (0, 2)
        assert "Cookie" not in bird.head


@pytest.mark.parametrize(("most", "read"), [(5, (b"hello", True)), (4, (b"hell", False))])
async def test_an_answer_is_whole_up_to_the_bytes_asked_for(
    most: int, read: tuple[bytes, bool]
) -> None:
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    async with canary(reply) as bird, open_egress("127.0.0.0/8") as egress:
        answer = await egress.get(f"http://127.0.0.1:{bird.port}/", most=most)
    assert (answer.body, answer.whole) == read


async def failing(url: str, allowed: str = "127.0.0.0/8", seconds: float = 5) -> str:
    async with open_egress(allowed) as egress:
        with pytest.raises(Unreachable) as failed:
            await egress.get(url, seconds=seconds)
    return failed.value.reason


async def test_each_failure_has_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    async with canary(b"no answer at all\r\n\r\n") as bird:
        assert await failing(f"http://127.0.0.1:{bird.port}/") == "broken-answer"
        assert await failing(f"http://127.0.0.1:{bird.port}/", "") == "forbidden-address"
        assert await failing(f"http://localhost:{bird.port}/", "") == "forbidden-address"
        closed = bird.port
    assert await failing(f"http://127.0.0.1:{closed}/") == "not-connected"

    async def unknown(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    assert await failing("http://nobody.example/") == "name-unknown"


async def test_a_receiver_that_says_nothing_is_given_up_in_time() -> None:
    async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server, asyncio.timeout(5):
        port = server.sockets[0].getsockname()[1]
        assert await failing(f"http://127.0.0.1:{port}/", seconds=0.2) == "timed-out"


async def test_a_name_is_resolved_to_numbers_of_the_family_asked_for() -> None:
    guard = Guard(ranges("127.0.0.0/8"), encrypted=False)
    (found,) = await guard.resolve("localhost", 81, socket.AF_INET)
    assert found == {
        "hostname": "localhost",
        "host": "127.0.0.1",
        "port": 81,
        "family": socket.AF_INET,
        "proto": socket.IPPROTO_TCP,
        "flags": socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    }


def test_allowed_ranges_are_of_one_kind_of_address() -> None:
    guard = Guard(ranges("10.0.0.0/8, fd00::/8"), encrypted=False)
    for place in (("10.9.8.7", 9000), ("fd12::1", 80)):
        guard.require(place)
    with pytest.raises(OSError, match="192"):
        guard.require(("192.168.0.1", 80))
