from typing import Any

import pytest

from registry.db import Connection, begin
from registry.identity.operator import operator
from registry.reuse.actions import take_over
from registry.settings import Settings
from tests.client import ApiClient
from tests.reuse.drafts import BUILDING_FACTS, fact, reuse, step
from tests.templates import number_events


async def ask(api: ApiClient, query: str) -> dict[str, Any]:
    answer = await api.get(f"/v1/reuses?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def stages(api: ApiClient, query: str) -> dict[str, str]:
    """Stage by the key of the body."""
    found = await ask(api, query)
    return {item["organisation"]["key"]: item["stage"] for item in found["items"]}


async def test_what_holds_depends_on_the_day_as_the_sources_say(told: ApiClient) -> None:
    assert await stages(told, "within=08&as_of=2022-11-29") == {}
    assert await stages(told, "within=08&as_of=2022-11-30") == {"08": "pilot"}
    assert await stages(told, "within=08&as_of=2023-10-31") == {"08": "pilot"}
    assert await stages(told, "within=08&as_of=2024-06-30") == {"08": "live", "08222": "live"}
    assert await stages(told, "within=05&as_of=2023-10-31") == {"05": "contracted"}


async def test_a_day_between_two_sources_answers_as_the_day_of_the_first(told: ApiClient) -> None:
    earlier = await ask(told, "service=bauantrag&as_of=2023-12-31")
    later = await ask(told, "service=bauantrag&as_of=2024-01-31")
    assert earlier["items"] == later["items"]


async def test_own_use_is_told_apart_from_reuse(told: ApiClient) -> None:
    found = await ask(told, "service=bauantrag")
    own = {item["organisation"]["key"] for item in found["items"] if item["own_use"]}
    assert own == {"13074"}
    assert found["counts"] == {"reuses": 4, "reported": 4, "own_use": 1}
    assert found["total"] == 5
    assert (await ask(told, "service=bauantrag&own_use=false"))["total"] == 4


async def test_an_undated_fact_holds_from_the_day_of_recording(told: ApiClient) -> None:
    (hesse,) = (await ask(told, "organisation=06"))["items"]
    assert hesse["since"]["basis"] == "recorded"
    assert hesse["area"] is None
    assert (await ask(told, "organisation=06&as_of=2024-12-31"))["items"] == []


async def test_a_territory_is_asked_for_by_any_key_padded_or_not(told: ApiClient) -> None:
    everywhere = await stages(told, "within=08")
    assert everywhere == await stages(told, "within=080000000000")
    for key in ("08222", "082220000", "082220000000"):
        assert await stages(told, f"within={key}") == {"08222": "live"}
    malformed = await told.get("/v1/reuses?within=0822")
    assert (malformed.status_code, malformed.json()["type"]) == (400, "/problems/malformed-key")


async def test_an_area_is_found_within_the_territory_it_lies_in(
    told: ApiClient, conn: Connection
) -> None:
    async with begin(conn, operator()) as tx:
        await take_over(tx, "ewa", [fact("dataport", "live", "2024", area=("01", "020000000000"))])
    assert await stages(told, "within=01&service=ewa") == {"dataport": "live"}
    (found,) = (await ask(told, "within=02&service=ewa"))["items"]
    assert found["area"] == ["01", "02"]
    assert await stages(told, "within=03&service=ewa") == {}


async def test_filters_narrow_and_unknown_ones_are_refused(told: ApiClient) -> None:
    assert await stages(told, "stage=live&within=05") == {"05": "live"}
    assert await stages(told, "stage=pilot") == {}
    assert (await ask(told, "version=1.0.0"))["total"] == 0
    assert (await told.get("/v1/reuses?stage=erfunden")).status_code == 400
    assert (await told.get("/v1/reuses?land=05")).status_code == 400
    assert (await told.get("/v1/reuses?organisation=nirgends")).status_code == 404


async def test_pages_follow_each_other_and_add_up(told: ApiClient) -> None:
    whole = await ask(told, "service=bauantrag")
    collected: list[dict[str, Any]] = []
    address: str | None = "/v1/reuses?service=bauantrag&limit=2"
    while address:
        answer = await told.get(address)
        collected += answer.json()["items"]
        address = answer.json()["next"]
        assert (address is None) == ("link" not in answer.headers)
    assert collected == whole["items"]


async def test_bodies_that_are_made_up_are_listed_on_request_only(
    told: ApiClient, owner: Connection
) -> None:
    await owner.execute("update reuses set organisation_key = '99' where organisation_key = '05'")
    await owner.execute("update reuse_periods set demo = true where organisation_key = '05'")
    assert "05" not in await stages(told, "service=bauantrag")
    assert "05" in await stages(told, "service=bauantrag&demo=true")
    notes = "/v1/reuse-notes?service=bauantrag&organisation=05"
    assert (await told.get(notes)).json()["items"] == []
    assert len((await told.get(f"{notes}&demo=true")).json()["items"]) == 1


async def test_reuse_is_found_by_how_applications_arrive(
    api: ApiClient, settings: Settings
) -> None:
    nrw = await api.as_body("05", "reuse")
    await nrw.post("/v1/reuses", json=reuse(back_end="form"))
    size = await number_events(settings)
    for known_at in ("", f"&known_at={size}"):
        assert await stages(api, f"back_end=form{known_at}") == {"05": "live"}
        assert await stages(api, f"back_end=end_to_end{known_at}") == {}
    assert (await ask(api, "back_end=end_to_end"))["total"] == 0
    assert (await api.get("/v1/reuses?back_end=fax")).status_code == 400


async def test_taking_over_again_records_nothing(told: ApiClient, conn: Connection) -> None:
    async with begin(conn, operator()) as tx:
        assert await take_over(tx, "bauantrag", BUILDING_FACTS) == 0
    async with begin(conn, operator()) as tx:
        assert (
            await take_over(tx, "bauantrag", [fact("05", "paused", "2025"), *BUILDING_FACTS]) == 1
        )


async def test_one_event_is_recorded_for_each_body(told: ApiClient, owner: Connection) -> None:
    events = await owner.fetchval("select count(*) from events where action = 'reuse.take_over'")
    assert events == len({"08", "05", "08222", "13074", "06"})


async def test_the_same_known_at_gives_the_same_bytes(
    told: ApiClient, conn: Connection, settings: Settings
) -> None:
    size = await number_events(settings)
    address = f"/v1/reuses?as_of=2024-06-30&known_at={size}"
    before = await told.get(address)
    assert before.json()["total"] is None
    assert before.json()["known_at"]["size"] == size
    now = await ask(told, "as_of=2024-06-30")
    assert before.json()["items"] == now["items"]
    async with begin(conn, operator()) as tx:
        await take_over(
            tx, "bauantrag", [fact("07", "live", "2024-01"), fact("08", "ended", "2024-06-15")]
        )
        assert (await told.get(address)).content == before.content
    assert (await told.get(address)).content == before.content
    await number_events(settings)
    assert (await told.get(address)).content == before.content
    assert (await ask(told, "as_of=2024-06-30"))["items"] != now["items"]


@pytest.mark.parametrize("known_at", ["0", "999999", "2001-01-01T00:00:00Z"])
async def test_a_log_position_that_is_not_there_is_refused(told: ApiClient, known_at: str) -> None:
    answer = await told.get("/v1/reuses", params={"known_at": known_at})
    assert answer.json()["type"] == "/problems/unknown-log-position"


async def test_versions_are_asked_for_and_kept_until_another_is_named(
    api: ApiClient, owner: Connection
) -> None:
    await owner.execute(
        """
        insert into versions (service, version, sort_key, prerelease, released_on, precision, notes,
                              event_id)
        select slug, '1.0.0', '1', false, '2023-01-01', 'day', '{}', event_id
        from services where slug = 'bauantrag'
        """
    )
    nrw = await api.as_body("05", "reuse")
    address = (await nrw.post("/v1/reuses", json=reuse(version="1.0.0"))).json()["links"]["self"]
    await nrw.post(f"{address}/steps", json=step("suspended", "2024"))
    assert await stages(api, "version=1.0.0&service=bauantrag") == {"05": "suspended"}
    await nrw.post(f"{address}/steps", json=step("live", "2025", version=None))
    assert await stages(api, "version=1.0.0&service=bauantrag") == {}
    assert (await ask(api, "service=bauantrag"))["items"][0]["version"] is None
