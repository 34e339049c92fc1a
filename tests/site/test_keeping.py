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
