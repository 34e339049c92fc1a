"""Strings: a window of lengths, patterns to match and not to match, values excluded, formats."""

from typing import TYPE_CHECKING, cast

from registry.compatibility.languages import NoWord, TooHard, find_words, matches
from registry.compatibility.languages.formats import texts
from registry.compatibility.solver.demands import Among, Demand, Formatted, Matches, Size
from registry.compatibility.solver.outcomes import EMPTY, Found, Outcome, Undecided, least_of

if TYPE_CHECKING:
    from registry.compatibility.solver.search import Goal, Search

_STEPS = 6_000
_MAX_LENGTH = 1_000_000
_WITHIN = {
    "email": {"idn-email"},
    "hostname": {"idn-hostname"},
    "uri": {"uri-reference", "iri", "iri-reference"},
    "uri-reference": {"iri-reference"},
    "iri": {"iri-reference"},
}
_APART = [{"date", "date-time", "time", "uuid", "ipv4", "ipv6", "email"}]


class Strings:
    """The demands on a string."""

    def __init__(self, search: "Search", demands: list[Demand]) -> None:
        self.meter = search.meter
        self.least = 0
        self.most: int | None = None
        self.matching: set[str] = set()
        self.barred: set[str] = set()
        self.excluded: set[str] = set()
        self.formats: set[tuple[str, bool]] = set()
        for demand in demands:
            self._add(demand)

    def _add(self, demand: Demand) -> None:
        match demand:
            case Size(least, most):
                self.least = max(self.least, least)
                self.most = least_of(self.most, most)
            case Matches(pattern, wanted):
                (self.matching if wanted else self.barred).add(pattern)
            case Among(values, _, False):
                self.excluded |= {cast("str", value) for value in values}
            case Formatted(name, wanted):
                self.formats.add((name, wanted))
            case _:
                pass

    def possible(self) -> bool:
        return (
            (self.most is None or self.least <= self.most)
            and self.matching.isdisjoint(self.barred)
            and self._formats_agree()
        )

    def _formats_agree(self) -> bool:
        """False where formats known to lie within each other or apart contradict each other."""
        named = {name for name, wanted in self.formats if wanted}
        barred = {name for name, wanted in self.formats if not wanted}
        covered = named.union(*(_WITHIN.get(name, ()) for name in named))
        return covered.isdisjoint(barred) and not any(len(named & group) > 1 for group in _APART)

    def open_to(self, demand: Demand) -> bool:
        match demand:
            case Size(least, most):
                return (most is None or most >= self.least) and (
                    self.most is None or least <= self.most
                )
            case Matches(pattern, wanted):
                return pattern not in (self.barred if wanted else self.matching)
            case Formatted(name, wanted):
                return (name, not wanted) not in self.formats
            case _:
                return True

    def needed(self) -> "tuple[Goal, ...]":
        return ()

    def value(self) -> Outcome:
        if not self.possible():
            return EMPTY
        if self.least > _MAX_LENGTH:
            return Undecided("strings: too long to be written out")
        if self.matching or self.barred:
            self.meter.tick(20)
        found = find_words(
            sorted(self.matching),
            sorted(self.barred),
            min_length=self.least,
            max_length=self.most,
            excluded=self.excluded,
            steps=_STEPS,
        )
        if isinstance(found, NoWord):
            return EMPTY
        if isinstance(found, TooHard):
            return Undecided(f"pattern: {found.reason}")
        return self._in_formats(found.found[0]) if self.formats else Found(found.found[0])

    def _in_formats(self, word: str) -> Outcome:
        """A text known to be in the formats wanted and in none of the barred ones."""
        wanted = {name for name, wanted in self.formats if wanted}
        barred = {name for name, wanted in self.formats if not wanted}
        for text in texts(wanted, barred, word):
            if self._fits(text):
                return Found(text)
        return Undecided("format", Found(word))

    def _fits(self, text: str) -> bool:
        return (
            self.least <= len(text)
            and (self.most is None or len(text) <= self.most)
            and text not in self.excluded
            and all(matches(pattern, text) for pattern in self.matching)
            and not any(matches(pattern, text) for pattern in self.barred)
        )
