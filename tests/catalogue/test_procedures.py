import pytest

from registry.catalogue.actions import load_procedures
from registry.db import Tx
from tests.catalogue.drafts import CREATE, draft
from tests.client import ApiClient


async def names(client: ApiClient, **query: str) -> list[str]:
    answer = await client.get("/v1/procedures", params=query)
    return [item["name"] for item in answer.json()["items"]]


async def test_all_three_catalogues_are_one(client: ApiClient) -> None:
    totals = {
        kind: (await client.get("/v1/procedures", params={"kind": kind, "limit": "1"})).json()
        for kind in ("leika", "ozg", "unlisted")
    }
    assert {kind: answer["total"] for kind, answer in totals.items()} == {
        "leika": 5575,
        "ozg": 557,
        "unlisted": 436,
    }


@pytest.mark.parametrize("words", ["Wohngeld", "wohngeld", "Wohngelder", "10092", "wohng"])
async def test_a_procedure_is_found_by_stem_prefix_and_key(client: ApiClient, words: str) -> None:
    assert "Wohngeld" in await names(client, q=words)


@pytest.mark.parametrize("words", ["Gewässer", "gewaesser", "gewasser"])
async def test_umlauts_may_be_written_any_way(client: ApiClient, words: str) -> None:
    assert any("ewässer" in name for name in await names(client, q=words))


async def test_words_that_say_nothing_find_nothing(client: ApiClient) -> None:
    for words in ("!!!", "der", "' & | !", "xyzxyz"):
        answer = await client.get("/v1/procedures", params={"q": words})
        assert answer.status_code == 200


async def test_pages_follow_each_other_without_gap_or_repeat(client: ApiClient) -> None:
    whole = await names(client, ozg="10519", limit="200")
    path, seen = "/v1/procedures?ozg=10519&limit=5", list[str]()
    while path:
        answer = (await client.get(path)).json()
        seen += [item["name"] for item in answer["items"]]
        path = answer["next"]
    assert seen == whole
    assert len(whole) == 19


async def test_a_procedure_names_its_bundle_and_a_bundle_its_parts(client: ApiClient) -> None:
    part = (await client.get("/v1/procedures/99012001001000")).json()
    assert (part["name"], part["type"]) == ("Abbruchgenehmigung Erteilung", "4")
    bundle = (await client.get(f"/v1/procedures/{part['ozg_id']}")).json()
    assert part["bundle"] == {"key": bundle["key"], "name": bundle["name"]}
    assert {"key": part["key"], "name": part["name"]} in bundle["parts"]
    assert bundle["theme"] == "bauen_wohnen"


async def test_a_key_of_the_newer_list_is_known(client: ApiClient) -> None:
    answer = (await client.get("/v1/procedures/99038003017001")).json()
    assert "pvog" in answer["catalogues"]


async def test_all_services_that_serve_a_procedure_are_listed(client: ApiClient) -> None:
    admin = await client.as_admin()
    key, ozg = (
        "99012001001000",
        (await client.get("/v1/procedures/99012001001000")).json()["ozg_id"],
    )
    for slug, fields in (("abbruch", {"procedures": [key]}), ("alles", {"ozg_ids": [ozg]})):
        document = draft(slug, **fields)
        await admin.put(f"/v1/services/{slug}", json=document, headers=CREATE)
    served = {
        wanted: [
            (service["slug"], service["through"], service["builders"])
            for service in (await client.get(f"/v1/procedures/{wanted}")).json()["services"]
        ]
        for wanted in (key, ozg)
    }
    assert served == {
        key: [("abbruch", "named", ["01"]), ("alles", "bundle", ["01"])],
        ozg: [("abbruch", "bundle", ["01"]), ("alles", "named", ["01"])],
    }
    listed = (await client.get("/v1/procedures", params={"q": key})).json()["items"]
    assert [item["services"] for item in listed if item["key"] == key] == [2]
    past = await client.get(f"/v1/procedures/{key}", params={"as_of": "2000-01-01"})
    assert past.json()["services"] == []


@pytest.mark.parametrize(
    ("key", "status", "problem"),
    [
        ("99999999999999", 404, "unknown-procedure"),
        ("99999", 404, "unknown-procedure"),
        ("1234", 400, "malformed-procedure-key"),
        ("11012001001000", 400, "malformed-procedure-key"),
        ("wohngeld", 400, "malformed-procedure-key"),
    ],
)
async def test_unknown_and_malformed_keys_get_their_own_answers(
    client: ApiClient, key: str, status: int, problem: str
) -> None:
    answer = await client.get(f"/v1/procedures/{key}")
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{problem}")


async def test_loading_again_records_nothing(tx: Tx) -> None:
    assert await load_procedures(tx) == 0
