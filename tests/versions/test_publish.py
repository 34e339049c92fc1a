"""Publishing: whose it is, what may be published, and that nothing changes afterwards."""

import asyncio
import hashlib
import json
from typing import Any

import pytest

from tests.client import ApiClient, pointers
from tests.versions.published import (
    SCHEMA,
    SCHEMA_TEXT,
    SERVICE,
    interfaces,
    publish,
    service,
    version,
)

PATH = f"{SERVICE}/versions/1.0.0"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


async def test_a_version_is_published_with_all_its_interfaces(client: ApiClient) -> None:
    builder = await service(client)
    body = version(notes={"summary": "Erste Fassung", "licence": "EUPL-1.2"})
    body["interfaces"]["status"] = {"direction": "emits", "schema": {"enum": ["offen", "fertig"]}}
    answer = await builder.put(PATH, json=body)
    assert (answer.status_code, answer.headers["Location"]) == (201, PATH)
    shown = answer.json()
    assert (shown["state"], shown["notes"]["summary"]) == ("active", "Erste Fassung")
    application, status = shown["interfaces"]
    assert (application["direction"], application["dialect"]) == ("accepts", "2020-12")
    assert (application["sha256"], application["bytes"]) == (sha256(SCHEMA_TEXT), len(SCHEMA_TEXT))
    assert (status["name"], status["href"]) == ("status", f"{PATH}/interfaces/status")
    rest = {name: shown.pop(name) for name in ("comparisons", "impact", "remarks")}
    assert rest == {"comparisons": [], "impact": None, "remarks": []}
    assert (await client.get(PATH)).json() == shown


async def test_the_same_again_is_told_so_and_changes_nothing(client: ApiClient) -> None:
    builder = await service(client)
    first = await builder.put(PATH, json=version())
    again = await builder.put(PATH, json=version(notes={"summary": "anders"}), events=0)
    assert (again.status_code, again.json()) == (200, first.json())


@pytest.mark.parametrize(
    "other",
    [
        version(SCHEMA_TEXT + " "),
        {"interfaces": {"application": {"direction": "emits", "schema_text": SCHEMA_TEXT}}},
        {"interfaces": {"antrag": {"direction": "accepts", "schema_text": SCHEMA_TEXT}}},
        interfaces(application=SCHEMA),
        version("{}"),
        version("no schema at all"),
    ],
)
async def test_anything_else_under_the_number_is_refused(client: ApiClient, other: Any) -> None:
    builder = await service(client)
    first = await builder.put(PATH, json=version())
    answer = await builder.put(PATH, json=other)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/version-immutable")
    assert (await client.get(PATH)).json().items() <= first.json().items()


async def test_a_schema_given_as_json_is_kept_compact_in_its_order(client: ApiClient) -> None:
    builder = await service(client)
    schema = '\n { "minimum" : 1.0, "$id" : "x" , "description": "\\u00e4 b" } '
    given = '{"interfaces": {"a": {"direction": "accepts", "schema": ' + schema + "}}}"
    answer = await builder.put(
        PATH, content=given.encode(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 201, answer.text
    kept = await client.get(f"{PATH}/interfaces/a")
    assert kept.text == '{"minimum":1.0,"$id":"x","description":"\\u00e4 b"}'


async def test_equal_texts_are_stored_once(client: ApiClient) -> None:
    builder = await service(client)
    body = version()
    body["interfaces"]["other"] = body["interfaces"]["application"]
    await builder.put(PATH, json=body)
    await builder.put(f"{SERVICE}/versions/1.0.1", json=body)
    stored = "select count(*) from blobs where sha256 = $1"
    assert await client.owner.fetchval(stored, bytes.fromhex(sha256(SCHEMA_TEXT))) == 1


async def test_only_builders_publish(client: ApiClient) -> None:
    builder = await service(client)
    body = version()
    assert (await client.put(PATH, json=body)).status_code == 401
    for other in (
        await client.as_body("02", "publish:wohngeld-sh"),
        await client.as_body("01", "publish:anderer-dienst"),
        await client.as_body("01", "read"),
    ):
        answer = await other.put(PATH, json=body)
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-yours")
    assert (await builder.put(PATH, json=body)).status_code == 201


async def test_a_state_publishes_for_its_municipalities_and_a_partner_for_itself(
    client: ApiClient,
) -> None:
    builders = [{"organisation": "05315"}, {"organisation": "06", "role": "partner"}]
    await service(client, builders=builders)
    state = await client.as_body("05", "publish:*")
    partner = await client.as_body("06", "publish:wohngeld-sh")
    assert (await state.put(PATH, json=version())).status_code == 201
    assert (await partner.put(f"{SERVICE}/versions/1.1.0", json=version())).status_code == 201


async def test_a_service_that_is_not_there_has_no_versions(client: ApiClient) -> None:
    admin = await client.as_admin()
    answer = await admin.put("/v1/services/nirgends/versions/1.0.0", json=version())
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-service")


@pytest.mark.parametrize(
    ("number", "rule", "suggestion"),
    [
        ("v1.2", "leading-letter", "1.2.0"),
        ("1.2", "three-numbers", "1.2.0"),
        ("01.2.3", "leading-zero", "1.2.3"),
        ("1.2.3+b1", "build-metadata", "1.2.3"),
        ("latest", "not-a-version", None),
    ],
)
async def test_odd_numbers_are_explained(
    client: ApiClient, number: str, rule: str, suggestion: str | None
) -> None:
    builder = await service(client)
    answer = await builder.put(f"{SERVICE}/versions/{number}", json=version())
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (400, "/problems/version-number-odd")
    assert (problem["rule"], problem.get("suggestion")) == (rule, suggestion)
    assert [place["rule"] for place in problem["errors"]] == [f"version-{rule}"]


async def test_a_lower_number_takes_its_place_and_a_late_prerelease_is_refused(
    client: ApiClient,
) -> None:
    builder = await service(client)
    await publish(builder, "1.0.0", "2.0.0-rc.1", "2.0.0", "1.0.1")
    shown = (await client.get(f"{SERVICE}/versions/1.0.1")).json()
    assert (shown["previous"], shown["next"], shown["latest"]) == ("1.0.0", "2.0.0-rc.1", "2.0.0")
    answer = await builder.put(f"{SERVICE}/versions/2.0.0-rc.2", json=version())
    assert (answer.status_code, answer.json()["release"]) == (422, "2.0.0")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"interfaces": {}}, "/interfaces"),
        ({"interfaces": {"a": {"direction": "reads", "schema": {}}}}, "/interfaces/a/direction"),
        ({"interfaces": {"A b": {"direction": "accepts", "schema": {}}}}, "/interfaces/A b"),
        ({"interfaces": {"a": {"direction": "emits", "schema": 1}}}, "/interfaces/a/schema"),
        (
            interfaces(a={}, b={"properties": {"x": {"type": "text"}}}),
            "/interfaces/b/schema/properties/x/type",
        ),
        ({"interfaces": {"a": {"direction": "accepts"}}}, "/interfaces/a"),
        (
            {"interfaces": {"a": {"direction": "accepts", "schema": {}, "schema_text": "{}"}}},
            "/interfaces/a",
        ),
        (interfaces(a={}) | {"event_id": "x"}, ""),
        (interfaces(a={}) | {"released_on": "2021-02-30"}, "/released_on"),
        (interfaces(a={}) | {"released_on": "2021-02-01"}, "/released_on"),
    ],
)
async def test_a_body_that_does_not_fit_is_refused(
    client: ApiClient, body: Any, pointer: str
) -> None:
    builder = await service(client)
    answer = await builder.put(PATH, json=body)
    assert answer.status_code == 422
    assert pointers(answer.json()) == [pointer]
    assert not [one for one in answer.json()["errors"] if one["detail"].endswith((": ", "(: )"))]


@pytest.mark.parametrize(
    ("text", "pointer", "rule", "line"),
    [
        ("{", "", "no-json", 1),
        ('{\n"a": 1,\n"a": 2}', "/a", "key-twice", 2),
        ('{"title": "1e309",\n"maximum": 1e309, oh', "/maximum", "number-too-long", 2),
        ('{\n\n"type": "text"}', "/type", "dialect-violated", 3),
        ('{\n"pattern": "(?=a)"}', "/pattern", "pattern-look-around", 2),
        ('{"$ref": "https://example.org/x"}', "/$ref", "reference-outside", 1),
        ('{"$ref": "efa:wohngeld-sh/0.1.0/application"}', "/$ref", "reference-dangling", 1),
    ],
)
async def test_a_schema_that_does_not_fit_is_refused_with_place_and_line(
    client: ApiClient, text: str, pointer: str, rule: str, line: int
) -> None:
    builder = await service(client)
    answer = await builder.put(PATH, json=version(text), headers={"Accept-Language": "en"})
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (422, "/problems/invalid-version")
    (place,) = problem["errors"]
    assert place["pointer"] == f"/interfaces/application/schema_text{pointer}"
    assert (place["rule"], place.get("line", 1)) == (rule, line)
    assert "{" not in place["detail"].replace("{1,", "")


async def test_a_schema_may_refer_to_a_published_version(client: ApiClient) -> None:
    builder = await service(client)
    await publish(builder, "1.0.0", body=interfaces(adresse={"$defs": {"plz": {"minLength": 5}}}))
    middle = {"properties": {"plz": {"$ref": "efa:wohngeld-sh/1.0.0/adresse#/$defs/plz"}}}
    await publish(builder, "2.0.0", body=interfaces(antrag=middle))
    outer = {"properties": {"antrag": {"$ref": "efa:wohngeld-sh/2.0.0/antrag"}}}
    await publish(builder, "3.0.0", body=interfaces(akte=outer))
    path = f"{SERVICE}/versions/3.0.0/interfaces/akte/validations"
    answer = await builder.post(path, json={"antrag": {"plz": "1"}}, events=0)
    (found,) = answer.json()["items"][0]["errors"]
    assert found["pointer"] == "/antrag/plz"
    assert found["schema_pointer"] == "efa:wohngeld-sh/1.0.0/adresse#/$defs/plz/minLength"


async def test_the_operator_takes_over_a_history_with_its_dates(client: ApiClient) -> None:
    policy = {"kind": "record", "released_before": "2024-01-01"}
    builder = await service(client, policy=policy)
    admin = await client.as_admin()
    await publish(admin, "1.0.0", body=version(released_on="2021-05"))
    shown = (await client.get(PATH)).json()
    assert (shown["released_on"], shown["precision"]) == ("2021-05-31", "month")
    for caller, day in ((builder, "2021-06"), (admin, "2024"), (admin, "2024-01-01")):
        body = version(released_on=day)
        answer = await caller.put(f"{SERVICE}/versions/1.1.0", json=body)
        assert (answer.status_code, pointers(answer.json())) == (422, ["/released_on"])


async def test_of_many_publishing_one_number_at_once_one_wins(client: ApiClient) -> None:
    builder = await service(client)
    bodies = [version(json.dumps({"maximum": number})) for number in range(8)]
    path = f"{SERVICE}/versions/1.0.0"
    headers = {"Authorization": f"Bearer {builder.token}"}
    answers = await asyncio.gather(
        *(client.http.put(path, json=body, headers=headers) for body in bodies)
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert await client.owner.fetchval("select count(*) from versions") == 1


async def test_the_event_says_all(client: ApiClient) -> None:
    builder = await service(client)
    await publish(builder, "1.0.0", body=version())
    row: Any = await client.owner.fetchrow(
        """
        select e.action, f.facts from events e join event_facts f on f.event_id = e.id
        where e.subject = 'services/wohngeld-sh/versions/1.0.0'
        """
    )
    told = json.loads(row["facts"])
    assert (row["action"], told["version"]) == ("versions.publish", "1.0.0")
    assert told["interfaces"][0]["sha256"] == sha256(SCHEMA_TEXT)
