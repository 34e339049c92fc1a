"""Coverage and ranking: real services as the sources say, made-up ones by both rules."""

from typing import Any

import pytest

from registry.settings import Settings
from tests.client import ApiClient
from tests.reports.asking import add_reuse, add_service, add_step, report
from tests.templates import number_events

BUILDING = "digitale-baugenehmigung"
# Rhein-Neckar-Kreis, Heidelberg and Mannheim, and three municipalities of the Kreis.
KREIS, HEIDELBERG, MANNHEIM = "08226", "08221", "08222"


def facts(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows without their addresses, which name the day."""
    return [{k: v for k, v in item.items() if k != "links"} for item in answer["items"]]


def states_with(answer: dict[str, Any], field: str) -> set[str]:
    return {item["state"] for item in answer["items"] if item[field]}


async def covered(client: ApiClient, day: str) -> dict[str, Any]:
    return await report(client, "coverage", service=BUILDING, as_of=day)


async def test_the_building_permit_spreads_as_the_sources_say(loaded: ApiClient) -> None:
    autumn, summer = await covered(loaded, "2023-10-31"), await covered(loaded, "2024-06-30")
    assert states_with(autumn, "contracted") >= {"03", "05"}
    assert states_with(autumn, "pilot") >= {"01", "04", "07", "14", "15"}
    assert states_with(autumn, "land_takes_part") <= {"13"}
    joined = {"01", "03", "04", "05", "07", "08", "10", "14", "15"}
    assert states_with(summer, "land_takes_part") == joined | {"13"}


async def test_nothing_changes_where_no_source_speaks(loaded: ApiClient) -> None:
    assert facts(await covered(loaded, "2023-12-31")) == facts(await covered(loaded, "2024-01-31"))


async def test_reported_authorities_stand_beside_the_own_figure(loaded: ApiClient) -> None:
    answer = await covered(loaded, "2024-06-30")
    reported = {entry["measure"]: entry for entry in answer["reported"] if entry["key"] == BUILDING}
    connected = reported["authorities_connected"]
    own = sum(i["live"] + i["own_use"] - i["land_takes_part"] for i in answer["items"])
    assert (connected["reported"], connected["computed"]) == ("452", own)
    assert connected["difference"] == str(452 - own)
    assert connected["source"].startswith("https://")
    total = reported["authorities_total_in_these_laender"]
    assert (total["reported"], total["computed"], total["difference"]) == ("691", None, None)
    assert (reported["laender"]["reported"], reported["laender"]["computed"]) == ("10", 10)


async def test_without_a_competence_rule_no_share_is_given(loaded: ApiClient) -> None:
    for item in (await covered(loaded, "2024-06-30"))["items"]:
        assert (item["competent"], item["competent_percent"], item["everywhere"]) == (None,) * 3
        assert item["inhabitants_percent"] is None
        assert item["competence_sources"] == []


async def test_the_pause_of_housing_benefit_in_nrw_shows(loaded: ApiClient) -> None:
    found: list[tuple[int, int]] = []
    for day in ("2022-12-31", "2023-01-01"):
        answer = await report(loaded, "coverage", service="wohngeld-sh", as_of=day, within="05")
        (row,) = answer["items"]
        found.append((row["land_takes_part"], row["suspended"]))
    assert found == [(True, 0), (False, 1)]


@pytest.fixture
async def ruled(client: ApiClient) -> ApiClient:
    """A service for which a Kreis and two cities are competent."""
    rule = {"area": "08", "bodies": [KREIS, HEIDELBERG, MANNHEIM], "source": "Gesetz"}
    await add_service(client, "bauantrag", competence=[rule])
    await add_service(client, "wohngeld")
    await add_reuse(client, "bauantrag", KREIS, "live", "2022-01-01")
    await add_reuse(client, "bauantrag", HEIDELBERG, "pilot", "2022-01-01")
    return client


async def in_state(client: ApiClient, state: str, **query: str) -> dict[str, Any]:
    answer = await report(client, "coverage", service="bauantrag", within=state, **query)
    return answer["items"][0]


async def test_everywhere_is_all_competent_bodies_and_not_fewer(ruled: ApiClient) -> None:
    row = await in_state(ruled, "08")
    assert (row["competent"], row["competent_covered"], row["competent_in_pilot"]) == (3, 1, 1)
    assert (row["at_least_one"], row["everywhere"]) == (True, False)
    assert (row["competent_percent"], row["competence_sources"]) == ("33.33", ["Gesetz"])
    await add_reuse(ruled, "bauantrag", MANNHEIM, "live", "2024-01-01")
    heidelberg = (await ruled.get("/v1/reuses?organisation=08221&service=bauantrag")).json()
    await add_step(ruled, heidelberg["items"][0]["id"], "live", "2024-01-01")
    row = await in_state(ruled, "08")
    assert (row["everywhere"], row["competent_percent"]) == (True, "100.00")
    assert (await in_state(ruled, "08", as_of="2023-12-31"))["everywhere"] is False
    elsewhere = await in_state(ruled, "05")
    assert (elsewhere["competent"], elsewhere["competence_sources"]) == (None, [])
    as_table = await ruled.get("/v1/reports/coverage.csv?service=bauantrag&within=08")
    assert ",100.00,Gesetz," in as_table.text


async def test_the_narrowest_area_decides_and_counts_once(ruled: ApiClient) -> None:
    before = (await in_state(ruled, "08"))["inhabitants_covered"]
    weinheim = (await ruled.get("/v1/organisations/082260096096")).json()
    paused = await add_reuse(ruled, "bauantrag", "082260096096", "live", "2023-01-01")
    assert (await in_state(ruled, "08"))["inhabitants_covered"] == before
    await add_step(ruled, paused, "suspended", "2023-06-01")
    row = await in_state(ruled, "08")
    assert row["inhabitants_covered"] == before - weinheim["population"]
    assert row["suspended"] == 1


async def test_what_a_source_reports_of_a_land_covers_none_of_its_bodies(ruled: ApiClient) -> None:
    reported = {"kind": "reported", "reference": "https://example.org/a"}
    before = await in_state(ruled, "08")
    await add_reuse(ruled, "bauantrag", "08", "live", "2023-01-01", evidence=reported)
    row = await in_state(ruled, "08")
    assert (row["land_takes_part"], row["competent_covered"]) == (True, 1)
    assert row["inhabitants_covered"] == before["inhabitants_covered"]


async def test_what_was_known_stays_as_it_was(ruled: ApiClient, settings: Settings) -> None:
    await number_events(settings)
    size = (await ruled.get("/v1/log/position")).json()["size"]
    query = {"service": "bauantrag", "known_at": str(size)}
    before = await ruled.get("/v1/reports/coverage", params=query)
    ranks = await ruled.get("/v1/reports/ranking", params={"known_at": str(size)})
    now = await report(ruled, "coverage", service="bauantrag", as_of=before.json()["as_of"])
    assert facts(before.json()) == facts(now)
    await add_reuse(ruled, "bauantrag", MANNHEIM, "live", "2022-01-01")
    await number_events(settings)
    again = await ruled.get("/v1/reports/coverage", params=query)
    assert again.content == before.content
    again = await ruled.get("/v1/reports/ranking", params={"known_at": str(size)})
    assert again.content == ranks.content


async def test_a_rank_changes_with_the_rule(ruled: ApiClient) -> None:
    for slug, body in (("wohngeld", "05"), ("bauantrag", "05"), ("wohngeld", "06")):
        await add_reuse(ruled, slug, body, "live", "2022-01-01")
    first, *_ = (await report(ruled, "ranking"))["items"]
    assert (first["state"], first["at_least_locally"], first["everywhere"]) == ("05", 2, None)
    await add_reuse(ruled, "bauantrag", MANNHEIM, "live", "2022-01-01")
    heidelberg = (await ruled.get("/v1/reuses?organisation=08221&service=bauantrag")).json()
    await add_step(ruled, heidelberg["items"][0]["id"], "live", "2022-06-01")
    rows = {row["state"]: row for row in (await report(ruled, "ranking"))["items"]}
    assert (rows["08"]["rank_at_least_locally"], rows["08"]["rank_everywhere"]) == (2, 1)
    assert rows["08"]["rank_change"] == -1
    assert (await report(ruled, "ranking", as_of="2021-12-31"))["items"][0]["at_least_locally"] == 0


async def test_the_ranks_reported_for_nrw_stand_beside_the_own_ones(loaded: ApiClient) -> None:
    answer = await report(loaded, "ranking", as_of="2021-11-18")
    reported = {entry["measure"]: entry for entry in answer["reported"]}
    nrw = next(item for item in answer["items"] if item["state"] == "05")
    stated = reported["services_at_least_locally_available"]
    assert (stated["reported"], stated["computed"]) == ("330", nrw["at_least_locally"])


async def test_pages_follow_each_other_and_links_lead_to_the_rows(ruled: ApiClient) -> None:
    address: str | None = "/v1/reports/coverage?limit=10&as_of=2024-01-01"
    seen: list[tuple[str, str]] = []
    while address:
        answer = (await ruled.get(address)).json()
        seen += [(item["service"], item["state"]) for item in answer["items"]]
        address = answer["next"]
    assert len(seen) == 32
    assert seen == sorted(set(seen))
    row = await in_state(ruled, "08", as_of="2024-01-01")
    listed = (await ruled.get(row["links"]["rows"])).json()
    assert listed["total"] == row["live"] + row["pilot"]


async def test_a_table_opens_in_a_german_spreadsheet(ruled: ApiClient) -> None:
    query = {"service": "bauantrag", "separator": ";", "bom": "true"}
    answer = await ruled.get("/v1/reports/coverage.csv", params=query)
    assert answer.headers["content-type"].startswith("text/csv")
    head, *rows = answer.content.decode().split("\r\n")
    assert head.startswith("\ufeffservice;state;state_name;")
    assert len(rows) == 17
    accepted = await ruled.get("/v1/reports/ranking", headers={"Accept": "text/csv"})
    assert accepted.content.startswith(b"state,state_name,")
