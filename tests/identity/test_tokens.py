"""Tokens: their form can be checked offline, and only their digest is ever kept."""

from uuid import UUID

import pytest

from registry.authority import ADMIN
from registry.db import Connection, begin
from registry.identity.actions import create_first_token, create_token
from registry.identity.operator import operator
from registry.identity.tokens import digest, new_token, well_formed
from tests.client import ApiClient


def test_a_new_token_is_well_formed_and_unique() -> None:
    tokens = {new_token("write") for _ in range(200)}
    assert len(tokens) == 200
    assert all(well_formed(token) for token in tokens)


@pytest.mark.parametrize("place", range(10, 46))
def test_a_mistyped_token_is_recognised_offline(place: int) -> None:
    token = "efa_read_" + new_token("read").removeprefix("efa_read_")
    place = min(place, len(token) - 1)
    other = "b" if token[place] == "a" else "a"
    assert not well_formed(token[:place] + other + token[place + 1 :])


async def test_the_first_token_is_made_once(conn: Connection) -> None:
    async with begin(conn, operator()) as tx:
        token = await create_first_token(tx)
        assert token is not None
        assert await create_first_token(tx) is None


async def test_only_the_digest_is_stored(client: ApiClient) -> None:
    admin = await client.as_admin()
    stored = await client.owner.fetchval("select sha256 from tokens")
    facts = await client.owner.fetchval("select string_agg(facts::text, '') from event_facts")
    assert stored == digest(admin.token)
    assert admin.token not in bytes.fromhex(facts.replace("\\x", "")[-2000:]).decode(
        errors="ignore"
    )


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer x", "Basic dXNlcjpwdw==", f"Bearer {new_token('admin')}"],
    ids=["none", "no token", "no form", "another scheme", "never issued"],
)
async def test_a_wrong_token_is_refused_for_unsafe_requests(client: ApiClient, header: str) -> None:
    answer = await client.put(
        "/v1/services/x", json={}, headers={"Authorization": header} if header else {}
    )
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_an_expired_or_revoked_token_is_refused(client: ApiClient) -> None:
    async with begin(client.conn, operator()) as tx:
        body = UUID(tx.actor.organisation)
        old = await create_token(tx, body, [ADMIN], kind="test", days=0, note="expired at once")
    answer = await client.put("/v1/services/x", json={}, headers={"Authorization": f"Bearer {old}"})
    assert answer.status_code == 401
