"""Whether a body asked, was refused or gave up is shown to those concerned only."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from registry.catalogue.actions import put_service
from registry.catalogue.model import ServiceDraft
from registry.db import Connection, begin, connect
from registry.identity.operator import operator
from registry.settings import Settings
from tests.catalogue.drafts import draft
from tests.client import ApiClient
from tests.reuse.drafts import reuse, step
from tests.templates import number_events

PRIVATE_TABLES = ("reuses", "reuse_steps", "reuse_areas", "reuse_voids", "reuse_notes")


async def interested(api: ApiClient, body: str = "05315") -> str:
    """The address of a reuse of which there is only an interest."""
    answer = await api.post("/v1/reuses", json=reuse(body, stage="interest", date="2024-01-01"))
    assert answer.status_code == 201, answer.text
    return answer.json()["links"]["self"]


async def seen(api: ApiClient, query: str = "service=bauantrag") -> list[str]:
    answer = await api.get(f"/v1/reuses?{query}")
    return [item["stage"] for item in answer.json()["items"]]


async def test_an_interest_is_seen_by_the_body_its_land_and_the_builder(api: ApiClient) -> None:
    koeln = await api.as_body("05315", "reuse")
    address = await interested(koeln)
    for reader in (
        koeln,
        await api.as_body("05", "reuse"),
        await api.as_body("13", "publish:bauantrag"),
    ):
        assert (await reader.get(address)).status_code == 200
        assert await seen(reader) == ["interest"]
        assert (await reader.get("/v1/reuses?service=bauantrag")).json()["total"] == 1


async def test_an_auditor_sees_it_and_that_is_recorded(api: ApiClient) -> None:
    address = await interested(await api.as_body("05315", "reuse"))
    auditor = await api.as_auditor("bund", within=("05",))
    assert (await auditor.get(address, events=1)).json()["state"]["stage"] == "interest"


async def test_for_everybody_else_it_does_not_exist(api: ApiClient) -> None:
    address = await interested(await api.as_body("05315", "reuse"))
    for reader in (
        api,
        await api.as_body("06", "reuse"),
        await api.as_body("05314", "reuse"),
        await api.as_admin(),
    ):
        missing = await reader.get("/v1/reuses/00000000-0000-4000-8000-000000000000")
        answer = await reader.get(address)
        assert (answer.status_code, answer.json()) == (missing.status_code, missing.json())
        assert await seen(reader) == []
        assert (await reader.get("/v1/reuses?service=bauantrag")).json()["total"] == 0
    stranger = await api.as_body("06", "reuse")
    assert (await stranger.post(f"{address}/steps", json=step())).status_code == 404


async def test_its_event_names_nobody(api: ApiClient, settings: Settings) -> None:
    address = await interested(await api.as_body("05315", "reuse"))
    await number_events(settings)
    events = (await api.get("/v1/events?limit=200")).json()["items"]
    assert not any(event["subject"] == address.removeprefix("/v1/") for event in events)
    assert not any(event["type"].startswith("efa.reuse.") for event in events)


async def test_the_reuse_becomes_public_with_its_first_public_step(api: ApiClient) -> None:
    koeln = await api.as_body("05315", "reuse")
    address = await interested(koeln)
    await koeln.post(f"{address}/steps", json=step("contracted", "2024-06-01"))
    public = (await api.get(address)).json()
    assert [known["stage"] for known in public["steps"]] == ["contracted"]
    assert await seen(api) == ["contracted"]
    assert await seen(api, "service=bauantrag&as_of=2024-03-01") == []
    assert await seen(koeln, "service=bauantrag&as_of=2024-03-01") == ["interest"]


async def test_a_private_stage_ends_the_public_one_before_it_without_showing(
    api: ApiClient, settings: Settings
) -> None:
    koeln = await api.as_body("05315", "reuse")
    answer = await koeln.post("/v1/reuses", json=reuse("05315", stage="agreed", date="2023"))
    address = answer.json()["links"]["self"]
    await koeln.post(f"{address}/steps", json=step("withdrawn", "2024-01-01"))
    size = await number_events(settings)
    for known_at in ("", f"&known_at={size}"):
        assert await seen(api, f"service=bauantrag&as_of=2023-12-31{known_at}") == ["agreed"]
        assert await seen(api, f"service=bauantrag{known_at}") == []
        assert await seen(koeln, f"service=bauantrag{known_at}") == ["withdrawn"]
    public = (await api.get(address)).json()
    assert public["state"] is None
    assert [known["stage"] for known in public["steps"]] == ["agreed"]


async def test_a_land_sees_private_steps_as_once_known(api: ApiClient, settings: Settings) -> None:
    address = await interested(await api.as_body("05315", "reuse"))
    size = await number_events(settings)
    nrw = await api.as_body("05", "reuse")
    answer = (await nrw.get(f"{address}?known_at={size}")).json()
    assert answer["state"]["stage"] == "interest"
    assert await seen(nrw, f"service=bauantrag&known_at={size}") == ["interest"]


@pytest.mark.parametrize("role", ["database_url", "reader_url"])
async def test_the_database_itself_hides_private_rows(
    api: ApiClient, settings: Settings, role: str
) -> None:
    koeln = await api.as_body("05315", "reuse")
    address = await interested(koeln)
    await koeln.post(f"{address}/notes", json={"kind": "remark", "text": "unter uns"})
    conn = await connect(getattr(settings, role))
    try:
        for table in (*PRIVATE_TABLES, "reuse_past_periods", "reuse_periods"):
            count: Any = await conn.fetchval("select count(*) from " + table)  # noqa: S608 - from a list
            assert count == 0, table
    finally:
        await conn.close()


async def test_history_is_only_added_to(api: ApiClient, settings: Settings) -> None:
    nrw = await api.as_body("05", "reuse")
    await nrw.post("/v1/reuses", json=reuse())
    conn = await connect(settings.database_url)
    try:
        for table in (*PRIVATE_TABLES, "reported_figures"):
            for right in ("update", "delete", "truncate"):
                granted = "select has_table_privilege('efa_app', $1, $2)"
                assert await conn.fetchval(granted, table, right) is False, (table, right)
    finally:
        await conn.close()


async def built_by(conn: Connection, *builders: str, days: int = 0) -> None:
    """Have `bauantrag` built by others, some days from now on."""
    document = draft("bauantrag", builders=[{"organisation": key} for key in builders])
    async with begin(conn, operator()) as tx:
        day = tx.today + timedelta(days=days)
        await put_service(tx, "bauantrag", msgspec.convert(document, ServiceDraft), day)


async def test_who_is_to_build_a_service_sees_no_private_stage_before(
    api: ApiClient, conn: Connection
) -> None:
    await interested(await api.as_body("05315", "reuse"))
    await built_by(conn, "02", days=30)
    assert await seen(await api.as_body("02", "publish:bauantrag")) == []
    assert await seen(await api.as_body("13", "publish:bauantrag")) == ["interest"]


async def test_who_built_a_service_sees_no_private_stage_after(
    api: ApiClient, conn: Connection
) -> None:
    await interested(await api.as_body("05315", "reuse"))
    await built_by(conn)
    assert await seen(await api.as_body("13", "publish:bauantrag")) == []


async def test_why_a_private_stage_took_a_public_ones_place_is_for_those_concerned(
    api: ApiClient, settings: Settings
) -> None:
    koeln = await api.as_body("05315", "reuse")
    answer = await koeln.post("/v1/reuses", json=reuse("05315", stage="agreed", date="2023"))
    address = answer.json()["links"]["self"]
    changed = f"{address}/steps/{answer.json()['steps'][0]['id']}/corrections"
    why = {"reason": "nur Interesse"}
    answer = await koeln.post(changed, json=step("interest", "2023") | why)
    assert answer.status_code == 201, answer.text
    size = await number_events(settings)
    for query in ("", f"?known_at={size}"):
        for reader, reason in ((api, None), (await api.as_body("05", "reuse"), "nur Interesse")):
            void = (await reader.get(f"{address}{query}")).json()["steps"][0]["voided"]
            assert (void["reason"], void["event_id"] is None) == (reason, reason is None)
            assert void["recorded_at"]
