"""The page of one reuse: what is recorded of it, and who may see it."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from registry.catalogue.actions import put_service
from registry.catalogue.model import ServiceDraft
from registry.db import Connection, begin
from registry.identity.operator import operator
from registry.settings import Settings
from tests.catalogue.drafts import draft
from tests.client import ApiClient, open_client
from tests.reuse.conftest import add_service
from tests.reuse.drafts import PRESS, reuse, step
from tests.site.test_pages import BROWSER, Outline, mistakes
from tests.versions.published import publish

KOELN = "05315"


@pytest.fixture(scope="module")
async def world(shared_settings: Settings) -> AsyncIterator[ApiClient]:
    """A registry with three services of Mecklenburg-Vorpommern."""
    settings = msgspec.structs.replace(shared_settings, public_url="https://registry.example")
    async with open_client(settings) as opened:
        await _services(opened.conn)
        yield opened


async def _services(conn: Connection) -> None:
    async with begin(conn, operator()) as tx:
        for slug in ("bauantrag", "ewa"):
            await add_service(tx, slug, "13")
        market = draft("markt", builders=[{"organisation": "13"}], agreement_basis="marketplace")
        await put_service(tx, "markt", msgspec.convert(market, ServiceDraft))


async def recorded(caller: ApiClient, path: str, **fields: Any) -> dict[str, Any]:
    answer = await caller.post(path, json=fields)
    assert answer.is_success, answer.text
    return answer.json()


async def text_of(reader: ApiClient, reuse_id: str, status: int = 200) -> str:
    answer = await reader.get(f"/nachnutzungen/{reuse_id}", headers=BROWSER)
    assert answer.status_code == status, answer.text
    assert mistakes(answer.text) == []
    return answer.text


async def test_it_shows_each_step_with_its_evidence_and_what_the_body_says(
    world: ApiClient,
) -> None:
    admin, koeln = await world.as_admin(), await world.as_body(KOELN, "reuse")
    told = {"kind": "reported", "reference": PRESS}
    made = await recorded(admin, "/v1/reuses", **reuse(KOELN, date="2023-03", evidence=told))
    path, first = f"/v1/reuses/{made['id']}", made["steps"][0]
    await recorded(koeln, f"{path}/steps/{first['id']}/dispute", reason="Erst seit <Mai>.")
    wrong = await recorded(koeln, f"{path}/steps", **step("suspended", "2024-01-01"))
    gone = wrong["steps"][1]["id"]
    await recorded(koeln, f"{path}/steps/{gone}/void", reason="Falsche Stelle.")
    page = await text_of(world, made["id"])
    for words in (
        "gemeldet, Vertrag nicht verzeichnet",
        "03.2023",
        "bestritten",
        "Erst seit &lt;Mai&gt;.",
        "<s>ausgesetzt</s>",
        "Falsche Stelle.",
        "für die Stelle",
        f'href="{PRESS}"',
    ):
        assert words in page, words
    links = Outline(page).links
    assert f"/v1/events/{first['event_id']}/receipt" in links
    assert {f"/stellen/{KOELN}", "/dienste/bauantrag"} <= set(links)
    asked = await world.get(f"/nachnutzungen/{made['id']}.json", headers=BROWSER)
    assert asked.headers["location"] == path
    english = await world.get(f"/en/nachnutzungen/{made['id']}", headers=BROWSER)
    assert "reported, contract not recorded" in english.text
    before = await world.get(f"/nachnutzungen/{made['id']}?as_of=2020-01-01", headers=BROWSER)
    assert "An diesem Tag galt noch kein Schritt." in before.text


async def test_a_private_reuse_is_seen_by_those_concerned_and_kept_by_nobody(
    world: ApiClient,
) -> None:
    koeln = await world.as_body(KOELN, "reuse")
    asked = reuse(KOELN, "ewa", stage="interest", date="2024-01-01")
    made = await recorded(koeln, "/v1/reuses", **asked)
    await text_of(world, made["id"], 404)
    await text_of(await world.as_person("06", "reuse", account="fremd"), made["id"], 404)
    for reader in (
        await world.as_person(KOELN, "reuse"),
        await world.as_person("05", "reuse", account="land"),
        await world.as_person("13", "publish:ewa", account="baut"),
    ):
        assert "nicht öffentlich" in await text_of(reader, made["id"])
    own = await koeln.get(f"/nachnutzungen/{made['id']}", headers=BROWSER)
    assert own.headers["cache-control"] == "no-store"
    assert "Authorization" in own.headers["vary"]


async def test_a_body_that_is_no_more_leads_to_its_heirs(world: ApiClient) -> None:
    """Its heir has no reuse of its own at first."""
    admin = await world.as_admin()
    old = (await world.get("/v1/organisations/01051040")).json()
    heir = old["heirs"][0]["organisation"]["key"]
    made = await recorded(admin, "/v1/reuses", **reuse("01051040", "ewa", date="2008-01-01"))
    page = await text_of(world, made["id"])
    assert "Diese Stelle besteht nicht mehr" in page
    assert "noch nicht durch eine eigene bestätigt" in page
    own = await recorded(admin, "/v1/reuses", **reuse(heir, "ewa", date="2009-01-01"))
    assert f"/nachnutzungen/{own['id']}" in Outline(await text_of(world, made["id"])).links


async def test_an_agreement_shows_what_rests_on_it(world: ApiClient) -> None:
    admin = await world.as_admin()
    parties = [{"organisation": "05"}, {"organisation": "13"}]
    contract = {"slug": "vertrag", "kind": "reuse", "names": {"de": "Vertrag"}, "parties": parties}
    contract |= {"services": ["markt"], "in_force_from": "2020-01-01"}
    made = await admin.put("/v1/agreements/vertrag", json=contract, headers={"If-None-Match": "*"})
    assert made.status_code == 201, made.text
    land = await world.as_body("05", "reuse")
    used = await recorded(land, "/v1/reuses", **reuse("05", "markt"))
    assert used["steps"][0]["agreement"] == "vertrag"
    shown = await world.get("/vereinbarungen/vertrag", headers=BROWSER)
    assert f"/nachnutzungen/{used['id']}" in Outline(shown.text).links
    earlier = await world.get("/vereinbarungen/vertrag?as_of=2021-01-01", headers=BROWSER)
    assert f"/nachnutzungen/{used['id']}" not in Outline(earlier.text).links


async def test_the_newest_version_is_the_same_everywhere(world: ApiClient) -> None:
    """What is revoked or comes before a release is listed, but is not the newest."""
    builder = await world.as_body("13", "publish:ewa")
    await publish(builder, "1.0.0", "1.0.1", "1.0.2", "2.0.0-rc.1", slug="ewa")
    path = "/v1/services/ewa/versions"
    gone = await builder.put(f"{path}/1.0.2/revocation", json={"reason": "falsch"})
    assert gone.is_success, gone.text
    land = await world.as_body("06", "reuse")
    await recorded(land, "/v1/reuses", **reuse("06", "ewa", version="1.0.0"))
    page = (await world.get("/dienste/ewa", headers=BROWSER)).text
    assert "Felder der Version 1.0.1" in page
    assert "1.0.0 → 1.0.1" in page
    assert page.index(">2.0.0-rc.1<") < page.index(">1.0.2<") < page.index(">1.0.0<")
    assert (await world.get(f"{path}/latest")).headers["location"] == f"{path}/1.0.1"
    assert (
        f'<{path}/1.0.1>; rel="latest-version"'
        in ((await world.get(f"{path}/1.0.0")).headers["link"])
    )
    assert (await land.get("/v1/todo")).json()["items"][0]["newest"] == "1.0.1"
    assert "Auf 1.0.1 umstellen" in (await world.get("/stellen/06", headers=BROWSER)).text
    badge = await world.get("/badges/services/ewa/version.svg")
    assert "Version: 1.0.1" in badge.text


async def test_tile_and_map_show_the_sign_of_the_matrix(world: ApiClient) -> None:
    land = await world.as_body("08", "reuse")
    await recorded(land, "/v1/reuses", **reuse("08", "bauantrag", stage="contracted"))
    page = (await world.get("/dienste/bauantrag", headers=BROWSER)).text
    assert ">BW</text>" in page
    tile, outline = (part.partition("</g>")[0] for part in page.split(">BW</text>")[1:])
    assert ">V</text>" in tile
    assert ">V</text>" in outline.partition(">BY<")[0]
    assert page.count('<path class="c') == 16
    assert 'href="https://www.govdata.de/dl-de/by-2-0"' in page
