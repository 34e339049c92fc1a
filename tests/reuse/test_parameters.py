"""What a body sets for its use: checked against its version, its own affair, its history kept."""

import io
from typing import Any

import pytest

from registry.cli.rebuild import replay_log, write_log
from registry.db import Connection
from registry.reuse.parameters import required_names, without_secrets
from registry.settings import Settings
from tests.agreements.drafts import CREATE
from tests.client import ApiClient, pointers
from tests.reuse.drafts import reuse, step
from tests.templates import number_events
from tests.versions.published import interfaces

FIRST: dict[str, Any] = {
    "type": "object",
    "properties": {
        "rate": {"type": "number", "minimum": 0},
        "mailbox": {"type": "string", "minLength": 3},
        "password": {"type": "string", "writeOnly": True},
    },
    "required": ["rate", "mailbox"],
    "additionalProperties": False,
}
SECOND: dict[str, Any] = FIRST | {"required": ["rate", "mailbox", "sign"]}
SECOND["properties"] = FIRST["properties"] | {
    "rate": {"type": "number", "maximum": 10},
    "sign": {"type": "string"},
}


@pytest.fixture
async def used(api: ApiClient) -> tuple[ApiClient, str]:
    """Köln with a reuse of `bauantrag` 1.0.0, and the address of its parameters."""
    builder = await api.as_body("13", "publish:bauantrag")
    for number, schema in (("1.0.0", FIRST), ("2.0.0", SECOND)):
        path = f"/v1/services/bauantrag/versions/{number}"
        answer = await builder.put(path, json=interfaces(parameters=schema))
        assert answer.status_code == 201, answer.text
    koeln = await api.as_body("05315", "reuse")
    answer = await koeln.post("/v1/reuses", json=reuse("05315", version="1.0.0"))
    return koeln, answer.json()["links"]["self"] + "/parameters"


async def test_they_are_set_and_say_what_is_missing(used: tuple[ApiClient, str]) -> None:
    koeln, path = used
    empty = (await koeln.get(path)).json()
    assert (empty["revision"], empty["parameters"], empty["history"]) == (0, None, [])
    assert empty["readiness"]["missing"] == ["/mailbox", "/rate"]
    first = await koeln.put(path, json={"rate": 12.5}, headers=CREATE)
    assert first.status_code == 200, first.text
    assert first.json()["readiness"] == {
        "version": "1.0.0",
        "ready": False,
        "required": ["mailbox", "rate"],
        "set": ["rate"],
        "missing": ["/mailbox"],
        "invalid": [],
    }
    whole = {"rate": 12.5, "mailbox": "post"}
    assert (await koeln.put(path, json=whole)).status_code == 428
    etag = {"If-Match": first.headers["etag"]}
    second = (await koeln.put(path, json=whole, headers=etag)).json()
    assert (second["readiness"]["ready"], second["parameters"]) == (True, whole)
    assert (await koeln.put(path, json={"rate": 1}, headers=etag)).status_code == 412
    read = await koeln.get(path)
    assert read.json() == second
    again = await koeln.put(path, json=whole, headers={"If-Match": read.headers["etag"]}, events=0)
    assert again.json() == second


async def test_what_does_not_fit_is_refused_and_changes_nothing(
    used: tuple[ApiClient, str],
) -> None:
    koeln, path = used
    wrong = await koeln.put(path, json={"rate": -1, "mailbox": "a", "other": 1}, headers=CREATE)
    assert wrong.status_code == 422
    assert wrong.json()["type"] == "/problems/invalid-parameters"
    assert set(pointers(wrong.json())) == {"/rate", "/mailbox", "/other"}
    broken = await koeln.put(
        path, content=b"{", headers={**CREATE, "Content-Type": "application/json"}
    )
    assert broken.status_code in {400, 422}
    assert (await koeln.get(path)).json()["revision"] == 0


async def test_secrets_are_refused(used: tuple[ApiClient, str]) -> None:
    koeln, path = used
    secret = await koeln.put(path, json={"rate": 1, "password": "geheim"}, headers=CREATE)
    assert secret.status_code == 422
    (place,) = secret.json()["errors"]
    assert place["pointer"] == "/password"
    assert "writeOnly" in place["detail"]
    assert "geheim" not in secret.text


async def test_after_an_upgrade_the_same_document_is_seen_anew(
    used: tuple[ApiClient, str],
) -> None:
    koeln, path = used
    document = {"rate": 12.5, "mailbox": "post"}
    assert (await koeln.put(path, json=document, headers=CREATE)).status_code == 200
    upgrade = step("live", "2024-01-01", version="2.0.0")
    steps = path.replace("parameters", "steps")
    assert (await koeln.post(steps, json=upgrade)).status_code == 201
    ready = (await koeln.get(path)).json()["readiness"]
    assert (ready["version"], ready["missing"]) == ("2.0.0", ["/sign"])
    assert [fault["pointer"] for fault in ready["invalid"]] == ["/rate"]


async def test_only_the_body_sets_them_and_the_builder_reads_them(
    api: ApiClient, used: tuple[ApiClient, str]
) -> None:
    koeln, path = used
    document = {"rate": 1, "mailbox": "post"}
    assert (await koeln.put(path, json=document, headers=CREATE)).status_code == 200
    land = await api.as_body("05", "reuse")
    refused = await land.put(path, json=document, headers=CREATE)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-yours")
    builder = await api.as_body("13", "publish:bauantrag")
    assert (await builder.get(path)).json()["parameters"] == document
    nothing = path.replace(path.split("/")[3], "00000000-0000-4000-8000-000000000000")
    for stranger in (api, land, await api.as_body("05314", "reuse")):
        assert (await stranger.get(path)).json()["type"] == "/problems/unknown-parameters"
        assert (await stranger.get(nothing)).status_code == 404
    auditor = await api.as_auditor("bund", within=("05",))
    assert (await auditor.get(path, events=1)).json()["parameters"] == document


async def test_the_history_is_kept_and_its_events_are_private(
    api: ApiClient, used: tuple[ApiClient, str], settings: Settings
) -> None:
    koeln, path = used
    first = await koeln.put(path, json={"rate": 1}, headers=CREATE)
    size = await number_events(settings)
    before = await koeln.get(f"{path}?known_at={size}")
    builder = await api.as_body("13", "publish:bauantrag")
    etag = {"If-Match": first.headers["etag"]}
    assert (await koeln.put(path, json={"rate": 2}, headers=etag)).status_code == 200
    size = before.json()["known_at"]["size"]
    for reader in (koeln, builder):
        assert (await reader.get(f"{path}?known_at={size}")).content == before.content
        assert [one["revision"] for one in (await reader.get(path)).json()["history"]] == [1, 2]
    await number_events(settings)
    public = (await api.get("/v1/events?limit=200")).json()["items"]
    assert not any(event["type"] == "efa.reuse.put_parameters" for event in public)


async def test_without_a_version_or_an_interface_nothing_can_be_set(api: ApiClient) -> None:
    koeln = await api.as_body("05315", "reuse")
    address = (await koeln.post("/v1/reuses", json=reuse("05315"))).json()["links"]["self"]
    refused = await koeln.put(f"{address}/parameters", json={}, headers=CREATE)
    assert (refused.status_code, refused.json()["type"]) == (
        409,
        "/problems/parameters-not-declared",
    )
    assert (await koeln.get(f"{address}/parameters")).json()["readiness"] is None


async def test_an_export_replayed_gives_the_same_rows(
    used: tuple[ApiClient, str], owner: Connection
) -> None:
    koeln, path = used
    assert (await koeln.put(path, json={"rate": 1}, headers=CREATE)).status_code == 200
    lines = io.BytesIO()
    await write_log(owner, lines.write)
    before = await owner.fetch("select t::text from reuse_parameters t")
    await owner.execute("truncate events, blobs cascade")
    await replay_log(owner, lines.getvalue().splitlines())
    assert await owner.fetch("select t::text from reuse_parameters t") == before != []


def test_secrets_are_found_wherever_a_schema_says_so() -> None:
    text = b"""{"properties": {"writeOnly": true, "a": {"$ref": "#/$defs/s"},
                "b": {"items": {"writeOnly": true}}, "c": {"writeOnly": true}},
                "required": ["a", "c"], "enum": [{"writeOnly": true}],
                "$defs": {"s": {"writeOnly": true, "type": "string"}}}"""
    storable = without_secrets({"place": text})
    assert storable is not None
    assert storable["place"].count(b'{"not": {}}') == 3
    assert b'"enum": [{"writeOnly": true}]' in storable["place"]
    assert required_names(text) == ["a"]
    assert without_secrets({"place": b'{"type": "object"}'}) is None
    escaped = b'{"properties": {"pw": {"write\\u004fnly": true}}}'
    assert without_secrets({"place": escaped}) is not None
