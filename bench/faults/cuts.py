"""Connections to PostgreSQL cut at random places of what is said, in both directions."""

import asyncio
import random
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from bench.faults.rounds import settings_of
from bench.faults.serving import App, Load, outcome, prepared
from registry.db.embedded import EmbeddedPostgres, address
from registry.settings import Settings

LONGEST = 60_000  # bytes a connection may carry before it is cut


class Cutter:
    """Stands between the application and the server's socket; each connection ends unforeseen."""

    def __init__(self, drawn: random.Random, server: EmbeddedPostgres) -> None:
        self._drawn = drawn
        self._behind = server.socket_dir / ".s.PGSQL.5432"
        self.folder = Path(tempfile.mkdtemp(prefix="efa-cut-"))
        self.cuts = self._wanted = 0
        self._enough = asyncio.Event()
        self.cutting = False

    async def listen(self) -> asyncio.Server:
        return await asyncio.start_unix_server(self._pass_on, self.folder / ".s.PGSQL.5432")

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            behind, before = await asyncio.open_unix_connection(self._behind)
        except OSError:
            writer.close()
            return
        left = [self._drawn.randrange(LONGEST)]
        await asyncio.wait(
            [
                asyncio.create_task(self._carry(reader, before, left)),
                asyncio.create_task(self._carry(behind, writer, left)),
            ],
            return_when=asyncio.FIRST_COMPLETED,
        )
        for end in (writer, before):
            end.transport.abort()

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, left: list[int]
    ) -> None:
        """Pass bytes on until so many are spent, the last of them in part."""
        with suppress(OSError):
            while piece := await reader.read(4_096):
                left[0] -= len(piece)
                if left[0] < 0 and self.cutting:
                    writer.write(piece[: left[0]])
                    self.cuts += 1
                    if self.cuts >= self._wanted:
                        self._enough.set()
                    return
                writer.write(piece)
                await writer.drain()

    async def until(self, cuts: int) -> None:
        """Wait for so many cuts."""
        self._wanted = cuts
        await self._enough.wait()

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def through(settings: Settings, folder: Path) -> Settings:
    """The application's way leads through the cutter, the sequencer's too."""
    return msgspec.structs.replace(
        settings,
        database_url=address(folder, "efa_app"),
        reader_url=address(folder, "efa_reader"),
        sequencer_url=address(folder, "efa_sequencer"),
        owner_url="",
    )


async def cut(
    drawn: random.Random, cuts: int, server: EmbeddedPostgres, folder: Path, factory: str
) -> dict[str, Any]:
    """One registry under load through so many cuts."""
    settings = settings_of(server, folder / "files")
    token = await prepared(settings)
    cutter = Cutter(drawn, server)
    listening = await cutter.listen()
    app = App(through(settings, cutter.folder), factory)
    await app.start()
    name = f"c{drawn.randrange(10**6)}"
    load = Load(app, token, name, versions="hasty" not in factory)
    async with load.running():
        cutter.cutting = True
        await cutter.until(cuts)
        cutter.cutting = False
        await app.ready()
        await asyncio.sleep(0.5)
    await asyncio.to_thread(app.end)  # what it says meanwhile passes through us
    listening.close()
    cutter.close()
    return {"cuts": cutter.cuts, **await outcome(settings, load, folder)}
