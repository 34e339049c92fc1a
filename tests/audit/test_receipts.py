"""Receipts, exports and answers with proof, checked by a machine that has only the verifier."""

import asyncio
import base64
import hashlib
import json
import random
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from registry import audit
from registry.audit.keys import signers
from registry.audit.model import canonical
from registry.audit.notes import Signer
from registry.cli import efa_verify
from registry.cli.rebuild import export_log, rebuild
from registry.db import begin, connected
from registry.settings import Settings
from tests.audit.signed import WUPPERTAL, grow, record, says_the_same, sign_events
from tests.client import ApiClient, open_client


@pytest.fixture
async def api(empty_settings: Settings) -> AsyncIterator[ApiClient]:
    await grow(empty_settings, 280)
    await grow(empty_settings, 20, public=False)
    await grow(empty_settings, 7)
    async with open_client(empty_settings) as opened:
        yield opened


def key_of(settings: Settings) -> str:
    return str(signers(settings)[0].verifier)


async def _event(api: ApiClient, index: int) -> str:
    return str(await api.owner.fetchval("select id from events where leaf_idx = $1", index))


def _status(key: str, *files: Path) -> int:
    return efa_verify.verify([str(file) for file in files], [key], "en")[0]


async def test_a_receipt_verifies_where_there_is_only_the_verifier(
    api: ApiClient, empty_settings: Settings, tmp_path: Path
) -> None:
    shutil.copy(efa_verify.__file__, tmp_path / "efa_verify.py")
    event = await _event(api, 130)
    for name, accept in (("text", "text/plain"), ("json", "application/json")):
        answer = await api.get(f"/v1/events/{event}/receipt", headers={"Accept": accept})
        assert answer.headers["content-type"].startswith(accept)
        (tmp_path / name).write_bytes(answer.content)
    command = [sys.executable, "-I", "efa_verify.py", "--key", key_of(empty_settings)]
    for language, verdict in (("de", "In Ordnung."), ("en", "All is right.")):
        done = _run([*command, "--lang", language, "text", "json"], tmp_path)
        assert (done.returncode, done.stdout.splitlines()[-1]) == (0, verdict), done.stderr
        assert event in done.stdout
    wrong = [sys.executable, "-I", "efa_verify.py", "--key", str(Signer.new("x").verifier), "text"]
    done = _run(wrong, tmp_path)
    assert done.returncode == 1
    assert "Unterschrift" in done.stderr


def _run(command: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


async def test_every_event_has_a_receipt_that_verifies(
    api: ApiClient, empty_settings: Settings, tmp_path: Path
) -> None:
    key = key_of(empty_settings)
    for index in (0, 1, 255, 256, 279, 300, 306):
        answer = await api.get(f"/v1/events/{await _event(api, index)}/receipt")
        (tmp_path / "one").write_bytes(answer.content)
        assert _status(key, tmp_path / "one") == 0


async def test_changed_receipts_never_verify(
    api: ApiClient, empty_settings: Settings, tmp_path: Path
) -> None:
    key, drawn = key_of(empty_settings), random.Random(20261130)
    path = f"/v1/events/{await _event(api, 257)}/receipt"
    texts = [
        (await api.get(path, headers={"Accept": accept})).content
        for accept in ("text/plain", "application/json")
    ]
    for content in texts:
        for _ in range(400):
            at = drawn.randrange(len(content) - 1)
            changed = bytearray(content)
            changed[at] ^= 1 << drawn.randrange(7)
            (tmp_path / "one").write_bytes(changed)
            if says_the_same(content, bytes(changed)):
                continue
            assert _status(key, tmp_path / "one") in (1, 2), bytes(changed)


async def test_spare_bits_of_base64_are_no_place_to_hide_something(
    api: ApiClient, empty_settings: Settings, tmp_path: Path
) -> None:
    """Every coded text of a receipt: its last letter says more than its bytes hold."""
    key, path = key_of(empty_settings), f"/v1/events/{await _event(api, 257)}/receipt"
    for accept in ("text/plain", "application/json"):
        text = (await api.get(path, headers={"Accept": accept})).text
        ends = [found.start() for found in re.finditer(r"[A-Za-z0-9+/]=", text)]
        assert len(ends) > 3
        for end in ends:
            other = chr(ord(text[end]) + 1)
            (tmp_path / "one").write_text(f"{text[:end]}{other}{text[end + 1 :]}")
            assert _status(key, tmp_path / "one") in (1, 2), text[end - 9 : end + 2]


async def test_facts_without_a_salt_are_not_taken_for_those_of_the_event(
    api: ApiClient, empty_settings: Settings, tmp_path: Path
) -> None:
    path = f"/v1/events/{await _event(api, 257)}/receipt"
    receipt = (await api.get(path, headers={"Accept": "application/json"})).json()
    for facts, status in ((receipt["facts"], 1), ("{}", 1), (None, 0)):
        (tmp_path / "one").write_text(json.dumps({**receipt, "salt": None, "facts": facts}))
        assert _status(key_of(empty_settings), tmp_path / "one") == status


async def test_a_line_among_the_signatures_that_is_none_is_refused(
    api: ApiClient, empty_settings: Settings, tmp_path: Path
) -> None:
    """Another's signature may stand there, nothing else."""
    note = (await api.get("/v1/log/checkpoint")).text
    text, _, line = note.rpartition("\n\n")
    for more, status in (("— other 5d97Fp77\n", 0), ("— efa\n", 2), ("x\n", 2), ("\n", 1)):
        (tmp_path / "note").write_text(f"{text}\n\n{more}{line}")
        assert _status(key_of(empty_settings), tmp_path / "note") == status, more


async def test_a_receipt_is_waited_for(empty_settings: Settings) -> None:
    async with open_client(empty_settings) as api:
        await record(empty_settings, 1)
        event = await api.owner.fetchval("select id from events")
        none = await api.get(f"/v1/events/{event}/receipt", headers={"Prefer": "wait=0"})
        assert (none.status_code, none.json()["type"]) == (404, "/problems/no-receipt-yet")
        asking = asyncio.create_task(
            api.get(f"/v1/events/{event}/receipt", headers={"Prefer": "wait=20"})
        )
        await asyncio.sleep(0.1)
        await sign_events(empty_settings)
        answer = await asking
        assert answer.status_code == 200
        assert answer.headers["preference-applied"] == "wait=20"


async def test_the_receipt_of_a_private_event_is_for_who_may_see_it(
    client: ApiClient, settings: Settings
) -> None:
    """A token of a body is a private event."""
    await client.as_body("05315", "reuse")
    await sign_events(settings)
    event = await client.owner.fetchval(
        "select id from events where not public order by seq limit 1"
    )
    path = f"/v1/events/{event}/receipt"
    assert (await client.get(path)).status_code == 404
    auditor = await client.as_body("betreiber", "audit")
    answer = await auditor.get(path, events=1, headers={"Accept": "application/json"})
    assert json.loads(base64.b64decode(answer.json()["leaf"]))["action"] == "private"
    assert answer.json()["salt"]


async def test_a_change_says_where_its_receipt_is(client: ApiClient, settings: Settings) -> None:
    admin = await client.as_admin()
    draft = {
        "slug": "hundesteuer",
        "names": {"de": "Hundesteuer"},
        "model": "municipal",
        "builders": [{"organisation": "05117", "role": "lead"}],
    }
    answer = await admin.put("/v1/services/hundesteuer", json=draft, headers={"If-None-Match": "*"})
    link = next(v for v in answer.headers.get_list("link") if 'rel="receipt"' in v)
    await sign_events(settings)
    receipt = await client.get(link[1 : link.index(">")], headers={"Accept": "application/json"})
    assert json.loads(base64.b64decode(receipt.json()["leaf"]))["subject"] == "services/hundesteuer"


async def test_a_registry_that_seals_gives_receipts_of_what_it_recorded(
    settings: Settings, tmp_path: Path
) -> None:
    """Public ones to everybody, private ones only to who may see them."""
    async with open_client(settings, sequencing=True) as client:
        admin = await client.as_admin()
        for slug in ("hundesteuer", "fischerei-x", "marktstand"):
            draft = {
                "slug": slug,
                "names": {"de": slug},
                "model": "municipal",
                "builders": [{"organisation": "05117", "role": "lead"}],
            }
            put = await admin.put(
                f"/v1/services/{slug}", json=draft, headers={"If-None-Match": "*"}
            )
            link = next(v for v in put.headers.get_list("link") if 'rel="receipt"' in v)
            receipt = await client.get(
                link[1 : link.index(">")], headers={"Prefer": "wait=20", "Accept": "text/plain"}
            )
            (tmp_path / "receipt").write_bytes(receipt.content)
            assert _status(key_of(settings), tmp_path / "receipt") == 0
        made = await admin.post("/v1/tokens", json={"scopes": ["reuse"], "days": 1})
        assert made.status_code == 201
        link = next(v for v in made.headers.get_list("link") if 'rel="receipt"' in v)
        private = link[1 : link.index(">")]
        wait = {"Prefer": "wait=20"}
        assert (await client.get(private, headers=wait)).status_code == 404
        assert (await admin.get(private, headers=wait)).status_code == 200


async def test_exports_verify_and_agree_with_receipts_and_proofs(
    api: ApiClient, empty_settings: Settings, tmp_path: Path
) -> None:
    key = key_of(empty_settings)
    answer = await api.get("/v1/log/export")
    assert answer.headers["content-type"] == "application/x-ndjson"
    (tmp_path / "public").write_bytes(answer.content)
    lines = [json.loads(line) for line in answer.content.splitlines()]
    assert [line["line"] for line in lines].count("leaf") == 20
    (tmp_path / "old").write_bytes((await api.get("/v1/log/export?size=300")).content)
    (tmp_path / "proof").write_bytes((await api.get("/v1/log/consistency?from=123")).content)
    (tmp_path / "note").write_bytes((await api.get("/v1/log/checkpoint")).content)
    path = f"/v1/events/{await _event(api, 5)}/receipt"
    (tmp_path / "receipt").write_bytes((await api.get(path)).content)
    files = [tmp_path / name for name in ("public", "proof", "note", "receipt")]
    assert _status(key, *files) == 0
    assert _status(key, tmp_path / "old") == 0
    assert _status(key, tmp_path / "old", tmp_path / "note") == 1, "nothing links 300 and 307"
    linked = (await api.get("/v1/log/consistency?from=300")).content
    (tmp_path / "link").write_bytes(linked)
    assert _status(key, tmp_path / "old", tmp_path / "link", tmp_path / "note") == 0


async def test_the_whole_export_of_the_operator_verifies(
    api: ApiClient, empty_settings: Settings, tmp_path: Path
) -> None:
    await asyncio.to_thread(export_log, empty_settings, tmp_path / "whole")
    status, said = efa_verify.verify([str(tmp_path / "whole")], [key_of(empty_settings)], "en")
    assert status == 0, said
    assert said[0] == "Export: 307 entries, 308 facts."
    assert "1 without a number" in said[1], "that the log was read waits for its number"


EDITS = [
    ('"n":5}', '"n":6}', "facts"),
    ('"subject":"services/s5"', '"subject":"services/s6"', "subject"),
    ('"organisation":"wuppertal"', '"organisation":"soest"', "organisation"),
    ('"action":"services.put"', '"action":"services.cut"', "action"),
    ('"recorded_at":"2', '"recorded_at":"1', "recorded_at"),
    ('"public":true', '"public":false', "public"),
    ('"id":"', '"id":"x', "id"),
    ('"batch":null', '"batch":"x"', "batch"),
]


@pytest.mark.parametrize(("old", "new", "field"), EDITS)
async def test_a_change_in_an_export_is_found_and_its_place_named(
    api: ApiClient, empty_settings: Settings, tmp_path: Path, old: str, new: str, field: str
) -> None:
    lines = (await api.get("/v1/log/export")).text.splitlines()
    at = next(n for n, line in enumerate(lines) if '"log_index":5,' in line)
    assert old in lines[at]
    lines[at] = lines[at].replace(old, new, 1)
    (tmp_path / "one").write_text("\n".join(lines) + "\n")
    status, said = efa_verify.verify([str(tmp_path / "one")], [key_of(empty_settings)], "en")
    assert status == 1, said
    assert field in said[-1]


async def test_an_export_that_lacks_something_does_not_verify(
    api: ApiClient, empty_settings: Settings, tmp_path: Path
) -> None:
    key = key_of(empty_settings)
    lines = (await api.get("/v1/log/export")).text.splitlines()
    last = next(n for n, line in enumerate(lines) if '"line":"checkpoint"' in line)
    for gone in (1, 100, last - 1, len(lines) - 2, len(lines) - 1):
        (tmp_path / "one").write_text("\n".join([*lines[:gone], *lines[gone + 1 :]]) + "\n")
        assert _status(key, tmp_path / "one") == 1, lines[gone]
    twice = [*lines[:3], lines[2], *lines[3:]]
    (tmp_path / "one").write_text("\n".join(twice) + "\n")
    assert _status(key, tmp_path / "one") == 1


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"\xff\xfe", b'{"line":"log"}\n{"line":1}\n', b"x"]
)
def test_what_the_registry_never_wrote_is_told_as_such(
    empty_settings: Settings, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "one").write_bytes(content)
    key = key_of(empty_settings)
    assert _status(key, tmp_path / "one") == 2 or content.startswith(b'{"line":"log"')
    assert _status(key, tmp_path / "absent") == 2
    assert _status("no key", tmp_path / "one") == 2


async def test_an_answer_with_proof_names_a_signed_position_and_stays_the_same(
    client: ApiClient, settings: Settings, tmp_path: Path
) -> None:
    await sign_events(settings)
    key = key_of(settings)
    path = "/v1/reports/coverage?as_of=2024-06-30"
    answer = await client.get(f"{path}&proof=1")
    known = answer.json()["known_at"]
    position = (await client.get("/v1/log/position")).json()
    assert known == position
    (tmp_path / "report").write_bytes(answer.content)
    assert _status(key, tmp_path / "report") == 0
    await grow(settings, 9)
    again = await client.get(f"{path}&known_at={known['size']}&proof=1")
    assert again.content == answer.content
    between = await client.get(f"{path}&known_at={known['size'] + 4}&proof=1")
    assert between.json()["proof"]["consistency"]
    (tmp_path / "between").write_bytes(between.content)
    (tmp_path / "export").write_bytes((await client.get("/v1/log/export")).content)
    assert _status(key, tmp_path / "between", tmp_path / "report", tmp_path / "export") == 0
    forged = between.content.replace(b'"size":%d' % (known["size"] + 4), b'"size":3', 1)
    (tmp_path / "between").write_bytes(forged)
    assert _status(key, tmp_path / "between") == 1
    for wrong in ("proof=0", "proof=1&proof=1", "proof="):
        assert (await client.get(f"{path}&{wrong}")).status_code == 400
    assert (await client.get("/v1/log/position?proof=1")).status_code == 400


async def test_the_proof_of_a_table_is_a_header_that_says_what_json_says(
    client: ApiClient, settings: Settings, tmp_path: Path
) -> None:
    await sign_events(settings)
    key = key_of(settings)
    size = (await client.get("/v1/log/position")).json()["size"]
    await grow(settings, 9)
    dates = f"as_of=2024-06-30&known_at={size + 4}&proof=1"
    for path in ("/v1/reports/ranking", "/v1/reports/duplicates"):
        told = await client.get(f"{path}.csv?{dates}")
        beside = json.loads(base64.b64decode(told.headers["efa-proof"], validate=True))
        within = (await client.get(f"{path}?{dates}")).json()
        assert beside == {name: within[name] for name in ("known_at", "proof")}
        assert "etag" not in told.headers
        (tmp_path / "proof").write_bytes(base64.b64decode(told.headers["efa-proof"]))
        assert _status(key, tmp_path / "proof") == 0
        plain = await client.get(f"{path}.csv?as_of=2024-06-30&known_at={size + 4}")
        assert (plain.content, "efa-proof" in plain.headers) == (told.content, False)
    newest = await client.get("/v1/reports/ranking.csv?as_of=2024-06-30&proof=1")
    assert f",{size + 9}\r\n" in newest.text
    beside["known_at"]["size"] = 3
    (tmp_path / "proof").write_text(json.dumps(beside))
    assert _status(key, tmp_path / "proof") == 1
    refused = await client.get("/v1/reports/ranking.csv?known_at=999999&proof=1")
    assert (refused.status_code, "efa-proof" in refused.headers) == (404, False)


async def test_an_answer_is_worked_out_again_from_the_export(
    settings: Settings, empty_settings: Settings, tmp_path: Path
) -> None:
    """What an auditor does: rebuild from the file, ask the same, compare."""
    await sign_events(settings)
    path = "/v1/organisations/05315?as_of=2020-01-01&proof=1"
    async with open_client(settings) as client:
        before = (await client.get(path)).json()
    await asyncio.to_thread(export_log, settings, tmp_path / "log")
    await asyncio.to_thread(rebuild, empty_settings, tmp_path / "log")
    await sign_events(empty_settings)
    async with open_client(empty_settings) as client:
        size = before["known_at"]["size"]
        after = (await client.get(f"{path}&known_at={size}")).json()
    assert {**after, "proof": None} == {**before, "proof": None}


async def test_nothing_private_can_be_guessed_from_the_public_log(
    client: ApiClient, settings: Settings
) -> None:
    """Who knows all but the stage, and tries each one, finds none confirmed."""
    facts = [
        {"organisation": "wuppertal", "service": "wohngeld", "stage": stage}
        for stage in ("interest", "agreed", "contracted", "rejected", "withdrawn")
    ]
    async with connected(settings.database_url) as conn, begin(conn, WUPPERTAL) as tx:
        await audit.record(tx, "reuse.record", "reuses/x", facts[0], public=False)
        await audit.record(tx, "reuse.record", "reuses/y", facts[1])
    await sign_events(settings)
    lines = [json.loads(x) for x in (await client.get("/v1/log/export")).content.splitlines()]
    private = [line for line in lines if line["line"] == "leaf"]
    salts = [b"", *(base64.b64decode(x["salt"]) for x in lines if x["line"] == "event")]
    leaves = [json.loads(base64.b64decode(line["leaf"])) for line in private]
    ids = [leaf["event"].encode() for leaf in leaves]
    committed = {leaf["facts"] for leaf in leaves}
    guesses = [canonical(one) for one in facts]

    def confirmed(tried: list[bytes]) -> bool:
        return any(
            hashlib.sha256(salt + guess).hexdigest() in committed
            for salt in tried
            for guess in guesses
        )

    assert private
    assert not confirmed([*salts, *ids])
    text = json.dumps(leaves)
    assert not any(word in text for word in ("wuppertal", "wohngeld", "reuse", "interest"))
    true_salt = await client.owner.fetchval(
        "select f.salt from event_facts f join events e on e.id = f.event_id"
        " where e.subject = 'reuses/x'"
    )
    assert confirmed([true_salt]), "the control: with the salt the guess is confirmed"
