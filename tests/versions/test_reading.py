"""Versions over HTTP: the list in the order of numbers, single versions, `latest` and ranges."""

from datetime import date

import pytest

from registry.settings import Settings
from tests.client import ApiClient
from tests.templates import number_events
from tests.versions.published import SERVICE, interfaces, publish, service

LIST = f"{SERVICE}/versions"


async def numbers(client: ApiClient, **query: str) -> list[str]:
    answer = await client.get(LIST, params=query)
    assert answer.status_code == 200, answer.text
    return [item["version"] for item in answer.json()["items"]]


async def test_versions_are_listed_in_the_order_of_their_numbers(client: ApiClient) -> None:
    builder = await service(client)
    await publish(builder, "1.10.0", "1.9.0", "2.0.0-rc.1", "0.1.0", "2.0.0")
    assert await numbers(client) == ["0.1.0", "1.9.0", "1.10.0", "2.0.0-rc.1", "2.0.0"]
    first = (await client.get(LIST)).json()
    assert first["total"] == 5
    assert first["items"][3]["prerelease"] is True
    assert first["items"][0]["interfaces"][0]["name"] == "application"


async def test_the_list_comes_in_pages(client: ApiClient) -> None:
    builder = await service(client)
    await publish(builder, "1.0.0", "1.1.0", "1.2.0")
    page = await client.get(LIST, params={"limit": "2"})
    rest = await client.get(page.json()["next"])
    listed = page.json()["items"] + rest.json()["items"]
    assert [item["version"] for item in listed] == ["1.0.0", "1.1.0", "1.2.0"]
    assert rest.json()["next"] is None


async def test_a_service_without_versions_has_an_empty_list(client: ApiClient) -> None:
    await service(client)
    assert await numbers(client) == []
    missing = await client.get("/v1/services/nirgends/versions")
    assert missing.json()["type"] == "/problems/unknown-service"


async def test_versions_are_there_from_their_release_on(client: ApiClient) -> None:
    await service(client, policy={"kind": "record", "released_before": "2024-01-01"})
    admin = await client.as_admin()
    for number, day in (("1.0.0", "2021-06-09"), ("1.1.0", "2022")):
        body = interfaces(application={"title": number}) | {"released_on": day}
        await publish(admin, number, body=body)
    assert await numbers(client, as_of="2021-06-08") == []
    assert await numbers(client, as_of="2021-06-09") == ["1.0.0"]
    assert await numbers(client, as_of="2022-12-31") == ["1.0.0", "1.1.0"]
    early = await client.get(f"{LIST}/1.1.0", params={"as_of": "2022-06-01"})
    assert early.json()["type"] == "/problems/unknown-version"


async def test_what_was_recorded_by_then(client: ApiClient, settings: Settings) -> None:
    builder = await service(client)
    await publish(builder, "1.0.0")
    size = await number_events(settings)
    await publish(builder, "1.1.0")
    await number_events(settings)
    assert await numbers(client, known_at=str(size)) == ["1.0.0"]
    assert await numbers(client, known_at=str(size + 1)) == ["1.0.0", "1.1.0"]
    shown = await client.get(f"{LIST}/1.0.0", params={"known_at": str(size)})
    assert (shown.json()["next"], shown.json()["latest"]) == (None, "1.0.0")


async def test_a_version_names_its_neighbours_in_links(client: ApiClient) -> None:
    builder = await service(client)
    await publish(builder, "1.0.0", "1.1.0", "2.0.0")
    answer = await client.get(f"{LIST}/1.1.0")
    assert answer.headers["Cache-Control"] == "no-cache"
    for link in (
        f'<{LIST}>; rel="version-history"',
        f'<{LIST}/1.0.0>; rel="predecessor-version"',
        f'<{LIST}/2.0.0>; rel="successor-version"',
        f'<{LIST}/2.0.0>; rel="latest-version"',
    ):
        assert link in answer.headers["Link"]
    again = await client.get(f"{LIST}/1.1.0", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("latest", "2.1.0"),
        ("^1.2", "1.4.1"),
        ("~1.2", "1.2.9"),
        (">=1 <2", "1.4.1"),
        ("1.x", "1.4.1"),
        ("1", "1.4.1"),
        ("1.2 - 1.3", "1.2.9"),
        ("^0.3 || ^2", "2.1.0"),
        ("^3.0.0-rc.1", "3.0.0-rc.2"),
        ("latest?prereleases=true", "3.0.0-rc.2"),
        ("^3", None),
        (">9", None),
    ],
)
async def test_ranges_lead_to_the_highest_version_in_them(
    client: ApiClient, asked: str, found: str | None
) -> None:
    builder = await service(client)
    await publish(builder, "1.2.0", "1.2.9", "1.4.1", "2.1.0", "3.0.0-rc.1", "3.0.0-rc.2")
    answer = await client.get(f"{LIST}/{asked}")
    if found is None:
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-version")
        return
    assert (answer.status_code, answer.headers["Location"]) == (307, f"{LIST}/{found}")
    assert answer.headers["Cache-Control"] == "no-cache"
    target = await client.get(answer.headers["Location"])
    assert target.json()["version"] == found


async def test_ranges_keep_the_rest_of_the_address(client: ApiClient) -> None:
    builder = await service(client)
    await publish(builder, "1.2.0")
    schema = await client.get(f"{LIST}/latest/interfaces/application")
    assert schema.headers["Location"] == f"{LIST}/1.2.0/interfaces/application"
    dated = await client.get(f"{LIST}/^1?as_of={date.today()}")  # noqa: DTZ011 - any day will do
    assert dated.headers["Location"] == f"{LIST}/1.2.0?as_of={date.today()}"  # noqa: DTZ011
    there = f"{LIST}/latest/interfaces/application/validations"
    check = await builder.post(there, json={}, events=0)
    assert check.headers["Location"] == f"{LIST}/1.2.0/interfaces/application/validations"


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ("v1.2.0", "version-number-odd"),
        ("01.2.0", "version-number-odd"),
        ("neueste", "version-number-odd"),
        ("9.9.9", "unknown-version"),
    ],
)
async def test_what_is_no_version_is_explained(client: ApiClient, asked: str, problem: str) -> None:
    builder = await service(client)
    await publish(builder, "1.2.0")
    assert (await client.get(f"{LIST}/{asked}")).json()["type"] == f"/problems/{problem}"
