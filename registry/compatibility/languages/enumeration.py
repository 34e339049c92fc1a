"""Many words of a language, in the order of their cost."""

import heapq
from collections.abc import Collection, Iterator

from registry.compatibility.languages.algebra import EMPTY
from registry.compatibility.languages.derivatives import after, firsts
from registry.compatibility.languages.naturalness import by_naturalness, cost
from registry.compatibility.languages.nodes import Node
from registry.compatibility.languages.search import Meter, Spent, cheapest, ordered


class _Branch:
    """Words that go on after `word` with one of some characters, the next of which is `letter`."""

    __slots__ = ("following", "letter", "letters", "spent", "word")

    def __init__(self, word: str, spent: int, following: Node, letters: Iterator[str]) -> None:
        self.word = word
        self.spent = spent
        self.following = following
        self.letters = letters
        self.letter = next(letters, "")

    def advance(self) -> bool:
        self.letter = next(self.letters, "")
        return self.letter != ""


class _Enumeration:
    def __init__(self, meter: Meter) -> None:
        self.meter = meter
        self.heap: list[tuple[int, int, int, _Branch]] = []
        self.distances: dict[Node, int | None] = {}
        self.number = 0

    def words(self, language: Node) -> Iterator[str]:
        """All words without doubles: states are followed as a whole, not arm by arm."""
        if language.nullable:
            yield ""
        self._expand(language, "", 0)
        while self.heap:
            self.meter.take(1)
            branch = heapq.heappop(self.heap)[-1]
            word, spent = branch.word + branch.letter, branch.spent + cost(branch.letter)
            if branch.following.nullable:
                yield word
            self._expand(branch.following, word, spent)
            if branch.advance():
                self._push(branch)

    def _expand(self, state: Node, word: str, spent: int) -> None:
        for group in ordered(firsts(state)):
            following = after(state, group.point)
            if following is not EMPTY and self._distance(following) is not None:
                letters = by_naturalness(group.characters)
                self._push(_Branch(word, spent, following, letters))

    def _push(self, branch: _Branch) -> None:
        self.number += 1
        estimate = branch.spent + cost(branch.letter) + (self._distance(branch.following) or 0)
        heapq.heappush(self.heap, (estimate, -len(branch.word), self.number, branch))

    def _distance(self, state: Node) -> int | None:
        if state.nullable:
            return 0
        if state not in self.distances:
            path = cheapest(state, self.meter)
            found = None if path is None else sum(group.cost * count for group, count in path)
            self.distances[state] = found
        return self.distances[state]


def enumerate_words(
    language: Node, count: int, excluded: Collection[str], meter: Meter
) -> tuple[tuple[str, ...], bool]:
    """Up to `count` words that are not excluded, and whether there are no others."""
    found: list[str] = []
    try:
        for word in _Enumeration(meter).words(language):
            if word not in excluded:
                found.append(word)
            if len(found) == count:
                return tuple(found), False
    except Spent:
        if not found:
            raise
        return tuple(found), False
    return tuple(found), True
