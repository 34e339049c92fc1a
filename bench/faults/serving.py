"""A registry that serves as its own process while writers publish, and what must hold after."""

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import msgspec

from registry.audit.keys import signers
from registry.cli import efa_verify
from registry.cli.rebuild import write_log
from registry.db import begin, connect, connected
from registry.db.migrations import migrate
from registry.identity.actions import create_token
from registry.identity.operator import OPERATOR, operator
from registry.organisations.model import organisation_id
from registry.settings import SETTINGS_VARIABLE, Settings
from tests.audit.signed import sign_events
from tests.templates import build_germany

WRITERS = 6
READY_SECONDS = 120
APP = "registry.cli.worker:create_worker"
BUILDER = {"organisation": "05117", "role": "lead"}
SERVICE = {"names": {"de": "X"}, "model": "municipal", "builders": [BUILDER]}
VERSION = {"interfaces": {"application": {"direction": "accepts", "schema": {"type": "object"}}}}


class App:
    """The application as a process on a port of its own."""

    def __init__(self, settings: Settings, factory: str = APP) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._settings = settings
        self._factory = factory
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start, and wait until it says that it is ready."""
        given = msgspec.json.encode(self._settings).decode()
        command = [sys.executable, "-m", "uvicorn", self._factory, "--factory", "--log-level"]
        self._process = subprocess.Popen(  # noqa: ASYNC220 - at once
            [*command, "critical", "--port", str(self.port), "--http", "httptools"],
            env=os.environ | {SETTINGS_VARIABLE: given},
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        await self.ready()

    def move(self, settings: Settings) -> None:
        """Start with other settings the next time, at the same address."""
        self._settings = settings

    async def ready(self) -> None:
        """Wait until it says so."""
        async with httpx.AsyncClient(timeout=5) as client:
            for _ in range(READY_SECONDS * 20):
                with suppress(httpx.TransportError):
                    if (await client.get(f"{self.address}/readyz")).status_code == 200:
                        return
                await asyncio.sleep(0.05)
        raise TimeoutError(self.address)

    def kill(self) -> None:
        """End it without any warning."""
        self.end(signal.SIGKILL)

    def end(self, sign: signal.Signals = signal.SIGTERM) -> None:
        if self._process:
            self._process.send_signal(sign)
            self._process.wait(60)
            self._process = None


class Load:
    """Writers that publish services and versions, and what was acknowledged to them.

    Who gets no answer, or a failure of the server, asks again until it knows.
    """

    def __init__(self, app: App, token: str, name: str, *, versions: bool = True) -> None:
        self._app = app
        self._versions = versions
        self._name = name
        self._headers = {"Authorization": f"Bearer {token}"}
        self.acknowledged: set[str] = set()
        self.answers = Counter[int]()
        self.notes: set[str] = set()
        self.again = self.had_committed = 0

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """The load while the body runs; then the writers end what they began."""
        self._on = True
        async with httpx.AsyncClient(base_url=self._app.address, timeout=30) as client:
            tasks = [asyncio.create_task(self._write(client, n)) for n in range(WRITERS)]
            tasks.append(asyncio.create_task(self._watch(client)))
            yield
            self._on = False
            await asyncio.gather(*tasks)

    async def _write(self, client: httpx.AsyncClient, writer: int) -> None:
        number = 0
        while self._on:
            slug = f"{self._name}-{writer}-{number}"
            await self._put(client, f"services/{slug}", SERVICE | {"slug": slug})
            if self._versions:
                await self._put(client, f"services/{slug}/versions/1.0.0", VERSION)
            number += 1

    async def _put(self, client: httpx.AsyncClient, subject: str, body: Any) -> None:
        headers = self._headers | ({} if "/versions/" in subject else {"If-None-Match": "*"})
        first = True
        while True:
            status, text = 0, ""
            with suppress(httpx.TransportError):
                answer = await client.put(f"/v1/{subject}", json=body, headers=headers)
                status, text = answer.status_code, answer.text
            self.answers[status] += 1
            if status in (200, 201, 412):
                self.had_committed += not first and status != 201
                self.acknowledged.add(subject)
                return
            if status == 404 and "/versions/" in subject:
                return  # the service acknowledged before is gone, which `outcome` counts as lost
            assert not status or status >= 500, text
            first = False
            self.again += 1
            await asyncio.sleep(0.05)

    async def _watch(self, client: httpx.AsyncClient) -> None:
        """Keep checkpoints as they are given out."""
        while self._on:
            with suppress(httpx.TransportError):
                answer = await client.get("/v1/log/checkpoint")
                if answer.status_code == 200:
                    self.notes.add(answer.text)
            await asyncio.sleep(0.2)


async def prepared(settings: Settings) -> str:
    """Fill with reference data, and return an operator's token."""
    await migrate(settings.owner_url)
    await build_germany(settings)
    async with connected(settings.database_url) as conn, begin(conn, operator()) as tx:
        body = organisation_id(OPERATOR)
        return await create_token(tx, body, ["admin"], kind="admin", days=1, note="")


SUBJECTS = """
select subject, count(*) from events
where action in ('catalogue.put_service', 'versions.publish') group by subject
"""


async def outcome(settings: Settings, load: Load, folder: Path) -> dict[str, Any]:
    """What of the acknowledged is lost, what is there twice, and which checkpoint does not hold."""
    await sign_events(settings)
    conn = await connect(settings.owner_url)
    recorded = {row[0]: row[1] for row in await conn.fetch(SUBJECTS)}
    rows = {f"services/{row[0]}" for row in await conn.fetch("select slug from services")}
    versions = await conn.fetch("select service, version from versions")
    rows |= {f"services/{row[0]}/versions/{row[1]}" for row in versions}
    gaps = await conn.fetchval("select max(leaf_idx) + 1 - count(leaf_idx) from events")
    with (folder / "export").open("wb") as file:
        await write_log(conn, file.write)
    await conn.close()
    await sign_events(settings)
    return {
        "acknowledged": len(load.acknowledged),
        "asked_again": load.again,
        "had_committed_unanswered": load.had_committed,
        "answers": {str(status): count for status, count in sorted(load.answers.items())},
        "lost": len(load.acknowledged - (rows & recorded.keys())),
        "twice": sum(count > 1 for count in recorded.values()) + len(versions)
        - len({tuple(row) for row in versions}),
        "gaps": gaps,
        "checkpoints": len(load.notes),
        "checkpoints_that_do_not_hold": await asyncio.to_thread(_unheld, settings, load, folder),
    }  # fmt: skip


def _unheld(settings: Settings, load: Load, folder: Path) -> int:
    """How many of the checkpoints that were given out are none of the exported log."""
    key = str(signers(settings)[0].verifier)
    files = [folder / "export"]
    for number, note in enumerate(load.notes):
        files.append(folder / f"note-{number}")
        files[-1].write_text(note)
    if efa_verify.verify([str(file) for file in files], [key], "en")[0] == 0:
        return 0
    statuses = [efa_verify.verify([str(files[0]), str(note)], [key], "en")[0] for note in files[1:]]
    return max(1, sum(status > 0 for status in statuses))


def drawn_pause(drawn: random.Random) -> float:
    """Seconds under load before the next fault."""
    return drawn.uniform(0.2, 1.5)
