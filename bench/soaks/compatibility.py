"""100,000 pairs of schemas drawn at random: no crash, none over its budget, none contradicted.

Each pair is asked both ways, in both readings in turn; documents made for either schema are tried
against every "yes". What goes wrong is listed with the number of the pair, which draws it again.
Time is that of the processor, so that other work on the machine breaks no budget.
"""

import argparse
import time
from collections import Counter
from multiprocessing import get_context
from random import Random

from bench.results import write
from registry.compatibility import contains
from registry.compatibility.model import Budget, Reading
from tests.compatibility.generated import Case, case, refuting

SEED = 20261122
BUDGET = Budget(steps=5_000, seconds=0.5)
GRACE = 2.0
READINGS: tuple[Reading, ...] = ("open", "reserved")
CHUNK = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    start = time.monotonic()
    counts, slowest, wrong = run(asked.seed, asked.pairs, asked.processes)
    figures = {
        "seed": asked.seed,
        "pairs": asked.pairs,
        "answers": dict(counts),
        "slowest_seconds": round(slowest, 2),
        "seconds": round(time.monotonic() - start),
        "wrong": wrong[:50],
        "wrong_count": len(wrong),
    }
    write("soak-compatibility", figures)
    if wrong:
        raise SystemExit(f"{len(wrong)} pairs went wrong.")


def run(seed: int, pairs: int, processes: int) -> tuple[Counter[str], float, list[str]]:
    """All pairs, in pieces, in processes that are replaced now and then."""
    counts: Counter[str] = Counter()
    slowest, wrong = 0.0, list[str]()
    pieces = [(seed, at, min(at + CHUNK, pairs)) for at in range(0, pairs, CHUNK)]
    with get_context("spawn").Pool(processes, maxtasksperchild=20) as pool:
        for number, (said, longest, found) in enumerate(pool.imap(piece, pieces), 1):
            counts += said
            slowest, wrong = max(slowest, longest), wrong + found
            print(*found, f"{number * CHUNK} pairs, {len(wrong)} wrong", sep="\n", flush=True)
    return counts, slowest, wrong


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
