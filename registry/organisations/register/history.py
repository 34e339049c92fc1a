"""Municipalities through time, told backwards: from the directory through every change since 1990.

The lists say what became of a key, not whether the receiving body existed before. That shows in its
area: a body whose parts of one day make up all its area came into being on that day.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from registry.organisations.names import official
from registry.organisations.register.changes import Change

# Areas are rounded to hectares and surveyed anew over the years. A body that existed keeps more of
# its area than this when the parts it received on one day are taken away; a founded one keeps less.
FOUNDING_REMAINDER = 0.06


@dataclass(slots=True)
class Span:
    """A time in which key and name did not change; `moved_area` is its area at the end, in km²."""

    ags: str
    ars: str
    name: str
    since: date | None = None
    until: date | None = None
    moved_area: float = 0.0

    def covers(self, day: date) -> bool:
        begun = self.since is None or self.since <= day
        return begun and (self.until is None or day < self.until)


@dataclass(slots=True, eq=False)
class Life:
    """One municipality from founding to end; `spans` run from the latest to the earliest."""

    spans: list[Span]
    area: float = 0.0
    population: int | None = None
    ended: date | None = None
    founded: date | None = None

    @property
    def earliest(self) -> Span:
        return self.spans[-1]

    def at(self, day: date) -> Span | None:
        """The span of a day, or None when the body did not exist."""
        return next((span for span in self.spans if span.covers(day)), None)


@dataclass(slots=True, eq=False)
class Flow:
    """What one body gave another on one day; `share` is the part of the giver's area or None."""

    on: date
    source: Life
    target: Life
    whole: bool
    population: int | None
    area: float | None
    share: float | None = None


@dataclass(slots=True)
class History:
    """All municipalities since 1990, what they gave each other, the rows that fitted nowhere."""

    lives: list[Life]
    flows: list[Flow]
    unexplained: list[Change]


@dataclass(slots=True)
class _Day:
    """What is known of the day being undone."""

    on: date
    moves: dict[str, str]
    flows: list[Flow] = field(default_factory=list[Flow])
    received: dict[int, tuple[Life, float]] = field(default_factory=dict[int, tuple[Life, float]])
    existed: set[int] = field(default_factory=set[int])
    appeared: set[int] = field(default_factory=set[int])


def tell(today: Iterable[Life], changes: Iterable[Change]) -> History:
    """The history that ends with the bodies in the directory."""
    telling = _Telling(list(today))
    days: defaultdict[date, list[Change]] = defaultdict(list)
    for change in changes:
        days[change.on].append(change)
    telling.step_beyond_directory(days)
    for on in sorted(days, reverse=True):
        telling.undo_day(on, days[on])
    return History(telling.lives, telling.flows, telling.unexplained)


class _Telling:
    def __init__(self, today: list[Life]) -> None:
        self.alive = {life.earliest.ags: life for life in today}
        self.lives = today
        self.flows: list[Flow] = []
        self.unexplained: list[Change] = []

    def step_beyond_directory(self, days: dict[date, list[Change]]) -> None:
        """Bring the directory to the end of the lists, so that undoing them starts there."""
        later = [change for on in sorted(days) for change in days[on] if change.after_directory]
        for change in sorted(later, key=lambda change: (change.on, not change.changes_key)):
            self._redo(change)

    def _redo(self, change: Change) -> None:
        if change.dissolves and change.from_ags in self.alive:
            self.lives.remove(self.alive.pop(change.from_ags))
        elif change.changes_key:
            life = self.alive.pop(change.from_ags)
            life.earliest.ags, life.earliest.ars = change.to_ags, change.to_ars
            self.alive[change.to_ags] = life
        if change.dissolves or change.moves_part:
            self.alive[change.to_ags].area += change.area or 0.0
        if change.moves_part:
            self.alive[change.from_ags].area -= change.area or 0.0

    def undo_day(self, on: date, changes: list[Change]) -> None:
        """Undo all changes of a day, the later of two that build on each other first."""
        moves = {change.from_ags: change.to_ags for change in changes if change.changes_key}
        day = _Day(on, moves)
        waiting = changes[::-1]
        while waiting:
            ready = self._ready(on, waiting) or waiting
            for change in sorted(ready, key=lambda change: change.changes_key):
                self._undo(day, change)
            done = set(map(id, ready))
            waiting = [change for change in waiting if id(change) not in done]
        self._found(day)
        self._weigh(day)
        self.flows += day.flows

    def _ready(self, on: date, waiting: list[Change]) -> list[Change]:
        """The changes nothing else on that day was built upon."""
        ending = {c.from_ags for c in waiting if c.ends_key and c.from_ags not in self.alive}
        return [
            change
            for change in waiting
            if change.to_ags not in ending
            and not (change.ends_key and self._held(on, change.from_ags))
        ]

    def _held(self, on: date, ags: str) -> bool:
        """Whether a body that lived on after the day holds the key."""
        life = self.alive.get(ags)
        return life is not None and life.ended != on

    def _undo(self, day: _Day, change: Change) -> None:
        target = self.alive.get(change.to_ags)
        if target is None:
            self.unexplained.append(change)
        elif not change.type:
            day.appeared.add(id(target))
            day.received.setdefault(id(target), (target, target.area))
        elif change.changes_key or change.renames:
            self._step_back(day, change, target)
        elif change.dissolves:
            self._revive(day, change, target)
        elif change.moves_part:
            self._return_part(day, change, target)

    def _step_back(self, day: _Day, change: Change, life: Life) -> None:
        """Give a body the key or name it had before."""
        span = life.earliest
        if span.until != day.on:
            span.since = day.on
            span = Span(span.ags, span.ars, span.name, until=day.on)
            life.spans.append(span)
        if change.changes_key:
            span.ags, span.ars = change.from_ags, change.from_ars
            day.existed.add(id(life))
        if change.renames:
            span.name = official(change.from_name)
        span.moved_area = life.area
        if span.ags != change.to_ags:
            del self.alive[change.to_ags]
            self.alive[span.ags] = life

    def _revive(self, day: _Day, change: Change, target: Life) -> None:
        """Let a dissolved body live again, and give it back what it brought along."""
        source = self.alive.get(change.from_ags)
        if source is not None and source.ended != day.on:
            self._ignore_detour(day, source)
            return
        if source is None:
            name = official(change.from_name)
            span = Span(change.from_ags, change.from_ars, name, until=day.on)
            source = Life([span], ended=day.on)
            self.lives.append(source)
            self.alive[change.from_ags] = source
        source.area += change.area or 0.0
        source.earliest.moved_area = source.area
        if change.population is not None:
            source.population = (source.population or 0) + change.population
        self._flow(day, change, source, target)

    def _ignore_detour(self, day: _Day, life: Life) -> None:
        """A body that left and came back, or joined and left, on one day had no change at all."""
        _, life.area = day.received.pop(id(life), (life, life.area))
        for flow in (flow for flow in day.flows if flow.target is life):
            flow.source.area -= flow.area or 0.0
        day.flows = [flow for flow in day.flows if flow.target is not life]

    def _return_part(self, day: _Day, change: Change, target: Life) -> None:
        moved = day.moves.get(change.from_ags, "")
        source = self.alive.get(change.from_ags) or self.alive.get(moved)
        if source is None:
            self.unexplained.append(change)
            return
        source.area += change.area or 0.0
        day.existed.add(id(source))
        self._flow(day, change, source, target)

    def _flow(self, day: _Day, change: Change, source: Life, target: Life) -> None:
        day.received.setdefault(id(target), (target, target.area))
        target.area -= change.area or 0.0
        if change.founds:
            day.appeared.add(id(target))
        day.flows.append(
            Flow(day.on, source, target, change.dissolves, change.population, change.area)
        )

    def _found(self, day: _Day) -> None:
        """End the telling of every body that came into being on this day."""
        for life, before in day.received.values():
            all_received = life.area <= FOUNDING_REMAINDER * before and id(life) not in day.existed
            if all_received or id(life) in day.appeared:
                if life.earliest.until == day.on:
                    life.spans.pop()
                life.founded = life.earliest.since = day.on
                del self.alive[life.earliest.ags]

    def _weigh(self, day: _Day) -> None:
        for flow in day.flows:
            if flow.area is not None and flow.source.area > 0:
                flow.share = min(1.0, flow.area / flow.source.area)
