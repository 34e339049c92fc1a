"""Checking a version before it is published: its number, and whom it would hit."""

import json
from typing import Any

import httpx

from tests.catalogue.drafts import CREATE
from tests.client import ApiClient, pointers
from tests.impact.test_users import reuse
from tests.versions.published import (
    SCHEMA,
    SERVICE,
    interfaces,
    leave_undecided,
    publish,
    service,
)

CHECKS = f"{SERVICE}/checks"
NARROWER: dict[str, Any] = {**SCHEMA, "required": ["name", "age"]}
WIDER: dict[str, Any] = {**SCHEMA, "properties": {**SCHEMA["properties"], "mail": {}}}


async def check(client: ApiClient, schema: Any, **fields: Any) -> httpx.Response:
    body = interfaces(application=schema) | fields
    return await client.post(CHECKS, json=body, events=0)


async def used(client: ApiClient) -> ApiClient:
    """1.0.0 without `age`, 1.1.0 needing it; bodies that use the one, the other, or do not say."""
    builder = await service(client)
    await publish(builder, "1.0.0", body=interfaces(application=SCHEMA))
    await publish(builder, "2.0.0", body=interfaces(application=NARROWER))
    for body, version in (
        ("05", "1.0.0"),
        ("053150000000", "1.0.0"),
        ("06", "1.0.0"),
        ("01", "1.0.0"),
        ("07", "2.0.0"),
        ("09", None),
        ("bund", "1.0.0"),
    ):
        await reuse(client, body, version)
    return builder


async def test_a_check_names_the_least_number_and_writes_nothing(client: ApiClient) -> None:
    builder = await service(client)
    first = (await check(builder, SCHEMA)).json()
    assert (first["allowed"], first["required"], first["comparisons"]) == (True, None, [])
    await publish(builder, "1.0.0", body=interfaces(application=SCHEMA))
    before = await client.owner.fetchval("select count(*) from schema_verdicts")
    for schema, proposed, allowed, required in (
        (NARROWER, None, True, "2.0.0"),
        (NARROWER, "1.1.0", False, "2.0.0"),
        (WIDER, "1.0.1", False, "1.1.0"),
        (WIDER, "1.4.0", True, "1.1.0"),
        (SCHEMA, "1.0.1", True, "1.0.1"),
    ):
        fields = {"version": proposed} if proposed else {}
        shown = (await check(builder, schema, **fields)).json()
        assert (shown["allowed"], shown["required"]) == (allowed, required)
        assert shown["refusal"] == (None if allowed else "version-number-too-small")
        (comparison,) = shown["comparisons"]
        assert (comparison["from"], comparison["to"]) == ("1.0.0", proposed or required)
    assert await client.owner.fetchval("select count(*) from schema_verdicts") == before
    assert await client.owner.fetchval("select count(*) from versions") == 1


async def test_a_check_names_whom_a_break_hits_by_land(client: ApiClient) -> None:
    builder = await used(client)
    shown = (await check(builder, {**NARROWER, "maxProperties": 9})).json()
    impact = shown["impact"]
    versions = {one["version"]: one["bump"] for one in impact["versions"]}
    assert versions == {"1.0.0": "major", "2.0.0": "major"}
    affected = impact["affected"]
    assert (affected["states"], affected["reuses"], affected["own_use"]) == (3, 5, 1)
    assert affected["municipalities"] == 1
    lands = {state["key"]: state for state in affected["by_state"]}
    assert list(lands) == ["01", "05", "06", "07", None]
    assert lands["05"]["name"] == "Nordrhein-Westfalen"
    named = [hit["organisation"]["key"] for hit in lands["05"]["items"]]
    assert named == ["05", "05315"]
    assert (impact["possibly"]["reuses"], impact["possibly"]["by_state"][0]["key"]) == (1, "09")


async def test_only_users_of_versions_it_breaks_are_hit(client: ApiClient) -> None:
    builder = await used(client)
    more: dict[str, Any] = {**NARROWER, "properties": {**NARROWER["properties"], "mail": {}}}
    impact = (await check(builder, more, version="2.1.0")).json()["impact"]
    assert {one["version"]: one["bump"] for one in impact["versions"]} == {
        "1.0.0": "major",
        "2.0.0": "minor",
    }
    hit = {item["version"] for state in impact["affected"]["by_state"] for item in state["items"]}
    assert hit == {"1.0.0"}
    late = (await check(builder, WIDER, version="1.1.0")).json()["impact"]
    assert [one["version"] for one in late["versions"]] == ["1.0.0"]
    assert late["affected"]["reuses"] == 0


async def test_users_of_versions_nobody_could_compare_stand_apart(client: ApiClient) -> None:
    builder = await used(client)
    text = json.dumps(WIDER)
    published = (await client.get(f"{SERVICE}/versions/1.0.0/interfaces/application")).text
    await leave_undecided(client.conn, published, text)
    body = {"interfaces": {"application": {"direction": "accepts", "schema_text": text}}}
    shown = (await builder.post(CHECKS, json=body, events=0)).json()
    impact = shown["impact"]
    used_versions = {one["version"]: (one["bump"], one["undecided"]) for one in impact["versions"]}
    assert used_versions == {"1.0.0": ("major", True), "2.0.0": ("minor", False)}
    undecided, affected = impact["undecided"], impact["affected"]
    assert (undecided["reuses"], undecided["own_use"], undecided["states"]) == (4, 1, 2)
    assert (affected["reuses"], affected["own_use"], affected["by_state"]) == (0, 0, [])
    assert impact["possibly"]["reuses"] == 1
    nordrhein = next(one for one in undecided["by_state"] if one["key"] == "05")
    assert nordrhein["name"] == "Nordrhein-Westfalen"
    assert (await builder.put(f"{SERVICE}/versions/3.0.0", json=body)).status_code == 201
    for old, said in (("1.0.0", True), ("2.0.0", False)):
        page = await client.get(f"/dienste/wohngeld-sh/vergleich?from={old}&to=3.0.0")
        assert ("nicht entscheiden. Das zählt als unverträglich" in page.text) is said


async def test_interfaces_that_refer_to_a_changed_one_are_listed(client: ApiClient) -> None:
    builder = await service(client)
    await publish(builder, "1.0.0", body=interfaces(plz={"maxLength": 5}, name={}))
    other = await service(client, "anderer")
    refers = {"properties": {"plz": {"$ref": "efa:wohngeld-sh/1.0.0/plz"}}}
    deep = {"properties": {"adresse": {"$ref": "./adresse"}}}
    body = interfaces(adresse=refers, akte=deep, frei={"$ref": "efa:wohngeld-sh/1.0.0/name"})
    await publish(other, "1.0.0", slug="anderer", body=body)
    changed = interfaces(plz={"maxLength": 4}, name={})
    shown = (await builder.post(CHECKS, json=changed, events=0)).json()
    listed = [(one["service"], one["interface"]) for one in shown["impact"]["referrers"]]
    assert listed == [("anderer", "adresse"), ("anderer", "akte")]
    assert shown["impact"]["referrers"][0]["href"].endswith("/versions/1.0.0/interfaces/adresse")


async def test_other_versions_of_the_service_that_refer_to_a_changed_interface_are_listed(
    client: ApiClient,
) -> None:
    builder = await service(client)
    plz = {"maxLength": 5}
    await publish(builder, "1.0.0", body=interfaces(plz=plz, brief={"$ref": "./plz"}))
    refers = {"$ref": "efa:wohngeld-sh/1.0.0/brief"}
    body = interfaces(plz=plz, akte=refers, amt={"$ref": "./akte"}, brief={"$ref": "./plz"})
    await publish(builder, "1.1.0", body=body)
    changed = interfaces(plz={"maxLength": 4})
    shown = (await builder.post(CHECKS, json=changed, events=0)).json()
    listed = [(one["version"], one["interface"]) for one in shown["impact"]["referrers"]]
    assert listed == [("1.1.0", "akte"), ("1.1.0", "amt")]


async def test_a_check_refuses_what_publishing_would_refuse(client: ApiClient) -> None:
    builder = await service(client)
    await publish(builder, "1.0.0", body=interfaces(application=SCHEMA))
    answer = await check(builder, {"type": "text"})
    assert (answer.status_code, pointers(answer.json())) == (
        422,
        ["/interfaces/application/schema/type"],
    )
    for fields, code in (
        ({"version": "1.0.0"}, "version-immutable"),
        ({"version": "1.0"}, "version-number-odd"),
        ({"version": ""}, "version-number-odd"),
        ({"version": "1.0.0-rc.1"}, "version-number-late"),
        ({"released_on": "2020"}, "invalid-version"),
    ):
        answer = await check(builder, WIDER, **fields)
        assert answer.json()["type"] == f"/problems/{code}"
        if code == "version-number-odd":
            assert pointers(answer.json()) == ["/version"]
    nowhere = await builder.post("/v1/services/nirgends/checks", json=interfaces(a={}))
    assert nowhere.json()["type"] == "/problems/unknown-service"
    assert (await client.post(CHECKS, json=interfaces(a={}))).status_code == 401


async def test_stored_parameters_that_no_longer_fit_are_named(client: ApiClient) -> None:
    builder = await service(client)
    asks: dict[str, Any] = {"properties": {"rate": {"type": "number"}}, "required": ["rate"]}
    await publish(builder, "1.0.0", body=interfaces(parameters=asks))
    for key, rate in (("05315", 3), ("06412", 30), ("05314", None)):
        await reuse(client, key, "1.0.0")
        own = await client.as_body(key, "reuse")
        (item,) = (await own.get(f"/v1/reuses?organisation={key}")).json()["items"]
        document = {} if rate is None else {"rate": rate, "name": "A"}
        path = f"{item['links']['self']}/parameters"
        assert (await own.put(path, json=document, headers=CREATE)).status_code == 200
    stricter = {"properties": {"rate": {"type": "number", "maximum": 10}, "sign": {}}}
    before = await client.owner.fetchval("select count(*) from events")
    for schema, unfit in (
        (stricter, {"06412": ["/rate"]}),
        (asks | {"required": ["rate", "sign"]}, {"05315": ["/sign"], "06412": ["/sign"]}),
        (asks, {}),
        (asks | {"properties": {"name": {"format": "date"}, **asks["properties"]}}, {}),
    ):
        shown = await builder.post(CHECKS, json=interfaces(parameters=schema), events=0)
        found = shown.json()["impact"]["parameters"]
        assert (found["fitting"], found["unfit"], found["withheld"]) == (2, len(unfit), False)
        places = {
            one["organisation"]["key"]: [reason["pointer"] for reason in one["reasons"]]
            for one in found["items"]
        }
        assert places == unfit
    assert await client.owner.fetchval("select count(*) from events") == before
    shown = await builder.post(CHECKS, json=interfaces(parameters=stricter), events=0)
    (item,) = shown.json()["impact"]["parameters"]["items"]
    assert (item["complete"], item["reasons"]) == (
        True,
        [
            {
                "pointer": "/rate",
                "rule": "keyword-maximum",
                "message": {"de": "darf höchstens 10 sein", "en": "must be at most 10"},
            }
        ],
    )
    assert "30" not in json.dumps(item["reasons"])
    for other in (await client.as_admin(), await client.as_body("05315", "reuse")):
        for body in (interfaces(parameters=stricter), interfaces(application=SCHEMA)):
            shown = await other.post(CHECKS, json=body, events=0)
            assert shown.json()["impact"]["parameters"]["withheld"] is True


async def test_without_an_interface_for_them_no_stored_parameters_fit(client: ApiClient) -> None:
    builder = await service(client)
    asks = {"properties": {"rate": {"type": "number"}}}
    await publish(builder, "1.0.0", body=interfaces(parameters=asks))
    nothing = await builder.post(CHECKS, json=interfaces(application=SCHEMA), events=0)
    assert nothing.json()["impact"]["parameters"] is None
    for key in ("05315", "06412"):
        await reuse(client, key, "1.0.0")
        own = await client.as_body(key, "reuse")
        (item,) = (await own.get(f"/v1/reuses?organisation={key}")).json()["items"]
        path = f"{item['links']['self']}/parameters"
        assert (await own.put(path, json={"rate": 3}, headers=CREATE)).status_code == 200
    found = (await check(builder, SCHEMA)).json()["impact"]["parameters"]
    assert (found["fitting"], found["unfit"]) == (2, 2)
    assert [one["organisation"]["key"] for one in found["items"]] == ["05315", "06412"]
    for one in found["items"]:
        (reason,) = one["reasons"]
        assert (reason["pointer"], reason["rule"]) == ("", "parameters-not-declared")
        assert reason["message"]["en"] == "this version declares no parameters any more"
