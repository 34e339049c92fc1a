"""The ledger against a plain in-memory model: 20,000 steps of hypothesis's state machine.

Reuses begin, go on, are voided and corrected, back-dated and to come, one by one and in files;
builders change, bodies join agreements, uses are counted. In between the registry is asked at
random days, as known now or once, and every answer is compared with the model's, over HTTP:
lists, documents, coverage, ranking, versions in use, funnel, timeline and sums of usage.
"""

import argparse
import asyncio
import shutil
import tempfile
import time
from collections import Counter
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from bench.results import write
from registry.db import connect
from registry.db.embedded import EmbeddedPostgres
from registry.db.migrations import migrate
from registry.settings import Settings
from registry.web.logs import configure_logs
from tests.reuse.driving import driven
from tests.templates import build_germany

SEED = 20261130
RUNS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=20_000, help="steps in all")
    parser.add_argument("--length", type=int, default=100, help="steps of a run")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--processes", type=int, default=4, help="each with a registry of its own")
    asked = parser.parse_args()
    shared = Path("/dev/shm")  # noqa: S108 - the place of shared memory, not a temporary file
    folder = Path(tempfile.mkdtemp(prefix="efa-soak-", dir=shared if shared.is_dir() else None))
    folder.chmod(0o755)
    try:
        with EmbeddedPostgres(folder / "pg", durable=False) as server:
            write("soak-ledger", run(server, asked))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(server: EmbeddedPostgres, asked: argparse.Namespace) -> dict[str, object]:
    """What was done; an answer that differs ends it with the steps that lead there."""
    started = time.monotonic()
    names = asyncio.run(prepared(server, asked.processes))
    each = -(-asked.steps // asked.processes)
    pieces = [
        Piece(settings_of(server, name), asked.seed + 1_000 * number, each, asked.length)
        for number, name in enumerate(names)
    ]
    with get_context("spawn").Pool(asked.processes) as pool:
        done = pool.map(driven_through, pieces, chunksize=1)
    kinds = sum((piece.of_each_kind for piece in done), Counter[str]())
    return {
        "seed": asked.seed,
        "steps": sum(piece.steps for piece in done),
        "of_each_kind": dict(sorted(kinds.items())),
        "questions": sum(piece.questions for piece in done),
        "differences": 0,
        "events_in_the_logs": sum(piece.events for piece in done),
        "seconds": round(time.monotonic() - started),
    }


class Piece(NamedTuple):
    """What one process does."""

    settings: Settings
    seed: int
    steps: int
    length: int


class Done(NamedTuple):
    """What one process has done."""

    steps: int
    of_each_kind: Counter[str]
    questions: int
    events: int


def driven_through(piece: Piece) -> Done:
    """Runs of the machine over one registry, until there are enough steps."""
    configure_logs("error")
    seed = piece.seed
    with driven(piece.settings) as drive:
        world = drive(seed, RUNS, piece.length)
        while world.steps < piece.steps:
            print(f"{piece.seed}: {world.steps} steps, no difference", flush=True)
            seed += 1
            world = drive(seed, RUNS, piece.length)
        return Done(world.steps, world.did, world.questions, world.size())


async def prepared(server: EmbeddedPostgres, count: int) -> list[str]:
    """The names of databases with the reference data and nothing else."""
    settings = settings_of(server, "efa")
    await migrate(settings.owner_url)
    await build_germany(settings)
    conn = await connect(server.dsn("postgres", "postgres"))
    names = [f"soak_{number}" for number in range(count)]
    for name in names:
        await conn.execute(f"create database {name} owner efa_owner template efa")
    await conn.close()
    for name in names:
        # A server left alone learns by itself what the data are like.
        conn = await connect(server.dsn("efa_owner", name))
        await conn.execute("analyze")
        await conn.close()
    return names


def settings_of(server: EmbeddedPostgres, database: str) -> Settings:
    return Settings(
        database_url=server.dsn("efa_app", database),
        owner_url=server.dsn("efa_owner", database),
        sequencer_url=server.dsn("efa_sequencer", database),
        reader_url=server.dsn("efa_reader", database),
        pool_size=3,
        statement_timeout_ms=120_000,
        rate_limit=0,
        costly_rate_limit=0,
        secret="a secret for the soak, the same for every run",  # noqa: S106 - guards nothing
    )


if __name__ == "__main__":
    main()
