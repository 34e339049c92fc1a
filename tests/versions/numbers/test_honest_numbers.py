"""A version is refused when its number hides what changed, and told which document shows it."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.client import ApiClient
from tests.versions.published import SCHEMA, SERVICE, interfaces, publish, service

NARROWER: dict[str, Any] = {
    **SCHEMA,
    "properties": {**SCHEMA["properties"], "name": {"type": "string", "maxLength": 60}},
}
WIDER: dict[str, Any] = {**SCHEMA, "properties": {**SCHEMA["properties"], "mail": {}}}
TITLED: dict[str, Any] = {**SCHEMA, "title": "Antrag"}


async def put(client: ApiClient, number: str, schema: Any, **fields: Any) -> httpx.Response:
    """Publish one interface, `application`."""
    body = interfaces(application=schema) | fields
    return await client.put(f"{SERVICE}/versions/{number}", json=body)


def told(answer: httpx.Response) -> tuple[int, str, str | None]:
    problem = answer.json()
    return answer.status_code, problem["type"].rpartition("/")[2], problem.get("required")


TOO_SMALL = "version-number-too-small"


async def test_a_hidden_break_is_refused_with_a_document_that_shows_it(client: ApiClient) -> None:
    builder = await service(client)
    await put(builder, "1.0.0", SCHEMA)
    answer = await put(builder, "1.1.0", NARROWER)
    assert told(answer) == (422, TOO_SMALL, "2.0.0")
    problem = answer.json()
    assert (problem["base"], problem["bump"]) == ("1.0.0", "major")
    assert "2.0.0" in problem["detail"]
    (finding,) = (one for one in problem["findings"] if one["severity"] == "breaking")
    assert (finding["interface"], finding["place"]) == ("application", "/name")
    assert finding["message"]["de"] != finding["message"]["en"]
    document = problem["witnesses"][0]["witness"]["document"]
    assert 60 < len(document["name"]) <= 80
    for number, valid in (("1.0.0", True), ("2.0.0", False)):
        if not valid:
            assert (await put(builder, number, NARROWER)).status_code == 201
        path = f"{SERVICE}/versions/{number}/interfaces/application/validations"
        checked = await builder.post(path, json=document, events=0)
        assert (checked.json()["valid"] == 1) is valid


@pytest.mark.parametrize(
    ("number", "schema", "expected"),
    [
        ("1.0.1", TITLED, None),
        ("1.0.1", WIDER, "1.1.0"),
        ("1.1.0", WIDER, None),
        ("1.9.9", NARROWER, "2.0.0"),
        ("2.0.0", NARROWER, None),
        ("1.1.0-rc.1", NARROWER, "2.0.0"),
        ("2.0.0-rc.1", NARROWER, None),
    ],
)
async def test_numbers_must_say_what_changed(
    client: ApiClient, number: str, schema: Any, expected: str | None
) -> None:
    builder = await service(client)
    await put(builder, "1.0.0", SCHEMA)
    answer = await put(builder, number, schema)
    if expected is None:
        assert answer.status_code == 201, answer.text
    else:
        assert told(answer) == (422, TOO_SMALL, expected)


async def test_the_answer_compares_with_the_neighbours_and_leads_to_whom_it_hits(
    client: ApiClient,
) -> None:
    builder = await service(client)
    await put(builder, "1.0.0", SCHEMA)
    answer = (await put(builder, "2.0.0", NARROWER)).json()
    (comparison,) = answer["comparisons"]
    assert (comparison["from"], comparison["to"]) == ("1.0.0", "2.0.0")
    assert (comparison["bump"], comparison["relation"]) == ("major", "narrower")
    assert comparison["interfaces"][0]["verdict"]["backward"]["answer"] == "no"
    assert answer["impact"] == f"{SERVICE}/versions/1.0.0/users"
    again = await builder.put(
        f"{SERVICE}/versions/2.0.0", json=interfaces(application=NARROWER), events=0
    )
    assert again.json() == answer
    shown = (await client.get(f"{SERVICE}/versions/2.0.0")).json()
    assert shown["verdicts"] == [
        {
            "version": "1.0.0",
            "bump": "major",
            "relation": "narrower",
            "enforced": True,
            "href": f"{SERVICE}/comparison?from=1.0.0&to=2.0.0",
        }
    ]
    assert (await client.get(shown["verdicts"][0]["href"])).json() == comparison


async def test_below_one_the_second_number_announces_breaks(client: ApiClient) -> None:
    builder = await service(client)
    await put(builder, "0.1.0", SCHEMA)
    assert (await put(builder, "0.1.1", WIDER)).status_code == 201
    refused = await put(builder, "0.1.2", NARROWER)
    assert told(refused) == (422, TOO_SMALL, "0.2.0")
    assert "eine höhere zweite Zahl: statt 0.1.2 mindestens 0.2.0" in refused.json()["detail"]
    assert (await put(builder, "1.0.0", NARROWER)).status_code == 201


async def test_a_late_version_fits_between_its_neighbours(client: ApiClient) -> None:
    builder = await service(client)
    await put(builder, "1.0.0", SCHEMA)
    await put(builder, "1.1.0", WIDER)
    assert (await put(builder, "1.0.1", TITLED)).status_code == 201
    more: dict[str, Any] = {**WIDER, "properties": {**WIDER["properties"], "plz": {}}}
    answer = await put(builder, "1.0.2", more)
    assert told(answer) == (422, TOO_SMALL, "1.2.0")


async def test_the_least_number_is_one_of_the_line_where_one_will_do(client: ApiClient) -> None:
    """Each number named is taken, and the one before it is not."""
    builder = await service(client)
    await put(builder, "1.0.0", SCHEMA)
    await put(builder, "2.0.0", NARROWER)
    wider: dict[str, Any] = {**NARROWER, "properties": {**NARROWER["properties"], "plz": {}}}
    await put(builder, "2.1.0", wider)
    await put(builder, "5.0.0", {**NARROWER, "required": ["name", "age", "plz"]})
    assert told(await put(builder, "1.5.0", {**NARROWER, "title": "A"})) == (
        422,
        TOO_SMALL,
        "2.0.1",
    )
    assert told(await put(builder, "2.0.5", {**wider, "title": "A"})) == (422, TOO_SMALL, "2.1.1")
    breaking: dict[str, Any] = {**NARROWER, "required": ["name", "plz"]}
    assert told(await put(builder, "2.0.5", breaking)) == (422, TOO_SMALL, "3.0.0")
    for number, schema in (("2.0.1", {**NARROWER, "title": "A"}), ("3.0.0", breaking)):
        assert (await put(builder, number, schema)).status_code == 201


async def test_a_refused_pre_release_is_told_under_which_number_it_will_do(
    client: ApiClient,
) -> None:
    builder = await service(client)
    await put(builder, "1.0.0", SCHEMA)
    refused = (await put(builder, "1.1.0-beta.1", NARROWER)).json()
    assert "mindestens 2.0.0 oder 2.0.0-beta.1" in refused["detail"]
    assert (await put(builder, refused["prerelease"], NARROWER)).status_code == 201
    taken = (await put(builder, "1.1.0-beta.1", NARROWER)).json()
    assert ("prerelease" in taken, taken["required"]) == (False, "2.0.0")


async def test_no_number_is_the_least_where_nothing_lies_below(client: ApiClient) -> None:
    builder = await service(client)
    for number in ("0.1.0", "0.2.0", "1.0.0"):
        await put(builder, number, {**SCHEMA, "title": number})
    body = interfaces(application=TITLED) | {"version": "0.0.1"}
    shown = (await builder.post(f"{SERVICE}/checks", json=body, events=0)).json()
    assert (shown["allowed"], shown["required"]) == (True, None)


async def test_a_late_version_must_not_make_the_next_one_dishonest(client: ApiClient) -> None:
    builder = await service(client)
    await put(builder, "1.0.0", SCHEMA)
    await put(builder, "1.1.5", WIDER)
    answer = await put(builder, "1.1.0", {**WIDER, "properties": {**WIDER["properties"], "a": {}}})
    problem = answer.json()
    assert told(answer) == (422, "version-does-not-fit-next", "1.2.0")
    assert problem["next"] == "1.1.5"
    (witness,) = problem["witnesses"]
    assert "a" in witness["witness"]["document"]


async def test_revoked_versions_are_no_base_but_keep_their_numbers(client: ApiClient) -> None:
    builder = await service(client)
    await put(builder, "1.0.0", SCHEMA)
    await put(builder, "1.1.0", WIDER)
    revocation = f"{SERVICE}/versions/1.1.0/revocation"
    await builder.put(revocation, json={"reason": "Falsche Beträge."})
    assert told(await put(builder, "1.0.1", WIDER)) == (422, TOO_SMALL, "1.1.1")
    assert (await put(builder, "1.1.1", SCHEMA)).status_code == 201


async def test_a_number_that_leaves_none_above_hides_no_break(client: ApiClient) -> None:
    builder = await service(client)
    refused = await put(builder, "999999999999999.0.0", SCHEMA)
    assert (refused.status_code, refused.json()["rule"]) == (400, "no-room-above")
    assert (await put(builder, "99999999999999.0.0", SCHEMA)).status_code == 201
    hidden = await put(builder, "99999999999999.0.1", NARROWER)
    assert told(hidden) == (422, TOO_SMALL, "100000000000000.0.0")


async def test_interfaces_come_with_minor_and_go_with_major(client: ApiClient) -> None:
    builder = await service(client)
    await publish(builder, "1.0.0", body=interfaces(a=SCHEMA))
    both = interfaces(a=SCHEMA, b=SCHEMA)
    answer = await builder.put(f"{SERVICE}/versions/1.0.1", json=both)
    assert told(answer) == (422, TOO_SMALL, "1.1.0")
    assert answer.json()["interfaces"] == {"b": "added"}
    (found,) = answer.json()["findings"]
    assert (found["interface"], found["rule"]) == ("b", "EFA-INT-01")
    await publish(builder, "1.1.0", body=both)
    for body, change in (
        (interfaces(a=SCHEMA), {"b": "removed"}),
        (
            {"interfaces": {**both["interfaces"], "b": {"direction": "emits", "schema": SCHEMA}}},
            {"b": "turned"},
        ),
    ):
        answer = await builder.put(f"{SERVICE}/versions/1.2.0", json=body)
        assert told(answer) == (422, TOO_SMALL, "2.0.0")
        assert answer.json()["interfaces"] == change
        (found,) = answer.json()["findings"]
        rule = {"removed": "EFA-INT-02", "turned": "EFA-INT-03"}[change["b"]]
        assert (found["rule"], found["severity"], found["witness"]) == (rule, "breaking", None)


async def test_what_is_emitted_must_have_been_valid_before(client: ApiClient) -> None:
    builder = await service(client)

    def emitted(schema: Any) -> Any:
        return {"interfaces": {"status": {"direction": "emits", "schema": schema}}}

    await publish(builder, "1.0.0", body=emitted({"enum": ["offen"]}))
    wider = emitted({"enum": ["offen", "fertig"]})
    answer = await builder.put(f"{SERVICE}/versions/1.1.0", json=wider)
    assert told(answer) == (422, TOO_SMALL, "2.0.0")
    assert answer.json()["witnesses"][0]["witness"] == {
        "document": "fertig",
        "valid_under": "new",
        "confirmed": True,
        "rewritten": False,
        "doubt": None,
    }


async def test_a_change_through_a_reference_is_seen(client: ApiClient) -> None:
    builder = await service(client)
    outer = {"properties": {"plz": {"$ref": "./plz"}}}
    await publish(builder, "1.0.0", body=interfaces(antrag=outer, plz={"maxLength": 9}))
    answer = await builder.put(
        f"{SERVICE}/versions/1.1.0", json=interfaces(antrag=outer, plz={"maxLength": 5})
    )
    assert told(answer) == (422, TOO_SMALL, "2.0.0")
    assert answer.json()["interfaces"] == {"antrag": "compared", "plz": "compared"}
    assert {one["interface"] for one in answer.json()["findings"]} == {"antrag", "plz"}


async def test_formats_count_where_a_service_says_so(client: ApiClient) -> None:
    plain, dated = {"type": "string"}, {"type": "string", "format": "date"}
    lax = await service(client)
    await put(lax, "1.0.0", plain)
    assert (await put(lax, "1.0.1", dated)).status_code == 201
    strict = await service(client, "streng", formats="assert")
    path = "/v1/services/streng/versions"
    await strict.put(f"{path}/1.0.0", json=interfaces(application=plain))
    answer = await strict.put(f"{path}/1.0.1", json=interfaces(application=dated))
    assert told(answer) == (422, TOO_SMALL, "2.0.0")


async def test_a_history_is_recorded_with_its_verdict_and_not_refused(client: ApiClient) -> None:
    await service(client, policy={"kind": "record", "released_before": "2024-01-01"})
    admin = await client.as_admin()
    assert (await put(admin, "1.0.0", SCHEMA, released_on="2021")).status_code == 201
    answer = await put(admin, "1.0.1", NARROWER, released_on="2022")
    assert answer.status_code == 201, answer.text
    (verdict,) = answer.json()["verdicts"]
    assert (verdict["bump"], verdict["enforced"]) == ("major", False)
    assert told(await put(admin, "1.0.2", SCHEMA | {"maxProperties": 1})) == (
        422,
        TOO_SMALL,
        "2.0.0",
    )


async def test_the_event_holds_the_verdict(client: ApiClient) -> None:
    builder = await service(client)
    await put(builder, "1.0.0", SCHEMA)
    await put(builder, "2.0.0", NARROWER)
    facts: Any = await client.owner.fetchval(
        """
        select f.facts from events e join event_facts f on f.event_id = e.id
        where e.subject = 'services/wohngeld-sh/versions/2.0.0'
        """
    )
    recorded = json.loads(facts)["verdict"]
    (compared,) = recorded.pop("comparisons")
    assert (compared["version"], compared["bump"]) == ("1.0.0", "major")
    assert (recorded["reading"], recorded["enforced"]) == ("reserved", True)
    kept = "select content from blobs where sha256 = $1"
    text: Any = await client.owner.fetchval(kept, bytes.fromhex(compared["sha256"]))
    assert json.loads(text)["interfaces"][0]["verdict"]["bump"] == "major"


async def test_of_two_at_once_the_later_is_compared_with_the_earlier(client: ApiClient) -> None:
    """Each alone would be honest beside 1.0.0; the second is compared again, with the first."""
    builder = await service(client)
    await put(builder, "1.0.0", SCHEMA)
    headers = {"Authorization": f"Bearer {builder.token}"}
    one = {**SCHEMA, "properties": {**SCHEMA["properties"], "a": {"type": "string"}}}
    two = {**SCHEMA, "properties": {**SCHEMA["properties"], "a": {"type": "integer"}}}
    answers = await asyncio.gather(
        *(
            client.http.put(
                f"{SERVICE}/versions/{number}",
                json=interfaces(application=schema),
                headers=headers,
            )
            for number, schema in (("1.1.0", one), ("1.2.0", two))
        )
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201, 422], [answer.text for answer in answers]
    rows = await client.owner.fetch("select other from version_verdicts")
    assert [row[0] for row in rows] == ["1.0.0"]
