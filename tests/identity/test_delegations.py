"""A body lets another act in its place: in the scopes, for the services and the days it says."""

from typing import Any

import pytest

from registry.authority import Actor, Mandate, Reach, require_authority, require_own
from registry.db import Connection, begin
from registry.errors import NotYours
from registry.identity.operator import operator
from registry.settings import Settings
from tests.audit.signed import sign_events
from tests.client import ApiClient, pointers
from tests.identity.test_issuing import forgotten, issued
from tests.replayed import digests, replay_emptied
from tests.reuse.conftest import add_service
from tests.reuse.drafts import reuse, step

KOELN, BONN = "05315", "05314"
HELPER = "dataport"


@pytest.fixture
async def api(client: ApiClient, conn: Connection) -> ApiClient:
    async with begin(conn, operator()) as tx:
        await add_service(tx, "bauantrag", "13")
        await add_service(tx, "ewa", "02")
    return client


async def let(api: ApiClient, delegator: str, delegate: str, *scopes: str, **fields: Any) -> None:
    giver = await api.as_body(delegator, *scopes)
    answer = await giver.put(
        f"/v1/delegations/{delegator}/{delegate}", json={"scopes": list(scopes)} | fields
    )
    assert answer.status_code == 201, answer.text
    await forgotten(api)


async def test_a_delegate_acts_in_its_place_and_every_event_says_so(api: ApiClient) -> None:
    helper = await api.as_body("bund", "reuse")
    assert (await helper.post("/v1/reuses", json=reuse(KOELN))).status_code == 403
    await let(api, KOELN, "bund", "reuse")
    answer = await helper.post("/v1/reuses", json=reuse(KOELN))
    assert answer.status_code == 201, answer.text
    assert answer.json()["steps"][0]["recorded_by"]["on_behalf"] is True
    event = await api.owner.fetchrow("select * from events order by seq desc limit 1")
    koeln = await api.owner.fetchval("select organisation_id::text from reuses")
    assert event
    assert (event["on_behalf_of"], event["organisation"] != koeln) == (koeln, True)
    assert (await helper.post("/v1/reuses", json=reuse(BONN))).status_code == 403


async def test_by_a_token_it_asked_for_it_is_named_too(
    api: ApiClient, owner: Connection, settings: Settings
) -> None:
    """As if it acted by its own: events name both, and the body sees what was done for it."""
    await let(api, KOELN, "bund", "reuse", "usage")
    helper = await api.as_body("bund", "reuse", "usage")
    lent = api.with_token(
        (await issued(helper, scopes=["reuse", "usage"], organisation=KOELN))["token"]
    )
    asked = await lent.post("/v1/reuses", json=reuse(KOELN, stage="interest", date="2024"))
    live = await lent.post("/v1/reuses", json=reuse(KOELN, "ewa"))
    assert (asked.status_code, live.status_code) == (201, 201)
    figure = {"organisation": KOELN, "service": "ewa", "month": "2024-01", "channel": "online"}
    assert (await lent.post("/v1/usage", json=figure | {"completed": 3})).status_code == 201
    rows = await owner.fetch("select * from events order by seq desc limit 3")
    koeln_id = await owner.fetchval("select distinct organisation_id::text from reuses")
    helper_id = await owner.fetchval("select id::text from organisations where slug = 'bund'")
    assert {(row["organisation"], row["on_behalf_of"]) for row in rows} == {(helper_id, koeln_id)}
    koeln = await api.as_body(KOELN, "reuse")
    step_id = live.json()["steps"][0]["id"]
    confirmation = f"{live.json()['links']['self']}/steps/{step_id}/confirmation"
    assert live.json()["steps"][0]["recorded_by"]["on_behalf"] is True
    refused = await lent.post(confirmation, json={})
    assert refused.json()["type"] == "/problems/step-is-own"
    assert (await koeln.post(confirmation, json={})).status_code == 201
    tables = ("reuse_steps", "reuse_positions", "usage_figures", "tokens")
    before = await digests(owner, tables)
    await replay_emptied(owner)
    assert await digests(owner, tables) == before
    private = next(row["id"] for row in rows if not row["public"])
    await sign_events(settings)
    for reader, status in ((lent, 200), (koeln, 200), (helper, 200)):
        assert (await reader.get(f"/v1/events/{private}/receipt")).status_code == status
    for reader in (api, await api.as_body("06", "reuse"), await api.as_body("05", "reuse")):
        assert (await reader.get(f"/v1/events/{private}/receipt")).status_code == 404


async def test_only_in_the_scopes_and_for_the_services_named(api: ApiClient) -> None:
    await let(api, KOELN, "bund", "reuse", services=["ewa"])
    helper = await api.as_body("bund", "reuse", "usage", "agreements")
    assert (await helper.post("/v1/reuses", json=reuse(KOELN))).status_code == 403
    assert (await helper.post("/v1/reuses", json=reuse(KOELN, "ewa"))).status_code == 201
    figure = {"organisation": KOELN, "service": "ewa", "month": "2024-01", "channel": "online"}
    answer = await helper.post("/v1/usage", json=figure | {"completed": 3})
    assert pointers(answer.json()) == ["/0/organisation"]
    await let(api, KOELN, "bund", "reuse", "usage")
    assert (await helper.post("/v1/usage", json=figure | {"completed": 3})).status_code == 201
    event = await api.owner.fetchrow("select * from events order by seq desc limit 1")
    assert event
    assert event["on_behalf_of"]


async def test_a_delegate_of_a_land_acts_for_what_lies_below_it_but_is_not_its_own(
    api: ApiClient,
) -> None:
    await let(api, "05", "bund", "reuse")
    helper = await api.as_body("bund", "reuse")
    answer = await helper.post("/v1/reuses", json=reuse(KOELN))
    assert answer.status_code == 201
    address = answer.json()["links"]["self"]
    assert (await helper.put(f"{address}/parameters", json={})).status_code == 403


async def test_what_ended_or_is_to_come_gives_nothing(api: ApiClient) -> None:
    helper, koeln = await api.as_body("bund", "reuse"), await api.as_body(KOELN, "reuse")
    address = f"/v1/delegations/{KOELN}/bund"
    future = {"scopes": ["reuse"], "valid_from": "2099-01-01"}
    assert (await koeln.put(address, json=future)).json()["delegation"]["in_force"] is False
    await forgotten(api)
    assert (await helper.post("/v1/reuses", json=reuse(KOELN))).status_code == 403
    assert (await koeln.put(address, json={"scopes": ["reuse"]})).status_code == 201
    assert (await koeln.put(address, json={"scopes": ["reuse"]}, events=0)).status_code == 200
    await forgotten(api)
    assert (await helper.post("/v1/reuses", json=reuse(KOELN))).status_code == 201
    ended = (await koeln.delete(address)).json()
    assert [each["revision"] for each in ended["history"]] == [1, 2, 3]
    assert (await koeln.delete(address, events=0)).status_code == 200
    await forgotten(api)
    own = (await helper.get("/v1/me")).json()
    assert own["on_behalf_of"] == []
    answer = await helper.post("/v1/reuses", json=reuse(KOELN, "ewa"))
    assert answer.status_code == 403


@pytest.mark.parametrize("who", ["05", "06", "bund"])
async def test_nobody_but_the_body_lets_another_act_for_it(api: ApiClient, who: str) -> None:
    other = await api.as_body(who, "reuse", "usage")
    answer = await other.put(f"/v1/delegations/{KOELN}/{who}", json={"scopes": ["reuse"]})
    assert (answer.status_code, answer.json()["organisation"]) == (403, KOELN)


async def test_nobody_lets_another_do_what_its_token_may_not(api: ApiClient) -> None:
    koeln = await api.as_body(KOELN, "reuse")
    answer = await koeln.put(f"/v1/delegations/{KOELN}/05", json={"scopes": ["usage"]})
    assert (answer.status_code, answer.json()["missing_scope"]) == (403, "usage")


@pytest.mark.parametrize(
    ("draft", "pointer"),
    [
        ({"scopes": ["admin"]}, "/scopes/0"),
        ({"scopes": ["reuse", "audit"]}, "/scopes/1"),
        ({"scopes": ["reuse"], "services": ["none"]}, "/services/0"),
        ({"scopes": ["reuse"], "valid_from": "2020-01-01"}, "/valid_from"),
        ({"scopes": ["reuse"], "valid_to": "2020-01-01"}, "/valid_to"),
    ],
)
async def test_a_wrong_delegation_is_refused_with_its_place(
    api: ApiClient, draft: dict[str, Any], pointer: str
) -> None:
    answer = await (await api.as_admin()).put(f"/v1/delegations/{KOELN}/05", json=draft)
    assert (answer.status_code, pointers(answer.json())) == (422, [pointer])


async def test_delegations_are_listed_on_a_day(api: ApiClient) -> None:
    await let(api, KOELN, "bund", "reuse")
    await let(api, BONN, "bund", "usage", valid_from="2099-01-01")
    listed = (await api.get("/v1/delegations?delegate=bund")).json()
    assert [each["delegator"]["key"] for each in listed["items"]] == [KOELN]
    later = (await api.get("/v1/delegations?as_of=2099-06-01")).json()
    assert [each["delegator"]["key"] for each in later["items"]] == [BONN, KOELN]
    assert later["total"] == 2
    page = (await api.get("/v1/delegations?as_of=2099-06-01&limit=1")).json()
    rest = (await api.get(page["next"])).json()
    assert [each["delegator"]["key"] for each in rest["items"]] == [KOELN]
    assert (await api.get("/v1/delegations?as_of=2000-01-01")).json()["items"] == []
    assert (await api.get(f"/v1/delegations/{BONN}/05")).status_code == 404


async def test_a_private_stage_is_seen_by_whom_the_body_lets_act(api: ApiClient) -> None:
    koeln = await api.as_body(KOELN, "reuse")
    answer = await koeln.post("/v1/reuses", json=reuse(KOELN, stage="interest", date="2024"))
    address = answer.json()["links"]["self"]
    helper = await api.as_body("bund", "reuse")
    assert (await helper.get(address)).status_code == 404
    await let(api, KOELN, "bund", "usage")
    assert (await helper.get(address)).status_code == 404
    await let(api, KOELN, "bund", "reuse", services=["bauantrag"])
    assert (await helper.get(address)).json()["state"]["stage"] == "interest"
    assert (await helper.post(f"{address}/steps", json=step("agreed", "2025"))).status_code == 201


async def test_an_auditor_reads_within_its_reach_only(api: ApiClient) -> None:
    koeln = await api.as_body(KOELN, "reuse")
    answer = await koeln.post("/v1/reuses", json=reuse(KOELN, stage="interest", date="2024"))
    address = answer.json()["links"]["self"]
    for auditor, status in (
        (await api.as_auditor("bund", within=["05"]), 200),
        (await api.as_auditor("bund", within=["053"]), 200),
        (await api.as_auditor("bund", within=["06", "07"]), 404),
        (await api.as_auditor("bund", services=["bauantrag"]), 200),
        (await api.as_auditor("bund", services=["ewa"]), 404),
        (await api.as_body("05", "audit"), 200),
        (await api.as_body("06", "audit"), 404),
    ):
        answer = await auditor.http.get(
            address, headers={"Authorization": f"Bearer {auditor.token}"}
        )
        assert answer.status_code == status


async def test_an_auditor_lets_another_read_no_further(api: ApiClient) -> None:
    auditor = await api.as_auditor("bund", within=["05"], services=["ewa"])
    for reach, status in (
        ({"within": ["05"]}, 201),
        ({"within": ["05315"], "services": ["ewa"]}, 201),
        ({"within": ["0"]}, 422),
        ({"within": ["06"]}, 403),
        ({"services": ["bauantrag"]}, 403),
    ):
        answer = await auditor.post("/v1/tokens", json={"scopes": ["audit"], "reach": reach})
        assert answer.status_code == status, (reach, answer.text)


async def test_an_export_replayed_gives_the_same_rows(api: ApiClient, owner: Connection) -> None:
    await let(api, KOELN, "bund", "reuse")
    koeln = await api.as_body(KOELN, "reuse")
    await koeln.delete(f"/v1/delegations/{KOELN}/bund")
    told = (await koeln.post("/v1/tokens", json={"scopes": ["read"], "days": 3})).json()
    await koeln.delete(f"/v1/tokens/{told['issued']['id']}")
    tables = ("delegations", "tokens", "token_revocations")
    before = await digests(owner, tables)
    await replay_emptied(owner)
    assert await digests(owner, tables) == before


def test_a_mandate_is_for_its_scopes_and_services() -> None:
    mandate = Mandate(
        organisation="k", key="05315", keys=("05315",), scopes=frozenset({"publish:*", "reuse"})
    )
    actor = Actor(organisation="d", name="D", mandates=(mandate,))
    assert actor.acts_for("k", (), "publish:x", "x")
    assert actor.acts_for("below", ("053150000000",), "reuse", "x")
    assert not actor.acts_for("k", ("05315",))
    assert not actor.acts_for("k", (), "usage", "x")
    require_own(actor, "k", "05315", "reuse", "x")
    with pytest.raises(NotYours):
        require_own(actor, "below", "053150000000", "reuse", "x")
    with pytest.raises(NotYours):
        require_authority(actor, "o", ("06",), "06", "reuse")
    assert actor.in_place_of([("below", ("053150000000",))], "reuse") == "k"


def test_a_reach_holds_what_lies_within_it() -> None:
    wide = Reach(within=("05", "06"), services=("a", "b"))
    assert wide.holds(Reach(within=("05315",), services=("a",)))
    assert not wide.holds(Reach(within=("0",)))
    assert not wide.holds(Reach(services=("c",)))
