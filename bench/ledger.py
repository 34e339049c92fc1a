"""The ledger at national size: `./dev bench ledger [--scales 0.1 1] [--calls N] [--folder F]`.

- lists and reports with a service or a territory at random, nationwide, and as known in the past:
  the time of each call by one caller, against 150 ms (p50), 500 ms (p99) and 5 s (past, once);
  by the clock, and of the processor, which a busy machine changes less
- intake of batches over HTTP as a ratio to COPY of the same rows into the same tables
- memory of the application, and how times grow from the first scale to the last

Scales measured before with the same seed stay in the result. Each is a part of 600 services,
2 million reuses, 6 million steps, 20 million counts; its database is kept in the folder, when one
is named, and used again.
"""

import argparse
import asyncio
import json
import os
import shutil
import statistics
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.ledger_intake import intake
from bench.ledger_questions import LISTS, REPORTS, Asker, content
from bench.ledger_served import Served, Took, served
from bench.national import Size, fill
from bench.results import COMMIT, FOLDER, write
from registry.cli.installation import migrate_now, override, running
from registry.cli.load import load
from registry.db import connect
from registry.settings import Settings

LIMITS = {"p50": 150, "p99": 500, "past once": 5_000, "memory MB": 300, "intake ratio": 0.3}
FILLED = "filled"


@contextmanager
def installation(folder: Path, scale: float, seed: int) -> Generator[Settings]:
    """A filled installation in the folder, made where it is not there yet."""
    place = folder / f"scale-{scale}"
    place.mkdir(parents=True, exist_ok=True)
    for each in (folder, place):
        each.chmod(0o755)
    with running(override(Settings(), data_dir=str(place), statement_timeout_ms=60_000)) as ready:
        migrate_now(ready)
        if not (place / FILLED).exists():
            load(ready, folder=None, demo=False)
            asyncio.run(fill(ready, Size.of(scale, seed)))
            (place / FILLED).touch()
        yield ready


async def rows(settings: Settings) -> dict[str, int]:
    """How many rows there are."""
    conn = await connect(settings.owner_url)
    tables = ("services", "reuses", "reuse_steps", "reuse_periods", "usage_figures", "events")
    found = {
        table: await conn.fetchval(f"select count(*) from {table}")  # noqa: S608 - ours
        for table in tables
    }
    megabytes = await conn.fetchval("select pg_database_size(current_database()) / 1000000")
    await conn.close()
    return found | {"megabytes": megabytes}


def spread_of(taken: list[Took]) -> dict[str, float]:
    """The median and the slowest of a hundred, by the clock and of the processor."""
    walls, processors = sorted(t.wall for t in taken), sorted(t.processor for t in taken)
    worst = max(0, -(-99 * len(taken) // 100) - 1)
    return {
        "p50": round(statistics.median(walls), 1),
        "p99": round(walls[worst], 1),
        "processor p50": round(statistics.median(processors), 1),
        "processor p99": round(processors[worst], 1),
    }


def questions(app: Served, asker: Asker, calls: int) -> dict[str, Any]:
    """Every list and report: with a service, within a territory, nationwide."""
    ways = {
        "service": asker.of_service,
        "within": asker.within,
        "nationwide": asker.nationwide,
    }
    found: dict[str, Any] = {}
    for way, draw in ways.items():
        taken: dict[str, list[Took]] = {}
        for path in (*LISTS, *REPORTS):
            app.ask(draw(path))
            taken[path] = [app.ask(draw(path)) for _ in range(calls)]
        every = [each for one in taken.values() for each in one]
        found[way] = {"all": spread_of(every)} | {path: spread_of(t) for path, t in taken.items()}
    return found


def past(app: Served, asker: Asker) -> dict[str, Any]:
    """Nationwide answers as known in the past: the first time, and the same again."""
    found: dict[str, Any] = {}
    for path in (*LISTS, *REPORTS):
        address = asker.known_before(path)
        try:
            once, again = app.ask(address), app.ask(address)
        except AssertionError as error:
            found[path] = {"failed": str(error)[:200]}
            continue
        found[path] = {
            "once": round(once.wall),
            "processor once": round(once.processor),
            "again": round(again.wall, 1),
        }
    return found


def measure(settings: Settings, seed: int, calls: int, port: int) -> Generator[dict[str, Any]]:
    """The figures of one database, after each part that is measured."""
    asker = Asker(asyncio.run(_content(settings)), seed)
    figures: dict[str, Any] = {
        "commit": COMMIT,
        "calls of each kind": calls,
        "rows": asyncio.run(rows(settings)),
        "load average before": round(os.getloadavg()[0], 1),
    }
    figures["intake"] = intake(settings, port + 1, seed)
    yield figures
    with served(settings, port) as app:
        figures["milliseconds"] = questions(app, asker, calls)
        figures["memory MB"] = app.megabytes()
        yield figures
        figures["milliseconds as known in the past"] = past(app, asker)
        figures["memory MB"] = app.megabytes()
        yield figures


async def _content(settings: Settings) -> Any:
    conn = await connect(settings.owner_url)
    try:
        return await content(conn)
    finally:
        await conn.close()


def growth(scales: dict[str, Any]) -> dict[str, float]:
    """How many times more of the processor the median call takes at the largest scale."""
    ordered = sorted(scales, key=float)
    before, after = (scales[one]["milliseconds"] for one in (ordered[0], ordered[-1]))
    return {
        way: round(after[way]["all"]["processor p50"] / before[way]["all"]["processor p50"], 2)
        for way in before
    }


def keep(seed: int, scales: dict[str, Any]) -> None:
    """Write what is measured so far."""
    whole = {name: each for name, each in scales.items() if "milliseconds" in each}
    grown = growth(whole) if whole else {}
    write("ledger", {"seed": seed, "limits": LIMITS, "growth": grown, "scales": scales})


def kept(seed: int) -> dict[str, Any]:
    """The scales measured before with this seed; each tells its commit."""
    file = FOLDER / "ledger.json"
    before: dict[str, Any] = json.loads(file.read_text())["figures"] if file.exists() else {}
    return before["scales"] if before.get("seed") == seed else {}


def main() -> None:
    """Run the measurement and keep its result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scales", type=float, nargs="+", default=[0.1, 1.0])
    parser.add_argument("--calls", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--port", type=int, default=21_811)
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="efa-bench-"))
    scales = kept(options.seed)
    for scale in options.scales:
        with installation(folder, scale, options.seed) as settings:
            for figures in measure(settings, options.seed, options.calls, options.port):
                scales[str(scale)] = figures
                keep(options.seed, scales)
    if options.folder is None:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
