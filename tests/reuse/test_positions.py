"""What a Land recorded for a municipality is shown as that until the body confirms or disputes."""

from typing import Any

import pytest

from registry.db import Connection
from registry.settings import Settings
from tests.client import ApiClient
from tests.replayed import digests, replay_emptied
from tests.reuse.drafts import reuse
from tests.templates import number_events

KOELN = "05315"


async def by_land(api: ApiClient, **fields: Any) -> str:
    """The address of a step that the Land recorded for Köln."""
    land = await api.as_body("05", "reuse")
    answer = await land.post("/v1/reuses", json=reuse(KOELN, **fields))
    assert answer.status_code == 201, answer.text
    known = answer.json()
    return f"{known['links']['self']}/steps/{known['steps'][0]['id']}"


async def position(api: ApiClient, step: str, query: str = "") -> dict[str, Any] | None:
    shown = (await api.get(f"{step.split('/steps/')[0]}{query}")).json()["steps"][0]
    assert shown["recorded_by"]["on_behalf"] is True
    return shown["position"]


async def test_the_body_confirms_or_disputes_and_the_last_word_counts(
    api: ApiClient, settings: Settings
) -> None:
    step = await by_land(api)
    koeln = await api.as_body(KOELN, "reuse")
    assert await position(api, step) is None
    size = await number_events(settings)
    assert (await koeln.post(f"{step}/confirmation")).status_code == 201
    assert (await koeln.post(f"{step}/confirmation", events=0)).status_code == 200
    said = await position(api, step)
    assert said
    assert (said["kind"], said["reason"], said["recorded_by"]["key"]) == ("confirmed", None, KOELN)
    why = {"reason": "Wir nutzen den Dienst nicht."}
    assert (await koeln.post(f"{step}/dispute", json=why)).status_code == 201
    said = await position(api, step)
    assert said
    assert (said["kind"], said["reason"]) == ("disputed", why["reason"])
    assert await position(api, step, f"?known_at={size}") is None
    await number_events(settings)
    events = (await api.get("/v1/events?limit=200&action=reuse.dispute")).json()["items"]
    assert [event["id"] for event in events] == [said["event_id"]]


@pytest.mark.parametrize("who", ["05", "06", "13", "053150000000"])
async def test_nobody_else_says_so_for_it(api: ApiClient, who: str) -> None:
    step = await by_land(api)
    other = await api.as_body(who, "reuse")
    answer = await other.post(f"{step}/confirmation", events=1 if who.startswith("0531") else 0)
    assert answer.status_code == (201 if who.startswith("0531") else 403)


async def test_nobody_confirms_its_own_entry(api: ApiClient) -> None:
    koeln = await api.as_body(KOELN, "reuse")
    known = (await koeln.post("/v1/reuses", json=reuse(KOELN))).json()
    own = f"{known['links']['self']}/steps/{known['steps'][0]['id']}"
    answer = await koeln.post(f"{own}/confirmation")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/step-is-own")


async def test_whom_the_body_lets_act_says_so_too_but_not_of_its_own_entries(
    api: ApiClient,
) -> None:
    koeln = await api.as_body(KOELN, "reuse")
    for delegate in ("05", "bund"):
        await koeln.put(f"/v1/delegations/{KOELN}/{delegate}", json={"scopes": ["reuse"]})
    step = await by_land(api)
    land, bund = await api.as_body("05", "reuse"), await api.as_body("bund", "reuse")
    assert (await land.post(f"{step}/confirmation")).status_code == 409
    assert (await bund.post(f"{step}/confirmation")).status_code == 201
    event = await api.owner.fetchrow("select * from events order by seq desc limit 1")
    assert event
    assert (event["action"], event["on_behalf_of"] is not None) == ("reuse.confirm", True)


async def test_a_land_does_not_confirm_its_entries_by_a_token_of_the_body(api: ApiClient) -> None:
    koeln, land = await api.as_body(KOELN, "reuse"), await api.as_body("05", "reuse")
    await koeln.put(f"/v1/delegations/{KOELN}/05", json={"scopes": ["reuse"]})
    step = await by_land(api)
    wanted = {"scopes": ["reuse"], "organisation": KOELN}
    told = (await land.post("/v1/tokens", json=wanted)).json()
    answer = await api.with_token(told["token"]).post(f"{step}/confirmation")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/step-is-own")


async def test_of_a_private_step_only_those_concerned_hear(
    api: ApiClient, settings: Settings
) -> None:
    step = await by_land(api, stage="interest", date="2024")
    koeln, land = await api.as_body(KOELN, "reuse"), await api.as_body("05", "reuse")
    await koeln.post(f"{step}/dispute", json={"reason": "kein Interesse"})
    said = await position(land, step)
    assert said
    assert said["reason"] == "kein Interesse"
    assert (await api.get(step.split("/steps/")[0])).status_code == 404
    await number_events(settings)
    assert (await api.get("/v1/events?action=reuse.dispute")).json()["items"] == []
    assert await api.conn.fetchval("select count(*) from reuse_positions") == 0


async def test_a_step_taken_out_takes_no_position(api: ApiClient) -> None:
    step = await by_land(api)
    land, koeln = await api.as_body("05", "reuse"), await api.as_body(KOELN, "reuse")
    await land.post(f"{step}/void", json={"reason": "Irrtum"})
    answer = await koeln.post(f"{step}/confirmation")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/step-is-void")


async def test_an_export_replayed_gives_the_same_positions(
    api: ApiClient, owner: Connection
) -> None:
    step = await by_land(api)
    koeln = await api.as_body(KOELN, "reuse")
    await koeln.post(f"{step}/confirmation")
    await koeln.post(f"{step}/dispute", json={"reason": "doch nicht"})
    before = await digests(owner, ["reuse_positions"])
    await replay_emptied(owner)
    assert await digests(owner, ["reuse_positions"]) == before
