"""Tokens: their form can be checked offline, and only their digest is ever kept."""

import asyncio
from uuid import UUID

import asyncpg
import pytest

from registry.authority import ADMIN
from registry.db import Connection, begin, open_database
from registry.errors import Unprocessable
from registry.identity.actions import create_first_token, create_token
from registry.identity.guard import TokenCache
from registry.identity.operator import operator
from registry.identity.store import holders
from registry.identity.tokens import digest, new_token, well_formed
from registry.settings import Settings
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
    facts = await client.owner.fetchval(
        "select f.facts from event_facts f join events e on e.id = f.event_id"
        " where e.action = 'identity.create_token'"
    )
    assert stored == digest(admin.token)
    assert stored.hex() in facts.decode()
    assert admin.token not in facts.decode()


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


async def test_a_revoked_token_is_refused(client: ApiClient) -> None:
    async with begin(client.conn, operator()) as tx:
        revoked = await create_token(
            tx, UUID(tx.actor.organisation), [ADMIN], kind="test", days=1, note="revoked at once"
        )
    await client.owner.execute(
        "insert into token_revocations (token_id, event_id) select id, event_id from tokens"
    )
    headers = {"Authorization": f"Bearer {revoked}"}
    assert (await client.put("/v1/services/x", json={}, headers=headers)).status_code == 401


@pytest.mark.parametrize("scope", ["publish:x audit", "admin\n", "", "publish:X", "audit,admin"])
async def test_what_is_no_single_scope_is_refused(client: ApiClient, scope: str) -> None:
    with pytest.raises(Unprocessable):
        await client.as_body("05", scope)
    with pytest.raises(asyncpg.CheckViolationError):
        await client.owner.execute(
            "insert into tokens (id, event_id, sha256, organisation_id, scopes, expires_at)"
            " select gen_random_uuid(), event_id, sha256('x'), organisation_id, array[$1], now()"
            " from organisation_states limit 1",
            scope,
        )


async def test_calls_at_the_same_time_share_look_ups(settings: Settings) -> None:
    async with open_database(settings) as database:
        cache = TokenCache()
        asked = [digest(new_token("test")).hex() for _ in range(3)] * 20
        found = await asyncio.gather(*(cache.holder(database, sha256) for sha256 in asked))
        assert found == [None] * 60
        assert database.views.get_size() <= 2


async def test_a_holder_has_the_keys_of_today_though_their_end_is_recorded(
    client: ApiClient,
) -> None:
    nrw = await client.as_body("05", "read")
    await client.owner.execute(
        "update organisation_keys set valid_to = legal_today() + 30 where key = '05'"
    )
    sha256 = digest(nrw.token).hex()
    assert (await holders(client.conn, [sha256]))[sha256].keys == ("05",)
    await client.owner.execute(
        "update organisation_keys set valid_to = legal_today() where key = '05'"
    )
    assert (await holders(client.conn, [sha256]))[sha256].keys == ()


async def test_an_auditor_reads_with_an_event(client: ApiClient) -> None:
    auditor = await client.as_body("05", "audit")
    assert (await auditor.get("/v1/reuses?limit=1", events=1)).status_code == 200
    action, public = await client.owner.fetchrow(
        "select action, public from events order by seq desc limit 1"
    ) or (None, None)
    assert (action, public) == ("audit.read", False)
    assert (await client.get("/v1/reuses?limit=1")).status_code == 200


async def test_an_expired_token_is_refused(client: ApiClient) -> None:
    async with begin(client.conn, operator()) as tx:
        body = UUID(tx.actor.organisation)
        old = await create_token(tx, body, [ADMIN], kind="test", days=0, note="expired at once")
    answer = await client.put("/v1/services/x", json={}, headers={"Authorization": f"Bearer {old}"})
    assert answer.status_code == 401
