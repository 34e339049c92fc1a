from typing import Any

import pytest

from registry.settings import Settings
from tests.catalogue.drafts import CREATE, draft
from tests.client import ApiClient
from tests.templates import number_events

# Who uses which service, at which stage, since when. Mecklenburg-Vorpommern built both.
REUSES = (
    ("bauantrag", "05", "live", "2023-03-01"),
    ("bauantrag", "082220000000", "pilot", "2023-10-01"),
    ("bauantrag", "08221", "live", "2024-02-01"),
    ("bauantrag", "13074", "live", "2021-01-01"),
    ("wohngeld", "06", "contracted", "2023-01-01"),
    ("wohngeld", "05", "live", "2024-06-01"),
)


@pytest.fixture
async def used(client: ApiClient) -> ApiClient:
    """The client, over two services and who uses them."""
    admin = await client.as_admin()
    for slug in ("bauantrag", "wohngeld", "unbenutzt"):
        document = draft(slug, names={"de": slug}, builders=[{"organisation": "13"}])
        await admin.put(
            f"/v1/services/{slug}",
            json=document,
            headers=CREATE,
            params={"valid_from": "2020-01-01"},
        )
    for service, organisation, stage, since in REUSES:
        reuse = {"service": service, "organisation": organisation, "stage": stage, "date": since}
        answer = await admin.post("/v1/reuses", json=reuse)
        assert answer.status_code == 201, answer.text
    return client


async def listed(client: ApiClient, **query: str) -> dict[str, Any]:
    answer = await client.get("/v1/services", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def slugs(client: ApiClient, **query: str) -> list[str]:
    return [item["slug"] for item in (await listed(client, **query))["items"]]


async def reused_by(client: ApiClient, **query: str) -> dict[str, tuple[int, int]]:
    """By service how many states and bodies use it."""
    items = (await listed(client, **query))["items"]
    return {i["slug"]: (i["reused_by"]["states"], i["reused_by"]["bodies"]) for i in items}


async def test_a_service_says_in_how_many_states_how_many_bodies_use_it(used: ApiClient) -> None:
    assert await reused_by(used) == {"bauantrag": (2, 3), "unbenutzt": (0, 0), "wohngeld": (1, 1)}


async def test_only_pilots_and_operation_count_as_of_the_day(used: ApiClient) -> None:
    then = await reused_by(used, as_of="2023-10-31")
    assert then == {"bauantrag": (2, 2), "unbenutzt": (0, 0), "wohngeld": (0, 0)}


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("05", ["bauantrag", "wohngeld"]),
        ("050000000000", ["bauantrag", "wohngeld"]),
        ("08", ["bauantrag"]),
        ("08222", ["bauantrag"]),
        ("08225", []),
        ("13", []),
        ("06", []),
    ],
)
async def test_services_used_within_a_territory_are_found(
    used: ApiClient, key: str, found: list[str]
) -> None:
    answer = await listed(used, reused_within=key)
    assert [item["slug"] for item in answer["items"]] == found
    assert answer["total"] == len(found)


async def test_services_nobody_else_uses_are_found(used: ApiClient) -> None:
    assert await slugs(used, reused_by_states="0") == ["unbenutzt"]
    assert await slugs(used, reused_by_states="2") == ["bauantrag"]


async def test_facets_count_use_by_state_and_by_number_of_states(used: ApiClient) -> None:
    facets = (await listed(used, reused_within="08"))["facets"]
    assert facets["reused_within"] == [
        {
            "value": "05",
            "label": {"de": "Nordrhein-Westfalen", "en": "North Rhine-Westphalia"},
            "count": 2,
        },
        {
            "value": "08",
            "label": {"de": "Baden-Württemberg", "en": "Baden-Württemberg"},
            "count": 1,
        },
    ]
    assert facets["reused_by_states"] == [
        {"value": "2", "label": {"de": "in 2 Ländern", "en": "in 2 states"}, "count": 1}
    ]


async def test_use_is_answered_as_it_was_known(used: ApiClient, settings: Settings) -> None:
    await number_events(settings)
    size = (await used.get("/v1/log/position")).json()["size"]
    then = await used.get("/v1/services", params={"known_at": str(size)})
    now = await listed(used)
    assert then.json()["items"] == now["items"]
    assert then.json()["facets"] == now["facets"]
    admin = await used.as_admin()
    reuse = {"service": "unbenutzt", "organisation": "01", "stage": "live", "date": "2024-01-01"}
    await admin.post("/v1/reuses", json=reuse)
    await number_events(settings)
    again = await used.get("/v1/services", params={"known_at": str(size)})
    assert again.content == then.content
    assert (await reused_by(used))["unbenutzt"] == (1, 1)
    known = await listed(used, known_at=str(size), reused_within="01")
    assert known["total"] == 0
