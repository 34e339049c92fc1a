"""Cost shares over HTTP: participants from the ledger, inhabitants from the register."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from registry.agreements import keys
from registry.agreements.actions import load_distribution_keys
from registry.db import Connection, begin
from registry.identity.operator import operator
from registry.settings import Settings
from tests.client import ApiClient, pointers
from tests.reports.asking import add_reuse, add_service
from tests.templates import number_events

PATH = "/v1/reports/cost-shares"
QUERY = {
    "rule": "2021/24",
    "amount_eur": "1000.01",
    "charged_year": "2025",
    "service": "bauantrag",
    "key_year": "2019",
}


@pytest.fixture
async def reused(client: ApiClient) -> ApiClient:
    await add_service(client, "bauantrag")
    await add_reuse(client, "bauantrag", "01", "live", "2022-01-01")
    await add_reuse(client, "bauantrag", "02", "live", "2023-01-01")
    return client


def totals(answer: dict[str, Any]) -> dict[str, str]:
    return {total["key"]: total["amount_eur"] for total in answer["totals"]}


async def test_who_pays_are_the_laender_that_reuse_it_on_the_day(reused: ApiClient) -> None:
    answer = (await reused.get(PATH, params=QUERY)).json()
    # As worked out by hand in test_cost_shares.py.
    assert totals(answer) == {"01": "566.77", "02": "433.24"}
    assert (answer["keys"][0]["year"], answer["charged_year"]) == (2019, 2025)
    early = (await reused.get(PATH, params=QUERY | {"as_of": "2022-12-31"})).json()
    assert totals(early) == {"01": "1000.01"}


async def test_what_joining_would_change_is_told(reused: ApiClient) -> None:
    answer = (await reused.get(PATH, params=QUERY | {"basis": "equal", "joining": "03,04"})).json()
    assert [(c["key"], c["before_eur"], c["after_eur"]) for c in answer["changes"]] == [
        ("01", "500.01", "250.01"),
        ("02", "500.00", "250.00"),
        ("03", "0.00", "250.00"),
        ("04", "0.00", "250.00"),
    ]


async def test_inhabitants_come_from_the_register(reused: ApiClient) -> None:
    answer = (await reused.get(PATH, params=QUERY | {"basis": "inhabitants"})).json()
    told = {entry["key"]: entry["inhabitants"] for entry in answer["inhabitants"]}
    assert told == {"01": 2965691, "02": 1910160}
    assert sum(float(amount) for amount in totals(answer).values()) == pytest.approx(1000.01)


async def test_a_missing_key_and_nobody_to_pay_are_refused(reused: ApiClient) -> None:
    answer = await reused.get(PATH, params=QUERY | {"key_year": "2018"})
    assert (answer.status_code, answer.json()["there"]) == (422, "2014, 2015, 2016, 2019")
    answer = await reused.get(PATH, params=QUERY | {"as_of": "2021-01-01"})
    assert (answer.status_code, pointers(answer.json())) == (422, ["/participants"])


async def test_a_whole_question_is_answered_and_nothing_recorded(reused: ApiClient) -> None:
    body = await reused.as_body("01", "reuse")
    asked = {
        "rule": "2023/35",
        "charged_year": 2025,
        "key_year": 2019,
        "costs": [{"name": "Betrieb", "amount_eur": "100.03"}],
        "parts": [{"basis": "uses"}],
        "participants": ["01", "020000000000"],
        "measures": {"uses": {"01": "3", "020000000000": "1"}},
    }
    answer = await body.post(PATH, json=asked, events=0)
    assert answer.status_code == 200, answer.text
    pots = {pot["name"]: pot for pot in answer.json()["positions"][0]["pots"]}
    # 5001 cents over 3:1 are 3750 3/4 and 1250 1/4.
    half = {entry["key"]: entry["amount_eur"] for entry in pots["reusing_states"]["bodies"]}
    assert half == {"01": "37.51", "02": "12.50"}
    table = await reused.get(f"{PATH}.csv", params=QUERY)
    assert table.text.splitlines()[1].startswith("bauantrag,koenigstein,koenigstein,01,3.40578,")


async def test_a_corrected_key_changes_no_answer_of_before(
    reused: ApiClient, conn: Connection, settings: Settings, tmp_path: Path
) -> None:
    asked = QUERY | {"basis": "koenigstein", "as_of": "2024-01-01"}
    size = await number_events(settings)
    first = (await reused.get(PATH, params=asked)).json()
    corrected = tmp_path / "distribution_keys.csv"
    text = keys.FILE.read_text()
    corrected.write_text(text.replace("koenigstein,2019,01,3.40578", "koenigstein,2019,01,3.50578"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "FILE", corrected)
        async with begin(conn, operator()) as tx:
            assert await load_distribution_keys(tx)
            assert not await load_distribution_keys(tx)
    later = (await reused.get(PATH, params=asked)).json()
    assert totals(later) != totals(first)
    assert later["keys"][0]["sha256"] == hashlib.sha256(corrected.read_bytes()).hexdigest()
    before = await reused.get(PATH, params=asked | {"known_at": str(size)})
    assert (totals(before.json()), before.json()["keys"]) == (totals(first), first["keys"])


async def test_a_question_in_short_is_told_what_it_lacks(reused: ApiClient) -> None:
    for query, pointer in (
        ({"rule": "2021/24"}, "?"),
        (QUERY | {"amount_eur": "1.000"}, "?amount_eur"),
        (QUERY | {"rule": "2021"}, "?rule"),
    ):
        answer = await reused.get(PATH, params=query)
        (error,) = answer.json()["errors"]
        assert answer.status_code == 400
        assert error["pointer"].startswith(pointer)
        assert error["rule"] != "type"
