"""Documents checked over HTTP: one or many, in two languages, leaving no trace."""

import json
from typing import Any

import pytest

from registry.versions import bounds
from tests.client import ApiClient
from tests.versions.published import SERVICE, interfaces, publish, service, version

PATH = f"{SERVICE}/versions/1.0.0/interfaces/application/validations"
SECRET = "geheim-xq4711zz"


async def report(client: ApiClient, body: Any, **headers: str) -> Any:
    answer = await client.post(PATH, content=body, events=0, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_document_is_valid_or_told_why_not(client: ApiClient) -> None:
    builder = await service(client)
    await publish(builder, "1.0.0", body=version())
    fine = await report(builder, b'{"name": "A", "age": 3}')
    assert (fine["valid"], fine["invalid"], fine["items"][0]["errors"]) == (1, 0, [])
    wrong = await report(builder, b'{"age": "x"}')
    assert {
        (error["pointer"], error["keyword"], error["schema_pointer"], error["detail"])
        for error in wrong["items"][0]["errors"]
    } == {
        ("/age", "type", "/properties/age/type", "erwartet wird: integer"),
        ("", "required", "/required", "das Feld „name“ fehlt"),
    }


async def test_errors_come_in_english_to_who_reads_english(client: ApiClient) -> None:
    builder = await service(client)
    await publish(builder, "1.0.0", body=version())
    answer = await builder.post(PATH, json={}, events=0, headers={"Accept-Language": "en"})
    (error,) = answer.json()["items"][0]["errors"]
    assert error["detail"] == "the field “name” is missing"
    assert answer.headers["Content-Language"] == "en"


async def test_a_batch_has_an_outcome_for_each_line(client: ApiClient) -> None:
    builder = await service(client)
    await publish(builder, "1.0.0", body=version())
    lines = b'{"name": "A"}\n\n{"name": 1}\r\n{"name": \n' + b'{"name": "B"}\n' * 300
    found = await report(builder, lines, **{"Content-Type": "application/x-ndjson"})
    assert (found["valid"], found["invalid"]) == (301, 2)
    assert [item["line"] for item in found["items"]][:4] == [1, 3, 4, 5]
    assert found["items"][1]["errors"][0]["pointer"] == "/name"
    assert found["items"][2]["errors"][0]["detail"].startswith("kein gültiges JSON")


async def test_a_batch_that_is_too_long_is_refused(client: ApiClient) -> None:
    builder = await service(client)
    await publish(builder, "1.0.0", body=version())
    headers = {"Content-Type": "application/x-ndjson"}
    answer = await builder.post(PATH, content=b"1\n" * 10_001, headers=headers)
    assert answer.json()["type"] == "/problems/too-many-documents"


async def test_a_batch_has_one_allowance(
    client: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    builder = await service(client)
    await publish(builder, "1.0.0")
    monkeypatch.setattr(bounds, "PROCESSOR_SECONDS", 0.000_001)
    headers = {"Content-Type": "application/x-ndjson"}
    answer = await builder.post(PATH, content=b"{}\n" * 1_000, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/check-too-costly")


async def test_references_to_siblings_are_followed(client: ApiClient) -> None:
    builder = await service(client)
    schemas = interfaces(
        application={"properties": {"status": {"$ref": "./status"}}}, status={"enum": ["offen"]}
    )
    await publish(builder, "1.0.0", body=schemas)
    (item,) = (await report(builder, b'{"status": "zu"}'))["items"]
    assert item["errors"][0]["schema_pointer"] == "efa:wohngeld-sh/1.0.0/status#/enum"


async def test_documents_leave_no_trace(
    client: ApiClient, capfd: pytest.CaptureFixture[str]
) -> None:
    builder = await service(client)
    await publish(builder, "1.0.0", body=version(json.dumps({"enum": ["a"], "format": "date"})))
    answer = await builder.post(PATH, content=json.dumps(SECRET), events=0)
    out, err = capfd.readouterr()
    assert SECRET not in answer.text + out + err
    tables = await client.owner.fetch(
        "select tablename from pg_tables where schemaname = 'public' order by tablename"
    )
    for (table,) in tables:
        statement = f"select count(*) from {table} t where t::text like '%xq4711zz%'"  # noqa: S608
        assert await client.owner.fetchval(statement) == 0, table


async def test_a_format_counts_as_it_does_for_the_versions_of_the_service(
    client: ApiClient,
) -> None:
    for formats, valid in (("annotate", 1), ("assert", 0)):
        builder = await service(client, f"dienst-{formats}", formats=formats)
        path = f"/v1/services/dienst-{formats}/versions/1.0.0"
        body = version(json.dumps({"format": "date"}))
        assert (await builder.put(path, json=body)).status_code == 201
        place = f"{path}/interfaces/application/validations"
        answer = await builder.post(place, json="31.12.", events=0)
        assert (answer.json()["formats"], answer.json()["valid"]) == (formats, valid)


async def test_nobody_is_anonymous_here(client: ApiClient) -> None:
    await publish(await service(client), "1.0.0", body=version())
    assert (await client.post(PATH, json={})).status_code == 401


async def test_what_is_not_there_says_what_is_missing(client: ApiClient) -> None:
    builder = await service(client)
    await publish(builder, "1.0.0", body=version())
    for path, problem in (
        (PATH.replace("application", "status"), "unknown-interface"),
        (PATH.replace("1.0.0", "1.0.1"), "unknown-version"),
    ):
        assert (await builder.post(path, json={})).json()["type"] == f"/problems/{problem}"
