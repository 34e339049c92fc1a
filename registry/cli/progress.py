"""Progress on standard error: one line a step, with its time; a bar on a terminal."""

import os
import sys
import time
from collections.abc import Generator, Iterable
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


def steps(name: str, items: list[T]) -> Iterable[T]:
    """The items, with a bar while they are worked on; only on a terminal."""
    console = Console(stderr=True, no_color="NO_COLOR" in os.environ)
    return track(
        items, description=name, console=console, disable=not console.is_terminal, transient=True
    )
