from typing import Any

from registry.settings import Settings
from tests.catalogue.drafts import CREATE, draft
from tests.client import ApiClient, pointers
from tests.templates import number_events

PATH = "/v1/journeys/geburt"


def journey(*services: str, **fields: Any) -> dict[str, Any]:
    return {"slug": "geburt", "names": {"de": "Ein Kind kommt"}, "services": services, **fields}


async def with_services(client: ApiClient, *slugs: str) -> ApiClient:
    admin = await client.as_admin()
    for slug in slugs:
        await admin.put(
            f"/v1/services/{slug}",
            json=draft(slug),
            headers=CREATE,
            params={"valid_from": "2020-01-01"},
        )
    return admin


async def test_a_journey_bundles_services(client: ApiClient) -> None:
    admin = await with_services(client, "elterngeld", "geburtsanzeige")
    answer = await admin.put(PATH, json=journey("geburtsanzeige", "elterngeld"), headers=CREATE)
    assert answer.status_code == 201
    assert (await client.get(PATH)).json()["services"] == ["geburtsanzeige", "elterngeld"]
    listed = (await client.get("/v1/journeys")).json()
    assert (listed["total"], listed["items"][0]["link"]) == (1, PATH)


async def test_a_journey_changes_from_a_day_on(client: ApiClient, settings: Settings) -> None:
    admin = await with_services(client, "elterngeld", "geburtsanzeige")
    first = await admin.put(
        PATH, json=journey("elterngeld"), headers=CREATE, params={"valid_from": "2021-01-01"}
    )
    await number_events(settings)
    size = (await client.get("/v1/log/position")).json()["size"]
    known = {"If-Match": first.headers["ETag"]}
    changed = journey("elterngeld", "geburtsanzeige")
    await admin.put(PATH, json=changed, headers=known, params={"valid_from": "2023-01-01"})
    days = {"2022-12-31": 1, "2023-01-01": 2}
    for day, services in days.items():
        shown = (await client.get(PATH, params={"as_of": day})).json()
        assert len(shown["services"]) == services
    before = (await client.get(PATH, params={"known_at": str(size)})).json()
    assert before["known_at"]["size"] == size
    assert {**before, "known_at": None} == first.json()
    absent = await client.get(PATH, params={"as_of": "2020-12-31"})
    assert absent.json()["type"] == "/problems/unknown-journey"


async def test_the_same_journey_again_records_nothing(client: ApiClient) -> None:
    admin = await with_services(client, "elterngeld")
    first = await admin.put(PATH, json=journey("elterngeld"), headers=CREATE)
    known = {"If-Match": first.headers["ETag"]}
    again = await admin.put(PATH, json=journey("elterngeld"), headers=known, events=0)
    assert again.status_code == 200


async def test_a_journey_names_known_services_once(client: ApiClient) -> None:
    admin = await with_services(client, "elterngeld")
    wrong = journey("elterngeld", "unbekannt", "elterngeld")
    answer = await admin.put(PATH, json=wrong, headers=CREATE)
    assert answer.json()["type"] == "/problems/invalid-journey"
    assert pointers(answer.json()) == ["/services/1", "/services/2"]


async def test_journeys_are_the_operators(client: ApiClient) -> None:
    await with_services(client, "elterngeld")
    state = await client.as_body("01", "publish:*")
    answer = await state.put(PATH, json=journey("elterngeld"), headers=CREATE)
    assert answer.status_code == 403
