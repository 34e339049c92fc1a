"""A full disk under PostgreSQL: clean refusals, and a whole log when there is room again.

Each round fills a small volume to the last byte while writers publish, and empties it again.
"""

import asyncio
import os
import random
import subprocess
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bench.faults.rounds import settings_of
from bench.faults.serving import App, Load, outcome, prepared
from registry.db.embedded import EmbeddedPostgres

VOLUME = "400m"
FULL_SECONDS = 4.0


@contextmanager
def small_volume(folder: Path) -> Generator[Path]:
    """A volume of its own that is soon full; needs the right to mount."""
    place = folder / "small"
    place.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={VOLUME},mode=755", "tmpfs", str(place)]
    subprocess.run(["mount", *options], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path) -> None:
    """Take all room there is."""
    with suppress(OSError), (place / "filler").open("ab", buffering=0) as file:
        while True:
            file.write(bytes(65_536))
    with suppress(OSError), (place / "filler").open("ab", buffering=0) as file:
        while True:
            file.write(bytes(1))


async def fills(
    drawn: random.Random, count: int, server: EmbeddedPostgres, folder: Path, place: Path
) -> dict[str, Any]:
    """One registry under load through so many full disks."""
    settings = settings_of(server, folder / "files")
    token = await prepared(settings)
    app = App(settings)
    await app.start()
    load = Load(app, token, f"d{drawn.randrange(10**6)}")
    during, gave_up = Counter[str](), 0
    async with load.running():
        for _ in range(count):
            await asyncio.sleep(drawn.uniform(0.3, 1.5))
            before = load.answers.copy()
            await asyncio.to_thread(fill, place)
            await asyncio.sleep(FULL_SECONDS)
            os.remove(place / "filler")
            during.update({str(k): v for k, v in (load.answers - before).items()})
            if not server.running:  # who started it starts it again, as the README says
                gave_up += 1
                await asyncio.to_thread(app.end)
                server.stop()
                server.start()
                app.move(settings_of(server, folder / "files"))
                await app.start()
            await app.ready()
        await asyncio.sleep(0.5)
    await asyncio.to_thread(app.end)
    return {
        "fills": count,
        "server_started_again": gave_up,
        "answers_while_full": dict(sorted(during.items())),
        **await outcome(settings_of(server, folder / "files"), load, folder),
    }
