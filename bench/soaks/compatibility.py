"""100,000 pairs of schemas drawn at random: no crash, none over its budget, none contradicted.

Each pair is asked both ways, in both readings in turn; documents made for either schema are tried
against every "yes". What goes wrong is listed with the number of the pair, which draws it again.
Time is that of the processor, so that other work on the machine breaks no budget. The result is
kept all along: a run that was ended goes on with `--resume`, at the same commit and seed.
"""

import argparse
import json
import multiprocessing
import time
from collections import Counter
from random import Random
from typing import Any

from bench.results import COMMIT, FOLDER, write
from registry.compatibility import contains
from registry.compatibility.model import Budget, Reading
from tests.compatibility.generated import Case, case, refuting

SEED = 20261122
NAME = "soak-compatibility"
BUDGET = Budget(steps=5_000, seconds=0.5)
GRACE = 2.0
READINGS: tuple[Reading, ...] = ("open", "reserved")
CHUNK = 500
PATIENCE = 300


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--resume", action="store_true", help="go on where the last run ended")
    asked = parser.parse_args()
    figures = kept(asked.seed) if asked.resume else None
    figures = run(figures or fresh(asked.seed), asked.pairs, asked.processes)
    if figures["wrong_count"]:
        raise SystemExit(f"{figures['wrong_count']} pairs went wrong.")


def fresh(seed: int) -> dict[str, Any]:
    return {
        "seed": seed,
        "pairs": 0,
        "answers": dict[str, int](),
        "slowest_seconds": 0.0,
        "seconds": 0,
        "wrong": list[str](),
        "wrong_count": 0,
    }


def kept(seed: int) -> dict[str, Any] | None:
    """What the last run found, if it asked the same of the same code."""
    path = FOLDER / f"{NAME}.json"
    if not path.exists():
        return None
    last: dict[str, Any] = json.loads(path.read_text())
    figures: dict[str, Any] = last["figures"]
    return figures if (last["commit"], figures["seed"]) == (COMMIT, seed) else None


def run(figures: dict[str, Any], pairs: int, processes: int) -> dict[str, Any]:
    """All pairs not yet asked, in pieces, in processes that are replaced now and then."""
    start, before = time.monotonic(), figures["seconds"]
    pieces = [
        (figures["seed"], at, min(at + CHUNK, pairs))
        for at in range(figures["pairs"], pairs, CHUNK)
    ]
    with multiprocessing.get_context("spawn").Pool(processes, maxtasksperchild=20) as pool:
        answers = pool.imap(piece, pieces)
        for _, _, last in pieces:
            try:
                figures = added(figures, last, *answers.next(PATIENCE))
            except multiprocessing.TimeoutError:
                return stopped(figures, f"no answer within {PATIENCE} s: did a process die?")
            figures["seconds"] = before + round(time.monotonic() - start)
            write(NAME, figures)
    return figures


def stopped(figures: dict[str, Any], fault: str) -> dict[str, Any]:
    """A pool waits for ever for what a process that died was to answer."""
    at = figures["pairs"]
    figures = added(figures, at, Counter(), 0.0, [f"{at} to {at + CHUNK}: {fault}"])
    write(NAME, figures)
    return figures


def added(
    figures: dict[str, Any], pairs: int, said: Counter[str], longest: float, found: list[str]
) -> dict[str, Any]:
    return {
        **figures,
        "pairs": pairs,
        "answers": dict(Counter[str](figures["answers"]) + said),
        "slowest_seconds": max(figures["slowest_seconds"], round(longest, 2)),
        "wrong": [*figures["wrong"], *found][:50],
        "wrong_count": figures["wrong_count"] + len(found),
    }


def piece(bounds: tuple[int, int, int]) -> tuple[Counter[str], float, list[str]]:
    seed, start, end = bounds
    counts: Counter[str] = Counter()
    slowest, wrong = 0.0, list[str]()
    for number in range(start, end):
        found = case(Random(f"{seed}-{number}"))
        reading = READINGS[number % 2]
        for way, asked in (("backward", found), ("forward", _turned(found))):
            begun = time.process_time()
            said, fault = ask(asked, reading)
            took = time.process_time() - begun
            counts[said] += 1
            slowest = max(slowest, took)
            fault = fault or (f"took {took:.1f} s" if took > BUDGET.seconds + GRACE else "")
            if fault:
                wrong.append(f"{number} {way} {reading}: {fault}")
    return counts, slowest, wrong


def _turned(found: Case) -> Case:
    return found._replace(old=found.new, new=found.old)


def ask(found: Case, reading: Reading) -> tuple[str, str]:
    """The answer, and what is wrong with it."""
    try:
        answer = contains(found.new, found.old, reading=reading, budget=BUDGET)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a library's panic is no Exception
        return "crash", f"{type(error).__name__}: {error}"[:200]
    if answer.answer == "yes" and (documents := refuting(found, reading)):
        return "yes", f"contradicted by {documents[0]!r}"[:200]
    if answer.answer == "no" and answer.witness is None:
        return "no without witness", ""
    return answer.answer, ""


if __name__ == "__main__":
    main()
