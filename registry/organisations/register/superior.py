"""Bodies above the municipalities: states, regions, districts and associations."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from registry.organisations.model import organisation_id
from registry.organisations.register.dataset import Body, Key, State
from registry.organisations.register.directory import Directory, Entry
from registry.organisations.register.sources import TERRITORY_DATE
from registry.organisations.register.territory import KEYS_KNOWN_SINCE, entry_facts
from registry.organisations.register.upper import Unit

_KREIS_STATES = ("01", "05")
_REGION_KINDS = (("Reg.-Bez.", "Regierungsbezirk"), ("Direktionsbezirk", "Direktionsbezirk"))


def state_body(entry: Entry) -> Body:
    """A Land that is no city."""
    state = State(None, None, entry.name, entry.kind, ("state",), **entry_facts(entry))
    key = Key(entry.key, "state", None, None)
    return Body(organisation_id(f"state/{entry.key}"), None, (key,), (state,))


def unit_body(unit: Unit, directory: Directory) -> Body:
    """A region, district or association."""
    keys = [
        Key(key, unit.level, _day(since), _day(until)) for key, since, until in reversed(unit.keys)
    ]
    return Body(identify(unit), None, tuple(keys), tuple(_states(unit, directory)))


def identify(unit: Unit) -> UUID:
    """The id: by the key in the first directory; of any other body by its key and one known end."""
    listed = unit.key_on(TERRITORY_DATE)
    if listed is not None:
        return organisation_id(f"{unit.level}/{listed}")
    end = unit.until if unit.until <= TERRITORY_DATE else unit.since
    return organisation_id(f"{unit.level}/{unit.key}/{end}")


def _states(unit: Unit, directory: Directory) -> Iterator[State]:
    entry = directory.entries(unit.level).get(unit.key_on(TERRITORY_DATE) or "")
    since = None if unit.since == KEYS_KNOWN_SINCE else _day(unit.since)
    for name, last in reversed(unit.names):
        until = _day(min(last, unit.until))
        listed = (since or date.min) <= TERRITORY_DATE < (until or date.max)
        facts = entry_facts(entry) if entry and listed else {}
        yield State(since, until, name, _kind(unit, name, entry), (unit.level,), **facts)
        since = until


def _kind(unit: Unit, name: str, entry: Entry | None) -> str:
    if unit.level == "region":
        former = next((kind for begin, kind in _REGION_KINDS if name.startswith(begin)), None)
        return former or (entry.kind if entry else "Regierungsbezirk")
    if entry:
        return entry.kind
    if unit.level == "association":
        return "Gemeindeverband"
    return "Kreis" if unit.key[:2] in _KREIS_STATES else "Landkreis"


def _day(day: date) -> date | None:
    """The day, unless it stands for "always"."""
    return None if day in (date.min, date.max) else day
