"""The end of versions: announced, moved later, revoked; and how readers are told."""

from datetime import date, timedelta
from typing import Any

import pytest

from registry.catalogue.parts import Policy
from registry.impact.calendar import earliest_sunset
from tests.client import ApiClient, pointers
from tests.versions.published import SERVICE, publish, service

PATH = f"{SERVICE}/versions/1.0.0"
END = f"{PATH}/deprecation"


async def builder_of(client: ApiClient) -> ApiClient:
    builder = await service(client)
    await publish(builder, "1.0.0", "1.1.0", "2.0.0")
    return builder


async def today(client: ApiClient) -> date:
    return await client.owner.fetchval("select legal_today()")


async def state(client: ApiClient, **query: str) -> str:
    return (await client.get(PATH, params=query)).json()["state"]


async def test_a_deprecation_says_since_until_and_what_then(client: ApiClient) -> None:
    builder = await builder_of(client)
    sunset = earliest_sunset(Policy(), await today(client))
    body = {"sunset": sunset.isoformat(), "successor": "2.0.0", "note": "Bitte umsteigen."}
    answer = await builder.put(END, json=body)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert shown["state"] == "deprecated"
    assert shown["deprecation"] == {**body, "since": (await today(client)).isoformat()}
    assert (await client.get(PATH)).json() == shown
    listed = (await client.get(f"{SERVICE}/versions")).json()["items"]
    assert [item["state"] for item in listed] == ["deprecated", "active", "active"]


async def test_headers_tell_machines(client: ApiClient) -> None:
    builder = await builder_of(client)
    admin = await client.as_admin()
    await admin.put(END, json={"since": "2025-07-01", "sunset": "2030-01-01", "successor": "2.0.0"})
    headers = (await client.get(PATH)).headers
    assert headers["Deprecation"] == "@1751320800"
    assert headers["Sunset"] == "Mon, 31 Dec 2029 23:00:00 GMT"
    assert f'<{SERVICE}/versions/2.0.0>; rel="successor-version"' in headers["Link"]
    assert 'rel="deprecation"' in headers["Link"]
    assert 'rel="sunset"' in headers["Link"]
    assert headers["Cache-Control"] == "no-cache"
    plain = (await client.get(f"{SERVICE}/versions/1.1.0")).headers
    assert "Deprecation" not in plain
    assert builder.token


async def test_the_same_again_changes_nothing(client: ApiClient) -> None:
    builder = await builder_of(client)
    body = {"sunset": "2031-02-01", "note": "Ende"}
    first = await builder.put(END, json=body)
    again = await builder.put(END, json=body, events=0)
    assert (again.status_code, again.json()) == (200, first.json())


async def test_a_sunset_moves_later_and_never_earlier(client: ApiClient) -> None:
    builder = await builder_of(client)
    assert (await builder.put(END, json={"sunset": "2031-02-01"})).status_code == 200
    assert (await builder.put(END, json={"sunset": "2032-02-01"})).status_code == 200
    for detour in ({"sunset": "2031-12-31"}, {}):
        answer = await builder.put(END, json=detour, events=1)
        if detour:
            problem = answer.json()
            assert (answer.status_code, problem["type"]) == (409, "/problems/sunset-earlier")
            assert problem["announced"] == "2032-02-01"
    again = await builder.put(END, json={"sunset": "2031-12-31"})
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"sunset": "2020-01-01"}, "/sunset"),
        ({"since": "0001-01-01"}, "/since"),
        ({"since": "2020-01-01"}, "/since"),
        ({"successor": "9.9.9"}, "/successor"),
        ({"successor": "1.0.0"}, "/successor"),
        ({"successor": "latest"}, "/successor"),
        ({"until": "2031-02-01"}, ""),
    ],
)
async def test_what_contradicts_itself_is_refused(
    client: ApiClient, body: dict[str, Any], pointer: str
) -> None:
    builder = await builder_of(client)
    answer = await builder.put(END, json=body)
    assert (answer.status_code, pointers(answer.json())) == (422, [pointer])


async def test_a_deprecation_to_come_is_told_but_is_not_yet_one(client: ApiClient) -> None:
    builder = await builder_of(client)
    later = (await today(client) + timedelta(days=10)).isoformat()
    body = {"since": later, "sunset": "2040-02-01"}
    await builder.put(END, json=body)
    answer = await client.get(PATH)
    assert answer.json()["state"] == "active"
    assert answer.json()["deprecation"]["since"] == later
    assert "Deprecation" in answer.headers
    assert answer.headers["Sunset"] == "Tue, 31 Jan 2040 23:00:00 GMT"
    assert await state(client, as_of=later) == "deprecated"


async def test_a_restated_deprecation_replaces_the_earlier_one(client: ApiClient) -> None:
    builder = await builder_of(client)
    first, second = [(await today(client) + timedelta(days=days)).isoformat() for days in (10, 100)]
    await builder.put(END, json={"since": first})
    await builder.put(END, json={"since": second})
    assert await state(client, as_of=first) == "active"
    assert await state(client, as_of=second) == "deprecated"


async def test_nobody_deprecates_before_all_that_is_recorded(client: ApiClient) -> None:
    await builder_of(client)
    admin = await client.as_admin()
    answer = await admin.put(END, json={"since": "0001-01-01"})
    assert (answer.status_code, pointers(answer.json())) == (422, ["/since"])
    assert (await admin.put(END, json={"since": "1990-01-01"})).status_code == 200
    assert (await client.get(PATH)).status_code == 200


async def test_only_the_operator_announces_a_sunset_that_has_passed(client: ApiClient) -> None:
    builder = await builder_of(client)
    admin = await client.as_admin()
    assert (await admin.put(END, json={"since": "2020-01-01"})).status_code == 200
    body = {"sunset": "2021-01-01"}
    refused = await builder.put(END, json=body)
    assert (refused.status_code, refused.json()["errors"][0]["rule"]) == (422, "sunset-past")
    assert (await admin.put(END, json=body)).status_code == 200
    kept = await builder.put(END, json={**body, "note": "Vorbei."})
    assert kept.status_code == 200


async def test_a_revoked_version_is_found_by_no_range_but_stays_readable(
    client: ApiClient,
) -> None:
    builder = await builder_of(client)
    path = f"{SERVICE}/versions/2.0.0"
    answer = await builder.put(f"{path}/revocation", json={"reason": "Falsche Beträge."})
    assert (answer.status_code, answer.json()["state"]) == (200, "revoked")
    assert answer.json()["revocation"]["reason"] == "Falsche Beträge."
    assert (await client.get(f"{path}/interfaces/application")).status_code == 200
    latest = await client.get(f"{SERVICE}/versions/latest")
    assert latest.headers["Location"] == f"{SERVICE}/versions/1.1.0"
    assert "Deprecation" in (await client.get(path)).headers
    again = await builder.put(f"{path}/revocation", json={"reason": "Falsche Beträge."}, events=0)
    assert again.status_code == 200
    for address, body in (("revocation", {"reason": "anders"}), ("deprecation", {})):
        refused = await builder.put(f"{path}/{address}", json=body)
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/version-revoked")


async def test_nothing_new_refers_to_a_revoked_version(client: ApiClient) -> None:
    builder = await builder_of(client)
    await builder.put(f"{PATH}/revocation", json={"reason": "Fehler"})
    schema = {"$ref": "efa:wohngeld-sh/1.0.0/application"}
    body = {"interfaces": {"application": {"direction": "accepts", "schema": schema}}}
    answer = await builder.put(f"{SERVICE}/versions/3.0.0", json=body)
    (error,) = answer.json()["errors"]
    assert error["rule"] == "reference-revoked"
    assert error["pointer"] == "/interfaces/application/schema"
    assert schema["$ref"] in error["detail"]
    for successor in ("1.0.0", "2.0.0"):
        end = f"{SERVICE}/versions/1.1.0/deprecation"
        expected = 422 if successor == "1.0.0" else 200
        assert (await builder.put(end, json={"successor": successor})).status_code == expected


async def test_only_builders_end_a_version(client: ApiClient) -> None:
    await builder_of(client)
    stranger = await client.as_body("02", "publish:wohngeld-sh")
    for address, body in (("revocation", {"reason": "x"}), ("deprecation", {})):
        assert (await client.put(f"{PATH}/{address}", json=body)).status_code == 401
        assert (await stranger.put(f"{PATH}/{address}", json=body)).status_code == 403
        assert (
            await stranger.put(f"{SERVICE}/versions/9.9.9/{address}", json=body)
        ).status_code == 403
    admin = await client.as_admin()
    missing = await admin.put(f"{SERVICE}/versions/9.9.9/deprecation", json={})
    assert missing.json()["type"] == "/problems/unknown-version"
