"""Progress on standard error: one line a step, with its time; a bar on a terminal."""

import os
import sys
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import track

T = TypeVar("T")


@contextmanager
def step(name: str) -> Generator[None]:
    """Say what is being done, and how long it took; a step that fails says so."""
    started = time.perf_counter()
    print(f"{name} …", end=" ", file=sys.stderr, flush=True)
    try:
        yield
    except BaseException:
        print("failed", file=sys.stderr, flush=True)
        raise
    print(f"{time.perf_counter() - started:.1f} s", file=sys.stderr, flush=True)


def each(name: str, items: Sequence[T]) -> Iterator[T]:
    """The items one by one: a bar on a terminal while they are worked on, then one line."""
    console = Console(stderr=True, no_color="NO_COLOR" in os.environ)
    if not console.is_terminal:
        with step(name):
            yield from items
        return
    started = time.perf_counter()
    yield from track(items, description=name, console=console, transient=True)
    print(f"{name} … {time.perf_counter() - started:.1f} s", file=sys.stderr, flush=True)
