"""From an event to its receivers: in order, signed, and again where it fails."""

import asyncio
from datetime import timedelta
from typing import Any

from registry.settings import Settings
from tests.audit.signed import sign_events
from tests.client import ApiClient
from tests.reuse.drafts import reuse
from tests.subscriptions.receiver import Receiver, deliver, deliverer_of, make_due, receiving
from tests.versions.published import publish

PATH = "/v1/subscriptions"


async def subscribed(api: ApiClient, receiver: Receiver, key: str = "05315", **draft: Any) -> str:
    body = await api.as_body(key, "subscribe")
    answer = await body.post(PATH, json={"url": receiver.url, **draft})
    assert answer.status_code == 201, answer.text
    receiver.secrets = [answer.json()["secret"]]
    return answer.json()["subscription"]["id"]


async def state_of(api: ApiClient, subscription: str, key: str = "05315") -> dict[str, Any]:
    body = await api.as_body(key, "subscribe")
    return (await body.get(f"{PATH}/{subscription}")).json()


async def deliveries(api: ApiClient, subscription: str) -> list[dict[str, Any]]:
    body = await api.as_body("05315", "subscribe")
    return (await body.get(f"{PATH}/{subscription}/deliveries")).json()["items"]


async def test_versions_in_the_range_arrive_signed_and_in_order(
    api: ApiClient, receiver: Receiver, settings: Settings
) -> None:
    subscription = await subscribed(api, receiver, service="bauantrag", range="^1.1")
    builder = await api.as_body("13", "publish:*")
    await publish(builder, "1.0.0", "1.1.0", "1.2.0", "2.0.0", slug="bauantrag")
    await publish(builder, "1.5.0", slug="ewa")
    await deliver(api, settings)
    assert [event["subject"].rpartition("/")[2] for event in receiver.came] == ["1.1.0", "1.2.0"]
    assert receiver.types == ["efa.versions.publish"] * 2
    assert [h["webhook-id"] for h in receiver.headers] == [event["id"] for event in receiver.came]
    shown = await state_of(api, subscription)
    assert (shown["state"], shown["waiting"], shown["dead"]) == ("active", 0, 0)
    told = await deliveries(api, subscription)
    assert [one["kind"] for one in told] == ["event", "event", "handshake"]
    assert all(one["attempts"][0]["status"] == 200 for one in told)


async def test_without_confirmation_nothing_is_told(
    api: ApiClient, receiver: Receiver, settings: Settings
) -> None:
    receiver.confirms = False
    subscription = await subscribed(api, receiver, service="bauantrag")
    await publish(await api.as_body("13", "publish:*"), "1.0.0", slug="bauantrag")
    for _ in range(10):
        await deliver(api, settings)
        await make_due(api)
    assert receiver.came == []
    shown = await state_of(api, subscription)
    assert (shown["state"], shown["ended_because"]) == ("ended", "unverified")


async def test_who_reuses_hears_of_the_end_whatever_it_chose(
    api: ApiClient, receiver: Receiver, settings: Settings
) -> None:
    builder = await api.as_body("13", "publish:*")
    await publish(builder, "1.0.0", "2.0.0", slug="bauantrag")
    koeln = await api.as_body("05315", "reuse")
    await koeln.post("/v1/reuses", json=reuse("05315", version="1.0.0"))
    await subscribed(api, receiver, actions=["versions.publish"])
    async with receiving() as other:
        await subscribed(api, other, "06")
        path = "/v1/services/bauantrag/versions/1.0.0/deprecation"
        assert (await builder.put(path, json={"sunset": "2099-02-01"})).status_code == 200
        await deliver(api, settings)
        assert receiver.types == ["efa.impact.deprecate"]
        assert other.came == []


async def test_conditions_are_all_met(
    api: ApiClient, receiver: Receiver, settings: Settings
) -> None:
    async with receiving() as area, receiving() as builder_of, receiving() as everything:
        await subscribed(api, receiver, service="ewa", actions=["reuse.start"])
        await subscribed(api, area, "05", area="05", actions=["reuse.start"])
        await subscribed(api, builder_of, "01", builder="13", actions=["versions.publish"])
        await subscribed(api, everything, "02", service="*")
        for key in ("05315", "06412"):
            body = await api.as_body(key, "reuse")
            await body.post("/v1/reuses", json=reuse(key))
        await publish(await api.as_body("13", "publish:*"), "1.0.0", slug="ewa")
        await deliver(api, settings)
        assert receiver.came == []
        assert area.types == ["efa.reuse.start"]
        assert builder_of.types == ["efa.versions.publish"]
        assert everything.types == ["efa.reuse.start", "efa.reuse.start", "efa.versions.publish"]


async def test_what_fails_holds_back_the_rest_for_an_hour_only(
    api: ApiClient, receiver: Receiver, settings: Settings
) -> None:
    subscription = await subscribed(api, receiver, service="bauantrag")
    await deliver(api, settings)
    receiver.status = 503
    builder = await api.as_body("13", "publish:*")
    await publish(builder, "1.0.0", slug="bauantrag")
    await publish(builder, "1.1.0", slug="bauantrag")
    for _ in range(3):
        await deliver(api, settings)
        await make_due(api)
    assert {event["subject"][-5:] for event in receiver.came} == {"1.0.0"}
    await deliver(api, settings)
    assert [one["state"] for one in await deliveries(api, subscription)][1] == "late"
    receiver.status = 200
    receiver.came.clear()
    await make_due(api)
    await deliver(api, settings)
    assert {event["subject"][-5:] for event in receiver.came} == {"1.0.0", "1.1.0"}
    shown = await state_of(api, subscription)
    assert (shown["waiting"], shown["failures"]) == (0, 0)


async def test_who_never_answers_is_given_up_and_told_so(
    api: ApiClient, receiver: Receiver, settings: Settings
) -> None:
    subscription = await subscribed(api, receiver, service="bauantrag")
    await deliver(api, settings)
    receiver.status = 302
    await publish(await api.as_body("13", "publish:*"), "1.0.0", slug="bauantrag")
    for _ in range(12):
        await deliver(api, settings)
        await make_due(api)
    assert len(receiver.came) == 10
    shown = await state_of(api, subscription)
    assert (shown["state"], shown["ended_because"], shown["dead"]) == ("ended", "unreachable", 1)


async def test_410_ends_it_at_once(api: ApiClient, receiver: Receiver, settings: Settings) -> None:
    subscription = await subscribed(api, receiver, service="bauantrag")
    await deliver(api, settings)
    receiver.status = 410
    await publish(await api.as_body("13", "publish:*"), "1.0.0", "1.1.0", slug="bauantrag")
    await deliver(api, settings)
    assert len(receiver.came) == 1
    assert (await state_of(api, subscription))["ended_because"] == "gone"


async def test_a_test_and_a_redelivery_keep_their_ids(
    api: ApiClient, receiver: Receiver, settings: Settings
) -> None:
    subscription = await subscribed(api, receiver, service="bauantrag")
    await publish(await api.as_body("13", "publish:*"), "1.0.0", slug="bauantrag")
    await deliver(api, settings)
    koeln = await api.as_body("05315", "subscribe")
    sent = (await deliveries(api, subscription))[0]
    assert (await koeln.post(f"/v1/deliveries/{sent['id']}/redelivery")).status_code == 202
    assert (await koeln.post(f"{PATH}/{subscription}/test")).status_code == 202
    await deliver(api, settings)
    assert receiver.types == ["efa.versions.publish"] * 2 + ["efa.subscriptions.test"]
    assert receiver.bodies[0] == receiver.bodies[1]
    assert receiver.headers[0]["webhook-id"] == receiver.headers[1]["webhook-id"]
    hamburg = await api.as_body("02", "subscribe")
    assert (await hamburg.post(f"/v1/deliveries/{sent['id']}/redelivery")).status_code == 404


async def test_while_secrets_change_hands_both_sign(
    api: ApiClient, receiver: Receiver, settings: Settings
) -> None:
    subscription = await subscribed(api, receiver, service="bauantrag")
    koeln = await api.as_body("05315", "subscribe")
    answer = await koeln.post(f"{PATH}/{subscription}/secret")
    receiver.secrets.append(answer.json()["secret"])
    await koeln.post(f"{PATH}/{subscription}/test")
    await deliver(api, settings)
    assert receiver.types == ["efa.subscriptions.test"]
    assert len(receiver.headers[0]["webhook-signature"].split()) == 2


async def test_two_processes_tell_each_thing_once(
    api: ApiClient, receiver: Receiver, settings: Settings
) -> None:
    await subscribed(api, receiver, service="bauantrag")
    numbers = [f"1.{minor}.0" for minor in range(12)]
    await publish(await api.as_body("13", "publish:*"), *numbers, slug="bauantrag")
    await sign_events(settings)
    one, two = deliverer_of(api), deliverer_of(api)
    await asyncio.gather(one.drain(), two.drain())
    await one.drain()
    assert [event["subject"].rpartition("/")[2] for event in receiver.came] == numbers


async def test_what_a_process_took_with_it_is_sent_by_another(
    api: ApiClient, receiver: Receiver, settings: Settings
) -> None:
    subscription = await subscribed(api, receiver, service="bauantrag")
    await publish(await api.as_body("13", "publish:*"), "1.0.0", slug="bauantrag")
    leave = "update subscription_states set leased_until = now() + $1::interval"
    await api.owner.execute(leave, timedelta(minutes=1))
    await deliver(api, settings)
    assert receiver.came == []
    await api.owner.execute(leave, timedelta(seconds=-1))
    await deliver(api, settings)
    assert len(receiver.came) == 1
    assert (await state_of(api, subscription))["waiting"] == 0


async def test_a_receiver_inside_is_never_called(api: ApiClient, settings: Settings) -> None:
    subscription = await subscribed(api, Receiver(), service="bauantrag", url="https://10.0.0.1/x")
    await deliver(api, settings)
    attempt = (await deliveries(api, subscription))[0]["attempts"][0]
    assert (attempt["status"], attempt["reason"]) == (None, "forbidden-address")
