"""One theory for each JSON type: whether demands can be met together, and by which value."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from registry.compatibility.solver.arrays import Arrays
from registry.compatibility.solver.demands import Demand, JsonType
from registry.compatibility.solver.numbers import Numbers
from registry.compatibility.solver.objects import Objects
from registry.compatibility.solver.outcomes import EMPTY, Found, Outcome
from registry.compatibility.solver.strings import Strings
from registry.dialects.strict_json import Json

if TYPE_CHECKING:
    from registry.compatibility.solver.search import Goal, Search


class Theory(Protocol):
    """The demands of one case, opaque ones left aside."""

    def possible(self) -> bool:
        """False when a glance shows that the demands contradict each other."""
        ...

    def open_to(self, demand: Demand) -> bool:
        """False when a glance shows that this demand contradicts the others."""
        ...

    def needed(self) -> "Iterable[Goal]":
        """What the members or elements that must be there have to fit in any case."""
        ...

    def value(self) -> Outcome:
        """A value that meets the demands."""
        ...


class Few:
    """A type with so few values that all are tried."""

    values: tuple[Json, ...]

    def __init__(self, search: "Search", demands: list[Demand]) -> None:
        fits = search.fitting.all
        self.left = [value for value in self.values if fits(demands, value) is not False]

    def possible(self) -> bool:
        return bool(self.left)

    def open_to(self, demand: Demand) -> bool:  # noqa: ARG002 - two values are soon tried
        return True

    def needed(self) -> "tuple[Goal, ...]":
        return ()

    def value(self) -> Outcome:
        return Found(self.left[0]) if self.left else EMPTY


class Null(Few):
    values = (None,)


class Booleans(Few):
    values = (True, False)


class TheoryOf(Protocol):
    def __call__(self, search: "Search", demands: list[Demand]) -> Theory: ...


THEORIES: dict[JsonType, TheoryOf] = {
    "null": Null,
    "boolean": Booleans,
    "number": Numbers,
    "string": Strings,
    "array": Arrays,
    "object": Objects,
}
