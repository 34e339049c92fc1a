"""Arrays: demands on single places, on all from a place on, on some, on how many; distinctness.

All places from `tail` on are alike. A demand for "some element" is met by one of the places before,
or by a new one at the end; longer arrays than these choices call for can do no more.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from registry.compatibility.solver.demands import (
    AllFrom,
    At,
    Count,
    Demand,
    Distinct,
    Size,
    SomeFrom,
)
from registry.compatibility.solver.outcomes import (
    EMPTY,
    Empty,
    Found,
    Outcome,
    Undecided,
    least_of,
    worse,
)
from registry.compatibility.solver.terms import Key, key_of
from registry.dialects.strict_json import Json

if TYPE_CHECKING:
    from registry.compatibility.solver.search import Goal, Search

_MAX_DISTINCT = 300
_MAX_MATCHED = 16
_MAX_LENGTH = 2_000_000
_MAX_WANTED = 60

Extra = dict[int, frozenset[int]]
"""What is asked of single places beyond what holds there anyway."""


class Arrays:
    """The demands on an array."""

    def __init__(self, search: "Search", demands: list[Demand]) -> None:
        self.search = search
        self.least = 0
        self.most: int | None = None
        self.at: dict[int, set[int]] = {}
        self.all_from: list[AllFrom] = []
        self.wanted: list[SomeFrom] = []
        self.limits: list[Count] = []
        self.distinct: set[bool] = set()
        self.twins: tuple[int, ...] = ()
        for demand in demands:
            self._add(demand)
        self.wanted.sort(key=lambda wish: (wish.index, wish.lit))
        self.tail = max(
            [0, *(at + 1 for at in self.at), *(one.index for one in (*self.all_from, *self.wanted))]
        )

    def _add(self, demand: Demand) -> None:
        match demand:
            case Size(least, most):
                self.least = max(self.least, least)
                self.most = least_of(self.most, most)
            case At(index, lit, must):
                self.at.setdefault(index, set()).add(lit)
                self.least = max(self.least, index + 1) if must else self.least
            case AllFrom():
                self.all_from.append(demand)
            case Distinct(wanted):
                self.distinct.add(wanted)
            case _:
                self._add_wish(demand)

    def _add_wish(self, demand: Demand) -> None:
        match demand:
            case SomeFrom():
                if demand not in self.wanted:
                    self.wanted.append(demand)
            case Count(lit, least, None):
                wish = SomeFrom(0, lit)
                more = min(least, _MAX_WANTED + 1) - self.wanted.count(wish)
                self.wanted += [wish] * more
                self.least = max(self.least, least)
            case Count():
                self.limits.append(demand)
            case _:
                pass

    def possible(self) -> bool:
        return (
            (self.most is None or self.least <= self.most)
            and len(self.distinct) < 2
            and all(self._wished(one.lit) <= (one.most or 0) for one in self.limits)
        )

    def _wished(self, lit: int) -> int:
        """How many elements must fit, looked at one literal alone."""
        return sum(wish.lit == lit for wish in self.wanted)

    def open_to(self, demand: Demand) -> bool:
        match demand:
            case Size(least, most):
                return (most is None or most >= self.least) and (
                    self.most is None or least <= self.most
                )
            case At(index, lit, True):
                return (self.most is None or index < self.most) and lit ^ 1 not in self._lits(index)
            case Distinct(wanted):
                return (not wanted) not in self.distinct
            case _:
                return True

    def needed(self) -> "Iterator[Goal]":
        return (self._goal(place, {}) for place in self.at if place < self.least)

    def value(self) -> Outcome:
        if not self.possible():
            return EMPTY
        if len(self.wanted) > _MAX_WANTED:
            return Undecided("arrays: too many elements")
        if False in self.distinct:
            return self._with_a_repetition()
        return self._placed(0, {}, -1)

    def _lits(self, place: int) -> set[int]:
        """What holds at a place in any case."""
        lits = {one.lit for one in self.all_from if one.index <= place}
        return lits | self.at.get(place, set())

    def _goal(self, place: int, extra: Extra) -> "Goal":
        places = self.twins if place in self.twins else (place,)
        lits = frozenset(lit for one in places for lit in self._lits(one))
        return lits.union(*(extra.get(one, frozenset()) for one in places))

    def _placed(self, done: int, extra: Extra, last: int) -> Outcome:
        """Choose a place for each wanted element in turn; equal wishes go to rising places."""
        self.search.meter.tick()
        if done == len(self.wanted):
            return self._limited(extra)
        wish = self.wanted[done]
        again = wish in self.wanted[:done]
        result: Outcome = EMPTY
        for place in self._places(wish, extra, last if again else -1):
            more = {**extra, place: extra.get(place, frozenset()) | {wish.lit}}
            if isinstance(self.search.solve(self._goal(place, more)), Empty):
                continue
            found = self._placed(done + 1, more, place)
            if isinstance(found, Found):
                return found
            result = worse(result, found) if isinstance(found, Undecided) else result
        return result

    def _places(self, wish: SomeFrom, extra: Extra, after: int) -> Iterator[int]:
        """The places before the tail, those of the tail in use, and the next one."""
        first = max(wish.index, after + 1)
        end = max(self.tail, first, *(place + 1 for place in extra), 0)
        return (place for place in range(first, end + 1) if self.most is None or place < self.most)

    def _limited(self, extra: Extra) -> Outcome:
        """Keep to the limits on how many elements may fit something."""
        length = max([self.least, *(place + 1 for place in extra)])
        if self.most is not None and length > self.most:
            return EMPTY
        if not self.limits:
            return self._filled(length, extra)
        if length > _MAX_DISTINCT:
            return Undecided("arrays: too many elements to count")
        return self._signed(0, length, extra, {one: one.most or 0 for one in self.limits})

    def _signed(self, place: int, length: int, extra: Extra, left: dict[Count, int]) -> Outcome:
        """Decide place by place which of the limited things the element is."""
        self.search.meter.tick()
        if place == length:
            return self._filled(length, extra)
        result: Outcome = EMPTY
        for signs in self._signs(left):
            more = {**extra, place: extra.get(place, frozenset()) | frozenset(signs)}
            if isinstance(self.search.solve(self._goal(place, more)), Empty):
                continue
            rest = {one: count - (one.lit in signs) for one, count in left.items()}
            found = self._signed(place + 1, length, more, rest)
            if isinstance(found, Found):
                return found
            result = worse(result, found) if isinstance(found, Undecided) else result
        return result

    def _signs(self, left: dict[Count, int]) -> Iterator[tuple[int, ...]]:
        """All ways to be or not to be what is limited, where the limit allows it."""
        return product(
            *(
                (one.lit ^ 1, one.lit) if count > 0 else (one.lit ^ 1,)
                for one, count in left.items()
            )
        )

    def _filled(self, length: int, extra: Extra) -> Outcome:
        if True in self.distinct:
            return self._all_distinct(length, extra)
        values: list[Json] = []
        result: Outcome | None = None
        special = max([self.tail, *(place + 1 for place in (*extra, *self.twins))])
        for place in range(min(length, special + 1)):
            found = self.search.solve(self._goal(place, extra))
            if isinstance(found, Empty):
                return EMPTY
            if isinstance(found, Undecided):
                result = worse(result, found)
                values.append(found.guess.value if found.guess else None)
            else:
                values.append(found.value)
        if length > _MAX_LENGTH:
            return Undecided("arrays: too long to be written out")
        values += values[-1:] * (length - len(values))
        if isinstance(result, Undecided):
            return Undecided(result.reason, Found(values) if result.guess else None)
        return Found(values)

    def _all_distinct(self, length: int, extra: Extra) -> Outcome:
        """Values for all places, no two equal: taken in order, with more care where that fails."""
        if length > _MAX_DISTINCT:
            return Undecided("arrays: too many distinct elements")
        goals = [self._goal(place, extra) for place in range(length)]
        order = sorted(range(length), key=lambda place: (-len(goals[place]), place))
        values: dict[int, Json] = {}
        for place in order:
            self.search.meter.tick()
            found = self.search.solve(self.search.without(goals[place], list(values.values())))
            if isinstance(found, Empty):
                return EMPTY if len(set(goals)) == 1 else self._matched(goals)
            if isinstance(found, Undecided):
                return Undecided(found.reason)
            values[place] = found.value
        return Found([values[place] for place in range(length)])

    def _matched(self, goals: "list[Goal]") -> Outcome:
        """The same where places take values from each other.

        No place needs more to choose from than there are places: others take one each.
        """
        if len(goals) > _MAX_MATCHED:
            return Undecided("arrays: distinct elements")
        options: list[dict[Key, Json]] = []
        for goal in goals:
            values: list[Json] = []
            while len(values) < len(goals):
                found = self.search.solve(self.search.without(goal, values))
                if isinstance(found, Undecided):
                    return Undecided(found.reason)
                if isinstance(found, Empty):
                    break
                values.append(found.value)
            options.append({key_of(value): value for value in values})
        taken = matching(options)
        if taken is None:
            return EMPTY
        return Found([options[place][key] for place, key in enumerate(taken)])

    def _with_a_repetition(self) -> Outcome:
        """Two places hold the same value: the pair is chosen first, the rest as ever."""
        result: Outcome = EMPTY
        least = self.least
        for second in range(1, self.tail + len(self.wanted) + 2):
            for first in range(second):
                self.twins = (first, second)
                self.least = max(least, second + 1)
                found = self._placed(0, {}, -1) if self.possible() else EMPTY
                if isinstance(found, Found):
                    return found
                result = worse(result, found) if isinstance(found, Undecided) else result
        return result


def matching(options: Sequence[Collection[Key]]) -> list[Key] | None:
    """For each place one of its options, no two alike; None where there are not enough."""
    owner: dict[Key, int] = {}

    def place(index: int, asked: set[Key]) -> bool:
        for key in options[index]:
            if key not in asked:
                asked.add(key)
                if key not in owner or place(owner[key], asked):
                    owner[key] = index
                    return True
        return False

    if not all(place(index, set()) for index in range(len(options))):
        return None
    found = {index: key for key, index in owner.items()}
    return [found[index] for index in range(len(options))]
