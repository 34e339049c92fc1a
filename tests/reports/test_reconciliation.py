"""An export in the shape of Open-PVOG against a ledger: all planted errors, and no others."""

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from registry.cli.reconcile import line, reconcile_file, whole
from registry.reports.reconciliation import (
    Declared,
    UnreadableExport,
    read_export,
    reconcile,
)
from registry.settings import Settings
from tests.client import ApiClient
from tests.reports.asking import add_reuse, add_service

DATA = Path(__file__).parent / "data"
EXPORT = (DATA / "open_pvog.csv").read_bytes()


def table(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((DATA / name).read_text("utf-8").splitlines()))


def declared(**fields: Any) -> Declared:
    given: dict[str, Any] = {
        "service": "dienst",
        "organisation": "05315",
        "keys": ("05315",),
        "procedures": ("99012001001000",),
        "ozg_ids": (),
        "land_only": False,
        "link": "/v1/reuses/1",
    }
    return Declared(**given | fields)


LEDGER = [
    declared(
        service=row["service"],
        organisation=row["key"],
        keys=(row["key"],),
        procedures=(row["procedure"],),
        link=f"/v1/reuses/{row['service']}",
    )
    for row in table("declared.csv")
]


def test_all_planted_errors_are_found_and_none_invented() -> None:
    found = reconcile(read_export(EXPORT), LEDGER)
    told = Counter(
        (f.kind, f.service or "", f.procedure or "", f.row or "") for f in found.mismatches
    )
    planted = [
        (row["kind"], row["service"], row["procedure"], int(row["row"]) if row["row"] else "")
        for row in table("planted.csv")
    ]
    assert told == Counter(planted)
    assert len(planted) >= 20
    assert len({kind for kind, *_ in planted}) == 5
    assert found.others == 1
    assert found.matched == found.rows - 1 - len([p for p in planted if p[3]])
    assert not any(mismatch.guess for mismatch in found.mismatches)


def test_json_says_the_same_as_csv() -> None:
    rows = list(csv.DictReader(EXPORT.decode().splitlines()))
    whole = read_export(EXPORT)
    assert read_export(json.dumps(rows).encode()) == whole
    assert read_export(json.dumps({"content": rows}).encode()) == whole
    semicolons = EXPORT.decode().replace(",", ";").encode()
    assert read_export(b"\xef\xbb\xbf" + semicolons) == whole


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"[1]", b"\xff", b'{"content": 1}', b"{"])
def test_other_files_are_refused(content: bytes) -> None:
    with pytest.raises(UnreadableExport):
        read_export(content)


def row(**fields: str) -> bytes:
    given = {"leika_key": "99012001001000", "ars": "053150000000", "ozgid": "10519"} | fields
    return json.dumps([given]).encode()


def test_what_rests_on_the_ozg_id_or_the_land_alone_is_a_guess() -> None:
    by_ozg = declared(procedures=(), ozg_ids=("10519",), keys=("06",))
    (first, second) = reconcile(read_export(row()), [by_ozg]).mismatches
    assert (first.kind, first.guess) == ("visible-not-declared", True)
    assert (second.kind, second.guess) == ("declared-not-visible", True)
    land = declared(organisation="05", keys=("05",), land_only=True)
    (dead,) = reconcile(read_export(row(online_status="nicht ok")), [land]).mismatches
    assert (dead.kind, dead.guess) == ("dead-link", True)


def test_the_command_line_compares_a_file(settings: Settings) -> None:
    told = reconcile_file(settings, DATA / "open_pvog.csv", None)
    assert (told.rows, told.declared, told.others) == (66, 0, 61)
    assert {mismatch.kind for mismatch in told.mismatches} == {"unreadable-key"}
    assert line(told.mismatches[0], "en").startswith("row ")
    assert "Schlüssel nicht lesbar" in line(told.mismatches[0], "de")
    assert whole(told, "de") == "Zeilen: 66; übereinstimmend: 0; Abweichungen: 5."
    assert reconcile_file(settings, DATA / "open_pvog.csv", "16").rows == 5


async def test_the_endpoint_compares_with_the_ledger_and_records_nothing(
    client: ApiClient,
) -> None:
    await add_service(client, "bauantrag", procedures=["99012001001000"])
    await add_reuse(client, "bauantrag", "05315", "live", "2022-01-01")
    await add_reuse(client, "bauantrag", "06", "live", "2022-01-01")
    body = await client.as_body("05", "reuse")
    answer = await body.post(
        "/v1/reports/reconciliation",
        content=row(online_status="nicht ok"),
        headers={"Content-Type": "application/json"},
        events=0,
    )
    assert answer.status_code == 200, answer.text
    found = answer.json()["result"]["mismatches"]
    assert [(f["kind"], f["organisation"]) for f in found] == [
        ("dead-link", "05315"),
        ("declared-not-visible", "06"),
    ]
