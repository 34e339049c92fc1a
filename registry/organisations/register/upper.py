"""Regions, districts and associations through time, read off the keys of their municipalities.

A key of a higher level existed while a municipality's key began with it. What became of its body
follows from where the municipalities went, and from the lists, which tell names and heirs.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from registry.organisations.names import official
from registry.organisations.register.changes import DISSOLVED, KEY_CHANGED, RENAMED, UpperChange
from registry.organisations.register.dataset import Level
from registry.organisations.register.history import Flow, History, Life, Span

KeyOf = Callable[[Span], str | None]


@dataclass(slots=True, eq=False)
class Unit:
    """One body of a level: keys and names, each until a day, from the latest to the earliest."""

    level: Level
    keys: list[tuple[str, date, date]]
    names: list[tuple[str, date]] = field(default_factory=list[tuple[str, date]])

    @property
    def key(self) -> str:
        return self.keys[0][0]

    def key_on(self, day: date) -> str | None:
        return next((key for key, since, until in self.keys if since <= day < until), None)

    @property
    def since(self) -> date:
        return self.keys[-1][1]

    @property
    def until(self) -> date:
        return self.keys[0][2]


@dataclass(slots=True)
class Tier:
    """One level of the hierarchy: which key of it a span lies in, and since when that is known.

    Where `cities` is set, a municipality outside all keys is its own body of this level.
    """

    level: Level
    key_of: KeyOf
    changes: list[UpperChange]
    cities: bool = True
    known_since: date = date.min


@dataclass(slots=True)
class _Stay:
    """A municipality within a unit for a time; `place` numbers its span in the life."""

    life: Life
    place: int
    since: date
    until: date


class Units:
    """All bodies of one level, and what the dissolved ones gave to whom (`moves`, in km²)."""

    def __init__(self, tier: Tier, history: History, names: dict[str, str]) -> None:
        self._tier = tier
        self._changes: defaultdict[str, list[UpperChange]] = defaultdict(list)
        for change in tier.changes:
            self._changes[change.from_key].append(change)
        self._dissolved: defaultdict[int, list[Flow]] = defaultdict(list)
        for flow in history.flows:
            if flow.whole:
                self._dissolved[id(flow.source)].append(flow)
        self._stays = self._collect(history.lives)
        self.units = [unit for key in sorted(self._stays) for unit in self._periods(key)]
        self._by_key: defaultdict[str, list[Unit]] = defaultdict(list)
        for unit in self.units:
            self._by_key[unit.key].append(unit)
        self.moves = {id(unit): self._moves(unit) for unit in self.units}
        self._join_continued()
        for unit in self.units:
            unit.names = self._names(unit, names)

    def _collect(self, lives: Iterable[Life]) -> dict[str, list[_Stay]]:
        stays: defaultdict[str, list[_Stay]] = defaultdict(list)
        for life in lives:
            for place, span in enumerate(life.spans):
                key = self._tier.key_of(span)
                since = max(span.since or date.min, self._tier.known_since)
                until = span.until or date.max
                if key and since < until:
                    stays[key].append(_Stay(life, place, since, until))
        return dict(stays)

    def _periods(self, key: str) -> list[Unit]:
        """One unit for each unbroken time in which the key was in use."""
        periods: list[tuple[date, date]] = []
        for stay in sorted(self._stays[key], key=lambda stay: stay.since):
            if periods and stay.since <= periods[-1][1]:
                periods[-1] = (periods[-1][0], max(periods[-1][1], stay.until))
            else:
                periods.append((stay.since, stay.until))
        return [Unit(self._tier.level, [(key, since, until)]) for since, until in periods]

    def at(self, key: str, day: date) -> Unit | None:
        """The unit that held a key on a day."""
        return next((unit for unit in self._by_key.get(key, ()) if unit.key_on(day) == key), None)

    def holder(self, life: Life, day: date) -> Unit | Life | None:
        """The body of this level a municipality lay in: a unit, or itself where it was both."""
        span = life.at(day)
        key = self._tier.key_of(span) if span else None
        if key is not None:
            return self.at(key, day)
        return life if span and self._tier.cities else None

    def _moves(self, unit: Unit) -> list[tuple[Unit | Life, float]]:
        """Who received the municipalities of a unit on its last day, and how much of its area."""
        received: dict[int, tuple[Unit | Life, float]] = {}
        for stay in self._stays[unit.key]:
            if stay.until == unit.until != date.max:
                for life, area in self._went_to(stay):
                    holder = self.holder(life, unit.until)
                    if holder is not None:
                        before = received.get(id(holder), (holder, 0.0))[1]
                        received[id(holder)] = (holder, before + area)
        return list(received.values())

    def _went_to(self, stay: _Stay) -> list[tuple[Life, float]]:
        area = stay.life.spans[stay.place].moved_area
        if stay.place > 0:
            return [(stay.life, area)]
        flows = self._dissolved[id(stay.life)]
        return [(flow.target, flow.area if flow.area is not None else area) for flow in flows]

    def _join_continued(self) -> None:
        """Make one body of units that only changed their key."""
        for unit in sorted(self.units, key=lambda unit: unit.until, reverse=True):
            heir = self._heir(unit)
            if heir is not None and heir.since == unit.until:
                heir.keys += unit.keys
                self._by_key[unit.key] = [heir if u is unit else u for u in self._by_key[unit.key]]
                self.moves[id(unit)] = []
                self._replace(unit, heir)

    def _replace(self, unit: Unit, heir: Unit) -> None:
        self.units.remove(unit)
        for moves in self.moves.values():
            moves[:] = [(heir if target is unit else target, area) for target, area in moves]

    def _heir(self, unit: Unit) -> Unit | None:
        """The unit that is the same body under its next key.

        The lists name it, or pass over the unit in silence: then it lived on where most of its
        area went.
        """
        rows = [change for change in self._changes[unit.key] if change.on == unit.until]
        continued = next((row for row in rows if KEY_CHANGED in row.type), None)
        if continued is not None:
            return self.at(continued.to_key, continued.on)
        if any(row.type == DISSOLVED for row in rows):
            return None
        largest = max(self.moves[id(unit)], key=lambda move: move[1], default=(None, 0.0))[0]
        return largest if isinstance(largest, Unit) else None

    def _names(self, unit: Unit, current: dict[str, str]) -> list[tuple[str, date]]:
        """The names from the latest to the earliest, each with its last day (exclusive)."""
        keys = dict.fromkeys(key for key, _, _ in unit.keys)
        rows = [row for key in keys for row in self._changes[key] if _tells_name(row, unit)]
        rows.sort(key=lambda row: row.on, reverse=True)
        name = current.get(unit.key)
        if rows and (name is None or rows[0].after_directory):
            name = rows[0].to_name if rows[0].on < unit.until else rows[0].from_name
        names = [(_plain(name or f"({unit.key})"), date.max)]
        for row in rows:
            before = _plain(row.from_name)
            if row.on == names[-1][1]:
                names[-1] = (before, row.on)
            elif unit.since < row.on < unit.until and before != names[-1][0]:
                names.append((before, row.on))
        return names


def _tells_name(row: UpperChange, unit: Unit) -> bool:
    held = any(row.from_key == key and since <= row.on <= until for key, since, until in unit.keys)
    return held and (RENAMED in row.type or row.on == unit.until)


def _plain(name: str) -> str:
    return official(name.removeprefix("Bisher: "))
