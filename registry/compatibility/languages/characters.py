"""Sets of characters: sorted, disjoint ranges of code points, surrogates left out."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain

LAST = 0x10FFFF
_SURROGATES = (0xD800, 0xDFFF)
_ASCII = 128

Range = tuple[int, int]


class Characters:
    """A set of characters, both ends of a range included."""

    __slots__ = ("_ascii", "_starts", "hash", "ranges")

    def __init__(self, ranges: tuple[Range, ...]) -> None:
        self.ranges = ranges
        self.hash = hash(ranges)
        self._starts = [low for low, _ in ranges]
        self._ascii = sum(
            (2 << min(high, _ASCII - 1)) - (1 << low) for low, high in ranges if low < _ASCII
        )

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Characters) and self.ranges == other.ranges)

    def __contains__(self, point: int) -> bool:
        if point < _ASCII:
            return bool(self._ascii >> point & 1)
        at = bisect_right(self._starts, point) - 1
        return at >= 0 and point <= self.ranges[at][1]

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __repr__(self) -> str:
        return f"Characters({self.ranges!r})"


def characters(ranges: Iterable[Range]) -> Characters:
    """The set of all that lies in some range; they may overlap."""
    merged: list[Range] = []
    for low, high in sorted(_without_surrogates(ranges)):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return Characters(tuple(merged))


def _without_surrogates(ranges: Iterable[Range]) -> Iterator[Range]:
    first, last = _SURROGATES
    for low, high in ranges:
        if high < first or low > last:
            yield low, high
            continue
        if low < first:
            yield low, first - 1
        if high > last:
            yield last + 1, high


def of_letters(letters: str) -> Characters:
    return characters((ord(letter), ord(letter)) for letter in letters)


@lru_cache(maxsize=4096)
def either(first: Characters, second: Characters) -> Characters:
    return first if first == second else characters(chain(first.ranges, second.ranges))


@lru_cache(maxsize=4096)
def others(barred: Characters) -> Characters:
    """All characters but these."""
    gaps: list[Range] = []
    start = 0
    for low, high in barred.ranges:
        if low > start:
            gaps.append((start, low - 1))
        start = high + 1
    if start <= LAST:
        gaps.append((start, LAST))
    return characters(gaps)


@lru_cache(maxsize=4096)
def both(first: Characters, second: Characters) -> Characters:
    if first == second:
        return first
    return others(either(others(first), others(second)))


@lru_cache(maxsize=4096)
def within(smaller: Characters, larger: Characters) -> bool:
    return both(smaller, larger) == smaller


ALL = characters([(0, LAST)])
NOTHING = characters([])
LINE_ENDS = of_letters("\n\r\u2028\u2029")
DIGITS = characters([(0x30, 0x39)])
WORD = characters([(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)])
SPACES = either(
    of_letters("\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff"),
    characters([(0x2000, 0x200A)]),
)
