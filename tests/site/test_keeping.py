"""Pages come from memory until something is recorded, and never from anybody else's."""

from collections.abc import AsyncIterator

import pytest
from prometheus_client import REGISTRY

from registry.settings import Settings
from tests.client import ApiClient, open_client
from tests.templates import number_events

BROWSER = {"Accept": "text/html"}
SERVICE = {
    "slug": "hundesteuer",
    "names": {"de": "Hundesteuer anmelden"},
    "model": "municipal",
    "builders": [{"organisation": "05117", "role": "lead"}],
}


def given() -> float:
    return REGISTRY.get_sample_value("efa_pages_kept_total") or 0.0


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[ApiClient]:
    async with open_client(settings) as opened:
        await number_events(settings)
        yield opened


async def record(client: ApiClient, name: str, headers: dict[str, str]) -> str:
    admin = await client.as_admin()
    document = SERVICE | {"names": {"de": name}}
    path = "/v1/services/hundesteuer"
    answer = await admin.put(path, json=document, headers=headers)
    assert answer.status_code in (200, 201), answer.text
    return answer.headers["etag"]


async def test_a_page_is_kept_until_something_is_recorded(
    client: ApiClient, settings: Settings
) -> None:
    tag = await record(client, "Hundesteuer", {"If-None-Match": "*"})
    address = "/dienste/hundesteuer"
    waiting = given()
    await client.get(address, headers=BROWSER)
    await client.get(address, headers=BROWSER)
    assert given() == waiting  # the event has no number yet
    await number_events(settings)
    first = await client.get(address, headers=BROWSER)
    again = await client.get(address, headers=BROWSER)
    assert given() == waiting + 1
    assert again.content == first.content
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["content-security-policy"] == first.headers["content-security-policy"]
    known = await client.get(address, headers=BROWSER | {"If-None-Match": first.headers["etag"]})
    assert known.status_code == 304

    await record(client, "Hunde steuern", {"If-Match": tag})
    assert "Hunde steuern" in (await client.get(address, headers=BROWSER)).text
    await number_events(settings)
    assert "Hunde steuern" in (await client.get(address, headers=BROWSER)).text


async def test_what_is_asked_with_a_token_or_a_cookie_or_refused_is_not_kept(
    client: ApiClient,
) -> None:
    await client.get("/stellen/01", headers=BROWSER)
    before = given()
    for personal in ({"Cookie": "a=b"}, {"Authorization": "Bearer nothing"}):
        await client.get("/stellen/01", headers=BROWSER | personal)
    await client.get("/stellen/01", headers={"Accept": "application/json, text/html"})
    await client.get("/stellen/01?as_of=2020-01-01", headers=BROWSER)
    for _ in range(2):
        missing = await client.get("/stellen/77", headers=BROWSER)
        assert missing.status_code == 404
    assert given() == before


async def test_who_signed_in_is_shown_the_evaluation_as_it_is_after_every_change(
    client: ApiClient, settings: Settings
) -> None:
    await record(client, "Hundesteuer", {"If-None-Match": "*"})
    await number_events(settings)
    reader = await client.as_body("09162", "read")
    address = "/auswertung?service=hundesteuer"

    async def text() -> str:
        return (await reader.get(address, headers=BROWSER)).text

    assert "An diesem Tag ist keine Nutzung verzeichnet" in await text()
    body = await client.as_body("09162", "reuse")
    told = {"organisation": "09162", "service": "hundesteuer", "stage": "contracted"}
    answer = await body.post("/v1/reuses", json=told)
    assert answer.status_code == 201, answer.text
    for numbered in (False, True):
        if numbered:
            await number_events(settings)
        assert ">V<" in await text()
    step = {"stage": "live"}
    answer = await body.post(f"/v1/reuses/{answer.json()['id']}/steps", json=step)
    assert answer.status_code == 201, answer.text
    assert ">B<" in await text()


async def test_what_was_known_once_is_kept_for_everybody(
    client: ApiClient, settings: Settings
) -> None:
    await record(client, "Hundesteuer", {"If-None-Match": "*"})
    await number_events(settings)
    fixed = "/auswertung?as_of=2024-01-01&known_at=1"
    assert "immutable" in (await client.get(fixed, headers=BROWSER)).headers["cache-control"]
    for open_ended in ("/auswertung?known_at=1", "/auswertung?as_of=2024-01-01"):
        answer = await client.get(open_ended, headers=BROWSER)
        assert answer.headers["cache-control"] == "no-cache"
    reader = await client.as_body("09162", "read")
    assert "immutable" not in (await reader.get(fixed, headers=BROWSER)).headers["cache-control"]
