import asyncio
from typing import Any

import httpx
import pytest

from registry.cli.demo import load_bodies
from registry.db import begin
from registry.identity.operator import operator
from registry.organisations.names import sort_key
from registry.resources import folder
from tests.client import ApiClient


def code_of(response: httpx.Response) -> str:
    return response.json()["type"].rpartition("/")[2]


async def listed(client: ApiClient, **query: Any) -> Any:
    response = await client.get("/v1/organisations", params=query)
    assert response.status_code == 200, response.text
    return response.json()


async def shown(client: ApiClient, key: str, **query: Any) -> Any:
    response = await client.get(f"/v1/organisations/{key}", params=query)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize(
    ("level", "total"),
    [
        ("state", 16),
        ("region", 29),
        ("district", 400),
        ("association", 4596),
        ("municipality", 10752),
        ("unincorporated", 207),
    ],
)
async def test_each_level_is_counted_for_the_day_of_the_directory(
    client: ApiClient, level: str, total: int
) -> None:
    found = await listed(client, level=level, limit=1)
    assert (found["total"], found["as_of"]) == (total, "2024-12-31")


async def test_the_fictitious_land_is_listed_only_when_asked_for(client: ApiClient) -> None:
    async with begin(client.owner, operator()) as tx:
        await load_bodies(tx, folder("service_specs") / "_demo")
    real = await listed(client, level="municipality", limit=1)
    every = await listed(client, level="municipality", limit=1, demo="true")
    assert (real["total"], every["total"]) == (10752, 10765)
    for query in ({"within": "99"}, {"q": "fiktiv"}, {"q": "99-it-verbund"}):
        assert (await listed(client, **query))["total"] == 0
        assert (await listed(client, **query, demo="true"))["total"] > 0


async def test_a_later_day_counts_what_changed_since(client: ApiClient) -> None:
    found = await listed(client, level="municipality", as_of="2025-06-01", limit=1)
    assert (found["total"], found["as_of"]) == (10751, "2025-06-01")


async def test_bodies_without_territory_are_listed_as_they_are_today(client: ApiClient) -> None:
    by_default = (await listed(client, limit=1))["total"]
    end_of_2024 = (await listed(client, limit=1, as_of="2024-12-31"))["total"]
    assert by_default - end_of_2024 == 1  # a federal ministry was founded in 2025


@pytest.mark.parametrize("q", ["Mülheim", "muelheim", "Muelheim an der Ruhr", "ruhr mulheim"])
async def test_a_name_is_found_however_it_is_written(client: ApiClient, q: str) -> None:
    names = [item["name"] for item in (await listed(client, q=q))["items"]]
    assert "Mülheim an der Ruhr, Stadt" in names


@pytest.mark.parametrize(
    ("q", "key"), [("BMDS", "bmds"), ("d-nrw", "d-nrw"), ("Innenministerium", "bmi")]
)
async def test_bodies_without_territory_are_found_by_their_short_names(
    client: ApiClient, q: str, key: str
) -> None:
    assert key in [item["key"] for item in (await listed(client, q=q))["items"]]


async def test_digits_find_keys_that_begin_with_them(client: ApiClient) -> None:
    assert [item["key"] for item in (await listed(client, q="05315"))["items"]] == ["05315"]
    assert (await listed(client, q="0531"))["total"] == 3


async def test_an_area_and_the_beginning_of_a_key_both_hold(client: ApiClient) -> None:
    assert (await listed(client, q="053", within="05", level="municipality"))["total"] == 99
    assert (await listed(client, q="05", within="053", level="municipality"))["total"] == 99
    assert (await listed(client, q="06", within="05"))["total"] == 0


async def test_an_association_holds_its_municipalities(client: ApiClient) -> None:
    found = await listed(client, within="010515163", level="municipality")
    assert found["total"] == 14


async def test_words_that_are_none_find_nothing(client: ApiClient) -> None:
    assert (await listed(client, q="--"))["total"] == 0


async def test_within_takes_padded_keys(client: ApiClient) -> None:
    plain = await listed(client, within="05", level="municipality", limit=1)
    padded = await listed(client, within="050000000000", level="municipality", limit=1)
    assert plain["total"] == padded["total"] == 396


async def test_within_before_2009_goes_by_the_keys_of_that_time(client: ApiClient) -> None:
    found = await listed(
        client, within="15151", level="municipality", as_of="2006-12-31", limit=200
    )
    assert "Zerbst/Anhalt, Stadt" in [item["name"] for item in found["items"]]


async def test_pages_follow_each_other_in_the_order_of_names(client: ApiClient) -> None:
    address: str | None = "/v1/organisations?level=district&limit=150"
    names: list[str] = []
    sizes: list[int] = []
    while address:
        response = await client.get(address)
        page = response.json()
        names += [item["name"] for item in page["items"]]
        sizes.append(len(page["items"]))
        assert page["total"] == 400
        address = page["next"]
        assert (address is None) == ("Link" not in response.headers)
    assert sizes == [150, 150, 100]
    assert names == sorted(names, key=sort_key)


async def test_a_cursor_belongs_to_its_query(client: ApiClient) -> None:
    first = await listed(client, level="district", limit=1)
    moved = first["next"].replace("level=district", "level=state")
    response = await client.get(moved)
    assert (response.status_code, code_of(response)) == (400, "bad-cursor")


async def test_a_body_shows_its_parents_children_and_history(client: ApiClient) -> None:
    district = await shown(client, "01051")
    assert [parent["key"] for parent in district["parents"]] == ["01"]
    assert district["children"]["municipality"] == 116
    municipality = await shown(client, "010515163016")
    assert [parent["key"] for parent in municipality["parents"]] == ["01", "01051", "010515163"]
    land = await shown(client, "05")
    assert land["parents"] == []
    assert land["children"] == {
        "region": 5,
        "district": 53,
        "association": 396,
        "municipality": 396,
    }


async def test_hamburg_is_one_body_under_all_its_keys(client: ApiClient) -> None:
    bodies = [await shown(client, key) for key in ("02", "02000", "020000000", "020000000000")]
    assert len({body["id"] for body in bodies}) == 1
    assert bodies[0]["parents"] == []
    assert bodies[0]["population"] == 1_910_160
    assert bodies[0]["population_on"] == "2023-12-31"


async def test_a_vanished_municipality_names_when_it_ended_and_its_heirs(
    client: ApiClient,
) -> None:
    gone = await shown(client, "07232089")
    assert (gone["status"], gone["ended_on"]) == ("ended", "2025-01-01")
    assert [heir["organisation"]["name"] for heir in gone["heirs"]] == ["Obergeckler"]
    assert gone["successors"][0]["kind"] == "incorporation"
    before = await shown(client, "07232089", as_of="2024-12-31")
    assert (before["status"], before["ended_on"], before["heirs"]) == ("current", None, [])


async def test_heirs_are_followed_to_the_day_asked_for(client: ApiClient) -> None:
    crock = await shown(client, "16023540")
    assert [heir["share"] for heir in crock["heirs"]] == [1.0]
    assert crock["heirs"][0]["organisation"]["name"] == "Auengrund"


async def test_a_divided_municipality_has_heirs_with_shares(client: ApiClient) -> None:
    bienitz = await shown(client, "14379070")
    shares = {heir["organisation"]["name"]: heir["share"] for heir in bienitz["heirs"]}
    assert shares == {
        "Leipzig, Stadt": pytest.approx(4309 / 6376, abs=1e-5),
        "Schkeuditz, Stadt": pytest.approx(1934 / 6376, abs=1e-5),
        "Markranstädt, Stadt": pytest.approx(133 / 6376, abs=1e-5),
    }
    assert {successor["basis"] for successor in bienitz["successors"]} == {"population"}


async def test_an_heir_names_its_predecessors(client: ApiClient) -> None:
    dessau_rosslau = await shown(client, "15001")
    mergers = [one for one in dessau_rosslau["predecessors"] if one["kind"] == "merger"]
    assert [one["organisation"]["name"] for one in mergers] == [
        "Dessau, Stadt",
        "Roßlau (Elbe), Stadt",
    ]


@pytest.mark.parametrize("key", ["99", "059990000000", "no-such-body", "05999999"])
async def test_an_unknown_key_is_not_found(client: ApiClient, key: str) -> None:
    response = await client.get(f"/v1/organisations/{key}")
    assert (response.status_code, code_of(response)) == (404, "unknown-organisation")
    assert key in response.json()["detail"]


@pytest.mark.parametrize("key", ["0531", "0511700000001", "Köln", "05-315-"])
async def test_a_malformed_key_is_refused(client: ApiClient, key: str) -> None:
    response = await client.get(f"/v1/organisations/{key}")
    assert (response.status_code, code_of(response)) == (400, "malformed-key")


@pytest.mark.parametrize("within", ["0531", "bund", "05315000"])
async def test_a_malformed_area_is_refused(client: ApiClient, within: str) -> None:
    response = await client.get("/v1/organisations", params={"within": within})
    assert (response.status_code, code_of(response)) == (400, "malformed-key")


async def test_an_unchanged_body_is_not_sent_again(client: ApiClient) -> None:
    first = await client.get("/v1/organisations/05315")
    again = await client.get(
        "/v1/organisations/05315", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


async def test_look_ups_at_the_same_time_each_get_their_own_answer(client: ApiClient) -> None:
    keys = ["05315", "02", "bund", "07232089"] * 5
    answers = await asyncio.gather(*(client.http.get(f"/v1/organisations/{k}") for k in keys))
    names = [answer.json()["name"] for answer in answers[:4]]
    assert names == [
        "Köln, Stadt",
        "Hamburg, Freie und Hansestadt",
        "Bundesrepublik Deutschland",
        "Niedergeckler",
    ]


async def test_the_sources_are_named_in_the_root_of_the_api(client: ApiClient) -> None:
    attribution = " ".join((await client.get("/v1")).json()["attribution"])
    assert "Statistisches Bundesamt (Destatis)" in attribution
    assert "BKG" in attribution
