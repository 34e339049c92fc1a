"""Agreements and parameters come in with the services they belong to."""

from pathlib import Path
from typing import Any

import pytest

from registry.cli.load import load_all
from registry.db import connect
from registry.settings import Settings
from tests.agreements.drafts import CREATE
from tests.client import open_client

SERVICE = """slug: {slug}
names:
  de: Dienst {slug}
builders:
  - organisation: "02"
theme: umwelt
agreement_basis: dachabkommen
"""
ROOF = """slug: dach
kind: framework
names:
  de: Abkommen
parties:
  - organisation: bund
in_force_from: "2021-01-30"
accessions:
  - organisation: "05"
    valid_from: "2021-02-01"
"""
CONTRACT = """slug: a-vertrag
kind: reuse
names:
  de: Vertrag
parties:
  - organisation: "05"
in_force_from: "2022-01-01"
themes:
  - umwelt
parent: dach
"""
NAMED = CONTRACT.replace("a-vertrag", "b-vertrag") + "services:\n  - abfall\n"


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """A service with a contracted use, covered by a chain of agreements."""
    (tmp_path / "abfall").mkdir()
    (tmp_path / "agreements").mkdir()
    (tmp_path / "abfall" / "service.yaml").write_text(SERVICE.format(slug="abfall"))
    rows = "fact,organisation,stage,date,basis\nreuse,05,contracted,2022-03-01,since\n"
    (tmp_path / "abfall" / "reuse.csv").write_text(rows)
    for name, text in (("dach", ROOF), ("a-vertrag", CONTRACT), ("b-vertrag", NAMED)):
        (tmp_path / "agreements" / f"{name}.yaml").write_text(text)
    return tmp_path


async def _rows(settings: Settings, query: str) -> list[Any]:
    conn = await connect(settings.owner_url)
    try:
        return [tuple(row) for row in await conn.fetch(query)]
    finally:
        await conn.close()


async def test_what_covers_facts_is_there_before_them(settings: Settings, specs: Path) -> None:
    outcome = await load_all(settings.database_url, specs, demo=False)
    assert (outcome.loaded, outcome.mistakes) == (4, [])
    covered = await _rows(settings, "select stage, agreement from reuse_steps")
    assert covered == [("contracted", "a-vertrag")]
    again = await load_all(settings.database_url, specs, demo=False)
    assert (again.loaded, again.unchanged) == (0, 4)


async def test_an_uncovered_fact_is_named_with_its_line(settings: Settings, specs: Path) -> None:
    (specs / "agreements" / "a-vertrag.yaml").unlink()
    outcome = await load_all(settings.database_url, specs, demo=False)
    (mistake,) = [one for one in outcome.mistakes if "reuse.csv" in str(one)]
    assert mistake.line == 2
    assert "no contract that names this service" in mistake.text


async def test_a_mistake_in_an_agreement_names_its_line(settings: Settings, specs: Path) -> None:
    wrong = CONTRACT.replace("umwelt", "weltraum")
    (specs / "agreements" / "a-vertrag.yaml").write_text(wrong)
    outcome = await load_all(settings.database_url, specs, demo=False)
    (mistake,) = [one for one in outcome.mistakes if "a-vertrag" in str(one)]
    assert (mistake.line, outcome.failed) == (9, 3)


async def test_what_others_recorded_is_not_overwritten(settings: Settings, specs: Path) -> None:
    await load_all(settings.database_url, specs, demo=False)
    async with open_client(settings) as api:
        hessen = await api.as_body("06", "agreements")
        joins = {"valid_from": "2023-01-01"}
        path = "/v1/agreements/dach/accessions/06"
        assert (await hessen.put(path, json=joins, headers=CREATE)).status_code == 201
    (specs / "agreements" / "dach.yaml").write_text(ROOF + "note: neu\n")
    outcome = await load_all(settings.database_url, specs, demo=False)
    assert [conflict.file.name for conflict in outcome.conflicts] == ["dach.yaml"]
    revisions = await _rows(settings, "select max(revision) from agreement_revisions")
    assert revisions == [(1,)]


async def test_the_fictitious_land_shows_a_whole_chain(settings: Settings) -> None:
    outcome = await load_all(settings.database_url, None, demo=True)
    assert outcome.mistakes == []
    async with open_client(settings) as api:
        page = (await api.get("/v1/reuses?service=demo-hundesteuer&demo=true&limit=200")).json()
        live = [item for item in page["items"] if item["stage"] == "live"]
        assert {item["contract"] for item in live} == {"recorded"}
        assert {item["agreement"] for item in live} <= {
            "demo-vertrag-land",
            "demo-weitergabe-musterau",
        }
        (musterstadt,) = [item for item in live if item["organisation"]["key"] == "99011"]
        city = await api.as_body("99011", "reuse")
        ready = await city.get(f"{musterstadt['links']['self']}/parameters")
        assert ready.json()["readiness"]["ready"] is True
        (hafen,) = [item for item in live if item["organisation"]["key"] == "990010010"]
        port = await api.as_body("990010010", "reuse")
        missing = (await port.get(f"{hafen['links']['self']}/parameters")).json()["readiness"]
        assert missing["missing"] == ["/kassenzeichen"]
