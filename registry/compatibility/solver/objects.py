"""Objects: demands on named members, on all or some members whose names match, on names, on size.

A demand for "some member" is met by a name the schemas mention or by a new one. New names differ
only in their traits: which patterns they match, and which demands for "some name" they meet. So
for each combination of traits one new name is enough.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import TYPE_CHECKING, cast

from registry.compatibility.solver.demands import (
    Demand,
    Every,
    EveryName,
    Matches,
    Member,
    Present,
    Size,
    Some,
    SomeName,
    Where,
)
from registry.compatibility.solver.fitting import Fits, every, meant
from registry.compatibility.solver.outcomes import (
    EMPTY,
    Empty,
    Found,
    Outcome,
    Undecided,
    least_of,
    worse,
)
from registry.dialects.strict_json import Json

if TYPE_CHECKING:
    from registry.compatibility.solver.search import Goal, Search

_MAX_TRAITS = 8
_MAX_SIZE = 2_000
_ANY = Where((), (), frozenset())

Trait = str | int
"""A pattern, or the literal of a demand for some name."""

Extra = dict[str, frozenset[int]]
"""The members chosen, and what is asked of each beyond what holds of its name anyway."""


@dataclass(frozen=True, slots=True)
class Region:
    """New names that match exactly these of the patterns, and meet these demands on names."""

    matching: tuple[str, ...]
    barred: tuple[str, ...]
    lits: frozenset[int]


class Objects:
    """The demands on an object."""

    def __init__(self, search: "Search", demands: list[Demand]) -> None:
        self.search = search
        self.least = 0
        self.most: int | None = None
        self.present: dict[str, None] = {}
        self.absent: set[str] = set()
        self.members: dict[str, set[int]] = {}
        self.every: list[Every] = []
        self.names: set[int] = set()
        self.wanted: list[Some | SomeName] = []
        self.unsure = False
        self._goals: dict[str, frozenset[int]] = {}
        for demand in demands:
            self._add(demand)

    def _add(self, demand: Demand) -> None:
        match demand:
            case Size(least, most):
                self.least = max(self.least, least)
                self.most = least_of(self.most, most)
            case Present() | Member():
                self._add_named(demand)
            case Every():
                self.every.append(demand)
            case EveryName(lit):
                self.names.add(lit)
            case Some() | SomeName():
                self.wanted.append(demand)
            case _:
                pass

    def _add_named(self, demand: Present | Member) -> None:
        if isinstance(demand, Member):
            self.members.setdefault(demand.name, set()).add(demand.lit)
            if demand.must:
                self.present[demand.name] = None
        elif demand.wanted:
            self.present[demand.name] = None
        else:
            self.absent.add(demand.name)

    def possible(self) -> bool:
        return (
            self.absent.isdisjoint(self.present)
            and (self.most is None or max(self.least, len(self.present)) <= self.most)
            and not any(lit ^ 1 in lits for lits in self._demanded() for lit in lits)
        )

    def _demanded(self) -> Iterator[set[int]]:
        return (self.members[name] for name in self.present if name in self.members)

    def open_to(self, demand: Demand) -> bool:
        match demand:
            case Size(least, most):
                return (most is None or most >= max(self.least, len(self.present))) and (
                    self.most is None or least <= self.most
                )
            case Present(name, True):
                return name not in self.absent
            case Present(name, False):
                return name not in self.present
            case Member(name, lit, True):
                return name not in self.absent and lit ^ 1 not in self.members.get(name, ())
            case Member(name, lit, False):
                return name not in self.present or lit ^ 1 not in self.members.get(name, ())
            case _:
                return True

    def needed(self) -> "Iterator[Goal]":
        return (self._goal(name) for name in self.present)

    def value(self) -> Outcome:
        if not self.possible():
            return EMPTY
        for name in self.present:
            found = self.search.solve(self._goal(name))
            if isinstance(found, Empty) or self._named(name) is False:
                return EMPTY
        chosen = self._chosen(0, {name: frozenset[int]() for name in self.present})
        # Less was asked of a member than may be: what is empty stays so, a document is a guess.
        if self.unsure and isinstance(chosen, Found):
            return Undecided("pattern", chosen)
        return chosen

    def _goal(self, name: str) -> "Goal":
        """What holds of the member with this name in any case."""
        found = self._goals.get(name)
        if found is None:
            asked = [(one.lit, meant(one.where, name)) for one in self.every]
            self.unsure = self.unsure or any(sure is None for _, sure in asked)
            lits = {lit for lit, sure in asked if sure}
            found = self._goals[name] = frozenset(lits | self.members.get(name, set()))
        return found

    def _named(self, name: str) -> Fits:
        return every(self.search.fitting.lit(lit, name) for lit in self.names)

    def _chosen(self, done: int, extra: Extra) -> Outcome:
        """Choose a member for each wanted one in turn."""
        self.search.meter.tick()
        if done == len(self.wanted):
            return self._filled(extra)
        wish = self.wanted[done]
        result: Outcome = EMPTY
        for name, lits in self._candidates(wish, extra):
            if lits is None:
                result = worse(result, Undecided(name))
                continue
            more = {**extra, name: extra.get(name, frozenset()) | lits}
            if isinstance(self.search.solve(self._goal(name) | more[name]), Empty):
                continue
            found = self._chosen(done + 1, more)
            if isinstance(found, Found):
                return found
            result = worse(result, found) if isinstance(found, Undecided) else result
        return result

    def _candidates(
        self, wish: Some | SomeName, extra: Extra
    ) -> Iterator[tuple[str, frozenset[int] | None]]:
        """Names that may meet the wish, and what their members must fit; None: a reason instead."""
        lits = frozenset([wish.lit]) if isinstance(wish, Some) else frozenset[int]()
        for name in dict.fromkeys(chain(extra, self._known())):
            fits = every((name not in self.absent, self._meets(wish, name), self._named(name)))
            if fits:
                yield name, lits
            elif fits is None:
                yield "pattern", None
        where = wish.where if isinstance(wish, Some) else _ANY
        on_name = frozenset([wish.lit]) if isinstance(wish, SomeName) else frozenset[int]()
        free = [*self._free_patterns(where), *self._free_lits(on_name)]
        for region in _regions(where, on_name, free[:_MAX_TRAITS]):
            name = self._new_name(region, extra)
            if isinstance(name, str):
                yield name, lits
            elif isinstance(name, Undecided):
                yield name.reason, None
        if len(free) > _MAX_TRAITS:
            yield "objects: too many patterns", None

    def _meets(self, wish: Some | SomeName, name: str) -> Fits:
        if isinstance(wish, Some):
            return meant(wish.where, name)
        return self.search.fitting.lit(wish.lit, name)

    def _known(self) -> Iterator[str]:
        """The names the demands mention."""
        yield from self.members
        for one in (*self.every, *self.wanted):
            if not isinstance(one, SomeName):
                yield from sorted(one.where.names)
        yield from sorted(self.absent)

    def _free_patterns(self, where: Where) -> list[str]:
        """The patterns a new name may or may not match."""
        found: dict[str, None] = {}
        for one in (*self.every, *self.wanted):
            if not isinstance(one, SomeName):
                found |= dict.fromkeys((*one.where.matching, *one.where.barred))
        fixed = {*where.matching, *where.barred}
        return [pattern for pattern in found if pattern not in fixed]

    def _free_lits(self, fixed: frozenset[int]) -> list[int]:
        """What other wishes ask of some name: one new name may meet several of them."""
        lits = {one.lit: None for one in self.wanted if isinstance(one, SomeName)}
        return [lit for lit in lits if lit not in fixed]

    def _new_name(self, region: Region, extra: Extra) -> str | Outcome:
        """A name of the region that is mentioned nowhere."""
        known = [*dict.fromkeys(chain(extra, self._known()))]
        goal = self.search.without(region.lits | self.names, known)
        demands: list[Demand] = [
            *(Matches(pattern, wanted=True) for pattern in region.matching),
            *(Matches(pattern, wanted=False) for pattern in region.barred),
        ]
        found = self.search.string(goal, [*demands, Size(1, None)])
        if not isinstance(found, Found):
            found = self.search.string(goal, demands)
        return cast("str", found.value) if isinstance(found, Found) else found

    def _filled(self, extra: Extra) -> Outcome:
        """Members enough, then their values."""
        result: Outcome | None = None
        if self.most is not None and len(extra) > self.most:
            return EMPTY
        if len(extra) < self.least:
            more = self._more_members(extra)
            if not isinstance(more, dict):
                return more
            extra = more
        values: dict[str, Json] = {}
        for name, lits in extra.items():
            found = self.search.solve(self._goal(name) | lits)
            named = self._named(name)
            if isinstance(found, Empty) or named is False:
                return EMPTY
            if isinstance(found, Undecided) or named is None:
                reason = found.reason if isinstance(found, Undecided) else "names"
                result = worse(result, Undecided(reason))
                found = found.guess or Found(None) if isinstance(found, Undecided) else found
            values[name] = found.value
        if isinstance(result, Undecided):
            return Undecided(result.reason, Found(values))
        return Found(values)

    def _more_members(self, extra: Extra) -> Extra | Outcome:
        """Add members until there are enough; which ones does not matter to the others."""
        if self.least > _MAX_SIZE:
            return Undecided("objects: too many members")
        more, unsure = dict(extra), False
        for name in self._known():
            if len(more) >= self.least:
                return more
            if name in more or name in self.absent:
                continue
            fits = self._named(name), self.search.solve(self._goal(name))
            unsure = unsure or fits[0] is None or isinstance(fits[1], Undecided)
            if fits[0] and isinstance(fits[1], Found):
                more[name] = frozenset()
        free = self._free_patterns(_ANY)
        unsure = unsure or len(free) > _MAX_TRAITS
        for region in _regions(_ANY, frozenset(), free[:_MAX_TRAITS]):
            unsure = self._new_members(region, more) or unsure
            if len(more) >= self.least:
                return more
        return Undecided("objects: too few members") if unsure else EMPTY

    def _new_members(self, region: Region, more: Extra) -> bool:
        """Add new members of a region up to the size wanted; True where that stays unsure."""
        while len(more) < self.least:
            self.search.meter.tick()
            name = self._new_name(region, more)
            if not isinstance(name, str):
                return isinstance(name, Undecided)
            found = self.search.solve(self._goal(name))
            if not isinstance(found, Found):
                return isinstance(found, Undecided)
            more[name] = frozenset()
        return False


def _regions(where: Where, lits: frozenset[int], free: Sequence[Trait]) -> Iterator[Region]:
    """The combinations of traits new names can have, those with few first."""
    for size in range(len(free) + 1):
        for chosen in combinations(free, size):
            rest = [trait for trait in free if trait not in chosen]
            yield Region(
                (*where.matching, *(trait for trait in chosen if isinstance(trait, str))),
                (*where.barred, *(trait for trait in rest if isinstance(trait, str))),
                lits.union(
                    (trait for trait in chosen if isinstance(trait, int)),
                    (trait ^ 1 for trait in rest if isinstance(trait, int)),
                ),
            )
