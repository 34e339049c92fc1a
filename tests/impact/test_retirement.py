"""Ends of versions: announced in time, on few days, and told to whom they hit."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from registry.catalogue.parts import Policy
from registry.impact.calendar import earliest_sunset, next_allowed
from registry.settings import Settings
from tests.audit.signed import sign_events
from tests.client import ApiClient
from tests.impact.test_life import builder_of, today
from tests.reuse.drafts import reuse
from tests.subscriptions.receiver import deliver
from tests.versions.published import SERVICE

PATH = f"{SERVICE}/versions/1.0.0"
END = f"{PATH}/deprecation"


@pytest.mark.parametrize(
    ("day", "first"),
    [
        ("2026-01-01", "2026-05-01"),
        ("2026-01-31", "2026-05-01"),
        ("2026-02-01", "2026-05-02"),
        ("2026-11-30", "2027-02-28"),
    ],
)
def test_the_first_day_is_a_quarter_day_behind_the_notice(day: str, first: str) -> None:
    earliest = earliest_sunset(Policy(), date.fromisoformat(day))
    assert earliest >= date.fromisoformat(day) + timedelta(days=90)
    assert (earliest.day, earliest.month in (2, 5, 8, 11)) == (1, True)
    assert earliest == next_allowed(Policy(), date.fromisoformat(first))
    anywhere = earliest_sunset(Policy(notice_days=10, sunset_on="any_day"), date(2026, 1, 1))
    assert anywhere == date(2026, 1, 11)


def test_a_policy_recorded_before_there_was_a_calendar_is_written_as_it_was() -> None:
    text = b'{"kind":"enforce","released_before":null}'
    policy = msgspec.json.decode(text, type=Policy)
    assert (policy.days_ahead, policy.on_any_day) == (90, False)
    assert msgspec.json.encode(policy) == text


async def test_too_short_a_notice_is_refused_with_the_earliest_day(client: ApiClient) -> None:
    builder = await builder_of(client)
    now = await today(client)
    earliest = earliest_sunset(Policy(), now)
    soon = (now + timedelta(days=89)).isoformat()
    refused = await builder.put(END, json={"sunset": soon})
    (fault,) = refused.json()["errors"]
    assert (refused.status_code, fault["rule"]) == (422, "notice-too-short")
    assert earliest.isoformat() in fault["detail"]
    odd = await builder.put(END, json={"sunset": (earliest + timedelta(days=1)).isoformat()})
    assert odd.json()["errors"][0]["rule"] == "no-quarter-day"
    assert next_allowed(Policy(), earliest + timedelta(days=1)).isoformat() in odd.text
    assert (await builder.put(END, json={"sunset": earliest.isoformat()})).status_code == 200


async def test_a_builder_lengthens_the_notice_and_the_operator_alone_shortens_it(
    client: ApiClient,
) -> None:
    builder = await builder_of(client)
    document = (await client.get(SERVICE)).json()
    draft = {k: v for k, v in document.items() if k not in ("record", "known_at", "card")}

    async def asked(who: ApiClient, **policy: Any) -> int:
        body = draft | {"policy": policy}
        headers = {"If-Match": (await client.get(SERVICE)).headers["etag"]}
        answer = await who.put(SERVICE, json=body, headers=headers)
        return answer.status_code

    assert await asked(builder, notice_days=30) == 422
    assert await asked(builder, sunset_on="any_day") == 422
    assert await asked(builder, notice_days=365) == 200
    refused = await builder.put(
        END, json={"sunset": earliest_sunset(Policy(), await today(client)).isoformat()}
    )
    assert refused.json()["errors"][0]["rule"] == "notice-too-short"
    assert await asked(builder, notice_days=90) == 422
    assert await asked(await client.as_admin(), notice_days=10, sunset_on="any_day") == 200
    assert await asked(builder, notice_days=20, sunset_on="any_day") == 200


async def left_on(client: ApiClient, *keys: str) -> None:
    for key in keys:
        body = await client.as_body(key, "reuse")
        answer = await body.post("/v1/reuses", json=reuse(key, "wohngeld-sh", version="1.0.0"))
        assert answer.status_code == 201, answer.text


async def test_who_is_left_who_was_told_and_who_said_so(
    client: ApiClient, settings: Settings
) -> None:
    builder = await builder_of(client)
    await left_on(client, "05315", "06412")
    koeln = await client.as_body("05315", "subscribe")
    await koeln.post("/v1/subscriptions", json={})
    path = f"{PATH}/retirement"
    before = (await builder.get(path)).json()
    assert (before["may_retire"], before["missing"]) == (False, ["no-sunset", "not-told"])
    await builder.put(END, json={"sunset": "2099-02-01"})
    await deliver(client, settings)
    notice = await client.owner.fetchval("select id from events where action = 'impact.deprecate'")
    await koeln.post(f"/v1/events/{notice}/acknowledgement")
    shown = (await builder.get(path)).json()
    assert [(one["organisation"]["key"], one["told"]) for one in shown["items"]] == [
        ("05315", "readable"), ("06412", "nobody"),
    ]  # fmt: skip
    assert shown["items"][0]["acknowledged_at"]
    assert shown["items"][0]["told_at"]
    assert shown["counts"] == {"left": 2, "told": 1, "acknowledged": 1}
    assert (shown["may_retire"], shown["missing"]) == (False, ["sunset-to-come", "not-told"])
    for other in (client, await client.as_body("06", "reuse")):
        public = (await other.get(path)).json()
        assert {one["told"] for one in public["items"]} == {None}
        assert public["counts"] == {"left": 2, "told": None, "acknowledged": None}
    own = (await (await client.as_body("06412", "subscribe")).get(path)).json()
    assert [one["told"] for one in own["items"]] == [None, "nobody"]
    auditor = await client.as_auditor("bund", services=["wohngeld-sh"])
    seen = (await auditor.get(path, events=1)).json()
    assert seen["counts"]["acknowledged"] == 1
    await _report_says_the_same(client, settings, builder, koeln)


async def _report_says_the_same(
    client: ApiClient, settings: Settings, builder: ApiClient, koeln: ApiClient
) -> None:
    size = await client.owner.fetchval("select max(size) from checkpoints")

    async def told(who: ApiClient, query: str = "") -> dict[str, tuple[Any, ...]]:
        answer = await who.get(f"/v1/reports/outdated?as_of=2098-12-01{query}")
        assert answer.status_code == 200, answer.text
        asked = ("told", "told_at", "acknowledged_at", "acknowledged_by")
        return {
            one["organisation"]: tuple(one[name] for name in asked)
            for one in answer.json()["items"]
        }

    shown = await told(builder)
    assert (shown["05315"][0], shown["05315"][3]) == ("readable", "05315")
    assert None not in shown["05315"]
    assert shown["06412"] == ("nobody", None, None, None)
    assert await told(koeln) == shown | {"06412": (None,) * 4}
    assert await told(client) == dict.fromkeys(shown, (None,) * 4)
    assert (await told(builder, f"&known_at={size}"))["05315"] == (None,) * 4
    await sign_events(settings)
    size = await client.owner.fetchval("select max(size) from checkpoints")
    assert (await told(builder, f"&known_at={size}"))["05315"] == (None, None, *shown["05315"][2:])


async def test_a_version_that_runs_is_revoked_only_by_who_says_how_many_it_hits(
    client: ApiClient,
) -> None:
    builder = await builder_of(client)
    await left_on(client, "05315", "06412")
    path = f"{PATH}/revocation"
    refused = await builder.put(path, json={"reason": "Falsche Beträge."})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/version-in-use")
    assert refused.json()["users"] == 2
    wrong = await builder.put(path, json={"reason": "Falsche Beträge.", "despite_users": 1})
    assert wrong.status_code == 409
    done = await builder.put(path, json={"reason": "Falsche Beträge.", "despite_users": 2})
    assert (done.status_code, done.json()["revocation"]["despite_users"]) == (200, 2)
    fact = await client.owner.fetchval(
        "select f.facts from events e join event_facts f on f.event_id = e.id"
        " where e.action = 'impact.revoke'"
    )
    assert b'"despite_users":2' in fact


async def test_what_nobody_uses_may_go(client: ApiClient) -> None:
    builder = await builder_of(client)
    answer = (await builder.get(f"{PATH}/retirement")).json()
    assert (answer["may_retire"], answer["missing"], answer["total"]) == (True, [], 0)
