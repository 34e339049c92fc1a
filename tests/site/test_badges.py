"""Badges, as a page that shows them would get them."""

from xml.etree import ElementTree

import pytest

from registry.db import Connection, begin
from registry.identity.operator import operator
from registry.site.badges import _COLOURS
from tests.client import ApiClient
from tests.reuse.conftest import add_service
from tests.reuse.drafts import reuse
from tests.versions.published import publish

PATH = "/badges/services/bauantrag"


async def title(client: ApiClient, path: str, language: str = "de") -> str:
    answer = await client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("image/svg+xml")
    root = ElementTree.fromstring(answer.content)  # noqa: S314 - our own bytes
    assert root.get("role") == "img"
    return root.findtext("{http://www.w3.org/2000/svg}title") or ""


async def test_badges_tell_the_newest_version_coverage_and_the_version_of_a_body(
    client: ApiClient, conn: Connection
) -> None:
    async with begin(conn, operator()) as tx:
        await add_service(tx, "bauantrag", "13")
    assert await title(client, f"{PATH}/version.svg") == "Version: keine"
    assert await title(client, f"{PATH}/coverage.svg") == "in Betrieb: 0 von 16 Ländern"
    builder = await client.as_body("13", "publish:*")
    await publish(builder, "1.0.0", "1.1.0", slug="bauantrag")
    koeln = await client.as_body("05315", "reuse")
    await koeln.post("/v1/reuses", json=reuse("05315", version="1.0.0"))
    assert await title(client, f"{PATH}/version.svg", "en") == "version: 1.1.0"
    assert await title(client, f"{PATH}/coverage.svg", "en") == "in operation: 1 of 16 Länder"
    name = "bauantrag · Köln, Stadt"
    assert await title(client, f"{PATH}/bodies/05315.svg") == f"{name}: 1.0.0"
    end = "/v1/services/bauantrag/versions/1.0.0/deprecation"
    await builder.put(end, json={"sunset": "2099-02-01"})
    assert await title(client, f"{PATH}/bodies/05315.svg") == f"{name}: 1.0.0 abgekündigt"
    assert (await title(client, f"{PATH}/bodies/06.svg")).endswith(": nicht genutzt")
    first = await client.get(f"{PATH}/version.svg")
    again = await client.get(
        f"{PATH}/version.svg", headers={"If-None-Match": first.headers["etag"]}
    )
    assert again.status_code == 304
    for path in ("/badges/services/nie/version.svg", f"{PATH}/bodies/nie.svg", f"{PATH}/x.svg"):
        assert (await client.get(path)).status_code in (400, 404), path


async def test_an_interest_that_is_private_shows_on_no_badge(
    client: ApiClient, conn: Connection
) -> None:
    async with begin(conn, operator()) as tx:
        await add_service(tx, "bauantrag", "13")
    koeln = await client.as_body("05315", "reuse")
    await koeln.post("/v1/reuses", json=reuse("05315", stage="interest", date="2024-01-01"))
    assert (await title(koeln, f"{PATH}/bodies/05315.svg")).endswith(": nicht genutzt")


@pytest.mark.parametrize("colour", _COLOURS.values())
def test_white_text_is_readable_on_every_tone(colour: str) -> None:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    assert 1.05 / (luminance + 0.05) >= 4.5
