"""What a search can end with, and the meter that ends it."""

import time
from dataclasses import dataclass

from registry.compatibility.model import Budget
from registry.dialects.strict_json import Json


@dataclass(frozen=True, slots=True)
class Found:
    """A document."""

    value: Json


@dataclass(frozen=True, slots=True)
class Empty:
    """The proof that there is none."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """Neither; `guess` is a document that may do, for a validator to say."""

    reason: str
    guess: Found | None = None


Outcome = Found | Empty | Undecided
_CLOCK = 3
"""The clock is looked at once in two to this many steps."""
EMPTY = Empty()


class OutOfBudget(Exception):
    """The search was ended."""


class Meter:
    """Counts the steps of a search; the clock is only the backstop."""

    def __init__(self, budget: Budget, steps: int) -> None:
        self._steps = self.left = steps
        self._until = budget.begun().until or 0.0

    @property
    def taken(self) -> int:
        return self._steps - self.left

    @property
    def late(self) -> bool:
        """Whether the time is over."""
        return time.thread_time() > self._until

    def tick(self, steps: int = 1) -> None:
        """Count steps; raises OutOfBudget."""
        before = self.left >> _CLOCK
        self.left -= steps
        if self.left < 0 or (self.left >> _CLOCK != before and self.late):
            raise OutOfBudget


def worse(first: Outcome | None, second: Outcome) -> Outcome:
    """What is known after two attempts that found nothing."""
    if isinstance(first, Undecided) and (first.guess or not isinstance(second, Undecided)):
        return first
    return second


def least_of(first: int | None, second: int | None) -> int | None:
    """The smaller of two upper ends, None being no end."""
    if first is None or second is None:
        return second if first is None else first
    return min(first, second)
