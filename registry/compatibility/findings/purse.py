"""The budget that all questions of a comparison share."""

import time
from collections.abc import Sequence

from registry.compatibility.model import Budget
from registry.compatibility.solver import Outcome, Questions, Undecided
from registry.compatibility.solver.terms import Node

HASTY = 200
THOROUGH = 2_000
_CHARGE = 40


class Purse:
    """Steps and seconds for all questions together; the clock is only the backstop.

    `patience` is the most that one question may take.
    """

    def __init__(self, budget: Budget) -> None:
        self.steps = budget.steps
        self.patience = THOROUGH
        self._until = budget.begun().until or 0.0

    @property
    def empty(self) -> bool:
        return self.steps <= 0 or time.thread_time() > self._until

    def ask(self, questions: Questions, valid: Sequence[Node], invalid: Sequence[Node]) -> Outcome:
        """One question, charged in full where it was too hard."""
        if self.empty or questions.full:
            return Undecided("budget")
        steps = min(self.steps, self.patience)
        found = questions.find(valid, invalid, Budget(steps=steps, until=self._until))
        hard = isinstance(found, Undecided) and found.reason == "budget"
        self.steps -= steps if hard else min(_CHARGE, questions.taken)
        return found
