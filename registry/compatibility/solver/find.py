"""The question as it is asked from outside."""

from collections.abc import Sequence

from registry.compatibility.model import Budget
from registry.compatibility.solver.outcomes import (
    Empty,
    Found,
    Meter,
    Outcome,
    OutOfBudget,
    Undecided,
)
from registry.compatibility.solver.search import Search
from registry.compatibility.solver.terms import Graph
from registry.dialects.strict_json import Json

__all__ = ["Empty", "Found", "Outcome", "Undecided", "find"]


def find(valid: Sequence[Json], invalid: Sequence[Json], budget: Budget) -> Outcome:
    """A document that fits all of `valid` and none of `invalid`, all in the plain form."""
    graph = Graph()
    try:
        goal = {2 * graph.add(schema).uid for schema in valid}
        goal |= {2 * graph.add(schema).uid + 1 for schema in invalid}
        return Search(graph, Meter(budget)).solve(frozenset(goal))
    except OutOfBudget:
        return Undecided("budget")
    except RecursionError:
        return Undecided("depth")
