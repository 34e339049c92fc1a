"""Who uses a version: named, counted by Land, own use and unknown versions apart."""

from typing import Any

from registry.db import Connection
from registry.settings import Settings
from tests.client import ApiClient
from tests.organisations.newer import load_changed, renamed
from tests.templates import number_events
from tests.versions.published import SERVICE, publish, service

USERS = f"{SERVICE}/versions/1.0.0/users"


async def reuse(client: ApiClient, body: str, version: str | None, stage: str = "live") -> None:
    admin = await client.as_admin()
    told: dict[str, Any] = {
        "service": "wohngeld-sh",
        "organisation": body,
        "stage": stage,
        "date": "2023-01-01",
        "basis": "observed",
    }
    if version:
        told["version"] = version
    answer = await admin.post("/v1/reuses", json=told)
    assert answer.status_code == 201, answer.text


async def used(client: ApiClient) -> None:
    policy = {"kind": "record", "released_before": "2024-01-01"}
    builder = await service(client, policy=policy)
    await publish(builder, "1.0.0", "2.0.0")
    for body, version in (
        ("05", "1.0.0"),
        ("05315", "1.0.0"),
        ("06", "1.0.0"),
        ("07", "2.0.0"),
        ("09", None),
        ("01", "1.0.0"),
    ):
        await reuse(client, body, version)


async def test_users_are_named_and_counted_by_land(client: ApiClient) -> None:
    await used(client)
    answer = (await client.get(USERS)).json()
    assert [item["organisation"]["key"] for item in answer["items"]] == ["01", "05", "05315", "06"]
    assert answer["counts"] == {
        "users": 3,
        "own_use": 1,
        "without_version": 1,
        "by_state": [{"key": "05", "users": 2}, {"key": "06", "users": 1}],
    }
    assert answer["items"][0]["own_use"] is True
    assert answer["total"] == 4


async def test_users_come_in_pages_and_at_any_date(client: ApiClient) -> None:
    await used(client)
    first = (await client.get(USERS, params={"limit": "3"})).json()
    rest = (await client.get(first["next"])).json()
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (3, 1, None)
    early = await client.get(USERS, params={"as_of": "2020-01-01"})
    assert early.json()["type"] == "/problems/unknown-version"


async def test_a_version_that_is_not_there_has_no_users(client: ApiClient) -> None:
    await used(client)
    answer = await client.get(f"{SERVICE}/versions/3.0.0/users")
    assert answer.json()["type"] == "/problems/unknown-version"


async def test_users_are_answered_as_once_known(
    client: ApiClient, conn: Connection, settings: Settings
) -> None:
    await used(client)
    size = await number_events(settings)
    address = f"{USERS}?known_at={size}"
    before = await client.get(address)
    assert (before.json()["total"], before.json()["known_at"]["size"]) == (4, size)
    await reuse(client, "12", "1.0.0")
    await load_changed(conn, "territory", renamed("05", "Rhein-Ruhr"))
    await number_events(settings)
    assert (await client.get(address)).content == before.content
    now = await client.get(USERS)
    assert (now.json()["total"], "Rhein-Ruhr" in now.text) == (5, True)
