"""Schemas as they are served: the exact bytes, for ever, in the form the caller prefers."""

import base64
import gzip
import hashlib
import json
from typing import Any

import brotli
import httpx
import pytest

from registry.versions.schemas.served import preferred_coding
from tests.client import ApiClient
from tests.versions.published import SCHEMA_TEXT, SERVICE, publish, service, version

_brotli: Any = brotli
PATH = f"{SERVICE}/versions/1.0.0/interfaces/application"
TEXT = '{\r\n\t"title": "Übergröße \\u00e4",\n  "minimum": 1.0 }\n\n'


async def served(client: ApiClient, coding: str, **headers: str) -> httpx.Response:
    return await client.get(PATH, headers={"Accept-Encoding": coding, **headers})


def digest(content: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


async def test_a_schema_arrives_byte_for_byte(client: ApiClient) -> None:
    await publish(await service(client), "1.0.0", body=version(TEXT))
    answer = await served(client, "identity")
    assert answer.content == TEXT.encode()
    assert answer.headers["Content-Type"] == "application/schema+json"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["ETag"] == f'"{hashlib.sha256(TEXT.encode()).hexdigest()}"'
    assert answer.headers["Repr-Digest"] == digest(TEXT.encode())
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("coding", ["gzip", "br"])
async def test_a_schema_is_sent_compressed_to_who_asks(client: ApiClient, coding: str) -> None:
    await publish(await service(client), "1.0.0", body=version())
    async with client.http.stream("GET", PATH, headers={"Accept-Encoding": coding}) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    plain = gzip.decompress(raw) if coding == "gzip" else _brotli.decompress(raw)
    assert plain == SCHEMA_TEXT.encode()
    assert answer.headers["Content-Encoding"] == coding
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["ETag"] == f'"{hashlib.sha256(plain).hexdigest()}-{coding}"'
    assert answer.headers["Repr-Digest"] == digest(raw)
    assert answer.headers["Unencoded-Digest"] == digest(plain)


@pytest.mark.parametrize("coding", ["identity", "gzip", "br"])
async def test_who_has_it_already_gets_304(client: ApiClient, coding: str) -> None:
    await publish(await service(client), "1.0.0", body=version())
    etag = (await served(client, coding)).headers["ETag"]
    for _ in range(2):
        again = await served(client, coding, **{"If-None-Match": etag})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    other = await served(client, "identity" if coding == "br" else "br", **{"If-None-Match": etag})
    assert other.status_code == 200


async def test_what_is_not_there_says_what_is_missing(client: ApiClient) -> None:
    await publish(await service(client), "1.0.0", body=version())
    for path, problem in (
        (PATH.replace("application", "status"), "unknown-interface"),
        (PATH.replace("1.0.0", "1.0.1"), "unknown-version"),
        (PATH.replace("application", "Status"), "malformed-request"),
    ):
        assert (await client.get(path)).json()["type"] == f"/problems/{problem}"


async def test_the_stored_text_never_names_this_registry(client: ApiClient) -> None:
    schema = json.dumps({"properties": {"next": {"$ref": "./application"}}})
    await publish(await service(client), "1.0.0", body=version(schema))
    answer = await served(client, "identity")
    assert "registry" not in answer.text
    assert answer.headers["Link"] == f'<{SERVICE}/versions/1.0.0>; rel="up"'


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", "identity"),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("br;q=0, gzip;q=0", "identity"),
        ("*", "br"),
        ("*;q=0.1, gzip", "gzip"),
        ("identity, gzip;q=0.5", "identity"),
        ("GZIP", "gzip"),
        ("deflate", "identity"),
        ("gzip;q=x", "identity"),
    ],
)
def test_the_preferred_coding_is_taken(accepted: str, coding: str) -> None:
    assert preferred_coding(accepted) == coding
