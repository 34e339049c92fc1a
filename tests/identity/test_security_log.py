"""Refused attempts of known callers are told to those concerned; a flood of them fills nothing."""

from typing import Any

import pytest

from registry.db import Connection
from registry.settings import Settings
from tests.client import ApiClient, open_client
from tests.identity.test_issuing import forgotten, issued

KOELN = "05315"
ADDRESS = "/v1/security-log"


def state_of(client: ApiClient) -> Any:
    transport: Any = client.http._transport
    return transport.app.state


async def entries(client: ApiClient, reader: ApiClient, query: str = "") -> list[dict[str, Any]]:
    state = state_of(client)
    await state.watch.flush(state.database)
    answer = await reader.http.get(
        f"{ADDRESS}{query}", headers={"Authorization": f"Bearer {reader.token}"}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_a_refused_change_is_told_to_the_body_itself(client: ApiClient) -> None:
    koeln = await client.as_body(KOELN, "reuse")
    for _ in range(3):
        assert (await koeln.post("/v1/usage", json={})).status_code in (403, 422)
    body = {"scopes": ["usage"]}
    for _ in range(3):
        assert (await koeln.post("/v1/tokens", json=body)).status_code == 403
    (entry,) = await entries(client, koeln)
    assert (entry["code"], entry["count"], entry["method"]) == ("not-yours", 3, "POST")
    assert (entry["organisation"]["key"], entry["route"]) == (KOELN, "/v1/tokens")
    assert entry["address"] == "127.0.0.1"


async def test_a_failed_log_in_of_a_known_token_is_told(client: ApiClient) -> None:
    koeln = await client.as_body(KOELN, "reuse")
    told = [await issued(koeln, scopes=["reuse"]) for _ in range(2)]
    elsewhere = await issued(koeln, scopes=["reuse"], cidrs=["192.0.2.0/24"])
    await koeln.delete(f"/v1/tokens/{told[0]['issued']['id']}")
    await client.owner.execute(
        "update tokens set expires_at = now() - interval '1 s' where id = $1::uuid",
        told[1]["issued"]["id"],
    )
    for each in (*told, elsewhere):
        assert (await client.with_token(each["token"]).get("/v1/me")).status_code == 401
    found = {each["code"]: each["token"] for each in await entries(client, koeln)}
    assert found == {
        "token-revoked": told[0]["issued"]["id"],
        "token-expired": told[1]["issued"]["id"],
        "token-from-elsewhere": elsewhere["issued"]["id"],
    }


async def test_others_do_not_read_it(client: ApiClient) -> None:
    koeln = await client.as_body(KOELN, "reuse")
    await koeln.post("/v1/tokens", json={"scopes": ["usage"]})
    assert len(await entries(client, koeln)) == 1
    for other in (
        await client.as_body("05", "reuse"),
        await client.as_body("06", "reuse"),
        await client.as_auditor("bund", within=["06"]),
        await client.as_admin(),
    ):
        assert await entries(client, other) == []
        assert await entries(client, other, f"?organisation={KOELN}") == []
    for auditor in (await client.as_auditor("bund", within=["05"]), koeln):
        assert len(await entries(client, auditor, f"?organisation={KOELN}")) == 1
    assert (await client.get(ADDRESS)).status_code == 401


async def test_a_flood_makes_few_rows(client: ApiClient, owner: Connection) -> None:
    koeln = await client.as_body(KOELN, "reuse")
    headers = {"Authorization": f"Bearer {koeln.token}"}
    for number in range(300):
        path = f"/v1/reuses/{number:032x}/steps" if number % 2 else "/v1/tokens"
        answer = await client.http.post(path, json={"scopes": ["usage"]}, headers=headers)
        assert 400 <= answer.status_code < 500
    state = state_of(client)
    assert len(state.watch._noted) <= 3
    await state.watch.flush(state.database)
    rows = await owner.fetch("select minute, attempts from security_log")
    assert len(rows) <= 2 * len({row["minute"] for row in rows})


async def test_it_is_no_part_of_the_log_and_is_forgotten(
    client: ApiClient, owner: Connection
) -> None:
    koeln = await client.as_body(KOELN, "reuse")
    before = await owner.fetchval("select count(*) from events")
    await koeln.post("/v1/tokens", json={"scopes": ["usage"]})
    await entries(client, koeln)
    assert await owner.fetchval("select count(*) from events") == before
    await owner.execute("update security_log set minute = now() - interval '91 days'")
    state = state_of(client)
    await state.watch.clean(state.database)
    assert await owner.fetchval("select count(*) from security_log") == 0


async def test_pages_follow_each_other(client: ApiClient, owner: Connection) -> None:
    koeln = await client.as_body(KOELN, "reuse")
    await koeln.post("/v1/tokens", json={"scopes": ["usage"]})
    await entries(client, koeln)
    await owner.execute(
        "insert into security_log select minute - make_interval(mins => n), organisation_id,"
        " token_id, code, attempts, method, route, address from security_log,"
        " generate_series(1, 4) n"
    )
    first = (await koeln.get(f"{ADDRESS}?limit=3")).json()
    second = (await koeln.get(first["next"])).json()
    minutes = [each["minute"] for each in (*first["items"], *second["items"])]
    assert (len(minutes), minutes, second["next"]) == (5, sorted(minutes, reverse=True), None)


@pytest.fixture
def strict(settings: Settings) -> Settings:
    import msgspec

    return msgspec.structs.replace(settings, rate_limit=20, costly_rate_limit=4)


async def test_who_asks_too_often_is_told_when_to_come_again(strict: Settings) -> None:
    async with open_client(strict) as client:
        koeln, other = await client.as_body(KOELN, "reuse"), await client.as_body("06", "reuse")
        answers = [await koeln.post("/v1/tokens", json={"scopes": ["usage"]}) for _ in range(25)]
        statuses = [answer.status_code for answer in answers]
        assert statuses[:20] == [403] * 20
        assert 429 in statuses[20:]
        late = next(answer for answer in answers if answer.status_code == 429)
        assert late.headers["retry-after"] == str(late.json()["retry_after"])
        assert late.headers["ratelimit-policy"] == '"unsafe";q=20;w=60'
        assert late.json()["type"] == "/problems/too-many-requests"
        assert (await other.post("/v1/tokens", json={"scopes": ["usage"]})).status_code == 403
        assert (await koeln.get("/v1/me")).status_code == 200
        codes = {each["code"] for each in await entries(client, koeln)}
        assert codes == {"not-yours", "too-many-requests"}


async def test_what_costs_much_is_limited_more(strict: Settings) -> None:
    async with open_client(strict) as client:
        koeln = await client.as_body(KOELN, "reuse")
        pair = {"old": True, "new": True, "direction": "accepts"}
        statuses = [(await koeln.post("/v1/comparisons", json=pair)).status_code for _ in range(6)]
        assert 429 not in statuses[:4]
        assert 429 in statuses[4:]


async def test_without_a_token_the_address_counts(strict: Settings) -> None:
    async with open_client(strict) as client:
        statuses = [
            (await client.post("/v1/token-reports", json={"token": "x"}, events=0)).status_code
            for _ in range(6)
        ]
        assert statuses[:4] == [202] * 4
        assert 429 in statuses[4:]
        await forgotten(client)
        refused = [(await client.post("/v1/tokens", json={})).status_code for _ in range(25)]
        assert refused[:20] == [401] * 20
        assert 429 in refused[20:]
