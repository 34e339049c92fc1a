"""The log over HTTP as C2SP describes it: an auditor needs nothing but these addresses."""

import hashlib
from collections.abc import AsyncIterator

import pytest

from registry.audit.keys import signers
from registry.audit.notes import read_checkpoint
from registry.audit.tree import Edge, leaf_hash
from registry.settings import Settings
from tests.audit.signed import grow, is_signed_by
from tests.client import ApiClient, open_client

SIZE = 600


@pytest.fixture
async def api(empty_settings: Settings) -> AsyncIterator[ApiClient]:
    await grow(empty_settings, SIZE - 50)
    await grow(empty_settings, 50, public=False)
    async with open_client(empty_settings) as opened:
        yield opened


def _entries(bundle: bytes) -> list[bytes]:
    found: list[bytes] = []
    while bundle:
        size = int.from_bytes(bundle[:2], "big")
        found.append(bundle[2 : 2 + size])
        bundle = bundle[2 + size :]
    return found


async def test_the_checkpoint_is_the_root_of_all_entries_served(
    api: ApiClient, empty_settings: Settings
) -> None:
    answer = await api.get("/v1/log/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    keys = (await api.get("/v1/log/keys")).json()["items"]
    verifier = signers(empty_settings)[0].verifier
    assert keys == [{"first_size": 0, "verifier_key": str(verifier)}]
    assert is_signed_by(answer.text, verifier)
    edge = Edge()
    for place in ("000", "001", "002.p/88"):
        bundle = await api.get(f"/v1/log/tile/entries/{place}")
        tile = await api.get(f"/v1/log/tile/0/{place}")
        entries = _entries(bundle.content)
        assert tile.content == b"".join(map(leaf_hash, entries))
        for entry in entries:
            edge.append(entry)
    named = read_checkpoint(answer.text)
    assert (named.size, named.root) == (SIZE, edge.root)
    position = (await api.get("/v1/log/position")).json()
    assert (position["size"], position["root"]) == (SIZE, edge.root.hex())


async def test_tiles_say_that_they_never_change(api: ApiClient) -> None:
    for place in ("0/000", "0/002.p/88", "1/000.p/2", "entries/001", "entries/002.p/3"):
        answer = await api.get(f"/v1/log/tile/{place}")
        assert answer.status_code == 200, place
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-type"] == "application/octet-stream"
        again = await api.get(
            f"/v1/log/tile/{place}", headers={"If-None-Match": answer.headers["etag"]}
        )
        assert again.status_code == 304
    upper = await api.get("/v1/log/tile/1/000.p/2")
    lower = await api.get("/v1/log/tile/0/000")
    edge = Edge([[lower.content[at : at + 32] for at in range(0, 4096, 32)]])
    half = edge.root
    edge = Edge([[lower.content[at : at + 32] for at in range(4096, 8192, 32)]])
    assert upper.content[:32] == hashlib.sha256(b"\x01" + half + edge.root).digest()


@pytest.mark.parametrize(
    "place",
    [
        "0/002",
        "0/002.p/89",
        "0/000.p/256",
        "0/000.p/0",
        "0/000.p/01",
        "0/x000/000",
        "0/0",
        "0/003.p/1",
        "1/000",
        "1/000.p/3",
        "2/000.p/1",
        "8/000",
        "00/000",
        "entries/002",
        "entries/-01",
        "data/000",
        "0/x999/x999/x999/x999/999",
        "",
    ],
)
async def test_tiles_that_are_not_there_are_not_found(api: ApiClient, place: str) -> None:
    assert (await api.get(f"/v1/log/tile/{place}")).status_code == 404


async def test_what_is_not_sealed_is_in_no_tile(api: ApiClient, empty_settings: Settings) -> None:
    await grow(empty_settings, 1)
    assert (await api.get("/v1/log/tile/0/002.p/89")).status_code == 200


async def test_consistency_is_asked_for_by_sizes(api: ApiClient) -> None:
    answer = (await api.get("/v1/log/consistency", params={"from": 300})).json()
    assert answer["known_at"]["size"] == 300
    assert read_checkpoint(answer["proof"]["checkpoint"]).size == SIZE
    first = (await api.get("/v1/log/consistency", params={"from": 550, "to": 550})).json()
    assert first["proof"]["consistency"] == []
    assert read_checkpoint(first["proof"]["checkpoint"]).root.hex() == first["known_at"]["root"]
    for wrong in ({"from": 601}, {"from": 5, "to": 601}, {"from": 9, "to": 8}):
        assert (await api.get("/v1/log/consistency", params=wrong)).status_code == 404
    assert (await api.get("/v1/log/consistency", params={"from": 0})).status_code == 400


async def test_an_empty_log_has_no_checkpoint(empty_settings: Settings) -> None:
    async with open_client(empty_settings) as client:
        assert (await client.get("/v1/log/checkpoint")).status_code == 404
        assert (await client.get("/v1/log/keys")).json() == {"items": []}
        assert (await client.get("/v1/log/tile/0/000.p/1")).status_code == 404
