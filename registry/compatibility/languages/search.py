"""The cheapest word of a language, found by A*; that there is none is a proof."""

import heapq
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

from registry.compatibility.languages.algebra import EMPTY, EPSILON, one, repeat, then
from registry.compatibility.languages.characters import Characters
from registry.compatibility.languages.derivatives import after, alike, firsts
from registry.compatibility.languages.meeting import meet
from registry.compatibility.languages.naturalness import Sample, sample
from registry.compatibility.languages.nodes import ENDLESS, Node

_MOST_ARMS = 64
_SMALL = 32

Path = list[tuple[Sample, int]]
"""Groups of characters, each so and so often."""


class Spent(Exception):
    """The steps a search was allowed are used up."""


class Meter:
    """Counts steps: the same ones everywhere, whatever is remembered from earlier searches."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def take(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise Spent


class _Link:
    """How a state was reached."""

    __slots__ = ("before", "count", "sample")

    def __init__(self, before: "_Link | None", sample: Sample, count: int) -> None:
        self.before = before
        self.sample = sample
        self.count = count

    def path(self) -> Path:
        steps: Path = []
        link: _Link | None = self
        while link is not None:
            steps.append((link.sample, link.count))
            link = link.before
        return steps[::-1]


_Entry = tuple[int, int, int, int, Node, _Link | None]
"""Estimate, minus the length, a number to keep the order, cost so far, state, way."""


class _Frontier:
    def __init__(self) -> None:
        self.heap: list[_Entry] = []
        self.best: dict[Node, int] = {}
        self.number = 0

    def add(self, state: Node, cost: int, length: int, link: _Link | None) -> None:
        known = self.best.get(state)
        if known is not None and known <= cost:
            return
        self.best[state] = cost
        self.number += 1
        entry = (cost + state.least, -length, self.number, cost, state, link)
        heapq.heappush(self.heap, entry)


def cheapest(language: Node, meter: Meter) -> Path | None:
    """A way to a word of least cost, or None where the language is empty; raises Spent."""
    frontier = _Frontier()
    for arm in arms(language):
        frontier.add(arm, 0, 0, None)
    while frontier.heap:
        _, negative, _, cost, state, link = heapq.heappop(frontier.heap)
        if cost > frontier.best[state]:
            continue
        if state.nullable:
            return link.path() if link else []
        for following, group, count in _steps(state, meter):
            way = _Link(link, group, count)
            for arm in arms(following):
                frontier.add(arm, cost + group.cost * count, count - negative, way)
    return None


def _steps(state: Node, meter: Meter) -> Iterator[tuple[Node, Sample, int]]:
    """Where one character leads, or many at once where only their number counts."""
    head, tail = state.parts if state.kind == "then" else (state, EPSILON)
    if head.is_class_repeat and head.repeated[1] > 1:
        characters, low, high = head.repeated
        meter.take(1)
        left = repeat(one(characters), 0, high if high == ENDLESS else high - low)
        yield then(left, tail), sample(characters), low
        return
    groups = ordered(firsts(state))
    meter.take(len(groups) * (1 + state.size // _SMALL))
    for group in groups:
        following = after(state, group.point)
        if following is not EMPTY:
            yield following, group, 1


@lru_cache(maxsize=2048)
def ordered(sets: frozenset[Characters]) -> tuple[Sample, ...]:
    """The groups of characters a state tells apart, the most natural first."""
    samples = [sample(group) for group in alike(sets)]
    return tuple(sorted(samples, key=lambda each: each.rank))


def arms(language: Node) -> list[Node]:
    """Languages that make up this one: alternatives are searched one by one."""
    if language.kind == "or":
        return [arm for part in language.parts for arm in arms(part)]
    if language.kind != "and":
        return [] if language is EMPTY else [language]
    choices = [part.parts if part.kind == "or" else (part,) for part in language.parts]
    count = 1
    for choice in choices:
        count *= len(choice)
    if count == 1 or count > _MOST_ARMS:
        return [language]
    met = (meet(combination) for combination in product(*choices))
    return [arm for each in met for arm in arms(each)]


def spelled(path: Path) -> str:
    """The word along a way, its characters varied where that makes no difference."""
    used: dict[Sample, int] = {}
    letters: list[str] = []
    for group, count in path:
        start = used.get(group, 0)
        letters += [group.nth(start + step) for step in range(count)]
        used[group] = start + count
    return "".join(letters)
