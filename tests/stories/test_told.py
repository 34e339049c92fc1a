"""Nobody is left on a version unaware: one publish, told in every way by a running registry."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, cast

import feedparser
import httpx
import msgspec
import pytest

from registry.cli.load import load_all
from registry.db import begin, connect
from registry.identity.actions import create_token
from registry.identity.operator import operator
from registry.organisations import store as organisations
from registry.settings import Settings
from tests.live import live_server
from tests.subscriptions.mailbox import Mailbox, mailbox
from tests.subscriptions.receiver import Receiver, receiving

ROOT = Path(__file__).parents[2]
VERSION = ROOT / "service_specs/_demo/demo-hundesteuer/versions/2.1.0"
SERVICE = "/v1/services/demo-hundesteuer"
BUILDER, CITY = "99-it-verbund", "99011"
# Who has which version in operation, by the files of the fictitious Land.
USERS = {
    "99011": "2.0.0", "99001": "1.2.1", "990010010": "2.0.0", "990025002": "2.0.0",
    "990020021021": "1.1.0",
}  # fmt: skip


class World(msgspec.Struct, kw_only=True):
    """A running registry with the fictitious Land, a receiver, a mail server and tokens."""

    http: httpx.AsyncClient
    settings: Settings
    receiver: Receiver
    box: Mailbox
    tokens: dict[str, str]

    async def call(self, who: str, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        return await self.http.request(method, path, headers=headers, **options)


async def _tokens(settings: Settings) -> dict[str, str]:
    conn = await connect(settings.database_url)
    try:
        async with begin(conn, operator()) as tx:
            made: dict[str, str] = {}
            for key in (BUILDER, *USERS):
                body = await organisations.resolve(tx, key)
                scopes = ("publish:*",) if key == BUILDER else ("subscribe", "reuse")
                made[key] = await create_token(
                    tx, body.id, scopes, kind="test", days=1, note="test"
                )
            return made
    finally:
        await conn.close()


@pytest.fixture
async def world(loaded_settings: Settings, tmp_path: Path) -> AsyncIterator[World]:
    await load_all(loaded_settings.database_url, None, demo=True)
    async with AsyncExitStack() as stack:
        receiver = await stack.enter_async_context(receiving())
        box = stack.enter_context(mailbox(tmp_path))
        settings = msgspec.structs.replace(
            loaded_settings,
            egress_allowed="127.0.0.0/8",
            smtp_url=box.url,
            mail_from="register@register.example",
        )
        address = stack.enter_context(live_server(settings))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=address, timeout=30))
        tokens = await _tokens(settings)
        yield World(http=http, settings=settings, receiver=receiver, box=box, tokens=tokens)


async def until(found: Callable[[], Any], seconds: float = 30.0) -> Any:
    """What is found as soon as it is there."""
    async with asyncio.timeout(seconds):
        while not (value := found()):  # noqa: ASYNC110 - another process is waited for
            await asyncio.sleep(0.05)
        return value


async def subscribed(world: World) -> None:
    """The city hears by webhook of what it uses, and by mail, once it confirmed its address."""
    hook = await world.call(CITY, "POST", "/v1/subscriptions", json={"url": world.receiver.url})
    assert hook.status_code == 201, hook.text
    world.receiver.secrets = [hook.json()["secret"]]
    mail = await world.call(CITY, "POST", "/v1/subscriptions", json={"mail": "it@stadt.example"})
    path = mail.json()["subscription"]["links"]["self"]
    await until(lambda: world.box.came)
    code = re.search(r"^    ([A-Z2-7]{12})$", world.box.text(), re.MULTILINE)
    assert code
    answer = await world.call(CITY, "POST", f"{path}/confirmation", json={"code": code[1]})
    assert answer.json()["state"] == "active"


def broken() -> dict[str, Any]:
    """The newest version of the demo, which now asks for a number that nobody sent so far."""
    schemas = {path.stem: json.loads(path.read_text()) for path in VERSION.glob("*.json")}
    schemas["application"]["properties"]["steuer_id"] = {"type": "string"}
    schemas["application"]["required"] = [*schemas["application"]["required"], "steuer_id"]
    directions = {"status": "emits"}
    return {
        "interfaces": {
            name: {"direction": directions.get(name, "accepts"), "schema": schema}
            for name, schema in schemas.items()
        }
    }


async def heard(world: World, ready: asyncio.Event) -> dict[str, Any]:
    """The first publish in the stream of events, as a browser would be sent it."""
    path = "/v1/events/stream?service=demo-hundesteuer&action=versions.publish"
    async with world.http.stream("GET", path) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        async for line in stream.aiter_lines():
            ready.set()
            if line.startswith("data: "):
                return json.loads(line.removeprefix("data: "))
    raise AssertionError("the stream ended")


async def test_a_breaking_version_reaches_all_it_hits(world: World) -> None:
    await subscribed(world)
    ready = asyncio.Event()
    stream = asyncio.create_task(heard(world, ready))
    await asyncio.wait_for(ready.wait(), 30)
    small = await world.call(BUILDER, "PUT", f"{SERVICE}/versions/2.2.0", json=broken())
    assert small.json()["type"] == "/problems/version-number-too-small"
    checked = await world.call(BUILDER, "POST", f"{SERVICE}/checks", json=broken())
    hit = [
        body["organisation"]["key"]
        for state in checked.json()["impact"]["affected"]["by_state"]
        for body in state["items"]
    ]
    assert set(hit) == {key[:9] for key in USERS}, checked.text
    made = await world.call(BUILDER, "PUT", f"{SERVICE}/versions/3.0.0", json=broken())
    assert made.status_code == 201, made.text

    (event,) = await until(lambda: [e for e in world.receiver.came if "3.0.0" in e["subject"]])
    assert event["type"] == "efa.versions.publish"
    assert await asyncio.wait_for(stream, 30) == event
    feed: Any = cast("Any", feedparser).parse(
        (await world.http.get("/feeds/services/demo-hundesteuer.atom")).content
    )
    assert feed.entries[0].id == f"urn:uuid:{event['id']}"
    assert feed.entries[0].title == "demo-hundesteuer 3.0.0: Version veröffentlicht"
    await morning(world.settings)
    await until(lambda: len(world.box.came) > 1)
    assert "demo-hundesteuer 3.0.0: Version veröffentlicht" in world.box.text()
    await each_body_is_told_what_breaks(world)
    await deprecate_in_time(world)


async def morning(settings: Settings) -> None:
    """Let the hour of the daily mails come."""
    owner = await connect(settings.owner_url)
    await owner.execute("update mail_states set digest_at = now(), next_at = now()")
    await owner.close()


async def each_body_is_told_what_breaks(world: World) -> None:
    for key, version in USERS.items():
        todo = (await world.call(key, "GET", "/v1/todo")).json()
        (one,) = [item for item in todo["items"] if item["service"] == "demo-hundesteuer"]
        assert (one["version"], one["newest"]) == (version, "3.0.0")
        breaks = [found for found in one["move"]["findings"] if found["severity"] == "breaking"]
        assert any("steuer_id" in json.dumps(found["message"]) for found in breaks), key
        assert all(found["witness"] for found in breaks), key
    done = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "registry", "outdated", "--fail-on", "outdated", "--lang", "de",
        env={"EFA_REGISTRY_URL": str(world.http.base_url), "EFA_TOKEN": world.tokens[CITY]},
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    printed = (await done.communicate())[0].decode()
    assert done.returncode == 1
    assert "demo-hundesteuer 2.0.0 · Musterstadt" in printed
    assert "steuer_id" in printed


async def deprecate_in_time(world: World) -> None:
    """Too short a notice is refused with the earliest day; in time, all who use it are told."""
    end = f"{SERVICE}/versions/2.0.0/deprecation"
    owner = await connect(world.settings.owner_url)
    soon = await owner.fetchval("select (legal_today() + 30)::text")
    await owner.close()
    refused = await world.call(BUILDER, "PUT", end, json={"sunset": soon, "successor": "3.0.0"})
    (fault,) = refused.json()["errors"]
    earliest = re.search(r"\d{4}-\d{2}-\d{2}", fault["detail"])
    assert (refused.status_code, fault["rule"]) == (422, "notice-too-short")
    assert earliest
    draft = {"sunset": earliest[0], "successor": "3.0.0"}
    done = await world.call(BUILDER, "PUT", end, json=draft)
    assert done.status_code == 200, done.text
    await until(lambda: "efa.impact.deprecate" in world.receiver.types)
    notice = world.receiver.came[-1]["id"]
    read = await world.call(CITY, "POST", f"/v1/events/{notice}/acknowledgement")
    assert read.status_code == 204
    retirement = await world.call(BUILDER, "GET", f"{SERVICE}/versions/2.0.0/retirement?demo=true")
    left = {one["organisation"]["key"]: one for one in retirement.json()["items"]}
    assert left[CITY]["told"] == "delivered"
    assert left[CITY]["acknowledged_at"]
    assert left["990010010"]["told"] == "nobody"
    assert retirement.json()["missing"] == ["sunset-to-come", "not-told"]
