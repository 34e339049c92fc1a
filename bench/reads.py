"""Public reads against their limits, interleaved in one run: `./dev bench reads [--rounds N]`.

- key read: GET /v1/services/{slug} against the same SQL on asyncpg's default pool, and pgbench
- schema read (200 and 304) against a bare ASGI application that answers fixed bytes of that size

What counts are the ratios, as rates depend on the machine: medians over rounds that measure each
read right after its limit.
"""

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.request import urlopen

import asyncpg
import uvloop

from bench.load import CONNECTIONS, requests_per_second
from bench.results import write
from registry.cli.installation import migrate_now, override, running
from registry.cli.load import load
from registry.settings import Settings

# What catalogue.store.in_force runs, for one key.
KEY_SQL = """
    select slug, body, etag from document_cards
    where kind = 'services' and slug = any($1::text[]) and valid_from <= legal_today()
      and (valid_to is null or valid_to > legal_today())
"""
SCHEMA = "/v1/services/eu-dcc/versions/1.3.0/interfaces/certificate"


def environment_of(settings: Settings) -> dict[str, str]:
    """What a registry of its own reads: the addresses of `settings`, and to log errors only."""
    return os.environ | {
        "EFA_DATABASE_URL": settings.database_url,
        "EFA_OWNER_URL": settings.owner_url,
        "EFA_SEQUENCER_URL": settings.sequencer_url,
        "EFA_READER_URL": settings.reader_url,
        "EFA_DATA_DIR": settings.data_dir,
        "EFA_LOG_LEVEL": "error",
    }


@contextmanager
def served(settings: Settings, port: int, workers: int) -> Generator[None]:
    """The registry on `port` in processes of its own."""
    environment = environment_of(settings)
    command = [sys.executable, "-m", "registry", "serve", "--port", str(port)]
    with _process([*command, "--workers", str(workers)], environment, port):
        yield


@contextmanager
def bare(port: int, workers: int, size: int) -> Generator[None]:
    """A bare ASGI application on `port`, answering `size` bytes."""
    environment = os.environ | {"BARE_SIZE": str(size)}
    command = [sys.executable, "-m", "uvicorn", "bench.bare:app", "--port", str(port)]
    options = ["--workers", str(workers), "--loop", "uvloop", "--http", "httptools"]
    quiet = ["--no-access-log", "--log-level", "error"]
    with _process([*command, *options, *quiet], environment, port):
        yield


@contextmanager
def _process(command: list[str], environment: dict[str, str], port: int) -> Generator[None]:
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield
    finally:
        process.terminate()
        process.wait(20)


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait until the port answers."""
    for _ in range(2_400):
        assert process.poll() is None, "the server ended early"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                time.sleep(0.5)
                return
        time.sleep(0.05)
    raise TimeoutError(port)


def raw_per_second(url: str, slugs: list[str], seconds: float, processes: int) -> float:
    """The same SQL on asyncpg's default pool: 32 callers, as many processes as the server has."""
    command = [sys.executable, "-m", "bench.raw", url, str(seconds), KEY_SQL, *slugs]
    children = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    return sum(float(child.communicate()[0]) for child in children)


def pgbench_per_second(url: str, slugs: list[str], seconds: float) -> float | None:
    """The same look-up by pgbench, prepared, 8 clients; None where the machine has no pgbench."""
    if not shutil.which("pgbench"):
        return None
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        text = " ".join(KEY_SQL.replace("$1", f"'{{{slugs[0]}}}'").split()) + ";\n"
        Path(script.name).write_text(text)
        options = ["-n", "-M", "prepared", "-c", "8", "-T", str(max(1, round(seconds)))]
        command = ["pgbench", *options, "-f", script.name, url]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return float(printed.split("tps = ")[1].split()[0])


async def _slugs(url: str) -> list[str]:
    conn = await asyncpg.connect(url)
    rows = await conn.fetch("select slug from services order by slug limit 60")
    await conn.close()
    return [row[0] for row in rows]


Round = dict[str, float]


def measure(settings: Settings, workers: int, rounds: int, seconds: float) -> list[Round]:
    """Each way per second, in rounds that take every way once."""
    slugs = uvloop.run(_slugs(settings.database_url))
    keys = [f"/v1/services/{slug}" for slug in slugs]
    measured: list[Round] = []
    with ExitStack() as stack:
        stack.enter_context(served(settings, 21_801, workers))
        stack.enter_context(bare(21_802, workers, 2_000))
        stack.enter_context(bare(21_803, workers, 10_000))
        known = f"If-None-Match: {_etag(21_801)}"
        for _ in range(rounds):
            tps = pgbench_per_second(settings.reader_url, slugs, seconds)
            ways = {
                "asyncpg pool": raw_per_second(settings.reader_url, slugs, seconds, workers),
                "key read": requests_per_second(21_801, keys, seconds),
                "bare 10 KB": requests_per_second(21_803, ["/"], seconds),
                "schema 200": requests_per_second(21_801, [SCHEMA], seconds),
                "bare 2 KB": requests_per_second(21_802, ["/"], seconds),
                "schema 304": requests_per_second(21_801, [SCHEMA], seconds, known),
            }
            measured.append(ways | ({"pgbench": tps} if tps else {}))
    return measured


def medians(rounds: list[Round]) -> Round:
    """By name the median over the rounds."""
    return {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}


def _etag(port: int) -> str:
    with urlopen(f"http://127.0.0.1:{port}{SCHEMA}") as answer:
        return answer.headers["ETag"]


def ratios(figures: Round) -> Round:
    """What the figures of one round are of their limits."""
    found = {
        "key read / asyncpg pool": figures["key read"] / figures["asyncpg pool"],
        "schema 200 / bare 10 KB": figures["schema 200"] / figures["bare 10 KB"],
        "schema 304 / bare 2 KB": figures["schema 304"] / figures["bare 2 KB"],
    }
    if "pgbench" in figures:
        found["key read / pgbench"] = figures["key read"] / figures["pgbench"]
    return found


def main() -> None:
    """Run the measurement and keep its result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="efa-bench-") as folder:
        Path(folder).chmod(0o755)
        with running(override(Settings(), data_dir=folder)) as settings:
            migrate_now(settings)
            load(settings, folder=None, demo=False)
            outcome = {
                f"{workers} workers": measure(settings, workers, options.rounds, options.seconds)
                for workers in (1, 2)
            }
    report = {
        name: {
            "per second": {k: round(v) for k, v in medians(rounds).items()},
            "ratios": {k: round(v, 2) for k, v in medians([*map(ratios, rounds)]).items()},
        }
        for name, rounds in outcome.items()
    }
    write("reads", report | {"rounds": options.rounds, "connections": CONNECTIONS})


if __name__ == "__main__":
    main()
