"""Answers goals: tries the alternatives of a formula until one can be made into a document."""

from collections.abc import Collection, Iterable, Sequence
from typing import Literal

from registry.compatibility.solver.demands import (
    TYPES,
    Among,
    And,
    Demand,
    Formula,
    JsonType,
    Lit,
    Opaque,
    Or,
)
from registry.compatibility.solver.fitting import Fitting
from registry.compatibility.solver.formulas import Formulas, differs
from registry.compatibility.solver.outcomes import (
    EMPTY,
    Empty,
    Found,
    Meter,
    Outcome,
    Undecided,
    worse,
)
from registry.compatibility.solver.terms import Graph
from registry.compatibility.solver.theories import THEORIES, Theory
from registry.dialects.strict_json import Json

Goal = frozenset[int]
Order = Literal["fewest", "most"]
"""Whether what leaves the fewest alternatives is tried first, or the most.

Few are soon tried out. Where many schemas of two alternatives each stand beside each other, they
are not: then what refuses one of them all, with as many alternatives, settles most of the others.
"""
_NO_DEPTH = 1 << 30


class Search:
    """All that is known while questions about one graph are answered, each with its own meter."""

    def __init__(self, graph: Graph, meter: Meter) -> None:
        self.graph = graph
        self.meter = meter
        self.order: Order = "fewest"
        self.formulas = Formulas(graph)
        self.fitting = Fitting(self.formulas)
        self._answers: dict[Goal, Outcome] = {}
        self._open: dict[Goal, int] = {}
        self._rests_on = _NO_DEPTH

    def begin(self, meter: Meter, order: Order) -> Meter:
        """Answer in this order from now on, as long as the meter lets."""
        self.meter, self.order = meter, order
        return meter

    def solve(self, goal: Goal) -> Outcome:
        """A value that fits all literals of the goal."""
        if any(lit ^ 1 in goal for lit in goal):
            return EMPTY
        known = self._answers.get(goal)
        if known is not None:
            return known
        if goal in self._open:
            self._rests_on = min(self._rests_on, self._open[goal])
            return EMPTY
        return self._answer(goal)

    def without(self, goal: Goal, values: Collection[Json]) -> Goal:
        """The goal, with these values excluded."""
        if not values:
            return goal
        return goal | {2 * self.graph.values(values).uid + 1}

    def string(self, goal: Goal, more: Iterable[Formula]) -> Outcome:
        """A string that fits all literals of the goal and meets more demands."""
        return Case(self, "string").extended([*(Lit(code) for code in _in_order(goal)), *more])

    def _answer(self, goal: Goal) -> Outcome:
        depth, outer = len(self._open), self._rests_on
        self._open[goal] = depth
        self._rests_on = _NO_DEPTH
        try:
            found = self._of_any_type(goal)
        finally:
            del self._open[goal]
            provisional = self._rests_on < depth
            self._rests_on = min(outer, self._rests_on) if provisional else outer
        if isinstance(found, Found) or not provisional:
            self._answers[goal] = found
        return found

    def _of_any_type(self, goal: Goal) -> Outcome:
        result: Outcome = EMPTY
        for kind in TYPES:
            self.meter.tick()
            found = Case(self, kind).extended([Lit(code) for code in _in_order(goal)])
            if isinstance(found, Found):
                return found
            if isinstance(found, Undecided):
                result = worse(result, found)
        return result


class Case:
    """What is asked of a document of one type on one way through the alternatives."""

    def __init__(self, search: Search, kind: JsonType) -> None:
        self.search = search
        self.kind: JsonType = kind
        self.lits: set[int] = set()
        self.demands: list[Demand] = []
        self.choices: list[Or] = []

    def extended(self, formulas: Iterable[Formula]) -> Outcome:
        """The outcome when these formulas must hold too."""
        waiting = list(formulas)
        while True:
            if not self._take(waiting):
                return EMPTY
            theory = THEORIES[self.kind](self.search, self.demands)
            if not theory.possible():
                return EMPTY
            waiting = self._narrowed(theory)
            if not waiting:
                break
        if self.choices:
            if self._hopeless(theory):
                return EMPTY
            return self._tried() or self._choose()
        self.search.meter.tick()
        return self._concluded(theory)

    def _tried(self) -> Outcome | None:
        """What the listed values say to all alternatives at once; None where they leave it open."""
        listed = self._listed_values()
        if listed is None:
            return None
        found = self._listed(listed, [*self.demands, *self.choices])
        return None if isinstance(found, Undecided) else found

    def _take(self, waiting: list[Formula]) -> bool:
        """Write formulas out into demands and choices; False when they contradict each other."""
        while waiting:
            formula = waiting.pop()
            match formula:
                case bool():
                    if not formula:
                        return False
                case Lit(code):
                    if code ^ 1 in self.lits:
                        return False
                    waiting.extend(self._written(code))
                case And(parts):
                    waiting.extend(parts)
                case Or():
                    self.choices.append(formula)
                case _:
                    self._demand(formula, waiting)
        return True

    def _demand(self, demand: Demand, waiting: list[Formula]) -> None:
        spread = self.kind in ("array", "object")
        if spread and isinstance(demand, Among) and not demand.wanted:
            waiting.extend(differs(self.search.graph, value) for value in demand.values)
        else:
            self.demands.append(demand)

    def _written(self, code: int) -> list[Formula]:
        if code in self.lits:
            return []
        self.lits.add(code)
        return [self.search.formulas.of(code, self.kind)]

    def _narrowed(self, theory: Theory) -> list[Formula]:
        """Drop the alternatives that cannot hold; what is left without alternative must hold."""
        forced: list[Formula] = []
        kept: list[Or] = []
        self.search.meter.tick(len(self.choices) // 64)
        for choice in self.choices:
            parts = [part for part in choice.parts if self._open_to(part, theory)]
            if any(isinstance(part, Lit) and part.code in self.lits for part in parts):
                continue
            if len(parts) < 2:
                forced.append(parts[0] if parts else False)
            else:
                kept.append(choice if len(parts) == len(choice.parts) else Or(tuple(parts)))
        self.choices = kept
        return forced

    def _open_to(self, part: Formula, theory: Theory) -> bool:
        """Whether an alternative may hold, looked at two literals deep at most."""
        if isinstance(part, Lit):
            if part.code ^ 1 in self.lits:
                return False
            part = self.search.formulas.of(part.code, self.kind)
        parts = part.parts if isinstance(part, And) else (part,)
        return all(self._open(inner, theory) for inner in parts)

    def _open(self, part: Formula, theory: Theory) -> bool:
        match part:
            case bool():
                return part
            case Lit(code):
                return code ^ 1 not in self.lits
            case And() | Or():
                return True
            case _:
                return theory.open_to(part)

    def _hopeless(self, theory: Theory) -> bool:
        """Whether what must be within cannot be, whatever alternatives are taken."""
        return any(isinstance(self.search.solve(goal), Empty) for goal in theory.needed())

    def _choose(self) -> Outcome:
        pick = min if self.search.order == "fewest" else max
        choice = pick(self.choices, key=lambda one: len(one.parts))
        rest = [one for one in self.choices if one is not choice]
        result: Outcome = EMPTY
        for part in choice.parts:
            self.search.meter.tick()
            found = self._branch(rest).extended([part])
            if isinstance(found, Found):
                return found
            if isinstance(found, Undecided):
                result = worse(result, found)
        return result

    def _branch(self, choices: list[Or]) -> "Case":
        other = Case(self.search, self.kind)
        other.lits = set(self.lits)
        other.demands = list(self.demands)
        other.choices = list(choices)
        return other

    def _concluded(self, theory: Theory) -> Outcome:
        """The outcome where no alternatives are left."""
        listed = self._listed_values()
        opaque = {demand.identity for demand in self.demands if isinstance(demand, Opaque)}
        known = [one for one in self.demands if not isinstance(one, Opaque)]
        if self._contradictory():
            return EMPTY
        found = theory.value() if listed is None else self._listed(listed, known)
        if opaque and not isinstance(found, Empty):
            guess = found if isinstance(found, Found) else found.guess
            return Undecided(f"opaque: {min(opaque)}", guess)
        return found

    def _contradictory(self) -> bool:
        """Whether something unknown is demanded and refused at once."""
        unknown = {one for one in self.demands if isinstance(one, Opaque)}
        return any(Opaque(one.identity, not one.wanted) in unknown for one in unknown)

    def _listed_values(self) -> Sequence[Json] | None:
        """The fewest values that one demand leaves to choose from; None where none lists any."""
        listed = [one.values for one in self.demands if isinstance(one, Among) and one.wanted]
        return min(listed, key=len, default=None)

    def _listed(self, values: Sequence[Json], demands: Sequence[Formula]) -> Outcome:
        result: Outcome = EMPTY
        for value in values:
            self.search.meter.tick()
            fits = self.search.fitting.all(demands, value)
            if fits:
                return Found(value)
            if fits is None:
                result = Undecided("a listed value cannot be judged", Found(value))
        return result


def _in_order(goal: Goal) -> list[int]:
    """What is looked at first stands last: what must not fit, of the schemas read first."""
    return sorted(goal, key=lambda code: (code & 1, -code if code & 1 else code))
