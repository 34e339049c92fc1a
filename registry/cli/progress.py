"""Progress on standard error: one line a step, with its time."""

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def step(name: str) -> Generator[None]:
    """Say what is being done, and how long it took."""
    started = time.perf_counter()
    print(f"{name} …", end=" ", file=sys.stderr, flush=True)
    yield
    print(f"{time.perf_counter() - started:.1f} s", file=sys.stderr, flush=True)
