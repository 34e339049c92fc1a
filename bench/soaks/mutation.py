"""How many small faults put into the code the tests notice: the mutation score of the pure rooms.

mutmut works on a copy of the project, so the checkout stays as it is; it runs for each mutant the
tests that came by its function. A seeded sample of the mutants gives the score within some points
and in hours, all of them take days of two cores.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench.compatibility_peers import Missing, python_with
from bench.results import write

ROOT = Path(__file__).parents[2]
TOOL = "mutmut==3.8.1"
SEED = 20261122
ROOMS = ("registry/compatibility", "registry/semver")
TESTS = ("tests/compatibility", "tests/semver")
KILLED, SURVIVED, UNTESTED = (1, 3), (0,), (5, 33)
CONFIGURATION = """
[tool.mutmut]
source_paths = {rooms}
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = ["-p", "no:randomly", "-p", "no:cacheprovider", "-x"]
also_copy = ["registry", "tests", "bench", "migrations", "schemas", "service_specs", "NOTICE"]
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=1000, help="mutants; 0 for all")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--rooms", nargs="*", default=list(ROOMS))
    asked = parser.parse_args()
    try:
        python = python_with("mutmut", TOOL)
    except Missing as reason:
        raise SystemExit(f"mutmut cannot be had here: {reason}") from None
    with tempfile.TemporaryDirectory(prefix="efa-mutation-") as folder:
        write("soak-mutation", measure(Path(folder) / "project", python, asked))


def measure(project: Path, python: str, asked: argparse.Namespace) -> dict[str, Any]:
    start = time.monotonic()
    copy_project(project, asked.rooms)
    # The first run makes all mutants and learns which tests come by which function.
    run(project, python, ["nothing.is.called.so"], asked.processes)
    mutants = sorted(results(project))
    chosen = random.Random(asked.seed).sample(mutants, min(asked.sample or 1 << 30, len(mutants)))
    run(project, python, chosen, asked.processes)
    found = results(project)
    codes = Counter(_kind(found[name]) for name in chosen)
    noticed = codes["killed"] + codes["hung"]
    return {
        "seed": asked.seed,
        "tool": TOOL,
        "mutants": len(mutants),
        "tried": len(chosen),
        **codes,
        "score_percent": round(100 * noticed / max(1, len(chosen)), 1),
        "by_module": by_module(chosen, found),
        "survivors": sorted(name for name in chosen if _kind(found[name]) == "survived"),
        "seconds": round(time.monotonic() - start),
    }


def copy_project(project: Path, rooms: list[str]) -> None:
    """What git knows of or would, with the configuration of the tool at its end."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in found.stdout.split("\0"):
        if (ROOT / name).is_file():
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, project / name)
    tests = [test for room, test in zip(ROOMS, TESTS, strict=True) if room in rooms]
    settings = CONFIGURATION.format(rooms=json.dumps(rooms), tests=json.dumps(tests))
    with (project / "pyproject.toml").open("a") as file:
        file.write(settings)


def run(project: Path, python: str, names: list[str], processes: int) -> None:
    """The tool with its own Python, our packages behind it; its progress goes to standard error."""
    packages = next((ROOT / ".venv" / "lib").glob("python*/site-packages"))
    command = [python, "-m", "mutmut", "run", "--max-children", str(processes), *names]
    environment = os.environ | {"PYTHONPATH": str(packages)}
    subprocess.run(command, cwd=project, env=environment, stdout=sys.stderr, check=False)


def results(project: Path) -> dict[str, int | None]:
    """How each mutant ended: the exit code of its tests, None where they were not run."""
    found: dict[str, int | None] = {}
    for path in (project / "mutants").rglob("*.py.meta"):
        found |= json.loads(path.read_text())["exit_code_by_key"]
    return found


def _kind(code: int | None) -> str:
    if code is None:
        return "not run"
    named = {"killed": KILLED, "survived": SURVIVED, "untested": UNTESTED}
    return next((kind for kind, codes in named.items() if code in codes), "hung")


def by_module(chosen: list[str], found: dict[str, int | None]) -> dict[str, dict[str, int]]:
    modules: dict[str, Counter[str]] = {}
    for name in chosen:
        module = name.rpartition(".")[0]
        modules.setdefault(module, Counter())[_kind(found[name])] += 1
    return {module: dict(counts) for module, counts in sorted(modules.items())}


if __name__ == "__main__":
    main()
