from typing import Any

from tests.client import ApiClient, pointers
from tests.reuse.drafts import PRESS, reuse, step
from tests.templates import number_events


async def started(api: ApiClient, **fields: Any) -> str:
    """The address of a new reuse."""
    answer = await api.post("/v1/reuses", json=reuse(**fields))
    assert answer.status_code == 201, answer.text
    return answer.json()["links"]["self"]


async def items(api: ApiClient, query: str) -> list[dict[str, Any]]:
    answer = await api.get(f"/v1/reuses?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_a_land_records_its_reuse(api: ApiClient) -> None:
    nrw = await api.as_body("05", "reuse")
    answer = await nrw.post("/v1/reuses", json=reuse(date="2023-10", basis="observed"))
    assert answer.status_code == 201
    body = answer.json()
    assert answer.headers["location"] == body["links"]["self"] == f"/v1/reuses/{body['id']}"
    assert body["organisation"] == {"key": "05", "name": "Nordrhein-Westfalen"}
    assert body["state"]["stage"] == "live"
    assert body["state"]["since"] == {
        "date": "2023-10-31",
        "precision": "month",
        "basis": "observed",
    }
    assert body["state"]["area"] == ["05"]
    assert body["state"]["own_use"] is False
    (recorded,) = body["steps"]
    assert recorded["recorded_by"] == {
        "organisation": {"key": "05", "name": "Nordrhein-Westfalen"},
        "on_behalf": False,
    }


async def test_the_reuse_again_is_the_same_and_another_one_is_refused_with_its_address(
    api: ApiClient,
) -> None:
    nrw = await api.as_body("05", "reuse")
    address = await started(nrw)
    again = await nrw.post("/v1/reuses", json=reuse("050000000000"), events=0)
    assert (again.status_code, again.json()["links"]["self"]) == (200, address)
    other = await nrw.post("/v1/reuses", json=reuse(date="2024"))
    assert other.status_code == 409
    assert other.json()["type"] == "/problems/reuse-exists"
    assert other.json()["address"] == address


async def test_the_identical_step_again_changes_nothing(api: ApiClient) -> None:
    nrw = await api.as_body("05", "reuse")
    address = await started(nrw)
    first = await nrw.post(f"{address}/steps", json=step("suspended", "2024-05-01"))
    assert first.status_code == 201
    again = await nrw.post(f"{address}/steps", json=step("suspended", "2024-05-01"), events=0)
    assert again.status_code == 200
    assert again.json() == first.json()


async def test_operation_resumed_without_a_date_is_recorded(api: ApiClient) -> None:
    nrw = await api.as_body("05", "reuse")
    address = await started(nrw, date=None)
    await nrw.post(f"{address}/steps", json=step("suspended", None))
    resumed = await nrw.post(f"{address}/steps", json=step("live", None), events=1)
    assert (resumed.status_code, resumed.json()["state"]["stage"]) == (201, "live")
    again = await nrw.post(f"{address}/steps", json=step("live", None), events=0)
    assert again.status_code == 200


async def test_a_step_that_does_not_fit_is_refused_with_what_would(api: ApiClient) -> None:
    nrw = await api.as_body("05", "reuse")
    address = await started(nrw)
    answer = await nrw.post(f"{address}/steps", json=step("interest", "2024"))
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"] == "/problems/step-not-allowed"
    assert problem["allowed"] == ["pilot", "live", "suspended", "ended"]
    assert "pilot, live, suspended, ended" in problem["detail"]


async def test_a_land_acts_for_its_municipalities_and_for_no_others(api: ApiClient) -> None:
    nrw = await api.as_body("05", "reuse")
    answer = await nrw.post("/v1/reuses", json=reuse("053150000000"))
    assert answer.status_code == 201
    assert answer.json()["steps"][0]["recorded_by"]["on_behalf"] is True
    assert answer.json()["organisation"]["key"] == "05315"
    foreign = await nrw.post("/v1/reuses", json=reuse("06"))
    assert (foreign.status_code, foreign.json()["type"]) == (403, "/problems/not-yours")
    assert foreign.json()["organisation"] == "06"


async def test_without_the_scope_or_a_token_nothing_is_recorded(api: ApiClient) -> None:
    reader = await api.as_body("05", "audit")
    assert (await reader.post("/v1/reuses", json=reuse())).status_code == 403
    assert (await api.post("/v1/reuses", json=reuse())).status_code == 401


async def test_the_builder_may_not_invent_the_reuse_of_others(api: ApiClient) -> None:
    builder = await api.as_body("13", "reuse", "publish:bauantrag")
    assert (await builder.post("/v1/reuses", json=reuse("05"))).status_code == 403


async def test_what_is_wrong_with_a_step_is_named_all_at_once(api: ApiClient) -> None:
    nrw = await api.as_body("05", "reuse")
    wrong = reuse(date="2023-02-30", area=["05315", "06"], version="9.9.9")
    answer = await nrw.post("/v1/reuses", json=wrong)
    assert answer.status_code == 422
    assert set(pointers(answer.json())) == {"/date", "/area/1", "/version"}
    unknown = await nrw.post("/v1/reuses", json=reuse(service="nirgends"))
    assert pointers(unknown.json()) == ["/service"]
    nobody = await nrw.post("/v1/reuses", json=reuse("99999"))
    assert pointers(nobody.json()) == ["/organisation"]


async def test_nothing_is_observed_in_the_future(api: ApiClient) -> None:
    nrw = await api.as_body("05", "reuse")
    answer = await nrw.post("/v1/reuses", json=reuse(date="2099", basis="observed"))
    assert [place["rule"] for place in answer.json()["errors"]] == ["observed-in-future"]


async def test_only_the_operator_takes_over_what_was_reported_and_names_the_source(
    api: ApiClient,
) -> None:
    reported = {"kind": "reported", "reference": PRESS}
    nrw, admin = await api.as_body("05", "reuse"), await api.as_admin()
    answer = await nrw.post("/v1/reuses", json=reuse(evidence=reported))
    assert (answer.status_code, answer.json()["missing_scope"]) == (403, "admin")
    bare = await admin.post("/v1/reuses", json=reuse(evidence={"kind": "reported"}))
    assert pointers(bare.json()) == ["/evidence/reference"]
    assert (await admin.post("/v1/reuses", json=reuse(evidence=reported))).status_code == 201
    assert (await items(api, "service=bauantrag"))[0]["evidence"] == "reported"


async def test_a_future_step_is_known_before_it_holds(api: ApiClient) -> None:
    nrw = await api.as_body("05", "reuse")
    address = await started(nrw)
    await nrw.post(f"{address}/steps", json=step("ended", "2098-01-01"))
    (now,) = await items(api, "service=bauantrag")
    assert (now["stage"], now["valid_to"]) == ("live", "2098-01-01")
    (then,) = await items(api, "service=bauantrag&as_of=2098-01-01")
    assert then["stage"] == "ended"


async def test_since_is_when_the_stage_began_over_steps_that_repeat_it(api: ApiClient) -> None:
    nrw = await api.as_body("05", "reuse")
    address = await started(nrw, date="2023")
    await nrw.post(f"{address}/steps", json=step("live", "2024-06", basis="observed"))
    (state,) = await items(api, "service=bauantrag")
    assert state["since"]["date"] == "2023-01-01"
    assert state["valid_from"] == "2024-06-30"


async def test_a_void_step_answers_nothing_but_stays_readable(api: ApiClient) -> None:
    nrw = await api.as_body("05", "reuse")
    address = await started(nrw)
    added = await nrw.post(f"{address}/steps", json=step("suspended", "2024"))
    wrong = added.json()["steps"][1]["id"]
    voided = await nrw.post(f"{address}/steps/{wrong}/void", json={"reason": "Verwechslung"})
    assert voided.status_code == 201
    assert voided.json()["state"]["stage"] == "live"
    assert voided.json()["steps"][1]["voided"]["reason"] == "Verwechslung"
    again = await nrw.post(
        f"{address}/steps/{wrong}/void", json={"reason": "noch einmal"}, events=0
    )
    assert again.status_code == 200


async def test_a_correction_is_a_void_and_a_step_in_one_event(
    api: ApiClient, settings: Any
) -> None:
    nrw = await api.as_body("05", "reuse")
    address = await started(nrw, date="2023-03-01")
    wrong = (await api.get(address)).json()["steps"][0]["id"]
    size = await number_events(settings)
    right = step("live", "2023-05-01") | {"reason": "Tippfehler"}
    answer = await nrw.post(f"{address}/steps/{wrong}/corrections", json=right)
    assert answer.status_code == 201
    assert answer.json()["state"]["since"]["date"] == "2023-05-01"
    again = await nrw.post(f"{address}/steps/{wrong}/corrections", json=right, events=0)
    assert again.status_code == 200
    other = await nrw.post(
        f"{address}/steps/{wrong}/corrections", json=right | {"date": "2023-06-01"}
    )
    assert (other.status_code, other.json()["type"]) == (409, "/problems/step-is-void")
    old = (await api.get(f"{address}?known_at={size}")).json()
    assert old["state"]["since"]["date"] == "2023-03-01"
    assert old["steps"][0]["voided"] is None
    assert old["known_at"]["size"] == size
    (listed,) = await items(api, f"service=bauantrag&known_at={size}")
    assert listed["valid_from"] == "2023-03-01"


async def test_a_void_that_would_leave_an_impossible_sequence_is_refused(api: ApiClient) -> None:
    nrw = await api.as_body("05", "reuse")
    address = await started(nrw, stage="agreed", date="2022")
    await nrw.post(f"{address}/steps", json=step("live", "2023"))
    added = await nrw.post(f"{address}/steps", json=step("ended", "2024"))
    live = added.json()["steps"][1]["id"]
    answer = await nrw.post(f"{address}/steps/{live}/void", json={"reason": "nie in Betrieb"})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/void-not-allowed")


async def test_unknown_reuses_and_steps_are_not_found(api: ApiClient) -> None:
    nrw = await api.as_body("05", "reuse")
    address = await started(nrw)
    nowhere = "00000000-0000-4000-8000-000000000000"
    assert (await api.get(f"/v1/reuses/{nowhere}")).json()["type"] == "/problems/unknown-reuse"
    answer = await nrw.post(f"{address}/steps/{nowhere}/void", json={"reason": "x"})
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-step")
    missing = await nrw.post(f"/v1/reuses/{nowhere}/steps", json=step())
    assert missing.status_code == 404


async def test_a_note_is_kept_and_is_no_stage(api: ApiClient) -> None:
    nrw = await api.as_body("05", "reuse")
    address = await started(nrw)
    note = {"kind": "announced", "text": "Start im Mai", "date": "2024-05", "source": PRESS}
    answer = await nrw.post(f"{address}/notes", json=note)
    assert answer.status_code == 201
    assert (await nrw.post(f"{address}/notes", json=note, events=0)).status_code == 200
    (kept,) = answer.json()["notes"]
    assert (kept["text"], kept["date"]) == ("Start im Mai", "2024-05")
    (entry,) = (await api.get("/v1/reuse-notes?service=bauantrag")).json()["items"]
    assert entry["note"] == kept
    assert entry["organisation"]["key"] == "05"


async def test_one_reuse_has_an_etag(api: ApiClient) -> None:
    nrw = await api.as_body("05", "reuse")
    address = await started(nrw)
    first = await api.get(address)
    again = await api.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


async def test_the_place_of_an_unseen_character_is_told(api: ApiClient) -> None:
    admin = await api.as_admin()
    answer = await admin.post("/v1/reuses", json=reuse(note="Stadt \u202eLand"))
    assert answer.status_code == 422
    assert pointers(answer.json()) == ["/note"]
    assert answer.json()["errors"][0]["rule"] == "control-character"
