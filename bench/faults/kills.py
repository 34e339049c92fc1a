"""SIGKILL under load: of the application, and of a random process of PostgreSQL."""

import asyncio
import os
import random
import signal
from pathlib import Path
from typing import Any

from bench.faults.rounds import settings_of
from bench.faults.serving import App, Load, drawn_pause, outcome, prepared
from registry.db.embedded import EmbeddedPostgres

EACH = 20  # kills of one world


def children(pid: int) -> list[int]:
    """The processes a server runs."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]


def postmaster(server: EmbeddedPostgres) -> int:
    """The first process of a server."""
    lock = (server.socket_dir / ".s.PGSQL.5432.lock").read_text()
    return int(lock.splitlines()[0])


async def app_kills(drawn: random.Random, app: App, kills: int, server: EmbeddedPostgres) -> None:
    assert server.running
    for _ in range(kills):
        await asyncio.sleep(drawn_pause(drawn))
        app.kill()
        await app.start()


async def postgres_kills(
    drawn: random.Random, app: App, kills: int, server: EmbeddedPostgres
) -> None:
    """All connections end and the server recovers; the application goes on."""
    for _ in range(kills):
        await asyncio.sleep(drawn_pause(drawn))
        os.kill(drawn.choice(children(postmaster(server))), signal.SIGKILL)
        await app.ready()


KILLS = {"app": app_kills, "postgres": postgres_kills}


async def world(
    drawn: random.Random,
    part: str,
    kills: int,
    server: EmbeddedPostgres,
    folder: Path,
    factory: str,
) -> dict[str, Any]:
    """One registry under load through so many kills."""
    settings = settings_of(server, folder / "files")
    token = await prepared(settings)
    app = App(settings, factory)
    await app.start()
    name = f"k{drawn.randrange(10**6)}"
    load = Load(app, token, name, versions="hasty" not in factory)
    async with load.running():
        await KILLS[part](drawn, app, kills, server)
        await asyncio.sleep(0.5)
    app.end()
    return {"kills": kills, **await outcome(settings, load, folder)}
