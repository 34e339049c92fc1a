"""Questions as they are asked from outside."""

from collections.abc import Iterator, Sequence

from registry.compatibility.model import Budget
from registry.compatibility.solver.outcomes import (
    Empty,
    Found,
    Meter,
    Outcome,
    OutOfBudget,
    Undecided,
)
from registry.compatibility.solver.search import Order, Search
from registry.compatibility.solver.terms import Graph, Node
from registry.dialects.strict_json import Json

__all__ = ["Empty", "Found", "Outcome", "Questions", "Undecided", "find"]

_MOST_NODES = 600_000
_SOON = 2_000


class Questions:
    """Questions about schemas that share most of what they say.

    What one of them found out about a part of the schemas holds for all. `taken` are the steps of
    the last one.
    """

    def __init__(self, graph: Graph | None = None) -> None:
        self.graph = graph or Graph()
        self.taken = 0
        self._search = Search(self.graph, Meter(Budget(), 0))

    @property
    def full(self) -> bool:
        """Whether so much was read that memory could become scarce."""
        return self.graph.size > _MOST_NODES

    def find(self, valid: Sequence[Node], invalid: Sequence[Node], budget: Budget) -> Outcome:
        """A document that fits all of `valid` and none of `invalid`."""
        goal = {2 * node.uid for node in valid} | {2 * node.uid + 1 for node in invalid}
        budget, self.taken = budget.begun(), 0
        for order, steps in _ways(budget.steps):
            meter = self._search.begin(Meter(budget, steps), order)
            try:
                return self._search.solve(frozenset(goal))
            except OutOfBudget:
                if meter.late:
                    break
            except RecursionError:
                return Undecided("depth")
            finally:
                self.taken += meter.taken
        return Undecided("budget")

    def find_read(self, valid: Sequence[Json], invalid: Sequence[Json], budget: Budget) -> Outcome:
        """The same of schemas in the plain form."""
        try:
            read = [[*map(self.graph.add, given)] for given in (valid, invalid)]
        except RecursionError:
            return Undecided("depth")
        return self.find(read[0], read[1], budget)

    def fits(self, node: Node, value: Json) -> bool | None:
        """Whether the value fits; None where that cannot be said, or not soon."""
        return self._search.fitting.soon(2 * node.uid, value)


def _ways(steps: int) -> Iterator[tuple[Order, int]]:
    """The orders to try, and for how long: the first has all steps once another had its turn."""
    soon = min(steps, max(_SOON, steps // 16))
    yield "fewest", soon
    yield "most", steps // 4
    if soon < steps:
        yield "fewest", steps


def find(valid: Sequence[Json], invalid: Sequence[Json], budget: Budget) -> Outcome:
    """A document that fits all of `valid` and none of `invalid`, all in the plain form."""
    return Questions().find_read(valid, invalid, budget)
