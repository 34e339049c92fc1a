"""Where a measurement leaves its last result: its commit, day and machine in `bench/results/`."""

import json
import os
import platform
import subprocess
import time
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "results"


def write(name: str, figures: dict[str, Any]) -> None:
    """Print the figures and keep them."""
    FOLDER.mkdir(exist_ok=True)
    result = {
        "name": name,
        "commit": COMMIT,
        "day": time.strftime("%Y-%m-%d"),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "figures": figures,
    }
    text = json.dumps(result, indent=2, ensure_ascii=False) + "\n"
    (FOLDER / f"{name}.json").write_text(text)
    print(text, end="")


def _commit() -> str:
    """Results of other runs are no part of what is measured."""
    apart = ("--", ":(top)", ":(top,exclude)bench/results")
    commit = _git("rev-parse", "--short", "HEAD") or "unknown"
    return commit + ("-dirty" if _git("status", "--porcelain", *apart) else "")


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    found = subprocess.run(command, capture_output=True, text=True, cwd=FOLDER.parent, check=False)
    return found.stdout.strip()


COMMIT = _commit()
"""Taken at the start: a long run tells of the code it ran, whatever the checkout became."""
