"""What the registry withstands, `./dev soak faults --part PART`, each with a control.

A run that was broken off goes on where it stood, while commit and seed are the same; figures go to
`bench/results/faults-PART.json`.
"""

import argparse
import asyncio
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.faults.changed_rows import changed_rows
from bench.faults.cuts import cut
from bench.faults.disks import fills, small_volume
from bench.faults.kills import EACH, world
from bench.faults.receipts import receipts
from bench.faults.rounds import Rounds
from bench.faults.serving import APP
from bench.faults.telling import telling
from bench.results import write
from registry.db.embedded import EmbeddedPostgres
from registry.web.logs import configure_logs

SEED = 20261130


def rows(rounds: Rounds, count: int, folder: Path) -> dict[str, Any]:
    with EmbeddedPostgres(folder / "pg", durable=False) as server:
        return asyncio.run(changed_rows(rounds, count, server, folder / "files"))


def changed_receipts(rounds: Rounds, count: int, folder: Path) -> dict[str, Any]:
    return receipts(rounds.seed, count, folder)


def kills(rounds: Rounds, count: int, folder: Path) -> dict[str, Any]:
    """So many kills in worlds of twenty, and one world of the control."""
    part = rounds.part

    async def one(drawn: random.Random, *, control: bool = False) -> dict[str, Any]:
        durable = not (control and part == "postgres")
        factory = "bench.faults.hasty:create_hasty" if control and part == "app" else APP
        with world_of(folder, durable=durable) as (server, place):
            return await world(drawn, part, min(EACH, count), server, place, factory)

    return with_control(rounds, -(-count // EACH), one)


def deliveries(rounds: Rounds, count: int, folder: Path) -> dict[str, Any]:
    """So many kills of who tells receivers in worlds of twenty, and one world of the control."""

    async def one(drawn: random.Random, *, control: bool = False) -> dict[str, Any]:
        factory = "bench.faults.careless:create_careless" if control else APP
        with world_of(folder) as (server, place):
            return await telling(drawn, min(EACH, count), server, place, factory)

    return with_control(rounds, -(-count // EACH), one)


def cuts(rounds: Rounds, count: int, folder: Path) -> dict[str, Any]:
    """So many cuts in worlds of five hundred, and one world of the control."""

    async def one(drawn: random.Random, *, control: bool = False) -> dict[str, Any]:
        factory = "bench.faults.hasty:create_hasty" if control else APP
        with world_of(folder) as (server, place):
            return await cut(drawn, min(CUTS, count), server, place, factory)

    return with_control(rounds, -(-count // CUTS), one)


def disks(rounds: Rounds, count: int, folder: Path) -> dict[str, Any]:
    """So many full disks in worlds of five; the control is the answers while full."""

    async def one(drawn: random.Random) -> dict[str, Any]:
        place = fresh(folder)
        with small_volume(place) as small, EmbeddedPostgres(small / "pg") as server:
            return await fills(drawn, min(FILLS, count), server, place, small)

    return summed(asyncio.run(rounds.run(-(-count // FILLS), one)))


def fresh(folder: Path) -> Path:
    """A folder within, which the server may enter."""
    place = Path(tempfile.mkdtemp(dir=folder))
    place.chmod(0o755)
    return place


@contextmanager
def world_of(folder: Path, *, durable: bool = True) -> Generator[tuple[EmbeddedPostgres, Path]]:
    """A server and a folder for one world."""
    place = fresh(folder)
    with EmbeddedPostgres(place / "pg", durable=durable) as server:
        yield server, place
    shutil.rmtree(place, ignore_errors=True)


def with_control(rounds: Rounds, count: int, one: Any) -> dict[str, Any]:
    """The worlds summed up; the control must lose something."""
    figures = summed(asyncio.run(rounds.run(count, one)))
    control = asyncio.run(one(random.Random(rounds.seed), control=True))
    return {**figures, "control": control}


def summed(worlds: list[dict[str, Any]]) -> dict[str, Any]:
    """All figures of all worlds, added up."""
    total: dict[str, Any] = {"worlds": len(worlds)}
    for name, value in worlds[0].items():
        if isinstance(value, dict):
            found = Counter[str]()
            for one in worlds:
                found.update(one[name])
            total[name] = dict(sorted(found.items()))
        else:
            total[name] = sum(one[name] for one in worlds)
    return total


PARTS: dict[str, tuple[int, Callable[[Rounds, int, Path], dict[str, Any]]]] = {
    "rows": (500, rows),
    "receipts": (100_000, changed_receipts),
    "app": (200, kills),
    "postgres": (200, kills),
    "deliveries": (200, deliveries),
    "cuts": (5_000, cuts),
    "disks": (20, disks),
}
CUTS, FILLS = 500, 5  # of one world


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=PARTS, required=True)
    parser.add_argument("--count", type=int, help="rounds; otherwise as many as the aim says")
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    configure_logs("critical")
    aim, run = PARTS[asked.part]
    shared = Path("/dev/shm")  # noqa: S108 - the place of shared memory, not a temporary file
    within = shared if shared.is_dir() and asked.part in ("rows", "receipts") else None
    folder = Path(tempfile.mkdtemp(prefix="efa-faults-", dir=within))
    folder.chmod(0o755)
    try:
        rounds = Rounds(asked.part, asked.seed)
        figures = run(rounds, asked.count or aim, folder)
        write(f"faults-{asked.part}", {"seed": asked.seed, "aim": aim, **figures})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
