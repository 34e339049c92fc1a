"""How many small faults put into the code the tests notice: the mutation score of the pure rooms.

mutmut works on a copy of the project, so the checkout stays as it is; it runs for each mutant the
tests that came by its function, the fastest first (`fastest_first.py`). A seeded sample of the
mutants gives the score within some points and in hours; all of them take days of two cores.
Mutants that nobody can tell from the code are listed with the reason in `equivalent_mutants.toml`;
the score is given with them, as not noticed, and without them.
"""

import argparse
import json
import math
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from bench.compatibility_peers import Missing, python_with
from bench.results import write

ROOT = Path(__file__).parents[2]
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.toml")
TOOL = "mutmut==3.8.1"
SEED = 20261122
ROOMS = ("registry/compatibility", "registry/semver")
TESTS = ("tests/compatibility", "tests/semver")
BESIDE = ("tests", "bench", "migrations", "schemas", "service_specs", "NOTICE")
KINDS = {
    "killed": (1, 3),
    "survived": (0,),
    "untested": (5, 33),
    "hung": (-signal.SIGPROF, -signal.SIGXCPU, -signal.SIGKILL, -signal.SIGSEGV),
}
CONFIGURATION = """
[tool.mutmut]
source_paths = {rooms}
process_isolation = "forkserver"
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = ["-p", "no:cacheprovider", "-p", "bench.soaks.fastest_first"]
also_copy = {others}
"""
SHOW = """
import json, sys
from mutmut.mutation.diff_apply import find_mutant, get_diff_for_mutant
print(json.dumps({n: get_diff_for_mutant(n, path=find_mutant(n).path) for n in sys.argv[1:]}))
"""


class Change(NamedTuple):
    """What a mutant is known by: its function and the lines that differ; its number moves."""

    function: str
    before: str
    after: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=1000, help="mutants; 0 for all")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--rooms", nargs="*", default=list(ROOMS))
    parser.add_argument(
        "--test-seconds", type=float, default=10.0, help="for the cases of one test function"
    )
    parser.add_argument("--keep", type=Path, help="leave the copy here, to look at with mutmut")
    asked = parser.parse_args()
    try:
        python = python_with("mutmut", TOOL)
    except Missing as reason:
        raise SystemExit(f"mutmut cannot be had here: {reason}") from None
    with tempfile.TemporaryDirectory(prefix="efa-mutation-") as folder:
        project = asked.keep or Path(folder) / "project"
        write("soak-mutation", measure(project, python, asked))


def measure(project: Path, python: str, asked: argparse.Namespace) -> dict[str, Any]:
    start = time.monotonic()
    os.environ["EFA_TEST_SECONDS"] = str(asked.test_seconds)
    copy_project(project, asked.rooms)
    # The first run makes all mutants and learns which tests come by which function.
    run(project, python, ["nothing.is.called.so"], asked.processes)
    mutants = sorted(results(project))
    chosen = random.Random(asked.seed).sample(mutants, min(asked.sample or 1 << 30, len(mutants)))
    run(project, python, chosen, asked.processes)
    found = results(project)
    kinds = {name: _kind(found[name]) for name in chosen}
    missed = sorted(name for name in chosen if kinds[name] not in ("killed", "hung"))
    changes = shown(project, python, missed)
    known = equivalent()
    alike = [name for name in missed if changes[name] in known]
    return {
        "seed": asked.seed,
        "tool": TOOL,
        "test_seconds": asked.test_seconds,
        "mutants": len(mutants),
        "tried": len(chosen),
        **Counter(kinds.values()),
        "equivalent": len(alike),
        **score("score", len(chosen) - len(missed), len(chosen)),
        **score("without_equivalent", len(chosen) - len(missed), len(chosen) - len(alike)),
        "by_module": by_module(kinds),
        "missed": [
            {"mutant": name, "kind": kinds[name], **changes[name]._asdict()}
            for name in missed
            if name not in alike
        ],
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
    others = [path for path in sorted((project / "registry").iterdir()) if not _within(path, rooms)]
    others = [str(path.relative_to(project)) for path in others]
    lists = {"rooms": rooms, "tests": tests, "others": [*others, *BESIDE]}
    with (project / "pyproject.toml").open("a") as file:
        file.write(CONFIGURATION.format(**{key: json.dumps(value) for key, value in lists.items()}))


def _within(path: Path, rooms: list[str]) -> bool:
    """Whether the tool makes this folder itself; it would make all mutants anew over a copy."""
    return any(path.as_posix().endswith(room) for room in rooms)


def run(project: Path, python: str, names: list[str], processes: int) -> None:
    """The tool with its own Python, our packages behind it; its progress goes to standard error."""
    command = [python, "-m", "mutmut", "run", "--max-children", str(processes), *names]
    subprocess.run(command, cwd=project, env=_environment(), stdout=sys.stderr, check=False)


def _environment() -> dict[str, str]:
    packages = next((ROOT / ".venv" / "lib").glob("python*/site-packages"))
    return os.environ | {"PYTHONPATH": str(packages)}


def results(project: Path) -> dict[str, int | None]:
    """How each mutant ended: the exit code of its tests, None where they were not run."""
    found: dict[str, int | None] = {}
    for path in (project / "mutants").rglob("*.py.meta"):
        found |= json.loads(path.read_text())["exit_code_by_key"]
    return found


def _kind(code: int | None) -> str:
    """An end that says nothing of the tests, as one that pytest never began, is a failure."""
    if code is None:
        return "not_run"
    return next((kind for kind, codes in KINDS.items() if code in codes), "failed")


def shown(project: Path, python: str, names: list[str]) -> dict[str, Change]:
    """What these mutants change."""
    command = [python, "-c", SHOW, *names]
    answer = subprocess.run(
        command, cwd=project, env=_environment(), capture_output=True, text=True, check=True
    )
    differences: dict[str, str] = json.loads(answer.stdout)
    return {name: _change(name, text) for name, text in differences.items()}


def _change(name: str, difference: str) -> Change:
    lines = difference.splitlines()[2:]
    sides = [" ".join(line[1:].strip() for line in lines if line.startswith(c)) for c in "-+"]
    return Change(name.rpartition("__mutmut_")[0], *sides)


def equivalent() -> set[Change]:
    entries = tomllib.loads(EQUIVALENT.read_text())["mutant"]
    return {Change(entry["function"], entry["before"], entry["after"]) for entry in entries}


def score(name: str, noticed: int, tried: int) -> dict[str, Any]:
    """The share noticed in percent, and the 95 % interval of a sample's share after Wilson."""
    z, share = 1.96, noticed / max(1, tried)
    spread = z * math.sqrt(share * (1 - share) / tried + z * z / (4 * tried * tried))
    centre, whole = share + z * z / (2 * tried), 1 + z * z / tried
    bounds = ((centre - spread) / whole, (centre + spread) / whole)
    return {
        f"{name}_percent": round(100 * share, 1),
        f"{name}_interval": [round(100 * bound, 1) for bound in bounds],
    }


def by_module(kinds: dict[str, str]) -> dict[str, dict[str, int]]:
    modules: dict[str, Counter[str]] = {}
    for name, kind in kinds.items():
        modules.setdefault(name.rpartition(".")[0], Counter())[kind] += 1
    return {module: dict(counts) for module, counts in sorted(modules.items())}


if __name__ == "__main__":
    main()
