"""Hostile callers: cursors, fields and texts made up to reach what is not theirs."""

import asyncio
import gzip
import json
import random
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest
from litestar.routes import HTTPRoute

from registry.app import create_app
from registry.settings import Settings
from tests.client import ApiClient, open_client
from tests.live import live_server
from tests.reuse.drafts import reuse

MUTATIONS = 1_000
SEED = 20261130

# What only the registry says of a thing; no body may say it of itself.
SERVER_FIELDS = (
    "id", "event_id", "recorded_at", "recorded_by", "on_behalf_of", "organisation_id", "public",
    "revision", "ordinal", "token", "sha256", "issued_by", "issued_at", "expires_at", "revoked_at",
    "kind_of", "leaf_idx", "log_index", "voided", "own_use", "since", "links", "demo", "batch",
    "position", "in_force", "delegator_key", "keys",
)  # fmt: skip


def _mutated(cursor: str, draw: random.Random) -> str:
    """The cursor with a character changed, dropped, doubled, or its parts cut and joined."""
    place = draw.randrange(len(cursor))
    other = draw.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=%~é\0")
    return draw.choice(
        [
            cursor[:place] + other + cursor[place + 1 :],
            cursor[:place] + cursor[place + 1 :],
            cursor[:place] + cursor[place] + cursor[place:],
            cursor[place:] + cursor[:place],
            cursor[:place],
            cursor[::-1],
            cursor + other,
        ]
    )


async def test_no_mutated_cursor_is_taken(client: ApiClient) -> None:
    first = (await client.get("/v1/organisations?limit=2")).json()["next"]
    path, _, cursor = first.partition("cursor=")
    draw = random.Random(SEED)
    tried = 0
    while tried < MUTATIONS:
        mutated = _mutated(cursor, draw)
        if mutated == cursor:
            continue
        answer = await client.http.get(path.rstrip("&?"), params={"cursor": mutated})
        assert answer.status_code == 400, mutated
        tried += 1
    for elsewhere in ("/v1/organisations?limit=2&level=state", "/v1/procedures?limit=2"):
        answer = await client.http.get(f"{elsewhere}&cursor={cursor}")
        assert answer.status_code == 400, elsewhere


def _bodies() -> Iterator[tuple[str, Any]]:
    """The type of the body of each route that takes one, by method and path."""
    app = create_app(Settings(database_url="postgresql://nowhere"), b"secret")
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                data = handler.parsed_fn_signature.parameters.get("data")
                if data is not None:
                    yield f"{sorted(handler.http_methods)} {route.path}", data.annotation


def _structs(kind: Any) -> Iterator[type[msgspec.Struct]]:
    """All Structs that a body of this type may hold."""
    waiting, seen = [msgspec.inspect.type_info(kind)], set[int]()
    while waiting:
        info: Any = waiting.pop()
        if id(info) in seen:
            continue
        seen.add(id(info))
        if isinstance(info, msgspec.inspect.StructType):
            yield info.cls
            waiting += [field.type for field in info.fields]
        for name in ("types", "item_types"):
            waiting += getattr(info, name, ())
        for name in ("item_type", "value_type", "type"):
            if inner := getattr(info, name, None):
                waiting.append(inner)


def test_no_body_takes_a_field_it_does_not_declare() -> None:
    bodies = dict(_bodies())
    assert len(bodies) >= 15
    open_ones = {
        f"{route}: {struct.__name__}"
        for route, kind in bodies.items()
        for struct in _structs(kind)
        if not struct.__struct_config__.forbid_unknown_fields
    }
    assert open_ones == set()


async def test_what_only_the_registry_says_is_refused_in_every_body(client: ApiClient) -> None:
    admin = await client.as_admin()
    bodies = {
        "/v1/tokens": {"scopes": ["read"]},
        "/v1/reuses": reuse(),
        "/v1/token-reports": {"token": "x"},
        "/v1/usage": {
            "organisation": "05",
            "service": "x",
            "month": "2024-01",
            "channel": "a",
            "completed": 1,
        },
    }
    for path, body in bodies.items():
        for name in SERVER_FIELDS:
            if name in body:
                continue
            answer = await admin.post(path, json=body | {name: "x"})
            assert answer.status_code == 422, (path, name, answer.text)
            rules = {place["rule"] for place in answer.json()["errors"]}
            assert "unknown-field" in rules, (path, name, answer.text)


BOMB_RATIO = 1_000
ODD_TEXTS = (
    "a\r\nb", "a\nb", "\x1b[31mred", "a\u2028b", "a\u2029b", "a\x85b", '{"event":"forged"}',
    "a\x00b", "\u202e", "%0d%0aX: y", "a\tb", "\x7f",
)  # fmt: skip


async def _tokens(settings: Settings) -> list[str]:
    async with open_client(settings) as client:
        return [(await client.as_body(key, "reuse")).token for key in ("05", "06", "05315")]


def test_one_request_is_one_line_and_no_line_holds_a_token(
    settings: Settings, tmp_path: Path
) -> None:
    tokens = asyncio.run(_tokens(settings))
    log = tmp_path / "log"
    answers: list[httpx.Response] = []
    with live_server(settings, log) as address, httpx.Client(base_url=address) as http:
        before = len(log.read_text().splitlines())
        for token in tokens:
            for text in ODD_TEXTS:
                ascii_text = text.encode("ascii", "ignore").decode().strip()
                for name in ("X-Request-Id", "User-Agent"):
                    with suppress(httpx.LocalProtocolError):
                        answers.append(http.get("/v1/services", headers={name: ascii_text}))
                answers.append(http.get("/v1/services", params={"q": text}))
                answers.append(http.get(f"/v1/organisations/{quote(text, safe='')}"))
                bearer = {"Authorization": f"Bearer {token}"}
                answers.append(http.get(f"/v1/services/{token}", headers=bearer))
                answers.append(http.post("/v1/token-reports", json={"token": f"{token}x"}))
    time.sleep(0.5)
    lines = log.read_text().splitlines()[before:]
    requests = [line for line in lines if json.loads(line).get("event") == "request"]
    # What the server's parser refuses itself never reaches the registry.
    reached = [answer for answer in answers if "x-request-id" in answer.headers]
    assert len(requests) == len(reached) > len(tokens) * len(ODD_TEXTS) * 4
    assert all(json.loads(line)["event"] != "forged" for line in lines)
    text = log.read_text()
    assert not any(token in text for token in tokens)
    assert not any(character in text for character in "\x1b\u2028\u2029\x85\x00\x7f\u202e")


def test_a_bomb_is_not_unpacked(settings: Settings) -> None:
    (token, *_) = asyncio.run(_tokens(settings))
    bomb = gzip.compress(b" " * 8_000_000)
    assert 8_000_000 / len(bomb) > BOMB_RATIO
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with live_server(settings) as address, httpx.Client(base_url=address) as http:
        for coding in ("gzip", "deflate", "br", "zstd", "identity, gzip", "x-gzip"):
            answer = http.post(
                "/v1/reuses", content=bomb, headers=headers | {"Content-Encoding": coding}
            )
            assert answer.status_code == 415, coding
        answer = http.post("/v1/reuses", content=b" " * 9_000_000, headers=headers)
        assert answer.status_code == 413


TRICKLING = 500


async def _trickle(address: str, done: asyncio.Event) -> None:
    """A connection that sends its header a byte at a time and never ends it."""
    place = httpx.URL(address)
    reader, writer = await asyncio.open_connection(place.host, place.port)
    try:
        writer.write(b"GET /v1/services HTTP/1.1\r\nHost: a\r\n")
        while not done.is_set() and not reader.at_eof():
            writer.write(b"X-A: b\r\n")
            await writer.drain()
            await asyncio.sleep(1)
    except ConnectionError:
        pass
    finally:
        writer.close()


async def _median(http: httpx.AsyncClient) -> float:
    """Of 60 plain requests, in seconds."""
    times: list[float] = []
    for _ in range(60):
        began = time.perf_counter()
        assert (await http.get("/v1/log/position")).status_code in (200, 404)
        times.append(time.perf_counter() - began)
    return sorted(times)[len(times) // 2]


async def _beside_trickles(address: str) -> tuple[float, float]:
    done = asyncio.Event()
    async with httpx.AsyncClient(base_url=address, timeout=60) as http:
        await _median(http)
        before = await _median(http)
        trickles = [asyncio.create_task(_trickle(address, done)) for _ in range(TRICKLING)]
        await asyncio.sleep(3)
        during = await _median(http)
        done.set()
        await asyncio.gather(*trickles)
    return before, during


def test_who_trickles_keeps_nobody_waiting(settings: Settings) -> None:
    with live_server(settings) as address:
        before, during = asyncio.run(_beside_trickles(address))
    assert during < 2 * before + 0.02, (before, during)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
async def test_nobody_chooses_the_address_it_is_counted_by(settings: Settings, header: str) -> None:
    strict = msgspec.structs.replace(settings, costly_rate_limit=3)
    async with open_client(strict) as client:
        statuses = [
            (
                await client.http.post(
                    "/v1/token-reports",
                    json={"token": "x"},
                    headers={header: f"198.51.100.{number}"},
                )
            ).status_code
            for number in range(6)
        ]
        assert 429 in statuses


async def test_behind_a_trusted_proxy_the_caller_counts(settings: Settings) -> None:
    behind = msgspec.structs.replace(
        settings, costly_rate_limit=2, trusted_proxies="127.0.0.0/8, 10.0.0.0/8"
    )
    async with open_client(behind) as client:

        async def status(told: str) -> int:
            headers = {"X-Forwarded-For": told}
            sent = {"token": "x"}
            answer = await client.http.post("/v1/token-reports", json=sent, headers=headers)
            return answer.status_code

        own = [await status(f"203.0.113.{n}, 198.51.100.7, 10.0.0.1") for n in range(4)]
        assert own[:2] == [202, 202]
        assert 429 in own[2:]
        assert await status("198.51.100.8") == 202
        assert await status("nonsense") == 202
