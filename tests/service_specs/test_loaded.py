"""What a registry answers once it holds `service_specs/`."""

import csv
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from registry.resources import folder
from registry.settings import Settings
from tests.client import ApiClient, open_client

CERTIFICATES = folder("service_specs") / "eu-dcc" / "versions"
RESIDENCE = folder("service_specs") / "aufenthalt-digital"


@pytest.fixture
async def registry(loaded_settings: Settings) -> AsyncIterator[ApiClient]:
    async with open_client(loaded_settings) as opened:
        yield opened


async def _json(registry: ApiClient, path: str) -> Any:
    answer = await registry.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _stages(registry: ApiClient, query: str) -> dict[tuple[str, str], str]:
    found = await _json(registry, f"/v1/reuses?{query}&limit=200")
    assert found["next"] is None
    return {
        (item["service"], item["organisation"]["key"]): item["stage"] for item in found["items"]
    }


async def test_there_are_76_services_with_their_builders(registry: ApiClient) -> None:
    assert (await _json(registry, "/v1/services?limit=1"))["total"] == 76
    builder = (await _json(registry, "/v1/services/gewerbesteuerbescheid"))["record"]["builders"]
    assert [(one["key"], one["name"]) for one in builder] == [("06412", "Frankfurt am Main, Stadt")]


async def test_the_nine_certificate_versions_arrive_byte_for_byte(registry: ApiClient) -> None:
    listed = await _json(registry, "/v1/services/eu-dcc/versions")
    numbers = [item["version"] for item in listed["items"]]
    assert sorted(numbers) == sorted(path.name for path in CERTIFICATES.iterdir())
    assert len(numbers) == 9
    for number in numbers:
        path = f"/v1/services/eu-dcc/versions/{number}/interfaces/certificate"
        answer = await registry.get(path)
        kept = (CERTIFICATES / number / "certificate.json").read_bytes()
        assert answer.content == kept
        assert hashlib.sha256(kept).hexdigest()[:8] in answer.headers["etag"]
        again = await registry.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304


async def test_reuse_in_a_state_differs_between_two_days_as_the_facts_do(
    registry: ApiClient,
) -> None:
    autumn = await _stages(registry, "within=08&as_of=2023-10-31")
    summer = await _stages(registry, "within=08&as_of=2024-06-30")
    assert autumn[("digitale-baugenehmigung", "08")] == "pilot"
    assert summer[("digitale-baugenehmigung", "08")] == "live"
    assert ("digitale-baugenehmigung", "08116") not in autumn
    assert summer[("digitale-baugenehmigung", "08116")] == "live"


async def test_use_inside_the_builder_s_land_is_own_use(registry: ApiClient) -> None:
    found = await _json(registry, "/v1/reuses?service=digitale-baugenehmigung&within=13&limit=200")
    assert found["total"] > 5
    assert all(item["own_use"] for item in found["items"])
    others = await _json(registry, "/v1/reuses?service=digitale-baugenehmigung&within=08&limit=200")
    assert not any(item["own_use"] for item in others["items"])


async def test_use_in_a_part_of_a_land_leaves_the_area_open(registry: ApiClient) -> None:
    found = await _json(
        registry, "/v1/reuses?service=ewa&organisation=05&as_of=2025-06-01&limit=200"
    )
    (item,) = found["items"]
    assert (item["stage"], item["area"]) == ("live", None)


async def test_a_suspended_reuse_stays_suspended(registry: ApiClient) -> None:
    before = await _stages(registry, "service=wohngeld-sh&organisation=05&as_of=2022-12-31")
    after = await _stages(registry, "service=wohngeld-sh&organisation=05&as_of=2023-01-01")
    assert list(before.values()) == ["live"]
    assert list(after.values()) == ["suspended"]


async def test_counts_are_figures_and_never_reuses(registry: ApiClient) -> None:
    figures = await _json(registry, "/v1/reported-figures?service=aufenthalt-digital&limit=200")
    assert figures["total"] == 10
    assert (await _json(registry, "/v1/reported-figures?limit=1"))["total"] == 79


def _named(hits: Any) -> dict[str, dict[str, str]]:
    """By the name of the Land, its bodies by key."""
    return {
        state["name"]: {one["organisation"]["key"]: one["organisation"]["name"] for one in its}
        for state in hits["by_state"]
        if (its := state["items"])
    }


async def test_a_breaking_check_names_the_real_reusers_by_land(registry: ApiClient) -> None:
    admin = await registry.as_admin()
    interfaces: dict[str, dict[str, Any]] = {
        path.stem: {"direction": "exchanges", "schema_text": path.read_text()}
        for path in (RESIDENCE / "versions" / "1.1.0").glob("*.json")
    }
    card = interfaces["blaue-karte"]
    schema = json.loads(card.pop("schema_text"))
    card["schema"] = schema | {"required": [*schema["required"], "gesundheitskarte"]}
    path, body = "/v1/services/aufenthalt-digital/checks", {"interfaces": interfaces}
    found = (await admin.post(path, json=body, events=0)).json()
    assert (found["bump"], found["required"]) == ("major", "2.0.0")
    assert found["impact"]["affected"]["by_state"] == []
    possibly = _named(found["impact"]["possibly"])
    with (RESIDENCE / "reuse.csv").open(newline="") as file:
        recorded = {row["organisation"] for row in csv.DictReader(file)}
    assert {key for its in possibly.values() for key in its} == recorded
    assert possibly["Baden-Württemberg"]["08221"] == "Heidelberg, Stadt"
    assert possibly["Sachsen"].keys() == {"14", "14713"}
    assert possibly["Niedersachsen"]["03"] == "Niedersachsen"
