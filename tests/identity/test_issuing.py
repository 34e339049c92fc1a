"""Tokens over HTTP: nobody gives more than it has, and what is taken back is soon refused."""

import asyncio
from typing import Any

import httpx
import pytest

from registry.identity.guard import KEEP_SECONDS
from registry.identity.tokens import digest, new_token
from tests.client import ApiClient, pointers

DORTMUND, KOELN = "05913", "05315"


async def issued(api: ApiClient, **draft: Any) -> dict[str, Any]:
    answer = await api.post("/v1/tokens", json=draft)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def forgotten(client: ApiClient) -> None:
    """Make this process look every token up again, as it does after some seconds."""
    transport: Any = client.http._transport
    cache: Any = transport.app.state.tokens if hasattr(transport.app, "state") else None
    assert cache is not None
    cache._seen.clear()


async def test_a_token_does_what_it_was_issued_for(client: ApiClient) -> None:
    koeln = await client.as_body(KOELN, "reuse", "usage")
    told = await issued(koeln, scopes=["usage"], note="Fallzahlen", days=90)
    token, shown = told["token"], told["issued"]
    assert token.startswith("efa_write_")
    assert (shown["kind"], shown["scopes"], shown["note"]) == ("write", ["usage"], "Fallzahlen")
    assert (shown["organisation"]["key"], shown["issued_by"]["key"]) == (KOELN, KOELN)
    me = (await client.with_token(token).get("/v1/me")).json()
    assert (me["organisation"], me["scopes"], me["token"]) == (KOELN, ["usage"], shown["id"])


async def test_the_text_is_shown_once(client: ApiClient) -> None:
    koeln = await client.as_body(KOELN, "reuse")
    told = await issued(koeln, scopes=["reuse"])
    one = await koeln.get(f"/v1/tokens/{told['issued']['id']}")
    listed = await koeln.get("/v1/tokens")
    assert one.json() == told["issued"]
    assert told["issued"] in listed.json()["items"]
    assert told["token"] not in one.text + listed.text
    assert (one.headers["cache-control"], listed.headers["vary"]) == (
        "no-store",
        "Authorization, Cookie",
    )


@pytest.mark.parametrize("scope", ["usage", "publish:bauantrag", "publish:*", "admin", "audit"])
async def test_no_token_gives_what_its_issuer_lacks(client: ApiClient, scope: str) -> None:
    koeln = await client.as_body(KOELN, "reuse", "publish:wohngeld")
    answer = await koeln.post("/v1/tokens", json={"scopes": ["reuse", scope]})
    assert (answer.status_code, answer.json()["missing_scope"]) == (403, scope)


async def test_a_scope_for_all_services_gives_one_for_a_single_one(client: ApiClient) -> None:
    land = await client.as_body("05", "publish:*")
    assert (await issued(land, scopes=["publish:bauantrag"]))["issued"]["kind"] == "write"


@pytest.mark.parametrize(
    ("scopes", "days", "status"),
    [(["read"], 365, 201), (["read"], 366, 422), (["reuse"], 90, 201), (["reuse"], 91, 422)],
)
async def test_how_long_a_token_may_live(
    client: ApiClient, scopes: list[str], days: int, status: int
) -> None:
    koeln = await client.as_body(KOELN, "reuse")
    answer = await koeln.post("/v1/tokens", json={"scopes": scopes, "days": days})
    assert answer.status_code == status
    if status == 422:
        assert pointers(answer.json()) == ["/days"]


@pytest.mark.parametrize(
    ("draft", "pointer"),
    [
        ({"scopes": ["everything"]}, "/scopes/0"),
        ({"scopes": ["reuse:x"]}, "/scopes/0"),
        ({"scopes": ["read"], "cidrs": ["192.0.2.7/24"]}, "/cidrs/0"),
        ({"scopes": ["read"], "cidrs": ["192.0.2.0/24", "here"]}, "/cidrs/1"),
        ({"scopes": ["read"], "reach": {"within": ["05"]}}, "/reach"),
        ({"scopes": ["audit"], "reach": {}}, "/reach"),
        ({"scopes": ["audit"], "reach": {"within": ["5"]}}, "/reach/within/0"),
        ({"scopes": ["audit"], "organisation": "bund"}, "/reach"),
    ],
)
async def test_a_wrong_draft_is_refused_with_its_place(
    client: ApiClient, draft: dict[str, Any], pointer: str
) -> None:
    answer = await (await client.as_admin()).post("/v1/tokens", json=draft)
    assert (answer.status_code, pointers(answer.json())) == (422, [pointer]), answer.text


async def test_a_land_issues_none_for_its_municipalities(client: ApiClient) -> None:
    land = await client.as_body("05", "reuse")
    answer = await land.post("/v1/tokens", json={"scopes": ["reuse"], "organisation": KOELN})
    assert (answer.status_code, answer.json()["organisation"]) == (403, KOELN)


async def test_with_their_delegation_it_does_and_the_token_ends_with_that(
    client: ApiClient,
) -> None:
    koeln, land = await client.as_body(KOELN, "reuse"), await client.as_body("05", "reuse")
    address = f"/v1/delegations/{KOELN}/05"
    assert (await koeln.put(address, json={"scopes": ["reuse"]})).status_code == 201
    await forgotten(client)
    told = await issued(land, scopes=["reuse"], organisation=KOELN)
    event = await client.owner.fetchrow("select * from events order by seq desc limit 1")
    assert event
    assert event["on_behalf_of"]
    assert event["organisation"] != event["on_behalf_of"]
    by_land = client.with_token(told["token"])
    assert (await by_land.get("/v1/me")).json()["organisation"] == KOELN
    assert told["issued"]["issued_by"]["key"] == "05"
    answer = await land.post("/v1/tokens", json={"scopes": ["usage"], "organisation": KOELN})
    assert answer.status_code == 403
    assert (await koeln.delete(address)).status_code == 200
    await forgotten(client)
    assert (await by_land.get("/v1/me")).status_code == 401


async def test_a_lent_token_does_not_outlive_what_it_rests_on(client: ApiClient) -> None:
    """By a token of Köln the Land could else go on, or let itself go on."""
    koeln, land = await client.as_body(KOELN, "reuse"), await client.as_body("05", "reuse")
    await koeln.put(f"/v1/delegations/{KOELN}/05", json={"scopes": ["reuse"]})
    await forgotten(client)
    told = await issued(land, scopes=["reuse"], organisation=KOELN)
    lent = client.with_token(told["token"])
    own = f"/v1/tokens/{told['issued']['id']}"
    assert (await lent.post("/v1/tokens", json={"scopes": ["read"]})).status_code == 403
    assert (await lent.post(f"{own}/rotation", json={})).status_code == 403
    more = {"scopes": ["reuse"], "valid_to": "2099-01-01"}
    assert (await lent.put(f"/v1/delegations/{KOELN}/05", json=more)).status_code == 403
    answer = await land.post(f"{own}/rotation", json={})
    assert answer.json()["issued"]["issued_by"]["key"] == "05"
    await koeln.delete(f"/v1/delegations/{KOELN}/05")
    await forgotten(client)
    for token in (told["token"], answer.json()["token"]):
        assert (await client.with_token(token).get("/v1/me")).status_code == 401


async def test_nobody_rotates_a_token_that_reaches_further(client: ApiClient) -> None:
    koeln = await client.as_body(KOELN, "reuse")
    wide = await issued(koeln, scopes=["reuse"])
    bound = await issued(koeln, scopes=["reuse"], cidrs=["127.0.0.0/8"])
    path = f"/v1/tokens/{wide['issued']['id']}/rotation"
    answer = await client.with_token(bound["token"]).post(path, json={})
    assert (answer.status_code, pointers(answer.json())) == (422, ["/cidrs"])
    auditor = await client.as_auditor("05", within=["053"])
    answer = await auditor.post("/v1/tokens", json={"scopes": ["audit"]})
    assert (answer.status_code, answer.json()["missing_scope"]) == (403, "audit")


async def test_a_delegation_for_some_services_makes_no_token(client: ApiClient) -> None:
    admin = await client.as_admin()
    koeln, land = await client.as_body(KOELN, "publish:x"), await client.as_body("05", "publish:x")
    draft = {"scopes": ["publish:x"], "services": []}
    assert (await koeln.put(f"/v1/delegations/{KOELN}/05", json=draft)).status_code == 201
    await client.owner.execute("update delegations set services = array['x']")
    await forgotten(client)
    answer = await land.post("/v1/tokens", json={"scopes": ["publish:x"], "organisation": KOELN})
    assert answer.status_code == 403
    told = await issued(admin, scopes=["publish:x"], organisation=KOELN)
    assert told["issued"]["issued_by"] is None


async def test_a_taken_back_token_is_refused_within_seconds(client: ApiClient) -> None:
    koeln = await client.as_body(KOELN, "reuse")
    told = await issued(koeln, scopes=["reuse"])
    other = client.with_token(told["token"])
    assert (await other.get("/v1/me")).status_code == 200
    address = f"/v1/tokens/{told['issued']['id']}"
    assert (await koeln.delete(address)).json()["revoked_at"]
    assert (await koeln.delete(address, events=0)).status_code == 200
    for _ in range(int(KEEP_SECONDS * 2) + 4):
        if (await other.get("/v1/me")).status_code == 401:
            break
        await asyncio.sleep(0.5)
    else:
        pytest.fail("a revoked token was still taken")
    assert (await koeln.get("/v1/tokens")).json()["items"] != []
    listed = [each["id"] for each in (await koeln.get("/v1/tokens")).json()["items"]]
    assert told["issued"]["id"] not in listed
    ended = (await koeln.get("/v1/tokens?ended=true")).json()["items"]
    assert told["issued"]["id"] in [each["id"] for each in ended]


async def test_for_other_bodies_a_token_does_not_exist(client: ApiClient) -> None:
    told = await issued(await client.as_body(KOELN, "reuse"), scopes=["reuse"])
    missing = "/v1/tokens/00000000-0000-4000-8000-000000000000"
    address = f"/v1/tokens/{told['issued']['id']}"
    for stranger in (await client.as_body("05", "reuse"), await client.as_body("06", "reuse")):
        for method, below in (("GET", ""), ("DELETE", ""), ("POST", "/rotation")):
            body: dict[str, Any] | None = {} if method == "POST" else None
            found = await stranger.call(method, f"{address}{below}", json=body)
            unknown = await stranger.call(method, f"{missing}{below}", json=body)
            assert (found.status_code, found.json()) == (404, unknown.json())
        listed = await stranger.get(f"/v1/tokens?organisation={KOELN}")
        assert listed.status_code == 403


async def test_a_lesser_token_does_not_take_back_a_greater(client: ApiClient) -> None:
    koeln = await client.as_body(KOELN, "reuse", "usage")
    greater = await issued(koeln, scopes=["reuse", "usage"])
    lesser = client.with_token((await issued(koeln, scopes=["usage"]))["token"])
    address = f"/v1/tokens/{greater['issued']['id']}"
    answer = await lesser.delete(address)
    assert (answer.status_code, answer.json()["missing_scope"]) == (403, "reuse")
    assert (await client.with_token(greater["token"]).delete(address)).status_code == 200


async def test_two_tokens_of_a_line_overlap_and_no_third(client: ApiClient) -> None:
    koeln = await client.as_body(KOELN, "reuse")
    told = await issued(koeln, scopes=["reuse"], note="CI", cidrs=["127.0.0.0/8"])
    old = client.with_token(told["token"])
    answer = await old.post(f"/v1/tokens/{told['issued']['id']}/rotation", json={"days": 60})
    assert answer.status_code == 201, answer.text
    new = client.with_token(answer.json()["token"])
    shown = answer.json()["issued"]
    assert (shown["follows"], shown["note"], shown["cidrs"], shown["scopes"]) == (
        told["issued"]["id"],
        "CI",
        ["127.0.0.0/8"],
        ["reuse"],
    )
    assert [(await each.get("/v1/me")).status_code for each in (old, new)] == [200, 200]
    for holder, token in ((old, told["issued"]["id"]), (new, shown["id"])):
        again = await holder.post(f"/v1/tokens/{token}/rotation", json={})
        assert (again.status_code, again.json()["type"]) == (409, "/problems/token-not-rotatable")
    assert (await new.delete(f"/v1/tokens/{told['issued']['id']}")).status_code == 200
    answer = await new.post(f"/v1/tokens/{shown['id']}/rotation", json={})
    assert answer.status_code == 201


async def test_a_token_is_taken_from_its_addresses_only(client: ApiClient) -> None:
    koeln = await client.as_body(KOELN, "reuse")
    here = client.with_token(
        (await issued(koeln, scopes=["read"], cidrs=["127.0.0.0/8", "::1/128"]))["token"]
    )
    there = client.with_token(
        (await issued(koeln, scopes=["read"], cidrs=["192.0.2.0/24"]))["token"]
    )
    assert (await here.get("/v1/me")).status_code == 200
    assert (await there.get("/v1/me")).status_code == 401
    spoofed = await there.get("/v1/me", headers={"X-Forwarded-For": "192.0.2.1"})
    assert spoofed.status_code == 401


async def test_what_a_bound_token_issues_is_bound_as_closely(client: ApiClient) -> None:
    koeln = await client.as_body(KOELN, "reuse")
    bound = client.with_token(
        (await issued(koeln, scopes=["reuse"], cidrs=["127.0.0.0/8"]))["token"]
    )
    for cidrs, status in (
        ([], 422),
        (["127.0.0.0/8"], 201),
        (["127.0.0.1/32"], 201),
        (["0.0.0.0/0"], 422),
        (["::/0"], 422),
    ):
        answer = await bound.post("/v1/tokens", json={"scopes": ["reuse"], "cidrs": cidrs})
        assert answer.status_code == status, (cidrs, answer.text)


async def report(client: ApiClient, token: str, *, events: int) -> httpx.Response:
    return await client.post("/v1/token-reports", json={"token": token}, events=events)


async def test_a_reported_token_ends_with_all_that_came_from_it(client: ApiClient) -> None:
    koeln = await client.as_body(KOELN, "reuse")
    first = await issued(koeln, scopes=["reuse"])
    second = await issued(client.with_token(first["token"]), scopes=["reuse"])
    third = await issued(client.with_token(second["token"]), scopes=["read"])
    answer = await report(client, first["token"], events=3)
    assert (answer.status_code, answer.json()) == (202, {"status": "taken"})
    await forgotten(client)
    for told in (first, second, third):
        assert (await client.with_token(told["token"]).get("/v1/me")).status_code == 401
    assert (await koeln.get("/v1/me")).status_code == 200
    reasons = await client.owner.fetch("select reason from token_revocations")
    assert {row[0] for row in reasons} == {"reported"}


async def test_a_report_answers_the_same_for_what_is_no_token(client: ApiClient) -> None:
    answers = [
        await report(client, text, events=0) for text in (new_token("write"), "x", "efa_", "ä" * 50)
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {
        (202, '{"status":"taken"}')
    }


async def test_the_last_day_of_use_is_written_once(client: ApiClient) -> None:
    koeln = await client.as_body(KOELN, "reuse")
    transport: Any = client.http._transport
    state = transport.app.state
    for _ in range(5):
        assert (await koeln.get("/v1/me")).status_code == 200
    await state.watch.flush(state.database)
    rows = await client.owner.fetch(
        "select u.last_used_on = legal_today() as today from token_uses u"
        " join tokens t on t.id = u.token_id where t.sha256 = $1",
        digest(koeln.token),
    )
    assert [row[0] for row in rows] == [True]
    await client.owner.execute("delete from token_uses")
    await forgotten(client)
    assert (await koeln.get("/v1/me")).status_code == 200
    await state.watch.flush(state.database)
    assert await client.owner.fetchval("select count(*) from token_uses") == 0
    listed = (await koeln.get("/v1/tokens")).json()["items"]
    assert listed[0]["last_used_on"] is None
