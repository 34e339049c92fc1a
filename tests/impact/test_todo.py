"""What there is to do: which versions end, what breaks on the way, what else is open."""

import asyncio
from typing import Any, cast

from registry.compatibility.compare import ENGINE, compare
from registry.dialects.strict_json import Json
from registry.impact.todo.finding import moved
from registry.versions.comparisons.verdicts import InterfaceSide, InterfaceVerdict, VersionVerdict
from tests.client import ApiClient
from tests.impact.test_life import builder_of
from tests.reuse.drafts import reuse
from tests.versions.published import SCHEMA, SERVICE, interfaces, service

BROKEN = {**SCHEMA, "required": ["name", "phone"]}
PARAMETERS: dict[str, Any] = {"type": "object", "properties": {"rate": {}}, "required": ["rate"]}


async def world(client: ApiClient) -> None:
    """A service whose 2.0.0 breaks what 1.x took; two cities and Hessen are on 1.0.0."""
    builder = await service(client)
    for number, application in (("1.0.0", SCHEMA), ("1.1.0", {**SCHEMA, "title": "x"})):
        body = interfaces(application=application, parameters=PARAMETERS)
        answer = await builder.put(f"{SERVICE}/versions/{number}", json=body)
        assert answer.status_code == 201, answer.text
    body = interfaces(application=BROKEN, parameters=PARAMETERS)
    assert (await builder.put(f"{SERVICE}/versions/2.0.0", json=body)).status_code == 201
    for key in ("05315", "05111", "06"):
        caller = await client.as_body(key, "reuse")
        made = await caller.post("/v1/reuses", json=reuse(key, "wohngeld-sh", version="1.0.0"))
        assert made.status_code == 201, made.text


async def todo(client: ApiClient, **query: Any) -> dict[str, Any]:
    answer = await client.get("/v1/todo", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_what_breaks_on_the_way_is_told_with_a_document(client: ApiClient) -> None:
    await world(client)
    koeln = await client.as_body("05315", "reuse")
    answer = await todo(koeln)
    (one,) = answer["items"]
    assert (one["version"], one["newest"], one["newest_compatible"]) == ("1.0.0", "2.0.0", "1.1.0")
    assert one["move"]["breaking"] == 1
    (found,) = one["move"]["findings"]
    assert found["severity"] == "breaking"
    assert "phone" not in found["witness"]["document"]
    assert "name" in found["witness"]["document"]
    assert one["parameters"]["missing"] == ["/rate"]
    assert one["urgency"] == "open"
    end = f"{SERVICE}/versions/1.0.0/deprecation"
    builder = await client.as_body("01", "publish:*")
    await builder.put(end, json={"sunset": "2099-02-01", "successor": "2.0.0"})
    (one,) = (await todo(koeln))["items"]
    assert (one["urgency"], one["sunset"], one["successor"]) == ("ending", "2099-02-01", "2.0.0")
    assert one["days_left"] > 26_000
    gone = {"reason": "Falsche Beträge.", "despite_users": 3}
    await builder.put(f"{SERVICE}/versions/1.0.0/revocation", json=gone)
    assert [one["urgency"] for one in (await todo(koeln))["items"]] == ["ended"]


def test_all_that_breaks_on_the_way_is_counted() -> None:
    old, new = (
        cast("Json", {"properties": {f"n{place}": {"type": kind} for place in range(120)}})
        for kind in ("string", "integer")
    )
    side = InterfaceSide(direction="accepts", identity="aa" * 32)
    one = InterfaceVerdict(
        name="application", change="compared", old=side, new=side,
        verdict=compare(old, new),
    )  # fmt: skip
    verdict = VersionVerdict(
        old="1.0.0", new="2.0.0", reading="reserved", formats="annotate", engine=ENGINE,
        interfaces=[one],
    )  # fmt: skip
    assert moved("wohngeld-sh", verdict).breaking == 120


async def test_others_see_what_is_public_and_nothing_of_parameters(client: ApiClient) -> None:
    await world(client)
    land = await client.as_body("05", "reuse")
    two = (await todo(land, within="05"))["items"]
    assert [(one["organisation"]["key"], one["parameters"]) for one in two] == [
        ("05111", None), ("05315", None),
    ]  # fmt: skip
    assert (await todo(land, organisation="06"))["items"][0]["parameters"] is None
    assert (await todo(land))["items"] == []
    assert (await client.get("/v1/todo")).status_code == 401
    both = await land.get("/v1/todo?within=05&organisation=06")
    assert both.status_code == 400
    assert (await land.get("/v1/todo?within=17")).status_code == 404
    first = await todo(land, within="05", limit=1)
    assert (first["total"], first["items"]) == (2, two[:1])
    assert (await land.get(first["next"])).json()["items"] == two[1:]


async def test_deliveries_that_fail_are_named_to_whose_they_are(client: ApiClient) -> None:
    await builder_of(client)
    koeln = await client.as_body("05315", "subscribe")
    made = await koeln.post("/v1/subscriptions", json={"url": "https://empfaenger.example/"})
    subscription = made.json()["subscription"]["id"]
    await client.owner.execute("update deliveries set state = 'late', attempts = 4")
    (failing,) = (await todo(koeln))["deliveries"]
    assert (failing["subscription"], failing["waiting"]) == (subscription, 1)
    assert (await todo(await client.as_body("06", "subscribe")))["deliveries"] == []


async def with_parameters(client: ApiClient) -> tuple[ApiClient, str]:
    """A body that set parameters of what it reuses, and where they are."""
    await world(client)
    koeln = await client.as_body("05315", "reuse")
    (reused,) = (await koeln.get("/v1/reuses?organisation=05315")).json()["items"]
    parameters: Any = {"json": {"note": "x"}, "headers": {"If-None-Match": "*"}}
    path = f"/v1/reuses/{reused['id']}/parameters"
    assert (await koeln.put(path, **parameters)).status_code == 200
    return koeln, path


async def test_busy_workers_leave_what_needs_them_undecided_and_nothing_else(
    client: ApiClient,
) -> None:
    koeln, _ = await with_parameters(client)
    (before,) = (await todo(koeln))["items"]
    await client.owner.execute("delete from schema_verdicts")
    turns = state_of(client).workers._turns
    busy = [await turns.take("elsewhere") for _ in state_of(client).workers._all]
    turns._wait = 0.1
    (one,) = (await todo(koeln))["items"]
    assert (one["move"]["bump"], one["newest_compatible"]) == (None, None)
    assert (one["parameters"]["checked"], one["urgency"]) == (False, "open")
    for worker in busy:
        turns.give_back("elsewhere", worker)
    assert (await todo(koeln))["items"] == [before]
    assert before["parameters"]["checked"]


async def test_many_to_dos_that_wait_for_workers_leave_connections_to_others(
    client: ApiClient,
) -> None:
    koeln, path = await with_parameters(client)
    await client.owner.execute("delete from schema_verdicts")
    state = state_of(client)
    turns = state.workers._turns
    busy = [await turns.take("elsewhere") for _ in state.workers._all]
    count = state.settings.pool_size + 3
    caller: Any = {"headers": {"Authorization": f"Bearer {koeln.token}"}}
    slow = [client.http.get(each, **caller) for each in (*["/v1/todo"] * count, *[path] * count)]
    waiting = [asyncio.create_task(call) for call in slow]
    while sum(map(len, turns._lines.values())) < len(waiting):
        await asyncio.sleep(0.01)
        assert not any(call.done() for call in waiting), "one was answered without a worker"
    other = await client.as_body("06", "reuse")
    assert (await asyncio.wait_for(other.get("/v1/me"), 2)).status_code == 200
    for worker in busy:
        turns.give_back("elsewhere", worker)
    assert {call.status_code for call in await asyncio.gather(*waiting)} == {200}


def state_of(client: ApiClient) -> Any:
    """What the application that is called holds."""
    return cast("Any", client.http)._transport.app.state
