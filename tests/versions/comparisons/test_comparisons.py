"""What changed between any two versions, and between two schemas of anyone."""

import json
import time
from typing import Any

import msgspec
import pytest

from registry.compatibility.compare import compare
from registry.compatibility.model import Schema, Verdict
from registry.db import begin
from registry.identity.operator import operator
from registry.settings import Settings
from registry.versions import actions
from registry.versions.comparisons import store as verdict_store
from registry.versions.comparisons.verdicts import Question, undecided
from tests.client import ApiClient, open_client, pointers
from tests.versions.published import (
    SCHEMA,
    SERVICE,
    interfaces,
    leave_undecided,
    publish,
    service,
    version,
)

COMPARISON = f"{SERVICE}/comparison"
NARROWER: dict[str, Any] = {**SCHEMA, "required": ["name", "age"]}


def doubling(branches: int) -> dict[str, Any]:
    """Small, and dear to compare: each choice may be combined with each other one."""
    choices = [
        {"anyOf": [{"required": [f"a{place}"]}, {"required": [f"b{place}"]}]}
        for place in range(branches)
    ]
    return {"allOf": choices}


HOSTILE_OLD = doubling(20)
HOSTILE_NEW = {
    "allOf": [{"anyOf": [*one["anyOf"], {"required": ["z"]}]} for one in HOSTILE_OLD["allOf"]]
}


async def test_two_versions_are_compared_in_either_direction(client: ApiClient) -> None:
    builder = await service(client)
    await publish(builder, "1.0.0", body=interfaces(application=SCHEMA))
    await publish(builder, "2.0.0", body=interfaces(application=NARROWER))
    forth = (await client.get(COMPARISON, params={"from": "1.0.0", "to": "2.0.0"})).json()
    back = (await client.get(COMPARISON, params={"from": "2.0.0", "to": "1.0.0"})).json()
    assert (forth["bump"], forth["relation"]) == ("major", "narrower")
    assert (back["bump"], back["relation"]) == ("minor", "wider")
    (application,) = forth["interfaces"]
    witness = application["verdict"]["backward"]["witness"]
    assert ("age" in witness["document"], witness["confirmed"]) == (False, True)
    rules = [finding["rule"] for finding in application["verdict"]["findings"]]
    assert rules == ["EFA-REQ-01"]


async def test_the_reading_is_named_and_may_be_chosen(client: ApiClient) -> None:
    builder = await service(client)
    more = {**SCHEMA, "properties": {**SCHEMA["properties"], "mail": {"type": "string"}}}
    await publish(builder, "1.0.0", body=interfaces(application=SCHEMA))
    await publish(builder, "1.1.0", body=interfaces(application=more))
    pair = {"from": "1.0.0", "to": "1.1.0"}
    reserved = (await client.get(COMPARISON, params=pair)).json()
    opened = (await client.get(COMPARISON, params={**pair, "reading": "open"})).json()
    assert (reserved["reading"], reserved["bump"]) == ("reserved", "minor")
    assert (opened["reading"], opened["bump"]) == ("open", "major")
    for name, value in (("reading", "loose"), ("from", "1" * 201), ("to", "")):
        odd = await client.get(COMPARISON, params={**pair, name: value})
        assert (odd.status_code, pointers(odd.json())) == (400, [f"?{name}"])


async def test_a_comparison_has_an_etag_and_is_asked_for_again(client: ApiClient) -> None:
    builder = await service(client)
    await publish(builder, "1.0.0", "1.0.1")
    pair = {"from": "1.0.0", "to": "1.0.1"}
    first = await client.get(COMPARISON, params=pair)
    assert first.headers["Cache-Control"] == "no-cache"
    headers = {"If-None-Match": first.headers["ETag"]}
    assert (await client.get(COMPARISON, params=pair, headers=headers)).status_code == 304


async def test_what_is_not_there_cannot_be_compared(client: ApiClient) -> None:
    builder = await service(client)
    await publish(builder, "1.0.0")
    for path, pair, problem in (
        (COMPARISON, {"from": "1.0.0", "to": "3.0.0"}, "unknown-version"),
        ("/v1/services/nirgends/comparison", {"from": "1.0.0", "to": "1.0.0"}, "unknown-service"),
    ):
        answer = await client.get(path, params=pair)
        assert answer.json()["type"] == f"/problems/{problem}"
    assert (await client.get(COMPARISON, params={"from": "1.0.0"})).status_code == 400


async def test_verdicts_are_worked_out_once(client: ApiClient) -> None:
    builder = await service(client)
    await publish(builder, "1.0.0", "1.0.1", "1.0.2")
    kept = "select count(*) from schema_verdicts"
    assert await client.owner.fetchval(kept) == 2
    for _ in range(2):
        answer = await client.get(COMPARISON, params={"from": "1.0.0", "to": "1.0.2"})
        assert answer.status_code == 200
        assert await client.owner.fetchval(kept) == 3


async def test_a_later_engine_decides_what_was_unknown_and_that_is_an_event(
    client: ApiClient,
) -> None:
    builder = await service(client)
    await publish(builder, "1.0.0", body=interfaces(application=SCHEMA))
    await publish(builder, "2.0.0", body=interfaces(application=NARROWER))
    contents = await verdict_store.contents(client.owner, "wohngeld-sh", ["1.0.0", "2.0.0"])
    asked = Question(
        old=contents["1.0.0"].identity("application"),
        new=contents["2.0.0"].identity("application"),
        direction="accepts",
        reading="open",
        formats="annotate",
    )
    await client.owner.execute(
        """
        insert into schema_verdicts (old, new, direction, reading, formats, engine, decided,
                                     verdict)
        values ($1, $2, $3, $4, $5, 'earlier', false, '{}')
        """,
        *asked.columns,
    )
    pair = {"from": "1.0.0", "to": "2.0.0", "reading": "open"}
    decided = await client.get(COMPARISON, params=pair, events=1)
    assert decided.json()["bump"] == "major"
    assert (await client.get(COMPARISON, params=pair, events=0)).json() == decided.json()
    row: Any = await client.owner.fetchrow("select action, subject from events order by seq desc")
    assert tuple(row) == ("versions.decide", "services/wohngeld-sh/comparison")


async def test_what_ran_out_of_time_is_kept_for_readers_until_it_is_decided(
    client: ApiClient,
) -> None:
    await service(client)
    asked = Question(
        old="aa" * 32, new="bb" * 32, direction="accepts", reading="open", formats="annotate"
    )
    real = compare(Schema(root={}), Schema(root={"minLength": 1}))
    hurried = msgspec.structs.replace(real, findings=[], ran_out=True)
    unknown = undecided(asked, "depth")

    async def kept() -> list[Verdict]:
        found = await verdict_store.worked_out(client.owner, [asked], real.engine)
        return list(found.values())

    for verdict, expected in (
        (undecided(asked), undecided(asked)),
        (unknown, unknown),
        (undecided(asked), unknown),
        (hurried, hurried),
        (unknown, hurried),
        (real, real),
        (hurried, real),
    ):
        async with begin(client.conn, operator()) as tx:
            await actions.keep_verdicts(tx, "wohngeld-sh", {asked: verdict})
        assert await kept() == [expected]
    events = "select count(*) from events where action = 'versions.decide'"
    assert await client.owner.fetchval(events) == 1


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", "Nicht alle Änderungen konnten aufgeführt werden"),
        ("/en", "Not all changes could be listed"),
    ],
)
async def test_a_reader_is_told_that_more_may_have_changed(
    client: ApiClient, path: str, words: str
) -> None:
    builder = await service(client)
    texts = [json.dumps(one) for one in (SCHEMA, NARROWER)]
    await leave_undecided(client.conn, texts[0], texts[1])
    for number, text in zip(("1.0.0", "2.0.0"), texts, strict=True):
        await publish(builder, number, body=version(text))
    pair = {"from": "1.0.0", "to": "2.0.0"}
    (one,) = (await client.get(COMPARISON, params=pair)).json()["interfaces"]
    assert (one["verdict"]["complete"], one["verdict"]["ran_out"]) == (False, False)
    page = f"{path}/dienste/wohngeld-sh/vergleich"
    shown = await client.get(page, params=pair, headers={"Accept": "text/html"})
    assert words in shown.text


LONG: dict[str, Any] = {"type": "string", "minLength": 30_000}
LARGE: dict[str, Any] = {"enum": [[*range(3_001)], "x"]}
FAX: dict[str, Any] = {**SCHEMA, "properties": {**SCHEMA["properties"], "fax": {}}}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (LARGE, {"enum": ["x"]}, "Only one of the two validators confirms this"),
        (FAX, SCHEMA, "confirmed only for the schemas without the names that the other version"),
        (LONG, {**LONG, "maxLength": 30_000}, "no document that shows it was found, or none short"),
        (SCHEMA, NARROWER, None),
    ],
)
async def test_a_break_that_is_not_proven_by_a_confirmed_document_says_so(
    client: ApiClient, old: Any, new: Any, words: str | None
) -> None:
    builder = await service(client)
    for number, schema in (("1.0.0", old), ("2.0.0", new)):
        await publish(builder, number, body=interfaces(application=schema))
    pair = {"from": "1.0.0", "to": "2.0.0"}
    found = (await client.get(COMPARISON, params=pair)).json()
    assert found["bump"] == "major"
    missing = words is not None and "none short" in words
    assert (found["unproven"], found["interfaces"][0]["verdict"]["unproven"]) == (missing, missing)
    body = interfaces(application=new)
    refused = (await builder.put(f"{SERVICE}/versions/1.0.1", json=body)).json()
    assert refused["unproven"] == (["application"] if missing else [])
    said = [
        "Only one of the two validators confirms",
        "confirmed only for the schemas",
        "no document that shows it was found",
    ]
    for path in ("/en/dienste/wohngeld-sh/vergleich", "/en/dienste/wohngeld-sh/2.0.0"):
        asked = pair if path.endswith("vergleich") else {}
        shown = await client.get(path, params=asked, headers={"Accept": "text/html"})
        assert shown.status_code == 200
        for each in said:
            assert (each in shown.text) is (words is not None and each in f"This is {words}"), path


async def test_only_what_is_worked_out_anew_is_limited_as_costly(settings: Settings) -> None:
    strict = msgspec.structs.replace(settings, costly_rate_limit=2)
    async with open_client(strict) as client:
        builder = await service(client)
        await publish(builder, *(f"1.0.{patch}" for patch in range(6)))

        async def status(patch: int, path: str = COMPARISON) -> int:
            pair = {"from": "1.0.0", "to": f"1.0.{patch}"}
            return (await client.get(path, params=pair, headers={"Accept": "*/*"})).status_code

        assert [await status(2) for _ in range(9)] == [200] * 9
        page = "/dienste/wohngeld-sh/vergleich"
        assert [await status(3, page) for _ in range(9)] == [200] * 9
        assert [await status(4), await status(5), await status(4, page)] == [429] * 3
        assert [await status(2), await status(3, page)] == [200, 200]


async def test_given_schemas_are_compared_within_the_same_time_as_published_ones(
    client: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.versions.bounds.CLOCK_SECONDS", 0.0)
    caller = await client.as_body("05", "read")
    body: Any = {"old": {"schema": {}}, "new": {"schema": {"minLength": 2}}}
    answer = await caller.post("/v1/comparisons", json=body)
    assert (answer.status_code, answer.json()["type"]) == (429, "/problems/check-not-finished")


async def test_two_schemas_are_compared_and_nothing_is_kept(client: ApiClient) -> None:
    caller = await client.as_body("05", "read")
    body = {"old": {"schema": {"minLength": 1}}, "new": {"schema_text": '{\n"minLength": 2}'}}
    answer = await caller.post("/v1/comparisons", json=body, events=0)
    shown = answer.json()
    assert (answer.status_code, shown["bump"], shown["relation"]) == (200, "major", "narrower")
    assert len(shown["backward"]["witness"]["document"]) == 1
    assert shown["findings"][0]["new"]["line"] == 2
    turned = await caller.post("/v1/comparisons", json={**body, "direction": "emits"}, events=0)
    assert turned.json()["bump"] == "minor"
    assert await client.owner.fetchval("select count(*) from schema_verdicts") == 0


async def test_given_schemas_may_refer_to_published_ones(client: ApiClient) -> None:
    builder = await service(client)
    await publish(builder, "1.0.0", body=interfaces(plz={"maxLength": 5}))
    refers: Any = {"properties": {"plz": {"$ref": "efa:wohngeld-sh/1.0.0/plz"}}}
    body: Any = {
        "old": {"schema": {"properties": {"plz": {"maxLength": 4}}}},
        "new": {"schema": refers},
    }
    answer = await builder.post("/v1/comparisons", json=body, events=0)
    assert (answer.json()["bump"], answer.json()["relation"]) == ("minor", "wider")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"old": {}, "new": {"schema": {}}}, "/old"),
        ({"old": {"schema": {}}, "new": {"schema": {}, "schema_text": "{}"}}, "/new"),
        ({"old": {"schema_text": "{"}, "new": {"schema": {}}}, "/old/schema_text"),
        ({"old": {"schema": {}}, "new": {"schema": {"type": "text"}}}, "/new/schema/type"),
        ({"old": {"schema": {"$ref": "./a"}}, "new": {"schema": {}}}, "/old/schema/$ref"),
        ({"old": {"schema": {"$ref": "file:/x"}}, "new": {"schema": {}}}, "/old/schema/$ref"),
    ],
)
async def test_what_could_not_be_published_is_not_compared(
    client: ApiClient, body: Any, pointer: str
) -> None:
    caller = await client.as_body("05", "read")
    answer = await caller.post("/v1/comparisons", json=body)
    assert (answer.status_code, pointers(answer.json())) == (422, [pointer])


async def test_strangers_compare_nothing(client: ApiClient) -> None:
    body: Any = {"old": {"schema": {}}, "new": {"schema": {}}}
    assert (await client.post("/v1/comparisons", json=body)).status_code == 401


async def test_a_hostile_pair_is_undecided_in_bounded_time(client: ApiClient) -> None:
    caller = await client.as_body("05", "read")
    body: Any = {"old": {"schema": HOSTILE_OLD}, "new": {"schema": HOSTILE_NEW}}
    assert len(json.dumps(HOSTILE_OLD)) < 1_500
    started = time.monotonic()
    answer = await caller.post("/v1/comparisons", json=body, events=0)
    assert time.monotonic() - started < 8
    assert answer.status_code == 200
    assert answer.json()["backward"]["answer"] in ("unknown", "yes")
    fine: Any = {"old": {"schema": {}}, "new": {"schema": {}}}
    assert (await caller.post("/v1/comparisons", json=fine, events=0)).json()["bump"] == "none"
