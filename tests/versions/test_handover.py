"""A service changes hands, or its policy, from a legal day on: what holds on the day counts."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.catalogue.drafts import CREATE, draft
from tests.client import ApiClient, pointers
from tests.versions.published import SERVICE, version

RECORD = {"kind": "record", "released_before": "2024-01-01"}
SCOPE = "publish:wohngeld-sh"


async def day(client: ApiClient, days: int) -> str:
    today: date = await client.owner.fetchval("select legal_today()")
    return (today + timedelta(days=days)).isoformat()


async def recorded(client: ApiClient, *states: tuple[str, dict[str, Any]]) -> ApiClient:
    """The operator records the states of a service, each from its day on."""
    admin = await client.as_admin()
    for number, (since, document) in enumerate(states):
        known = {"If-Match": "*"} if number else CREATE
        answer = await admin.put(
            SERVICE, json=document, headers=known, params={"valid_from": since}
        )
        assert answer.is_success, answer.text
    return admin


async def may(body: ApiClient) -> list[bool]:
    """Whether a body may publish, deprecate and revoke versions today."""
    end = f"{SERVICE}/versions/0.9.0"
    answers = [
        await body.put(f"{SERVICE}/versions/1.0.0", json=version()),
        await body.put(f"{end}/deprecation", json={"note": "Bitte umsteigen."}),
        await body.put(f"{end}/revocation", json={"reason": "Falsche Beträge."}),
    ]
    assert {answer.status_code for answer in answers} <= {200, 201, 403}
    return [answer.is_success for answer in answers]


@pytest.mark.parametrize(
    ("handed_over_in_days", "old", "new"), [(1, True, False), (0, False, True), (-1, False, True)]
)
async def test_the_builders_of_today_publish_and_end_versions(
    client: ApiClient, handed_over_in_days: int, old: bool, new: bool
) -> None:
    handover = await day(client, handed_over_in_days)
    other = draft(builders=[{"organisation": "05"}])
    admin = await recorded(client, ("2020-01-01", draft()), (handover, other))
    assert (await admin.put(f"{SERVICE}/versions/0.9.0", json=version("{}"))).status_code == 201
    asked = {"01": old, "05": new}
    for key in sorted(asked, key=lambda key: asked[key]):
        assert await may(await client.as_body(key, SCOPE)) == [asked[key]] * 3, key


async def test_what_nobody_builds_any_more_is_the_operators(client: ApiClient) -> None:
    today = await day(client, 0)
    admin = await recorded(client, ("2020-01-01", draft()), (today, draft(builders=[])))
    former = await client.as_body("01", SCOPE)
    path = f"{SERVICE}/versions/1.0.0"
    assert (await former.put(path, json=version())).status_code == 403
    assert (await admin.put(path, json=version())).status_code == 201


async def test_who_will_build_a_service_publishes_before_it_begins(client: ApiClient) -> None:
    await recorded(client, (await day(client, 30), draft()))
    builder = await client.as_body("01", SCOPE)
    answer = await builder.put(f"{SERVICE}/versions/1.0.0", json=version())
    assert answer.status_code == 201


async def test_a_history_is_taken_over_while_the_policy_in_force_says_so(
    client: ApiClient,
) -> None:
    tomorrow = await day(client, 1)
    admin = await recorded(client, ("2020-01-01", draft(policy=RECORD)), (tomorrow, draft()))
    old = version(released_on="2021-05")
    assert (await admin.put(f"{SERVICE}/versions/1.0.0", json=old)).status_code == 201
    known = {"If-Match": "*"}
    today = await day(client, 0)
    answer = await admin.put(SERVICE, json=draft(), headers=known, params={"valid_from": today})
    assert answer.status_code == 200
    late = await admin.put(f"{SERVICE}/versions/1.1.0", json=version("{}", released_on="2021-06"))
    assert (late.status_code, pointers(late.json())) == (422, ["/released_on"])


async def test_a_policy_is_compared_with_the_one_it_follows(client: ApiClient) -> None:
    tomorrow, later = await day(client, 1), await day(client, 9)
    admin = await recorded(client, ("2020-01-01", draft(policy=RECORD)), (tomorrow, draft()))
    builder = await client.as_body("01", SCOPE)
    known = {"If-Match": "*"}
    kept = await builder.put(SERVICE, json=draft(policy=RECORD, status="live"), headers=known)
    assert kept.status_code == 200
    moved = draft(policy=RECORD | {"released_before": "2025-01-01"})
    for document, since in ((draft(policy=RECORD), later), (moved, await day(client, 0))):
        answer = await admin.put(
            SERVICE, json=document, headers=known, params={"valid_from": since}
        )
        assert (answer.status_code, pointers(answer.json())) == (422, ["/policy"])
    early = {"valid_from": "2019-01-01"}
    answer = await admin.put(SERVICE, json=moved, headers=known, params=early)
    assert answer.status_code == 422
