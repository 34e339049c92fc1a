"""The proof of a report: unzipped, and checked offline by the verifier that lies in it."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from registry.settings import Settings
from registry.site.routes import proof
from tests.audit.signed import sign_events
from tests.client import ApiClient, open_client

ASKED = "?report=ranking&within=05&as_of=2024-06-30"


@pytest.fixture(scope="module")
async def shown(demo_settings: Settings) -> AsyncIterator[ApiClient]:
    """A registry whose log is signed."""
    await sign_events(demo_settings)
    async with open_client(demo_settings) as opened:
        yield opened


@pytest.fixture
async def folder(shown: ApiClient, tmp_path: Path) -> Path:
    """What the download holds."""
    return await unzipped(shown, tmp_path, ASKED)


async def unzipped(shown: ApiClient, target: Path, query: str) -> Path:
    answer = await shown.get(f"/auswertung/nachweis.zip{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert len(answer.content) < 1 << 20
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(target)
        return target / archive.namelist()[0].partition("/")[0]


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    """As LIESMICH.txt says, in an interpreter that sees nothing of the registry."""
    said = (folder / "LIESMICH.txt").read_text()
    line = next(line for line in said.splitlines() if "python3 efa_verify.py" in line)
    files = line.split("efa_verify.py ")[1].split(" --key")[0].split()
    key = (folder / "key.txt").read_text().strip()
    command = [sys.executable, "-I", "efa_verify.py", *files, "--key", key]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


async def test_it_verifies_offline_and_a_changed_figure_does_not(
    shown: ApiClient, folder: Path
) -> None:
    done = check(folder)
    assert done.returncode == 0, done.stderr
    assert "Dazu unterschrieben: report.csv." in done.stdout
    assert "Auszug:" in done.stdout
    size = (await shown.get("/v1/log/position")).json()["size"]
    report = json.loads((folder / "report.json").read_text())
    assert (report["known_at"]["size"], report["as_of"]) == (size, "2024-06-30")
    address = f"/v1/reports/ranking?within=05&as_of=2024-06-30&known_at={size}&limit=200&proof=1"
    assert address in (folder / "LIESMICH.txt").read_text()
    assert (await shown.get(address)).content == (folder / "report.json").read_bytes()
    for name, old, new in (
        ("report.json", '"at_least_locally":', '"at_least_locally":1'),
        ("report.csv", "Nordrhein-Westfalen", "Nordrhein-Vandalen"),
        ("log.ndjson", "reuse.take_over", "reuse.take_ovar"),
        ("statement.txt", "file ", "file  "),
    ):
        whole = (folder / name).read_bytes()
        assert old.encode() in whole, name
        (folder / name).write_bytes(whole.replace(old.encode(), new.encode(), 1))
        assert check(folder).returncode == 1, name
        (folder / name).write_bytes(whole)
    assert check(folder).returncode == 0


async def test_a_log_too_large_for_it_is_left_out_and_named(
    shown: ApiClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "MOST_ENTRIES", 100)
    folder = await unzipped(shown, tmp_path, "?known_at=50")
    assert not (folder / "log.ndjson").exists()
    assert "/v1/log/export?size=" in (folder / "LIESMICH.txt").read_text()
    done = check(folder)
    assert done.returncode == 0, done.stderr
    assert "Eintrag 50 des Protokolls" in (folder / "LIESMICH.txt").read_text()


async def test_what_cannot_be_asked_is_refused(shown: ApiClient) -> None:
    for query, status in (
        ("?report=passwords", 400),
        ("?within=77", 404),
        ("?service=gibt-es-nicht", 404),
        ("?known_at=999999999", 404),
        ("?as_of=2024-02-31", 400),
    ):
        answer = await shown.get(f"/auswertung/nachweis.zip{query}")
        assert answer.status_code == status, (query, answer.text)
