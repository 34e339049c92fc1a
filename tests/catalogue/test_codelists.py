from registry import audit
from registry.audit import LogPosition, Moment
from registry.catalogue.actions import apply_load_codelist, load_codelists
from registry.catalogue.codelists import read_codelist
from registry.catalogue.datasets import CODELISTS, content
from registry.catalogue.model import EditionFacts
from registry.catalogue.store import codelists as store
from registry.db import Tx
from registry.settings import Settings
from tests.client import ApiClient
from tests.templates import number_events


async def codes(client: ApiClient, name: str, **query: str) -> list[str]:
    answer = await client.get(f"/v1/codelists/{name}", params=query)
    assert answer.status_code == 200, answer.text
    return [entry["code"] for entry in answer.json()["items"]]


async def test_every_codelist_is_listed_with_its_title(client: ApiClient) -> None:
    items = (await client.get("/v1/codelists")).json()["items"]
    assert [item["name"] for item in items] == sorted(CODELISTS)
    themes = next(item for item in items if item["name"] == "themes")
    assert (themes["entries"], themes["edition"]) == (14, 1)
    assert themes["titles"] == {"de": "Themenfelder des OZG", "en": "OZG themes"}


async def test_a_title_is_that_of_the_edition_known_then(tx: Tx, settings: Settings) -> None:
    await number_events(settings)
    size = await tx.fetchval("select count(*) from events where leaf_idx is not null")
    today, position = tx.today, LogPosition(size=size, sealed_at=tx.now)
    known = Moment(day=today, known=position)
    then = await store.codelist(tx, "themes", known, history=False)
    renamed = content("codelists").replace(b"Themenfelder des OZG", b"Felder")
    sha256 = (await audit.keep(tx, renamed)).hex()
    facts = EditionFacts(dataset="codelists", edition=2, sha256=sha256)
    event_id = await audit.record(tx, "catalogue.load_codelist", "codelists/codelists", facts)
    await apply_load_codelist(tx, event_id, facts)
    again = await store.codelist(tx, "themes", known, history=False)
    now = await store.codelist(tx, "themes", Moment(day=today, known=None), history=False)
    assert (again, now.titles.de) == (then, "Felder")


async def test_themes_name_their_leading_states_and_ministries(client: ApiClient) -> None:
    items = (await client.get("/v1/codelists/themes")).json()["items"]
    umwelt = next(entry for entry in items if entry["code"] == "umwelt")
    assert umwelt["properties"] == {"lead_states": "07;01", "federal_ministries": "BMUV"}
    assert umwelt["source"].startswith("https://www.digitale-verwaltung.de/")


async def test_codes_are_shown_as_of_a_day(client: ApiClient) -> None:
    assert await codes(client, "maturity", as_of="2025-06-30") == [f"1.1:{n}" for n in range(5)]
    assert await codes(client, "maturity", as_of="2025-07-01") == [f"2.0:{n}" for n in range(8)]
    assert len(await codes(client, "maturity", history="true")) == 13


async def test_an_account_that_was_switched_off_is_history(client: ApiClient) -> None:
    assert "servicekonto-nrw" not in await codes(client, "accounts")
    assert "servicekonto-nrw" in await codes(client, "accounts", as_of="2024-06-30")
    assert "servicekonto-nrw" in await codes(client, "accounts", history="true")


async def test_the_eight_groups_of_minimum_requirements_are_there(client: ApiClient) -> None:
    items = (await client.get("/v1/codelists/minimum_requirements")).json()["items"]
    assert sum(entry["properties"]["entry"] == "group" for entry in items) == 8
    assert {e["code"] for e in items if e["properties"].get("level") == "MUSS"} == {
        "R1",
        "R2",
        "O1",
    }


async def test_an_unknown_codelist_is_told_apart(client: ApiClient) -> None:
    for name in ("weather", "leika"):
        answer = await client.get(f"/v1/codelists/{name}")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-codelist")


async def test_portals_show_what_they_offer(client: ApiClient) -> None:
    items = (await client.get("/v1/portals")).json()["items"]
    assert [(p["slug"], p["services"]) for p in items if p["slug"] == "wsp-nrw"] == [
        ("wsp-nrw", [])
    ]
    before = (await client.get("/v1/portals", params={"as_of": "2019-03-31"})).json()["items"]
    assert "wsp-nrw" not in [portal["slug"] for portal in before]


async def test_loading_again_records_nothing(tx: Tx) -> None:
    before = await tx.fetchval("select count(*) from events")
    assert await load_codelists(tx) == 0
    assert await tx.fetchval("select count(*) from events") == before


def test_every_code_is_in_its_list_once_and_named_in_both_languages() -> None:
    for name in CODELISTS:
        entries = read_codelist(content(name))
        assert len({(e.code, e.valid_from) for e in entries}) == len(entries), name
        assert all(entry.labels.en and entry.source for entry in entries), name
