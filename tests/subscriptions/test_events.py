"""The log as events: one shape and the same bytes everywhere, for who may see them, waited for."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from registry.identity.limits import TooManyRequests
from registry.settings import Settings
from registry.subscriptions import stream
from registry.subscriptions.asking import Asked
from registry.subscriptions.stream import Listener, Seats
from tests.audit.signed import sign_events
from tests.client import ApiClient
from tests.reuse.drafts import reuse
from tests.subscriptions.receiver import Receiver, deliver
from tests.versions.published import publish

BATCH = {"Accept": "application/cloudevents-batch+json"}
FORMAT = json.loads(Path("schemas/event.json").read_text())


async def events_of(api: ApiClient, **query: Any) -> list[dict[str, Any]]:
    answer = await api.get("/v1/events", params={"limit": 200, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def told(events: list[dict[str, Any]]) -> list[str]:
    return [f"{event['type'][4:]} {event['subject']}" for event in events]


async def used(api: ApiClient) -> None:
    """A service with a version that Köln reuses, and another that asks for it."""
    await publish(await api.as_body("13", "publish:*"), "1.0.0", slug="bauantrag")
    koeln = await api.as_body("05315", "reuse")
    answer = await koeln.post("/v1/reuses", json=reuse("05315", version="1.0.0"))
    assert answer.status_code == 201, answer.text


async def test_the_bytes_are_those_of_the_webhook_and_fit_the_published_schema(
    api: ApiClient, receiver: Receiver, settings: Settings
) -> None:
    body = await api.as_body("05315", "subscribe")
    made = await body.post("/v1/subscriptions", json={"url": receiver.url, "service": "bauantrag"})
    receiver.secrets = [made.json()["secret"]]
    await used(api)
    await deliver(api, settings)
    validator = jsonschema_rs.validator_for(FORMAT)
    assert len(receiver.came) == 2
    for sent, event in zip(receiver.bodies, receiver.came, strict=True):
        validator.validate(event)
        number = int(event["sequence"])
        batch = await api.get(f"/v1/events?after={number}&limit=1", headers=BATCH)
        assert batch.headers["content-type"].startswith("application/cloudevents-batch+json")
        assert batch.content == b"[" + sent + b"]"
        assert batch.headers["link"] == f'</v1/events?limit=1&after={number + 1}>; rel="next"'
        listed = await api.get(f"/v1/events?after={number}&limit=1")
        assert sent in listed.content
        single = await api.get(f"/v1/events/{event['id']}")
        assert single.content == sent
        assert single.headers["content-type"].startswith("application/cloudevents+json")


async def test_events_are_found_by_service_action_and_subscription(
    api: ApiClient, settings: Settings
) -> None:
    body = await api.as_body("05315", "subscribe")
    made = await body.post("/v1/subscriptions", json={"service": "ewa"})
    subscription = made.json()["subscription"]["id"]
    await used(api)
    await publish(await api.as_body("13", "publish:*"), "1.0.0", slug="ewa")
    await deliver(api, settings)
    about = told(await events_of(api, service="bauantrag"))
    assert [line.split("/")[0] for line in about] == [
        "catalogue.put_service services", "versions.publish services", "reuse.start reuses",
    ]  # fmt: skip
    published = await events_of(api, service="bauantrag", action="versions.publish")
    assert told(published) == ["versions.publish services/bauantrag/versions/1.0.0"]
    own = await events_of(body, subscription=subscription)
    assert told(own) == ["versions.publish services/ewa/versions/1.0.0"]
    unknown = await api.get("/v1/events", params={"service": "nie-gesehen"})
    assert unknown.status_code == 404
    both = await body.get("/v1/events", params={"service": "ewa", "subscription": subscription})
    assert (both.status_code, both.json()["errors"][0]["rule"]) == (400, "not-together")


async def test_what_is_private_is_for_who_recorded_it(api: ApiClient, settings: Settings) -> None:
    koeln = await api.as_body("05315", "subscribe", "reuse")
    made = await koeln.post("/v1/subscriptions", json={"service": "ewa", "note": "unter-uns"})
    await koeln.post("/v1/reuses", json=reuse("05315", stage="interest", date="2024-01-01"))
    await sign_events(settings)
    own = [event for event in await events_of(koeln) if "unter-uns" in str(event)]
    assert told(own)[0].startswith("subscriptions.subscribe")
    assert any(line.startswith("reuse.start") for line in told(await events_of(koeln)))
    assert "reuse.start" in str(told(await events_of(koeln, service="bauantrag")))
    for other in (api, await api.as_body("05", "subscribe"), await api.as_admin()):
        assert "unter-uns" not in str(await events_of(other))
        assert "reuse.start" not in str(told(await events_of(other, service="bauantrag")))
    path = f"/v1/events?subscription={made.json()['subscription']['id']}"
    assert (await api.get(path)).status_code == 401
    assert (await (await api.as_body("06", "subscribe")).get(path)).status_code == 404
    assert (await api.with_token("efa_wrong").get("/v1/events")).status_code == 401


async def test_who_waits_is_answered_when_something_comes(
    api: ApiClient, settings: Settings
) -> None:
    await sign_events(settings)
    size = await api.owner.fetchval("select max(size) from checkpoints")
    path, headers = f"/v1/events?after={size}", {"Prefer": "wait=20"}
    none = await api.http.get(path, headers={"Prefer": "wait=0"})
    assert (none.json(), none.headers["preference-applied"]) == (
        {"items": [], "next_after": size}, "wait=0",
    )  # fmt: skip
    waiting = asyncio.create_task(api.http.get(path, headers=headers))
    await publish(await api.as_body("13", "publish:*"), "1.0.0", slug="ewa")
    await sign_events(settings)
    answer = await asyncio.wait_for(waiting, 10)
    assert told(answer.json()["items"])[-1].startswith("versions.publish services/ewa")


async def test_a_stream_goes_on_where_one_was(api: ApiClient, settings: Settings) -> None:
    await used(api)
    await sign_events(settings)
    first = await api.http.get("/v1/events/stream?after=0&service=bauantrag", headers=WAIT)
    assert first.headers["content-type"].startswith("text/event-stream")
    messages = stream_of(first.text)
    assert [told([event])[0].split("/")[0] for _, event in messages] == [
        "catalogue.put_service services", "versions.publish services", "reuse.start reuses",
    ]  # fmt: skip
    again = {**WAIT, "Last-Event-ID": str(messages[0][0])}
    rest = await api.http.get("/v1/events/stream?service=bauantrag", headers=again)
    assert stream_of(rest.text) == messages[1:]
    odd = await api.http.get("/v1/events/stream", headers={"Last-Event-ID": "gestern"})
    assert (odd.status_code, odd.json()["errors"][0]["pointer"]) == (400, "Last-Event-ID:")
    head = await api.http.head("/v1/events/stream")
    assert (head.status_code, head.content) == (200, b"")


async def test_a_stream_that_has_much_to_catch_up_with_ends_in_time(
    api: ApiClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "_PART", 2)
    await used(api)
    await sign_events(settings)
    path = "/v1/events/stream?after=0&service=bauantrag"
    first = stream_of((await api.http.get(path, headers=WAIT)).text)
    assert len(first) == 2
    rest = await api.http.get(path, headers=WAIT | {"Last-Event-ID": str(first[-1][0])})
    assert told([event for _, event in stream_of(rest.text)])[0].startswith("reuse.start")
    assert told(await taken(api, 3, path))[2].startswith("reuse.start")


WAIT = {"Prefer": "wait=0"}


def stream_of(text: str) -> list[tuple[int, dict[str, Any]]]:
    parts = [part.split("\n") for part in text.split("\n\n") if part.startswith("id: ")]
    return [(int(lines[0][4:]), json.loads(lines[1].removeprefix("data: "))) for lines in parts]


async def test_all_listeners_hear_what_one_reader_reads(api: ApiClient, settings: Settings) -> None:
    koeln = await api.as_body("05315", "subscribe")
    made = await koeln.post("/v1/subscriptions", json={"service": "ewa", "range": "^2"})
    subscription = made.json()["subscription"]["id"]
    await sign_events(settings)
    everything = asyncio.create_task(taken(api, 3, "/v1/events/stream"))
    reuses = asyncio.create_task(taken(api, 1, "/v1/events/stream?action=reuse.start"))
    told_to = asyncio.create_task(taken(koeln, 1, f"/v1/events/stream?subscription={subscription}"))
    await asyncio.sleep(0.2)
    builder = await api.as_body("13", "publish:*")
    await publish(builder, "1.0.0", "2.0.0", slug="ewa")
    other = await api.as_body("05315", "reuse")
    await other.post("/v1/reuses", json=reuse("05315", "ewa", version="1.0.0"))
    await deliver(api, settings)
    assert [line.split()[0] for line in told(await everything)] == [
        "versions.publish", "versions.publish", "reuse.start",
    ]  # fmt: skip
    assert [line.split()[0] for line in told(await reuses)] == ["reuse.start"]
    assert told(await told_to) == ["versions.publish services/ewa/versions/2.0.0"]


async def taken(api: ApiClient, count: int, path: str) -> list[dict[str, Any]]:
    """The first messages of a stream, read as it runs."""
    heard: list[dict[str, Any]] = []
    async with aclosing(listen(api, path)) as messages:
        async for message in messages:
            heard += [event for _, event in stream_of(message)]
            if len(heard) >= count:
                break
    return heard


async def listen(api: ApiClient, path: str) -> AsyncGenerator[str]:
    """The parts of an answer as they are sent; the client of the tests waits for its end."""
    transport: Any = api.http._transport
    parts: asyncio.Queue[bytes] = asyncio.Queue()
    plain, _, query = path.partition("?")
    headers = [(b"host", b"registry")]
    if api.token:
        headers.append((b"authorization", f"Bearer {api.token}".encode()))
    scope = {
        "type": "http", "method": "GET", "path": plain, "raw_path": plain.encode(),
        "query_string": query.encode(), "headers": headers, "client": ("127.0.0.1", 1),
        "server": ("registry", 80), "scheme": "http", "http_version": "1.1", "root_path": "",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
    }  # fmt: skip
    gone = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        assert message.get("status", 200) == 200
        parts.put_nowait(message.get("body", b""))

    running = asyncio.create_task(transport.app(scope, receive, send))
    try:
        while True:
            yield (await asyncio.wait_for(parts.get(), 10)).decode()
    finally:
        gone.set()
        running.cancel()


def test_seats_are_bounded_for_each_and_for_all() -> None:
    seats = Seats(3, 2)
    with seats.taken("a"), seats.taken("a"):
        with pytest.raises(TooManyRequests):
            seats.require_free("a")
        assert not seats.is_free("a")
        seats.require_free("b")
        with seats.taken("b"), pytest.raises(TooManyRequests):
            seats.require_free("c")
    seats.require_free("a")


async def test_who_does_not_keep_up_is_let_go() -> None:
    listener = Listener(Asked())
    for number in range(1_001):
        listener.offer(b"%d" % number)
    assert await listener.waiting.get() is None
    assert listener.waiting.empty()
