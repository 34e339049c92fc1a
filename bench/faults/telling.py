"""SIGKILL of processes that tell receivers of changes, and whether everybody heard everything.

Two processes match and deliver over one database while writers publish; one of them at a time is
killed. A receiver counts an event once, by the id it came under.
"""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
from aiohttp import web

from bench.faults.rounds import settings_of
from bench.faults.serving import BUILDER, App, Load, drawn_pause, prepared
from registry.db import Connection, connected
from registry.db.embedded import EmbeddedPostgres

PROCESSES = 2
RECEIVERS = 8
# What a killed process had taken is free again after a minute.
SETTLED_SECONDS = 240
PUBLISHED = "versions.publish"


class Ear:
    """What one receiver heard: events in the order in which each came first, with their bytes."""

    def __init__(self, actions: tuple[str, ...]) -> None:
        self.actions = actions
        self.first: dict[str, bytes] = {}
        self.came = self.unlike = 0

    def hear(self, name: str, body: bytes) -> None:
        self.came += 1
        self.unlike += self.first.setdefault(name, body) != body


class Ears:
    """All receivers, each at a path of its own."""

    def __init__(self) -> None:
        whole: tuple[str, ...] = ()
        self.all = {f"r{n}": Ear((PUBLISHED,) if n % 2 else whole) for n in range(RECEIVERS)}
        self.address = ""

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        event = msgspec.json.decode(body)
        if event["type"] == "efa.subscriptions.handshake":
            return web.json_response({"challenge": event["data"]["challenge"]})
        self.all[request.match_info["name"]].hear(request.headers["webhook-id"], body)
        return web.Response()

    @asynccontextmanager
    async def open(self) -> AsyncGenerator["Ears"]:
        app = web.Application()
        app.router.add_post("/{name}", self.take)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()


async def telling(
    drawn: random.Random, kills: int, server: EmbeddedPostgres, folder: Path, factory: str
) -> dict[str, Any]:
    """One registry that tells receivers through so many kills."""
    settings = msgspec.structs.replace(
        settings_of(server, folder / "files"), egress_allowed="127.0.0.0/8"
    )
    token = await prepared(settings)
    apps = [App(settings, factory) for _ in range(PROCESSES)]
    for app in apps:
        await app.start()
    async with Ears().open() as ears, connected(settings.owner_url) as conn:
        await subscribe(apps[0], token, ears)
        await settled(conn)
        first = await position(conn)
        async with Load(apps[0], token, f"t{drawn.randrange(10**6)}").running():
            for _ in range(kills):
                await asyncio.sleep(drawn_pause(drawn))
                app = drawn.choice(apps)
                app.kill()
                await app.start()
        await settled(conn)
        told = await heard(conn, ears, first)
    for app in apps:
        app.end()
    return {"kills": kills, **told}


async def subscribe(app: App, token: str, ears: Ears) -> None:
    """Subscribe all receivers to what a builder does: half to all of it."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=app.address, headers=headers, timeout=30) as client:
        for name, ear in ears.all.items():
            wanted = {"builder": BUILDER["organisation"], "actions": ear.actions}
            draft = wanted | {"url": f"{ears.address}/{name}"}
            answer = await client.post("/v1/subscriptions", json=draft)
            assert answer.status_code == 201, answer.text


WAITING = """
select (select count(*) from events e, subscription_position p
        where e.public and (e.leaf_idx is null or e.leaf_idx >= p.position))
     + (select count(*) from deliveries where state in ('pending', 'late'))
"""


async def settled(conn: Connection) -> None:
    """Wait until all events are matched and all deliveries came to an end."""
    for _ in range(SETTLED_SECONDS):
        if await conn.fetchval(WAITING) == 0:
            return
        await asyncio.sleep(1)
    raise TimeoutError("deliveries still wait")


async def position(conn: Connection) -> int:
    return await conn.fetchval("select position from subscription_position")


HAPPENED = """
select id::text, action from events
where leaf_idx >= $1 and public and subject like 'services/%' order by leaf_idx
"""


async def heard(conn: Connection, ears: Ears, first: int) -> dict[str, Any]:
    """What of the log the receivers did not hear, heard in another order, or should not have."""
    rows = await conn.fetch(HAPPENED, first)
    counts = dict.fromkeys(("wanted", "missing", "unwanted", "out_of_order"), 0)
    for ear in ears.all.values():
        wanted = [row[0] for row in rows if not ear.actions or row[1] in ear.actions]
        come = [name for name in ear.first if name in set(wanted)]
        counts["wanted"] += len(wanted)
        counts["missing"] += len(wanted) - len(come)
        counts["unwanted"] += len(ear.first) - len(come)
        counts["out_of_order"] += come != [name for name in wanted if name in ear.first]
    came = sum(ear.came for ear in ears.all.values())
    return {
        "receivers": len(ears.all),
        "events": len(rows),
        **counts,
        "sent_again": came - sum(len(ear.first) for ear in ears.all.values()),
        "unlike_the_first": sum(ear.unlike for ear in ears.all.values()),
    }
