"""Rounds that may be broken off and gone on with: each is kept when it is done, by its number."""

import json
import random
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bench.results import COMMIT
from registry.db.embedded import EmbeddedPostgres
from registry.settings import Settings

Round = Callable[[random.Random], Awaitable[dict[str, Any]]]


class Rounds:
    """The rounds of one part that were done under one seed and commit, on this machine."""

    def __init__(self, part: str, seed: int) -> None:
        self.part = part
        self.seed = seed
        self._file = Path(tempfile.gettempdir(), f"efa-faults-{part}-{seed}-{COMMIT}.jsonl")
        lines = self._file.read_text().splitlines() if self._file.exists() else []
        self.done: list[dict[str, Any]] = [json.loads(line) for line in lines]

    async def run(self, count: int, one: Round) -> list[dict[str, Any]]:
        """Do what is missing; the draws of a round depend on the seed and its number alone."""
        for number in range(len(self.done), count):
            told = await one(random.Random(f"{self.seed}/{self.part}/{number}"))
            self.done.append(told)
            with self._file.open("a") as file:
                file.write(json.dumps(told) + "\n")
            if number % 10 == 9:
                print(f"{self.part}: {number + 1} of {count}", flush=True)
        return self.done[:count]


def settings_of(server: EmbeddedPostgres, files: Path, database: str = "efa") -> Settings:
    """The settings of a registry on a database of this server, without rate limits."""
    return Settings(
        data_dir=str(files),
        database_url=server.dsn("efa_app", database),
        owner_url=server.dsn("efa_owner", database),
        sequencer_url=server.dsn("efa_sequencer", database),
        reader_url=server.dsn("efa_reader", database),
        rate_limit=0,
        costly_rate_limit=0,
        secret="a secret for the soak, the same for every run",  # noqa: S106 - guards nothing
    )
