"""Tens of thousands of generated calls, good and bad: no failure, no answer the description lacks.

All phases of schemathesis over every operation, as the operator and without a token, on a database
with the reference data. What goes wrong ends the run and is printed.
"""

import argparse
import asyncio
import re
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

from bench.results import write
from registry.cli.installation import migrate_now, override, running
from registry.cli.load import load
from registry.settings import Settings
from tests.hostile.test_openapi import operator_token, schemathesis
from tests.live import live_server

PHASES = "examples,coverage,fuzzing,stateful"
DAY = 86_400


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=200, help="drawn calls of each operation")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="efa-soak-") as folder:
        Path(folder).chmod(0o755)
        unlimited = msgspec.structs.replace(Settings(), rate_limit=0, costly_rate_limit=0)
        with running(override(unlimited, data_dir=folder)) as settings:
            migrate_now(settings)
            load(settings, folder=None, demo=False)
            write("soak-openapi", {"examples": asked.examples, **called(settings, asked.examples)})


def called(settings: Settings, examples: int) -> dict[str, Any]:
    token = asyncio.run(operator_token(settings))
    with live_server(settings) as address:
        return {
            "operator": _counted(address, examples, "-H", f"Authorization: Bearer {token}"),
            "nobody": _counted(address, examples),
        }


def _counted(address: str, examples: int, *options: str) -> dict[str, Any]:
    start = time.monotonic()
    drawn = ("--max-examples", str(examples), "--phases", PHASES)
    printed = schemathesis(address, *drawn, *options, patience=DAY)
    found = re.search(r"([\d,]+) generated, ([\d,]+) passed", printed)
    generated, passed = (int(n.replace(",", "")) for n in found.groups()) if found else (0, 0)
    seconds = round(time.monotonic() - start)
    return {"generated": generated, "passed": passed, "seconds": seconds}


if __name__ == "__main__":
    main()
