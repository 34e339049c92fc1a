"""The cheapest word of a language, found by A*; that there is none is a proof."""

import heapq
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

from registry.compatibility.languages.algebra import (
    EMPTY,
    EPSILON,
    length_between,
    one,
    repeat,
    then,
)
from registry.compatibility.languages.characters import Characters
from registry.compatibility.languages.derivatives import after, alike, firsts
from registry.compatibility.languages.meeting import is_window, meet
from registry.compatibility.languages.naturalness import Sample, sample
from registry.compatibility.languages.nodes import ENDLESS, Node

_MOST_ARMS = 64
_SMALL = 32
_LONG = 16

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


_Entry = tuple[int, int, int, int, int, Node, _Link | None]
"""Estimate, minus the length in sight, length, a number to keep the order, cost, state, way."""


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
        # A run of characters ends at once, so among equals it is to be looked at first.
        ending = state.least if state.is_class_repeat else 0
        entry = (cost + state.least, -length - ending, length, self.number, cost, state, link)
        heapq.heappush(self.heap, entry)


def cheapest(language: Node, meter: Meter) -> Path | None:
    """A way to a word of least cost, or None where the language is empty; raises Spent."""
    frontier = _Frontier()
    for arm in arms(language):
        frontier.add(arm, 0, 0, None)
    while frontier.heap:
        _, _, length, _, cost, state, link = heapq.heappop(frontier.heap)
        if cost > frontier.best[state]:
            continue
        if state.nullable:
            return link.path() if link else []
        for following, group, count in _steps(state, meter):
            way = _Link(link, group, count)
            met = arms(following)
            meter.take(len(met) - 1 if met else 0)
            for arm in met:
                frontier.add(arm, cost + group.cost * count, length + count, way)
    return None


def _steps(state: Node, meter: Meter) -> Iterator[tuple[Node, Sample, int]]:
    """Where one character leads, or many at once where only their number counts."""
    head, tail = state.parts if state.kind == "then" else (state, EPSILON)
    if head.is_class_repeat and head.repeated[1] > 1:
        meter.take(1)
        yield _whole_run(head, tail)
        return
    groups = ordered(firsts(state))
    meter.take(len(groups) * (1 + state.size // _SMALL))
    if state.kind == "and":
        yield from _padding(state)
    for group in groups:
        following = after(state, group.point)
        if following is not EMPTY:
            yield following, group, 1


def _whole_run(run: Node, tail: Node) -> tuple[Node, Sample, int]:
    characters, low, high = run.repeated
    left = repeat(one(characters), 0, _less(high, low))
    return then(left, tail), sample(characters), low


def _padding(state: Node) -> Iterator[tuple[Node, Sample, int]]:
    """Where a state may stay as it is, all that a text lacks in length."""
    window = next((part for part in state.parts if is_window(part)), None)
    if window is None or window.repeated[1] < _LONG:
        return
    rest = meet(part for part in state.parts if part is not window)
    _, low, high = window.repeated
    for group in ordered(firsts(rest)):
        if rest in arms(after(rest, group.point)):
            yield meet((rest, length_between(0, _less(high, low)))), group, low
            return


def _less(high: int, low: int) -> int:
    return high if high == ENDLESS else high - low


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
