"""How many small faults put into the code the tests notice: the mutation score of the pure rooms.

mutmut works on a copy of the project, so the checkout stays as it is; it runs for each mutant the
tests of its room that came by its function, the fastest first (`fastest_first.py`), so the score is
what these tests notice alone, not the whole suite. A seeded sample of each room gives the score of
all within some points and in hours; all mutants take days of two cores. Rooms asked for one by one
add up in the result, where each names its commit.
Mutants that nobody can tell from the code are listed with the reason in `equivalent_mutants.toml`;
those that only change the type named in a `cast`, which does nothing when the program runs, are
told by their lines. The score is given with them, as not noticed, and without them.
"""

import argparse
import json
import math
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

from bench.compatibility_peers import Missing, python_with
from bench.results import COMMIT, FOLDER, write

ROOT = Path(__file__).parents[2]
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.toml")
TOOL = "mutmut==3.8.1"
SEED = 20261130
NAME = "soak-mutation"
COMPATIBILITY = "registry/compatibility"
WHOLE = ("test_oracles", "test_compare", "test_kept_verdicts")
TESTS = {
    "registry/semver": ["tests/semver"],
    "registry/audit/tree.py": ["tests/audit/test_tree.py"],
    "registry/audit/notes.py": ["tests/audit/test_notes.py"],
    "registry/identity/tokens.py": ["tests/identity/test_token_form.py"],
    "registry/web/sealing.py": ["tests/web/test_sealing.py"],
    "registry/web/egress.py": ["tests/web/test_egress.py"],
    **{
        f"{COMPATIBILITY}/{room}": [f"tests/compatibility/{name}.py" for name in (*names, *WHOLE)]
        for room, names in {
            "changes": ("test_findings", "test_rules", "test_sentences", "test_changes"),
            "findings": ("test_findings", "test_rules", "test_formats", "test_sentences"),
            "judges": ("test_judges", "test_formats", "test_plain_properties", "test_standard"),
            "languages": ("test_languages", "test_naturals", "test_solver"),
            "plain": ("test_plain", "test_plain_properties"),
            "reserved": ("test_reserved", "test_properties"),
            "solver": ("test_solver", "test_sentences", "test_standard", "test_properties"),
            "canonical.py": ("test_rules", "test_properties"),
            "compare.py": ("test_findings", "test_properties"),
            "containment.py": ("test_reserved", "test_solver", "test_properties"),
            "model.py": ("test_rules",),
            "rules.py": ("test_rules",),
        }.items()
    },
}
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
CAST = re.compile(r'cast\(\s*(?:"[^"]*"|None)')
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
    parser.add_argument("--sample", type=int, default=100, help="mutants of a room; 0 for all")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--rooms", nargs="*", default=list(TESTS))
    parser.add_argument(
        "--test-seconds", type=float, default=10.0, help="for the cases of one test function"
    )
    parser.add_argument("--keep", type=Path, help="leave the copies here, to look at with mutmut")
    asked = parser.parse_args()
    try:
        python = python_with("mutmut", TOOL)
    except Missing as reason:
        raise SystemExit(f"mutmut cannot be had here: {reason}") from None
    os.environ["EFA_TEST_SECONDS"] = str(asked.test_seconds)
    for room in asked.rooms:
        with tempfile.TemporaryDirectory(prefix="efa-mutation-") as folder:
            project = (asked.keep or Path(folder)) / Path(room).stem
            add(room, measure(project, python, room, asked), asked)


def add(room: str, figures: dict[str, Any], asked: argparse.Namespace) -> None:
    """Beside the rooms measured before with the same seed."""
    path = FOLDER / f"{NAME}.json"
    kept: dict[str, Any] = json.loads(path.read_text())["figures"] if path.exists() else {}
    head = {"seed": asked.seed, "tool": TOOL, "test_seconds": asked.test_seconds}
    same = all(kept.get(key) == value for key, value in head.items())
    rooms: dict[str, Any] = {**(kept["rooms"] if same else {}), room: figures}
    write(NAME, {**head, **overall(rooms.values()), "rooms": rooms})


def overall(rooms: Collection[dict[str, Any]]) -> dict[str, Any]:
    """Of all mutants: each room counts by its own, whatever the size of its sample."""
    names = ("mutants", "tried", "noticed", "equivalent")
    sums = {name: sum(room[name] for room in rooms) for name in names}
    return {
        **sums,
        **score("score", [(room["mutants"], room["noticed"], room["tried"]) for room in rooms]),
        **score(
            "without_equivalent",
            [(r["mutants"], r["noticed"], r["tried"] - r["equivalent"]) for r in rooms],
        ),
    }


def score(name: str, samples: list[tuple[int, int, int]]) -> dict[str, Any]:
    """The share noticed in percent and the 95 % interval, from the mutants, noticed and tried.

    A room is counted as if one more was tried and half of it noticed: a small one in which all were
    noticed is not known for sure.
    """
    whole, share, variance = sum(mutants for mutants, _, _ in samples), 0.0, 0.0
    for mutants, noticed, tried in samples:
        weight, careful = mutants / whole, (noticed + 0.5) / (tried + 1)
        share += weight * noticed / max(1, tried)
        variance += weight**2 * careful * (1 - careful) / (tried + 1)
    reach = 1.96 * math.sqrt(variance)
    bounds = (max(0.0, share - reach), min(1.0, share + reach))
    return {
        f"{name}_percent": round(100 * share, 1),
        f"{name}_interval": [round(100 * bound, 1) for bound in bounds],
    }


def measure(project: Path, python: str, room: str, asked: argparse.Namespace) -> dict[str, Any]:
    start = time.monotonic()
    copy_project(project, room)
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
    alike = [name for name in missed if changes[name] in known or _only_types(changes[name])]
    return {
        "commit": COMMIT,
        "mutants": len(mutants),
        "tried": len(chosen),
        "noticed": len(chosen) - len(missed),
        "kinds": Counter(kinds.values()),
        "equivalent": len(alike),
        "missed": [
            {"mutant": name, "kind": kinds[name], **changes[name]._asdict()}
            for name in missed
            if name not in alike
        ],
        "seconds": round(time.monotonic() - start),
    }


def copy_project(project: Path, room: str) -> None:
    """What git knows of or would, with the configuration of the tool at its end."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in found.stdout.split("\0"):
        if (ROOT / name).is_file():
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, project / name)
    others = _beside(project / "registry", project / room)
    lists = {
        "rooms": [room],
        "tests": TESTS[room],
        "others": [*(path.relative_to(project).as_posix() for path in others), *BESIDE],
    }
    with (project / "pyproject.toml").open("a") as file:
        file.write(CONFIGURATION.format(**{key: json.dumps(value) for key, value in lists.items()}))


def _beside(folder: Path, room: Path) -> list[Path]:
    """The rest of the package: the tool would make all mutants anew over a copy of the room."""
    found: list[Path] = []
    for path in sorted(folder.iterdir()):
        if path in room.parents:
            found += _beside(path, room)
        elif path != room:
            found.append(path)
    return found


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


def _only_types(change: Change) -> bool:
    before, after = (CAST.sub("cast(", text) for text in (change.before, change.after))
    return before == after


def equivalent() -> set[Change]:
    entries = tomllib.loads(EQUIVALENT.read_text())["mutant"]
    return {Change(entry["function"], entry["before"], entry["after"]) for entry in entries}


if __name__ == "__main__":
    main()
