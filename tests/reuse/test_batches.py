import asyncio
import io
from typing import Any

import httpx
import pytest

from registry.cli.rebuild import replay_log, write_log
from registry.db import Connection
from registry.reuse import batches
from registry.usage import contents
from tests.client import ApiClient
from tests.replayed import digests
from tests.reuse.drafts import reuse

CSV = {"Content-Type": "text/csv"}
LINES = {"Content-Type": "application/x-ndjson"}
HEADERS = "Stelle;Dienst;Stufe;Datum;Anmerkung"


def file(*rows: str, headers: str = HEADERS) -> bytes:
    return "\n".join((headers, *rows)).encode()


async def send(
    api: ApiClient, content: bytes, kind: dict[str, str] = CSV, *, events: int = 0
) -> httpx.Response:
    return await api.post("/v1/reuses/batches", content=content, headers=kind, events=events)


@pytest.fixture
async def municipalities(owner: Connection) -> list[str]:
    """The keys of three hundred municipalities of Nordrhein-Westfalen."""
    rows = await owner.fetch(
        """
        select distinct k.key from organisation_keys_known(null) k
        where k.key like '05%' and octet_length(k.key) = 12 and k.level = 'municipality'
          and holds_on(legal_today(), k.valid_from, k.valid_to)
        order by k.key limit 300
        """
    )
    assert len(rows) == 300
    return [row[0] for row in rows]


def three_hundred(keys: list[str]) -> list[str]:
    return [f"{key};bauantrag;live;2024-03-01;läuft" for key in keys]


async def test_a_land_enters_three_hundred_municipalities_at_once(
    api: ApiClient, owner: Connection, municipalities: list[str]
) -> None:
    nrw = await api.as_body("05", "reuse")
    content = file(*three_hundred(municipalities))
    answer = await send(nrw, content, events=300)
    assert answer.status_code == 201
    outcome = answer.json()
    assert (outcome["recorded"], outcome["unchanged"]) == (300, 0)
    assert len({item["event"] for item in outcome["items"]}) == 300
    assert len({item["reuse"] for item in outcome["items"]}) == 300
    batches = await owner.fetch("select batch from events where action = 'reuse.start'")
    assert {str(row[0]) for row in batches} == {outcome["batch"]}
    listed = (await api.get("/v1/reuses?service=bauantrag&within=05&stage=live")).json()
    assert listed["total"] == 300
    again = await send(nrw, content)
    assert (again.status_code, again.json()["unchanged"]) == (200, 300)


async def test_one_bad_row_of_three_hundred_is_named_and_nothing_is_recorded(
    api: ApiClient, owner: Connection, municipalities: list[str]
) -> None:
    nrw = await api.as_body("05", "reuse")
    rows = three_hundred(municipalities)
    rows[211] = rows[211].replace("2024-03-01", "2024-02-30")
    answer = await send(nrw, file(*rows))
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"] == "/problems/invalid-table"
    assert [(p["line"], p["column"], p["pointer"], p["rule"]) for p in problem["errors"]] == [
        (213, "Datum", "/211/date", "no-such-day")
    ]
    assert await owner.fetchval("select count(*) from reuses") == 0


async def test_every_rule_of_a_single_reuse_holds_for_every_row(api: ApiClient) -> None:
    nrw = await api.as_body("05", "reuse")
    await nrw.post("/v1/reuses", json=reuse("05315"))
    answer = await send(
        nrw,
        file(
            "05111;bauantrag;live;2024;",
            "06;bauantrag;live;2024;",
            "05999;bauantrag;live;2024;",
            "05112;nirgends;live;2024;",
            "05113;bauantrag;rejected;2024;",
            "05315;bauantrag;ended;2024;",
            "05111;bauantrag;ended;2025;",
            "05114;bauantrag;fertig;2024;",
            "05114;bauantrag",
            "05116;bauantrag;live;2024;=HYPERLINK()",
        ),
    )
    assert [(p["line"], p.get("column"), p["rule"]) for p in answer.json()["errors"]] == [
        (3, "Stelle", "not-your-body"),
        (4, "Stelle", "unknown-organisation"),
        (5, "Dienst", "unknown-service"),
        (6, "Stufe", "step-not-allowed"),
        (7, "Stufe", "reuse-exists"),
        (8, None, "reuse-repeated"),
        (9, "Stufe", "no-choice"),
        (10, None, "cells-differ"),
        (11, "Anmerkung", "formula"),
    ]


async def test_a_row_with_the_id_of_a_reuse_is_a_further_step_of_it(api: ApiClient) -> None:
    nrw = await api.as_body("05", "reuse")
    first = (await nrw.post("/v1/reuses", json=reuse("05315", stage="pilot"))).json()
    header = "organisation,service,stage,date,reuse,version,evidence.kind,evidence.reference"
    row = f"05315,bauantrag,live,01.06.2024,{first['id']},,document,Az. 7"
    answer = await send(nrw, file(row, headers=header), events=1)
    assert answer.status_code == 201
    assert answer.json()["items"][0]["reuse"] == first["id"]
    steps = (await api.get(f"/v1/reuses/{first['id']}")).json()["steps"]
    assert [(s["stage"], s["valid_from"]) for s in steps] == [
        ("pilot", "2023-03-01"),
        ("live", "2024-06-01"),
    ]
    assert steps[1]["evidence"]["reference"] == "Az. 7"
    wrong = await send(nrw, file(row.replace("05315", "05111"), headers=header))
    assert wrong.json()["errors"][0]["rule"] == "unknown-reuse"


async def test_a_step_nothing_covers_is_named_by_its_line(api: ApiClient) -> None:
    admin = await api.as_admin()
    builder = {"organisation": "13", "role": "lead"}
    service: dict[str, Any] = {"slug": "gedeckt", "names": {"de": "Gedeckt"}, "model": "efa"}
    service |= {"builders": [builder], "agreement_basis": "dachabkommen"}
    created = await admin.put("/v1/services/gedeckt", json=service, headers={"If-None-Match": "*"})
    assert created.status_code == 201, created.text
    content = file("05;gedeckt;interest;2024;", "06;gedeckt;live;2024;")
    answer = await send(await api.as_admin(), content)
    assert [(p["line"], p["column"], p["rule"]) for p in answer.json()["errors"]] == [
        (3, "Stufe", "contract-missing")
    ]


@pytest.mark.parametrize(
    "content",
    [
        "Stelle;Dienst;Stufe;Anmerkung\n05;bauantrag;live;größer".encode(),
        "\ufeffStelle;Dienst;Stufe;Anmerkung\r\n05;bauantrag;live;größer\r\n".encode(),
        "Stelle;Dienst;Stufe;Anmerkung\n05;bauantrag;live;größer".encode("cp1252"),
        'organisation,service,stage,note\n"05",bauantrag,"live","größer"\n\n,,,\n'.encode(),
        '="05";bauantrag;live;größer'.join(("Stelle;Dienst;Stufe;Anmerkung\n", "")).encode(),
    ],
)
async def test_what_spreadsheets_write_is_read(api: ApiClient, content: bytes) -> None:
    nrw = await api.as_body("05", "reuse")
    outcome = (await send(nrw, content, events=1)).json()
    steps = (await api.get(f"/v1/reuses/{outcome['items'][0]['reuse']}")).json()["steps"]
    assert [(s["stage"], s["note"]) for s in steps] == [("live", "größer")]


async def test_lines_of_json_are_read_like_single_reuses(api: ApiClient) -> None:
    nrw = await api.as_body("05", "reuse")
    line = b'{"organisation": "05", "service": "bauantrag", "stage": "live", "area": ["05315"]}\n'
    assert (await send(nrw, line, LINES, events=1)).status_code == 201
    wrong = await send(nrw, line + b'{"organisation": "05", "stage": 1}', LINES)
    assert [(p["line"], p["pointer"]) for p in wrong.json()["errors"]] == [(2, "/1/stage")]


async def test_the_same_file_sent_twice_at_once_is_recorded_once(
    api: ApiClient, owner: Connection, municipalities: list[str]
) -> None:
    nrw = await api.as_body("05", "reuse")
    headers = CSV | {"Authorization": f"Bearer {nrw.token}"}
    content = file(*three_hundred(municipalities)[:50])
    answers = await asyncio.gather(
        *(api.http.post("/v1/reuses/batches", content=content, headers=headers) for _ in range(3))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 200, 201]
    assert await owner.fetchval("select count(*) from reuse_steps") == 50


async def test_only_who_may_record_reuse_sends_files(api: ApiClient) -> None:
    content = file("05;bauantrag;live;2024;")
    assert (await send(api, content)).status_code == 401
    assert (await send(await api.as_body("05", "usage"), content)).status_code == 403
    reported = "Stelle;Dienst;Stufe;Nachweis;Nachweis Fundstelle\n"
    reported += "05;bauantrag;live;reported;https://example.org"
    refused = await send(await api.as_body("05", "reuse"), reported.encode())
    assert (refused.status_code, refused.json()["missing_scope"]) == (403, "admin")


async def test_an_export_replayed_gives_the_same_rows(
    api: ApiClient, owner: Connection, municipalities: list[str]
) -> None:
    nrw = await api.as_body("05", "reuse")
    await send(nrw, file(*three_hundred(municipalities)[:20]), events=20)
    tables = ("reuses", "reuse_steps", "reuse_areas", "reuse_periods")
    lines = io.BytesIO()
    await write_log(owner, lines.write)
    before = await digests(owner, tables)
    await owner.execute("truncate events, blobs cascade")
    await replay_log(owner, lines.getvalue().splitlines())
    assert await digests(owner, tables) == before


async def test_what_is_wrong_is_told_in_words_not_in_patterns(api: ApiClient) -> None:
    """For every column of both kinds of files."""
    bad = "ß" * 81
    for path, columns in (("reuses", batches.COLUMNS), ("usage", contents.COLUMNS)):
        admin = await api.as_admin()
        for column in columns:
            row = {"organisation": "05", "service": "ewa", "stage": "live", "month": "2024-01"}
            row |= {"channel": "app", column.field: bad}
            known = [each.field for each in columns]
            cells = {name: value for name, value in row.items() if name in known}
            text = f"{';'.join(cells)}\n{';'.join(cells.values())}\n"
            for language in ("de", "en"):
                answer = await admin.http.post(
                    f"/v1/{path}/batches",
                    content=text.encode(),
                    headers={
                        "Authorization": f"Bearer {admin.token}",
                        "Content-Type": "text/csv",
                        "Accept-Language": language,
                    },
                )
                errors = answer.json().get("errors", [])
                assert not [e for e in errors if e["rule"] == "type" or "regex" in e["detail"]]
                assert errors or column.field in ("note", "evidence.reference"), (
                    column.field,
                    answer.text,
                )
