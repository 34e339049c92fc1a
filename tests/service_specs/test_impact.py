"""Whom a change of a real service hits: those that its `reuse.csv` names, by name."""

import csv
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from registry.resources import folder
from registry.settings import Settings
from tests.catalogue.drafts import CREATE
from tests.client import ApiClient, open_client

SLUG = "aufenthalt-digital"
FOLDER = folder("service_specs") / SLUG
CARD = json.loads((FOLDER / "versions/1.1.0/blaue-karte.json").read_text())


@pytest.fixture
async def registry(loaded_settings: Settings) -> AsyncIterator[ApiClient]:
    async with open_client(loaded_settings) as opened:
        yield opened


def reusers() -> set[str]:
    with (FOLDER / "reuse.csv").open(encoding="utf-8") as file:
        return {row["organisation"] for row in csv.DictReader(file) if row["fact"] == "reuse"}


def named(hits: Any) -> dict[str, list[str]]:
    """The bodies of each Land; those of the builder's own, whose use is no reuse, with a mark."""
    return {
        state["name"]: [
            one["organisation"]["name"] + " (own use)" * one["own_use"] for one in state["items"]
        ]
        for state in hits["by_state"]
    }


def counted(hits: Any) -> tuple[int, int, int, int]:
    return hits["states"], hits["reuses"], hits["municipalities"], hits["own_use"]


async def told_version(admin: ApiClient, body: str, version: str) -> None:
    found = (await admin.get(f"/v1/reuses?service={SLUG}&organisation={body}")).json()["items"]
    (one,) = [each for each in found if each["organisation"]["key"] == body]
    step = {"stage": "live", "version": version, "date": "2026-01-01", "basis": "observed"}
    answer = await admin.post(f"/v1/reuses/{one['id']}/steps", json=step)
    assert answer.status_code == 201, answer.text


async def agreed(admin: ApiClient, *bodies: str) -> None:
    agreement = {
        "slug": "nachnutzung-probe",
        "kind": "reuse",
        "names": {"de": "Nachnutzungsvertrag"},
        "parent": "dachabkommen",
        "services": [SLUG],
        "parties": [{"organisation": body} for body in bodies],
        "in_force_from": "2025-01-01",
    }
    path = "/v1/agreements/nachnutzung-probe"
    assert (await admin.put(path, json=agreement, headers=CREATE)).status_code == 201


async def checked(admin: ApiClient) -> Any:
    narrower = {**CARD, "required": [*CARD["required"], "zusage"]}
    body = {"interfaces": {"blaue-karte": {"direction": "accepts", "schema": narrower}}}
    answer = await admin.post(f"/v1/services/{SLUG}/checks", json=body, events=0)
    assert answer.status_code == 200, answer.text
    return answer.json()["impact"]


async def test_the_impact_names_the_real_reusers(registry: ApiClient) -> None:
    admin = await registry.as_admin()
    hit = await checked(admin)
    possibly = hit["possibly"]
    assert (counted(hit["affected"]), counted(possibly)) == ((0, 0, 0, 0), (9, 17, 3, 5))
    keys = [one["organisation"]["key"] for each in possibly["by_state"] for one in each["items"]]
    assert (set(keys), len(keys)) == (reusers(), 22)
    by_land = named(possibly)
    assert by_land["Baden-Württemberg"] == [
        "Heidelberg, Stadt", "Mannheim, Universitätsstadt", "Bodenseekreis",
    ]  # fmt: skip
    assert by_land["Brandenburg"][:2] == ["Brandenburg (own use)", "Potsdam, Stadt (own use)"]

    await agreed(admin, "12", "08221", "15")
    for body in ("08221", "12054", "15"):
        await told_version(admin, body, "1.1.0")
    hit = await checked(admin)
    assert counted(hit["affected"]) == (2, 2, 1, 1)
    assert named(hit["affected"]) == {
        "Baden-Württemberg": ["Heidelberg, Stadt"],
        "Brandenburg": ["Potsdam, Stadt (own use)"],
        "Sachsen-Anhalt": ["Sachsen-Anhalt"],
    }
    assert counted(hit["possibly"]) == (9, 15, 2, 4)
    assert [one["version"] for one in hit["versions"]] == ["1.1.0"]
