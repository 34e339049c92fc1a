"""What the registry withstands, `./dev soak faults --part PART`, each with a control.

A run that was broken off goes on where it stood, while commit and seed are the same; figures go to
`bench/results/faults-PART.json`.
"""

import argparse
import asyncio
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.faults.changed_rows import changed_rows
from bench.faults.receipts import receipts
from bench.faults.rounds import Rounds
from bench.results import write
from registry.db.embedded import EmbeddedPostgres
from registry.web.logs import configure_logs

SEED = 20261130


def rows(rounds: Rounds, count: int, folder: Path) -> dict[str, Any]:
    with EmbeddedPostgres(folder / "pg", durable=False) as server:
        return asyncio.run(changed_rows(rounds, count, server, folder / "files"))


def changed_receipts(rounds: Rounds, count: int, folder: Path) -> dict[str, Any]:
    return receipts(rounds.seed, count, folder)


PARTS: dict[str, tuple[int, Callable[[Rounds, int, Path], dict[str, Any]]]] = {
    "rows": (500, rows),
    "receipts": (100_000, changed_receipts),
}


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
