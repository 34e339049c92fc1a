import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from registry.db import Connection, Tx
from registry.settings import Settings
from tests.catalogue.drafts import CREATE, FULL, draft
from tests.client import ApiClient, pointers
from tests.templates import number_events

PATH = "/v1/services/wohngeld-sh"


async def create(admin: ApiClient, document: dict[str, Any], **query: str) -> dict[str, str]:
    """Create a service; returns the headers that name its state."""
    path = f"/v1/services/{document['slug']}"
    answer = await admin.put(path, json=document, headers=CREATE, params=query)
    assert answer.status_code == 201, answer.text
    return {"If-Match": answer.headers["ETag"]}


async def test_a_service_is_answered_with_everything_it_was_given(client: ApiClient) -> None:
    admin = await client.as_admin()
    await create(admin, FULL)
    answer = await client.get("/v1/services/bauantrag")
    shown = answer.json()
    assert {name: shown[name] for name in ("slug", "theme", "procedures")} == {
        name: FULL[name] for name in ("slug", "theme", "procedures")
    }
    record = shown["record"]
    assert [(b["key"], b["name"], b["role"]) for b in record["builders"]] == [
        ("13", "Mecklenburg-Vorpommern", "lead"),
        ("02", "Hamburg, Freie und Hansestadt", "partner"),
    ]
    assert record["revision"] == 1
    assert record["without_key"] is False
    assert record["links"]["self"] == "/v1/services/bauantrag"


async def test_a_service_may_exist_before_it_has_a_key_or_a_builder(client: ApiClient) -> None:
    admin = await client.as_admin()
    await create(admin, draft(builders=[]))
    assert (await client.get(PATH)).json()["record"]["without_key"] is True


async def test_an_etag_saves_the_body(client: ApiClient) -> None:
    await create(await client.as_admin(), draft())
    first = await client.get(PATH)
    again = await client.get(PATH, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_change_needs_the_state_it_changes(client: ApiClient) -> None:
    admin = await client.as_admin()
    known = await create(admin, draft())
    changed = draft(status="live")
    assert (await admin.put(PATH, json=changed)).status_code == 428
    assert (await admin.put(PATH, json=changed, headers=CREATE)).status_code == 412
    stale = {"If-Match": '"0123"'}
    assert (await admin.put(PATH, json=changed, headers=stale)).status_code == 412
    assert (await admin.put(PATH, json=changed, headers=known)).status_code == 200
    assert (await admin.put(PATH, json=draft(), headers=known)).status_code == 412


async def test_what_does_not_exist_cannot_be_changed(client: ApiClient) -> None:
    admin = await client.as_admin()
    answer = await admin.put(PATH, json=draft(), headers={"If-Match": "*"})
    assert answer.status_code == 412


async def test_the_same_document_again_records_nothing(client: ApiClient) -> None:
    admin = await client.as_admin()
    known = await create(admin, FULL)
    path = "/v1/services/bauantrag"
    again = await admin.put(path, json=FULL, headers=known, events=0)
    assert (again.status_code, again.headers["ETag"]) == (200, known["If-Match"])
    lost = {"If-Match": '"an older state"'}
    assert (await admin.put(path, json=FULL, headers=lost, events=0)).status_code == 200


async def test_a_service_is_shown_as_it_was_on_a_day(client: ApiClient) -> None:
    admin = await client.as_admin()
    known = await create(admin, draft(status="pilot"), valid_from="2019-01-01")
    await admin.put(
        PATH, json=draft(status="live"), headers=known, params={"valid_from": "2021-06-01"}
    )
    states = {
        day: (await client.get(PATH, params={"as_of": day})).json().get("status")
        for day in ("2019-01-01", "2021-05-31", "2021-06-01")
    }
    assert states == {"2019-01-01": "pilot", "2021-05-31": "pilot", "2021-06-01": "live"}
    assert (await client.get(PATH)).json()["status"] == "live"
    before = await client.get(PATH, params={"as_of": "2018-12-31"})
    assert (before.status_code, before.json()["type"]) == (404, "/problems/unknown-service")


async def test_a_change_can_be_recorded_ahead(client: ApiClient) -> None:
    admin = await client.as_admin()
    known = await create(admin, draft())
    later = (datetime.now(UTC) + timedelta(days=40)).date().isoformat()
    body = draft(status="ended")
    await admin.put(PATH, json=body, headers=known, params={"valid_from": later})
    assert (await client.get(PATH)).json()["status"] is None
    assert (await client.get(PATH, params={"as_of": later})).json()["status"] == "ended"


async def test_a_later_record_for_the_same_day_holds(client: ApiClient) -> None:
    admin = await client.as_admin()
    known = await create(admin, draft(status="pilot"), valid_from="2020-01-01")
    await admin.put(
        PATH, json=draft(status="live"), headers=known, params={"valid_from": "2020-01-01"}
    )
    assert (await client.get(PATH, params={"as_of": "2020-01-01"})).json()["status"] == "live"
    history = (await client.get(f"{PATH}/revisions")).json()["items"]
    assert [(r["revision"], r["valid_from"], r["valid_to"]) for r in history] == [
        (1, "2020-01-01", "2020-01-01"),
        (2, "2020-01-01", None),
    ]


async def test_a_service_is_shown_as_it_was_known(client: ApiClient, settings: Settings) -> None:
    admin = await client.as_admin()
    known = await create(admin, draft(status="pilot"))
    await number_events(settings)
    size = (await client.get("/v1/log/position")).json()["size"]
    then = await client.get(PATH)
    await admin.put(PATH, json=draft(status="live"), headers=known)
    await number_events(settings)
    assert (await client.get(PATH)).json()["status"] == "live"
    again = (await client.get(PATH, params={"known_at": str(size)})).json()
    assert again.pop("known_at")["size"] == size
    assert {**again, "known_at": None} == then.json()
    earlier = await client.get(PATH, params={"known_at": str(size - 1)})
    assert earlier.status_code == 404
    history = await client.get(f"{PATH}/revisions", params={"known_at": str(size)})
    assert len(history.json()["items"]) == 1


async def test_a_history_as_known_is_the_same_after_a_later_change(
    client: ApiClient, settings: Settings
) -> None:
    admin = await client.as_admin()
    known = await create(admin, draft(status="pilot"), valid_from="2020-01-01")
    await number_events(settings)
    size = (await client.get("/v1/log/position")).json()["size"]
    then = await client.get(f"{PATH}/revisions", params={"known_at": str(size)})
    live, later = draft(status="live"), {"valid_from": "2022-01-01"}
    assert (await admin.put(PATH, json=live, headers=known, params=later)).status_code == 200
    await number_events(settings)
    again = await client.get(f"{PATH}/revisions", params={"known_at": str(size)})
    assert again.content == then.content
    ends = [one["valid_to"] for one in (await client.get(f"{PATH}/revisions")).json()["items"]]
    assert ends == ["2022-01-01", None]


async def test_a_state_publishes_its_own_services_and_those_of_its_municipalities(
    client: ApiClient,
) -> None:
    nrw = await client.as_body("05", "publish:*")
    await create(nrw, draft("umzugsservice", builders=[{"organisation": "05974040"}]))
    await create(nrw, draft("einbuergerung", builders=[{"organisation": "05"}]))
    foreign = await nrw.put(PATH, json=draft(), headers=CREATE)
    assert (foreign.status_code, foreign.json()["organisation"]) == (403, "01")


async def test_a_service_cannot_be_taken_over(client: ApiClient) -> None:
    known = await create(await client.as_admin(), draft())
    nrw = await client.as_body("05", "publish:*")
    taken = draft(builders=[{"organisation": "05"}])
    assert (await nrw.put(PATH, json=taken, headers=known)).status_code == 403
    given = await client.as_body("01", "publish:wohngeld-sh")
    assert (await given.put(PATH, json=taken, headers=known)).status_code == 403
    assert (await given.put(PATH, json=draft(status="live"), headers=known)).status_code == 200


async def test_a_builder_keeps_its_right_until_another_takes_over(client: ApiClient) -> None:
    admin = await client.as_admin()
    known = await create(admin, draft(), valid_from="2020-01-01")
    other = draft(builders=[{"organisation": "05"}])
    ahead = (datetime.now(UTC) + timedelta(days=40)).date().isoformat()
    for day in (ahead, "2019-01-01"):
        answer = await admin.put(PATH, json=other, headers=known, params={"valid_from": day})
        assert answer.status_code == 200, answer.text
    present, coming = (
        await client.as_body("01", "publish:*"),
        await client.as_body("05", "publish:*"),
    )
    taken = await coming.put(PATH, json=other, headers=known)
    assert (taken.status_code, taken.json()["organisation"]) == (403, "01")
    assert (await present.put(PATH, json=draft(status="live"), headers=known)).status_code == 200


async def test_publishing_needs_the_scope_of_the_service(client: ApiClient) -> None:
    assert (await client.put(PATH, json=draft(), headers=CREATE)).status_code == 401
    other = await client.as_body("01", "publish:another")
    answer = await other.put(PATH, json=draft(), headers=CREATE)
    assert (answer.status_code, answer.json()["missing_scope"]) == (403, "publish:wohngeld-sh")


async def test_what_nobody_leads_is_the_operators(client: ApiClient) -> None:
    state = await client.as_body("01", "publish:*")
    assert (await state.put(PATH, json=draft(builders=[]), headers=CREATE)).status_code == 403


async def test_only_the_operator_dates_back(client: ApiClient) -> None:
    state = await client.as_body("01", "publish:*")
    early = await state.put(PATH, json=draft(), headers=CREATE, params={"valid_from": "2020-01-01"})
    assert (early.status_code, pointers(early.json())) == (422, ["?valid_from"])


async def test_a_history_is_taken_over_only_by_the_operator_at_creation(client: ApiClient) -> None:
    record = {"kind": "record", "released_before": "2022-01-01"}
    admin = await client.as_admin()
    known = await create(admin, draft(policy=record))
    state = await client.as_body("01", "publish:*")
    other = draft("other", policy=record)
    answer = await state.put("/v1/services/other", json=other, headers=CREATE)
    assert (answer.status_code, pointers(answer.json())) == (422, ["/policy"])
    await create(state, draft("other"))
    enforced = await state.put(PATH, json=draft(), headers=known)
    assert enforced.status_code == 200
    back = {"If-Match": enforced.headers["ETag"]}
    assert (await admin.put(PATH, json=draft(policy=record), headers=back)).status_code == 422


async def test_everything_unknown_is_named_with_its_place(client: ApiClient) -> None:
    admin = await client.as_admin()
    wrong = draft(
        builders=[{"organisation": "nobody"}],
        theme="wetter",
        model="x",
        procedures=["99999999999999"],
        ozg_ids=["10092", "99999"],
        accounts=[{"account": "bundid", "trust_level": "hoch"}],
        maturity=[{"model_version": "1.1", "level": 7}],
        competence=[
            {"area": "fitko", "source": "x", "levels": ["city"], "valid_from": "2020-02-31"}
        ],
    )
    answer = await admin.put(PATH, json=wrong, headers=CREATE)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-service")
    assert sorted(pointers(answer.json())) == [
        "/accounts/0/trust_level",
        "/builders/0/organisation",
        "/competence/0/area",
        "/competence/0/levels/0",
        "/competence/0/valid_from",
        "/maturity/0/level",
        "/model",
        "/ozg_ids/1",
        "/procedures/0",
        "/theme",
    ]


async def test_a_body_is_no_builder_twice_under_two_keys(client: ApiClient) -> None:
    admin = await client.as_admin()
    twice = draft(builders=[{"organisation": "02"}, {"organisation": "02000000"}])
    answer = await admin.put(PATH, json=twice, headers=CREATE)
    assert pointers(answer.json()) == ["/builders/1/organisation"]


async def test_the_document_must_fit_its_address(client: ApiClient) -> None:
    admin = await client.as_admin()
    answer = await admin.put("/v1/services/other", json=draft(), headers=CREATE)
    assert pointers(answer.json()) == ["/slug"]


async def test_the_event_holds_everything(client: ApiClient, settings: Settings) -> None:
    await create(await client.as_admin(), FULL)
    await number_events(settings)
    found = await client.get("/v1/events", params={"subject": "services/bauantrag"})
    (event,) = found.json()["items"]
    assert event["type"] == "efa.catalogue.put_service"
    assert event["data"]["document"]["names"] == FULL["names"]
    assert event["data"]["builders"][0]["key"] == "13"


async def test_of_two_creations_at_once_one_is_refused(client: ApiClient) -> None:
    admin = await client.as_admin()
    http, headers = admin.http, CREATE | {"Authorization": f"Bearer {admin.token}"}
    calls = [http.put(PATH, json=draft(), headers=headers) for _ in range(3)]
    statuses = sorted(answer.status_code for answer in await asyncio.gather(*calls))
    assert statuses == [201, 412, 412]


async def test_the_application_cannot_rewrite_history(conn: Connection) -> None:
    for table in ("services", "document_revisions", "service_builders"):
        held = await conn.fetchval("select has_table_privilege($1, 'update, delete')", table)
        assert held is False


async def test_cards_made_anew_are_the_same(tx: Tx, client: ApiClient) -> None:
    from registry.catalogue.actions import put_service, show_everything
    from registry.catalogue.model import ServiceDraft

    await put_service(tx, "bauantrag", msgspec.convert(FULL, ServiceDraft))
    before = await tx.fetch("select * from document_cards order by kind, slug, revision")
    await show_everything(tx)
    assert await tx.fetch("select * from document_cards order by kind, slug, revision") == before


async def test_a_service_that_is_not_there_has_no_history(client: ApiClient) -> None:
    answer = await client.get("/v1/services/nowhere/revisions")
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/unknown-service"
