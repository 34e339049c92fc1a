"""From the contract on, a reuse under the Dachabkommen is covered by a chain of agreements."""

from typing import Any

import pytest

from registry.db import Connection, begin
from registry.identity.operator import operator
from registry.reuse.actions import take_over
from registry.reuse.model import ReuseNotCovered
from tests.agreements.drafts import CREATE, PRESS, contract, framework
from tests.client import ApiClient, pointers
from tests.reuse.drafts import fact, reuse, step


async def put(api: ApiClient, *documents: dict[str, Any]) -> None:
    admin = await api.as_admin()
    for document in documents:
        path = f"/v1/agreements/{document['slug']}"
        answer = await admin.put(path, json=document, headers=CREATE)
        assert answer.status_code == 201, answer.text


async def test_without_a_contract_a_step_is_refused_and_changes_nothing(api: ApiClient) -> None:
    nrw = await api.as_body("05", "reuse")
    answer = await nrw.post("/v1/reuses", json=reuse(stage="contracted"))
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"] == "/problems/reuse-not-covered"
    assert (problem["missing"], problem["body"]) == ("contract-missing", "05")
    assert pointers(problem) == ["/stage"]
    assert (await api.get("/v1/reuses")).json()["total"] == 0


async def test_the_missing_accession_is_named_and_once_recorded_the_step_is_taken(
    api: ApiClient,
) -> None:
    await put(api, framework("13"), contract("v", "05", "fitko", services=["bauantrag"]))
    nrw = await api.as_body("05", "reuse", "agreements")
    refused = (await nrw.post("/v1/reuses", json=reuse("05315"))).json()
    assert refused["missing"] == "accession-missing"
    assert (refused["agreement"], refused["body"]) == ("rahmen", "05")
    english = await nrw.post("/v1/reuses", json=reuse("05315"), headers={"Accept-Language": "en"})
    (place,) = english.json()["errors"]
    assert "the accession of 05 to the agreement “rahmen” is missing" in place["detail"]
    joins = {"valid_from": "2023-03-01"}
    path = "/v1/agreements/rahmen/accessions/05"
    assert (await nrw.put(path, json=joins, headers=CREATE)).status_code == 201
    early = await nrw.post("/v1/reuses", json=reuse("05315", date="2023-02-28"))
    assert early.json()["missing"] == "accession-missing"
    answer = await nrw.post("/v1/reuses", json=reuse("05315", date="2023-03-01"))
    assert answer.status_code == 201
    body = answer.json()
    assert (body["state"]["agreement"], body["state"]["contract"]) == ("v", "recorded")
    assert body["steps"][0]["agreement"] == "v"


async def test_every_step_is_covered_at_its_own_date(api: ApiClient) -> None:
    ends = contract("v", "05", "13", services=["bauantrag"], in_force_to="2024-07")
    await put(api, framework("05", "13"), ends)
    nrw = await api.as_body("05", "reuse")
    early = await nrw.post("/v1/reuses", json=reuse(stage="contracted", date="2022-12-31"))
    assert early.json()["missing"] == "contract-not-in-force"
    first = await nrw.post("/v1/reuses", json=reuse(stage="contracted", date="2023-01-01"))
    steps = f"{first.json()['links']['self']}/steps"
    late = await nrw.post(steps, json=step("live", "2024-07-01"))
    assert (late.status_code, late.json()["missing"]) == (422, "contract-not-in-force")
    assert (await nrw.post(steps, json=step("live", "2024-06-30"))).status_code == 201
    assert (await nrw.post(steps, json=step("suspended", "2024-07-01"))).status_code == 201
    assert (await nrw.post(steps, json=step("ended", "2024-08-01"))).status_code == 201
    recorded = (await api.get(first.json()["links"]["self"])).json()["steps"]
    assert [each["agreement"] for each in recorded] == ["v", "v", None, None]


async def test_a_correction_is_covered_like_any_step(api: ApiClient) -> None:
    await put(api, framework("05"), contract("v", "05", "13", services=["bauantrag"]))
    nrw = await api.as_body("05", "reuse")
    body = (await nrw.post("/v1/reuses", json=reuse())).json()
    path = f"{body['links']['self']}/steps/{body['steps'][0]['id']}/corrections"
    wrong = await nrw.post(path, json=step("live", "2020-01-01", reason="früher"))
    assert wrong.json()["type"] == "/problems/reuse-not-covered"
    right = await nrw.post(path, json=step("live", "2023-02-01", reason="früher"))
    assert right.status_code == 201


async def test_before_the_contract_and_for_other_services_nothing_is_needed(
    api: ApiClient,
) -> None:
    nrw = await api.as_body("05", "reuse")
    assert (await nrw.post("/v1/reuses", json=reuse(stage="agreed"))).status_code == 201
    assert (await nrw.post("/v1/reuses", json=reuse(service="ewa"))).status_code == 201


@pytest.mark.parametrize("user", ["13", "13074"])
async def test_own_use_needs_no_contract(api: ApiClient, user: str) -> None:
    own = await (await api.as_body("13", "reuse")).post("/v1/reuses", json=reuse(user))
    assert own.status_code == 201
    assert own.json()["state"]["own_use"] is True
    assert own.json()["state"]["contract"] is None


async def test_what_is_only_reported_is_shown_and_counted_apart(api: ApiClient) -> None:
    reported = reuse(evidence={"kind": "reported", "reference": PRESS})
    nrw = await api.as_body("05", "reuse")
    assert (await nrw.post("/v1/reuses", json=reported)).status_code == 403
    admin = await api.as_admin()
    unsourced = reuse(evidence={"kind": "reported"})
    assert (await admin.post("/v1/reuses", json=unsourced)).status_code == 422
    answer = await admin.post("/v1/reuses", json=reported)
    assert answer.status_code == 201
    state = answer.json()["state"]
    assert (state["evidence"], state["contract"]) == ("reported", "not_recorded")
    early = reuse("07", stage="agreed", evidence={"kind": "reported", "reference": PRESS})
    agreed = await admin.post("/v1/reuses", json=early | {"service": "ewa"})
    assert agreed.json()["state"]["contract"] is None
    await put(api, framework("06"), contract("v", "06", "13", services=["bauantrag"]))
    hessen = await api.as_body("06", "reuse")
    assert (await hessen.post("/v1/reuses", json=reuse("06"))).status_code == 201
    expected = {"reuses": 2, "reported": 1, "own_use": 0}
    for query in ("?service=bauantrag", "?stage=live"):
        assert (await api.get(f"/v1/reuses{query}")).json()["counts"] == expected


async def test_facts_without_a_source_are_covered_or_refused(
    api: ApiClient, conn: Connection
) -> None:
    told = fact("05", "live", "2024-06")
    unsourced = [type(told)(organisation="06", status="live", date="2024-06")]
    async with begin(conn, operator()) as tx:
        assert await take_over(tx, "bauantrag", [told]) == 1
    with pytest.raises(ReuseNotCovered):
        async with begin(conn, operator()) as tx:
            await take_over(tx, "bauantrag", unsourced)
    await put(api, framework("06"), contract("v", "06", "13", themes=["bauen_wohnen"]))
    async with begin(conn, operator()) as tx:
        assert await take_over(tx, "bauantrag", unsourced) == 1


async def test_a_contract_of_whom_the_body_lets_conclude_them_covers_it(
    api: ApiClient, conn: Connection
) -> None:
    await put(api, framework("05", "13"), contract("v", "fitko", "13", services=["bauantrag"]))
    koeln = await api.as_body("05315", "reuse", "agreements")
    today = str(await conn.fetchval("select legal_today()"))
    answers = [await koeln.post("/v1/reuses", json=reuse("05315", date=today))]
    for scopes in (["reuse"], ["reuse", "agreements"]):
        await koeln.put("/v1/delegations/05315/fitko", json={"scopes": scopes})
        answers.append(await koeln.post("/v1/reuses", json=reuse("05315", date=today)))
    assert [answer.status_code for answer in answers] == [422, 422, 201], answers[-1].text
    assert answers[-1].json()["steps"][0]["agreement"] == "v"
