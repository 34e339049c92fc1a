"""The reports on versions, stages, time and money."""

from datetime import date
from typing import Any

import pytest

from registry.reports.days import days_until
from registry.settings import Settings
from tests.agreements.drafts import framework
from tests.catalogue.drafts import CREATE
from tests.client import ApiClient
from tests.reports.asking import add_reuse, add_service, add_step, report
from tests.templates import number_events
from tests.versions.published import SERVICE, publish, service

NAMES = (
    "coverage",
    "duplicates",
    "funding",
    "funnel",
    "outdated",
    "ranking",
    "targets",
    "timeline",
    "versions-in-use",
    "zero-reuse",
)


@pytest.fixture
async def versioned(client: ApiClient) -> ApiClient:
    """A service of Schleswig-Holstein in two versions, the first deprecated, and who has them."""
    policy = {"kind": "record", "released_before": "2024-01-01"}
    builder = await service(client, policy=policy)
    await publish(builder, "1.0.0", "2.0.0")
    for body, version in (("05", "1.0.0"), ("06", "2.0.0"), ("07", None), ("01", "1.0.0")):
        more: dict[str, Any] = {"basis": "observed"} | ({"version": version} if version else {})
        await add_reuse(client, "wohngeld-sh", body, "live", "2023-01-01", **more)
    admin = await client.as_admin()
    told = {"since": "2024-01-01", "sunset": "2030-12-31", "successor": "2.0.0"}
    answer = await admin.put(f"{SERVICE}/versions/1.0.0/deprecation", json=told)
    assert answer.status_code == 200, answer.text
    return client


async def test_versions_in_use_count_own_use_apart(versioned: ApiClient) -> None:
    rows = (await report(versioned, "versions-in-use", service="wohngeld-sh"))["items"]
    found = [(r["version"], r["state"], r["reuses"], r["own_use"], r["percent"]) for r in rows]
    assert found == [
        (None, "unrecorded", 1, 0, "25.00"),
        ("1.0.0", "deprecated", 1, 1, "50.00"),
        ("2.0.0", "active", 1, 0, "25.00"),
    ]
    listed = (await versioned.get(rows[1]["link"])).json()
    assert listed["total"] == 2


async def test_outdated_names_who_must_move_and_until_when(versioned: ApiClient) -> None:
    rows = (await report(versioned, "outdated", as_of="2030-12-01"))["items"]
    found = [(r["organisation"], r["state"], r["days_left"], r["successor"]) for r in rows]
    assert found == [
        ("01", "deprecated", 30, "2.0.0"),
        ("05", "deprecated", 30, "2.0.0"),
        ("07", "unrecorded", None, None),
    ]
    only = (await report(versioned, "outdated", within="05", as_of="2030-12-01"))["items"]
    assert [row["organisation"] for row in only] == ["05"]


async def test_who_was_told_is_left_open_as_known_in_the_past_and_it_is_said_why(
    versioned: ApiClient, settings: Settings
) -> None:
    await number_events(settings)
    size = str((await versioned.get("/v1/log/position")).json()["size"])
    builder = await versioned.as_body("01", "publish:*")
    now = await report(builder, "outdated", within="05", as_of="2030-12-01")
    past = await report(builder, "outdated", within="05", as_of="2030-12-01", known_at=size)
    assert [row["told"] for row in now["items"]] == ["nobody"]
    assert [(row["told"], row["told_at"]) for row in past["items"]] == [(None, None)]
    why = "Zustellungen sind keine Einträge des Protokolls"
    assert why in past["definition"]["de"]
    page = await versioned.get(f"/auswertung?known_at={size}", headers={"Accept": "text/html"})
    assert why in page.text


@pytest.fixture
async def moved(client: ApiClient) -> ApiClient:
    """Two services, one of which went from contract to operation, and stopped in one place."""
    await add_service(client, "bauantrag", ozg_ids=["10519"])
    funding = [{"reference": "EV-1", "amount_eur": "1000000.00"}]
    builders = [{"organisation": "05"}]
    more: dict[str, Any] = {"ozg_ids": ["10519"], "builders": builders, "funding": funding}
    await add_service(client, "zweiter", **more)
    first = await add_reuse(client, "bauantrag", "06", "contracted", "2023-01-01")
    await add_step(client, first, "live", "2023-04-11")
    second = await add_reuse(client, "bauantrag", "07", "contracted", "2023-01-01")
    await add_step(client, second, "ended", "2023-01-31")
    await add_reuse(client, "bauantrag", "08221", "pilot", "2023-06-15")
    await add_reuse(client, "bauantrag", "13074", "live", "2022-01-01")
    return client


async def test_the_funnel_counts_stays_and_dead_ends(moved: ApiClient) -> None:
    rows = {r["stage"]: r for r in (await report(moved, "funnel"))["items"]}
    contracted = rows["contracted"]
    assert (contracted["reached"], contracted["went_on"], contracted["dead_ends"]) == (2, 2, 1)
    # 100 and 30 days: the median is the lower of the two.
    assert contracted["median_days"] == 30
    assert (rows["live"]["reached"], rows["live"]["still_there"]) == (1, 1)
    assert (rows["pilot"]["percent"], rows["interest"]["reached"]) == ("33.33", 0)
    then = {r["stage"]: r for r in (await report(moved, "funnel", as_of="2023-01-15"))["items"]}
    assert (then["contracted"]["still_there"], then["live"]["reached"]) == (2, 0)


async def test_interest_counts_only_for_those_it_concerns(moved: ApiClient) -> None:
    await add_reuse(moved, "zweiter", "09", "interest", "2024-01-01")
    assert (await report(moved, "funnel", service="zweiter"))["items"][0]["reached"] == 0
    bavaria = await moved.as_body("09", "reuse")
    assert (await report(bavaria, "funnel", service="zweiter"))["items"][0]["reached"] == 1


async def test_two_builders_for_one_bundle_are_shown_as_a_hint(moved: ApiClient) -> None:
    (row,) = (await report(moved, "duplicates"))["items"]
    assert (row["kind"], row["key"]) == ("ozg", "10519")
    assert (row["services"], row["builders"]) == (["bauantrag", "zweiter"], ["05", "13"])
    assert (await report(moved, "duplicates", within="01"))["items"] == []
    assert (await moved.get(row["link"])).json()["total"] == 2


async def test_money_without_reuse_is_named(moved: ApiClient) -> None:
    (row,) = (await report(moved, "zero-reuse"))["items"]
    assert (row["service"], row["funded"], row["amount_eur"]) == ("zweiter", True, "1000000.00")
    before = (await report(moved, "zero-reuse", as_of="2023-04-10"))["items"]
    assert [(r["service"], r["in_own_use"]) for r in before] == [
        ("bauantrag", True),
        ("zweiter", False),
    ]


async def test_funding_leads_to_its_users(moved: ApiClient) -> None:
    admin = await moved.as_admin()
    more = {"kind": "individual", "services": ["bauantrag"], "parent": "rahmen"}
    money = {"amount_eur": "100.01", "amount_source": "https://example.org/geld"}
    individual = framework("13", slug="einzel", **more, **money)
    for document in (framework("13"), individual):
        path = f"/v1/agreements/{document['slug']}"
        answer = await admin.put(path, json=document, headers=CREATE)
        assert answer.status_code == 201, answer.text
    (row,) = (await report(moved, "funding"))["items"]
    assert (row["services"], row["using_bodies"], row["live_bodies"]) == (["bauantrag"], 2, 1)
    assert (row["eur_per_live_body"], row["uses"], row["eur_per_use"]) == ("100.01", None, None)
    assert (await report(moved, "funding", as_of="2020-01-01"))["items"] == []


async def test_a_timeline_follows_bodies_states_and_inhabitants(moved: ApiClient) -> None:
    query = {"service": "bauantrag", "since": "2023-04-01", "as_of": "2023-07-01"}
    answer = await report(moved, "timeline", **query)
    found = [(p["day"], p["bodies"], p["states"]) for p in answer["items"]]
    assert found == [
        ("2023-04-01", 0, 0),
        ("2023-05-01", 1, 1),
        ("2023-06-01", 1, 1),
        ("2023-07-01", 2, 2),
    ]
    at_last = answer["items"][-1]["inhabitants"]
    covered = await report(moved, "coverage", service="bauantrag", as_of="2023-07-01")
    assert at_last == sum(row["inhabitants_covered"] for row in covered["items"])


async def test_the_timeline_tells_of_versions(versioned: ApiClient) -> None:
    query = {"service": "wohngeld-sh", "since": "2023-12-15", "as_of": "2030-12-31"}
    points = (await report(versioned, "timeline", step="year", **query))["items"]
    told = [event for point in points for event in point["events"]]
    assert "2024-01-01 deprecated 1.0.0" in told
    assert "2030-12-31 sunset 1.0.0" in told
    assert len(told) == len(set(told))


async def test_a_target_stands_beside_what_was_reached(loaded: ApiClient) -> None:
    (row,) = (await report(loaded, "targets"))["items"]
    assert (row["target"], row["due_on"]) == ("350", "2022-12-31")
    assert (row["reported"], row["reported_on"], row["missing"]) == ("70", "2021-08-31", "280")


async def test_every_report_stays_as_it_was_known(moved: ApiClient, settings: Settings) -> None:
    await number_events(settings)
    size = (await moved.get("/v1/log/position")).json()["size"]
    query = {"known_at": str(size), "service": "bauantrag"}
    before = {n: await moved.get(f"/v1/reports/{n}", params=query) for n in NAMES}
    await add_reuse(moved, "bauantrag", "09", "live", "2022-01-01")
    await add_service(moved, "dritter", ozg_ids=["10519"], builders=[{"organisation": "08"}])
    await number_events(settings)
    for name in NAMES:
        again = await moved.get(f"/v1/reports/{name}", params=query)
        assert (again.status_code, again.content) == (200, before[name].content), name
        table = await moved.get(f"/v1/reports/{name}.csv", params=query)
        assert table.headers["content-type"].startswith("text/csv"), name


def test_points_in_time_begin_and_end_where_asked() -> None:
    days = days_until(date(2024, 3, 15), date(2023, 12, 31), 1)
    assert days == [
        date(2023, 12, 31),
        date(2024, 1, 1),
        date(2024, 2, 1),
        date(2024, 3, 1),
        date(2024, 3, 15),
    ]
    assert days_until(date(2024, 3, 15), date(2025, 1, 1), 1) == [date(2024, 3, 15)]
    assert len(days_until(date(2024, 3, 15), date(1900, 1, 1), 1)) <= 202
    assert days_until(date.min, None, 1) == [date.min]
    assert days_until(date.max, date.min, 12)[-1] == date.max
