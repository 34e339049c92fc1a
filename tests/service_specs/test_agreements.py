"""The agreements that come with the program: complete, with their sources, nothing guessed."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from registry.cli.formats import AgreementFile
from registry.cli.reading import read_yaml
from registry.resources import folder
from registry.settings import Settings
from tests.client import ApiClient, open_client

FILES = sorted((folder("service_specs") / "agreements").glob("*.yaml"))


def told() -> list[AgreementFile]:
    return [read_yaml(file).read_as(AgreementFile, "agreement") for file in FILES]


def test_all_that_was_found_is_there_with_a_source() -> None:
    kinds = Counter(each.kind for each in told())
    assert kinds == {
        "framework": 1,
        "individual": 4,
        "administrative": 2,
        "provision": 2,
        "reuse": 6,
        "decision": 16,
    }
    assert all(source.url for each in told() for source in each.sources)
    assert all(each.sources for each in told())


def test_the_framework_has_bund_and_all_laender_and_no_guessed_signatures() -> None:
    (roof,) = [each for each in told() if each.kind == "framework"]
    named = [party.organisation for party in roof.parties]
    assert named == ["bund", *(f"{land:02}" for land in range(1, 17))]
    assert roof.in_force_from == "2021-01-30"
    signed = {party.organisation: party.signed_on for party in roof.parties if party.signed_on}
    assert signed == {"bund": "2021-01-29"}


@pytest.fixture
async def registry(loaded_settings: Settings) -> AsyncIterator[ApiClient]:
    async with open_client(loaded_settings) as opened:
        yield opened


async def found(registry: ApiClient, path: str) -> Any:
    answer = await registry.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_they_are_in_the_registry(registry: ApiClient) -> None:
    assert (await found(registry, "/v1/agreements?limit=1"))["total"] == len(FILES)
    before = await found(registry, "/v1/agreements/dachabkommen?as_of=2021-01-29")
    after = await found(registry, "/v1/agreements/dachabkommen?as_of=2021-01-30")
    assert (before["status"], after["status"]) == ("concluded", "in_force")
    shared = await found(registry, "/v1/agreements?kind=individual&theme=familie_kind")
    assert [item["amount_eur"] for item in shared["items"]] == ["126000000"]
    assert (await found(registry, "/v1/agreements/itplr-2021-24"))["number"] == "2021/24"


async def test_reported_reuse_is_shown_as_such_and_counted_apart(registry: ApiClient) -> None:
    page = await found(registry, "/v1/reuses?service=digitale-baugenehmigung&limit=200")
    counts = page["counts"]
    assert counts["reported"] == counts["reuses"] > 0
    others = [item for item in page["items"] if not item["own_use"]]
    assert {item["contract"] for item in others} == {"not_recorded"}


async def test_a_new_contract_step_without_one_is_refused(registry: ApiClient) -> None:
    sent = {
        "organisation": "06",
        "service": "unterhaltsvorschuss-online",
        "stage": "contracted",
        "date": "2024-06-01",
    }
    hessen = await registry.as_body("06", "reuse")
    if (await found(registry, "/v1/reuses?service=unterhaltsvorschuss-online&organisation=06"))[
        "total"
    ]:
        pytest.fail("the example is taken by a fact")
    refused = (await hessen.post("/v1/reuses", json=sent)).json()
    assert (refused["type"], refused["missing"]) == (
        "/problems/reuse-not-covered",
        "contract-missing",
    )
