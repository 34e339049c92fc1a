"""A plugin of pytest for the runs of mutants: makes thousands of runs of the same tests bearable.

While the tool learns the tests, each test function gets so many seconds for its cases, drawn in a
seeded order; what goes beyond is left out from then on, and so is what fails without a fault. For a
mutant the fastest tests come first, as one that fails is enough, and none may take much longer than
it did: who hangs is ended by the system, wherever it hangs. Seconds are the processor's, so other
work on the machine fails no test. No test profits from what another left in a cache, which would
hide faults in what it comes by, and properties are tried on the same examples each time.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Generator
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

LEARNT = Path("mutmut-stats.json")
"""What the tool learnt of the tests, in the folder they run in."""
OURS = Path("left-out.json")
ALLOWED = float(os.environ.get("EFA_TEST_SECONDS", "10"))
PATIENCE = 2.0
"""Seconds any test may take for a mutant, and how many times its usual ones besides."""
CLEAN = 20
"""How many tests the tool's check before it starts is worth: all have just been run to learn."""

settings.register_profile(
    "mutants",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
_used: dict[str, float] = {}
_left_out: list[str] = []


def _mode() -> str:
    return os.environ.get("MUTANT_UNDER_TEST", "")


def _function(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def _spent(item: pytest.Item) -> float:
    return _used.get(_function(item), 0.0)


@cache
def _usual() -> dict[str, float]:
    return json.loads(LEARNT.read_text())["duration_by_test"] if LEARNT.exists() else {}


def pytest_sessionstart() -> None:
    settings.load_profile("mutants")


def _omitted() -> set[str]:
    return set(json.loads(OURS.read_text())) if OURS.exists() else set()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if _mode() == "stats":
        random.Random(0).shuffle(items)
        return
    usual, omitted = _usual(), _omitted()
    kept = [item for item in items if item.nodeid not in omitted]
    items[:] = sorted(kept, key=lambda item: usual.get(item.nodeid, 0.0))
    if not _mode():
        del items[CLEAN:]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    _forget()
    start = time.process_time()
    _limit(item)
    try:
        return (yield)
    except BaseException as reason:
        if _mode() != "stats":
            raise
        _left_out.append(item.nodeid)
        pytest.skip(f"not learnt: {reason!r}"[:200])
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        _used[_function(item)] = _spent(item) + time.process_time() - start


def _limit(item: pytest.Item) -> None:
    """Raise in a test that is too long to be learnt; end the process that hangs with a mutant."""
    usual = _usual().get(item.nodeid)
    if _mode() == "stats":
        signal.signal(signal.SIGPROF, _too_long)
        signal.setitimer(signal.ITIMER_PROF, max(ALLOWED - _spent(item), 0.001), 1.0)
    elif usual is not None:
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, PATIENCE * (1 + usual))


def _too_long(_signal: int, _frame: FrameType | None) -> None:
    pytest.skip("beyond its seconds")


def _forget() -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith("registry."):
            for value in vars(module).values():
                getattr(value, "cache_clear", int)()


def pytest_sessionfinish() -> None:
    if _mode() == "stats":
        OURS.write_text(json.dumps(sorted(_omitted() | set(_left_out))))
