"""Bodies with territory, put together from the directory and the history of their keys."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from registry.organisations.model import organisation_id
from registry.organisations.names import UNINCORPORATED, kind_by_name
from registry.organisations.register.dataset import Body, Key, Level, State
from registry.organisations.register.directory import Directory, Entry
from registry.organisations.register.history import Life, Span
from registry.organisations.register.sources import POPULATION_DATE, TERRITORY_DATE

# With 2009 the associations, and with them all keys of 9 and 12 digits, were numbered anew.
KEYS_KNOWN_SINCE = date(2009, 1, 1)

CITY_STATES = ("02000000", "11000000")
_CITY_KINDS = ("Kreisfreie Stadt", "Stadtkreis")
_REAL_ASSOCIATION = "5"
_NO_ASSOCIATION = "9"


def is_city(span: Span) -> bool:
    """Whether a municipality was its own district (or state) in this time."""
    return span.ags.endswith("000")


def district_key(span: Span) -> str | None:
    """The key of the district a municipality lay in."""
    outside = span.ags[2:5] == "000"
    return None if outside or is_city(span) else span.ags[:5]


def association_key(span: Span) -> str | None:
    """The key of the association a municipality belonged to; known since 2009."""
    return span.ars[:9] if _numbered_anew(span) and span.ars[5] == _REAL_ASSOCIATION else None


def _numbered_anew(span: Span) -> bool:
    return span.until is None or span.until > KEYS_KNOWN_SINCE


class Municipalities:
    """Bodies of municipalities, unincorporated areas and city states."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._ids: dict[int, UUID] = {}
        self._parts: dict[str, list[str]] = {}
        for key, ags in directory.parts.items():
            self._parts.setdefault(ags, []).append(key)

    def identify(self, life: Life) -> UUID:
        """The id: by the key in the first directory; of another body by its key and one end."""
        if id(life) not in self._ids:
            self._ids[id(life)] = self._identify(life)
        return self._ids[id(life)]

    def _identify(self, life: Life) -> UUID:
        listed = life.at(TERRITORY_DATE)
        if listed is not None:
            return organisation_id(f"municipality/{listed.ags}")
        if life.ended is not None:
            return organisation_id(f"municipality/{life.spans[0].ags}/{life.ended}")
        return organisation_id(f"municipality/{life.earliest.ags}/{life.founded}")

    def body(self, life: Life) -> Body:
        base: Level = "unincorporated" if self._is_unincorporated(life) else "municipality"
        keys = [key for span in reversed(life.spans) for key in _span_keys(span, base)]
        keys += self._further_keys(life)
        states = [self._state(life, span, base) for span in reversed(_distinct(life.spans))]
        return Body(self.identify(life), None, tuple(_joined(keys)), tuple(states))

    def _further_keys(self, life: Life) -> Iterator[Key]:
        ags = life.spans[0].ags
        if life.ended is None:
            if ags in CITY_STATES:
                yield Key(ags[:2], "state", life.founded, None)
            yield from (Key(key, "part", None, None) for key in self._parts.get(ags, ()))

    def _is_unincorporated(self, life: Life) -> bool:
        listed = life.at(TERRITORY_DATE)
        if listed is not None and listed.ags in self._directory.municipalities:
            return listed.ags in self._directory.unincorporated
        last = life.spans[0]
        named = any(kind_by_name(span.name) == UNINCORPORATED for span in life.spans)
        return named or (_numbered_anew(last) and last.ars[5] == _NO_ASSOCIATION)

    def _state(self, life: Life, span: Span, base: Level) -> State:
        known = {}
        if span.covers(TERRITORY_DATE) and span.ags in self._directory.municipalities:
            known = entry_facts(self._directory.municipalities[span.ags])
        elif life.ended is not None and span.until == life.ended:
            known = _last_facts(life)
        return State(
            since=span.since,
            until=span.until,
            name=span.name,
            kind=self._kind(life, span, base),
            levels=_levels(span, base),
            ags=span.ags,
            **known,
        )

    def _kind(self, life: Life, span: Span, base: Level) -> str:
        """The kind: today's, as long as the name told the same; what the name told before."""
        at_directory = life.at(TERRITORY_DATE)
        listed = at_directory and self._directory.municipalities.get(at_directory.ags)
        if listed and is_city(span) == (listed.kind in _CITY_KINDS):
            unchanged = kind_by_name(span.name) == kind_by_name(listed.name)
            if unchanged or is_city(span):
                return listed.kind
        if base == "unincorporated":
            return UNINCORPORATED
        return _CITY_KINDS[0] if is_city(span) else kind_by_name(span.name)


def _levels(span: Span, base: Level) -> tuple[Level, ...]:
    held: list[tuple[Level, bool]] = [
        ("state", span.ags in CITY_STATES),
        ("district", is_city(span)),
        ("association", _is_own_association(span)),
        (base, True),
    ]
    return tuple(level for level, holds in held if holds)


def _is_own_association(span: Span) -> bool:
    return _numbered_anew(span) and span.ars[5] != _REAL_ASSOCIATION


def _span_keys(span: Span, base: Level) -> Iterator[Key]:
    if is_city(span):
        yield Key(span.ags[:5], "district", span.since, span.until)
    if _numbered_anew(span):
        since = max(span.since or date.min, KEYS_KNOWN_SINCE)
        if _is_own_association(span):
            yield Key(span.ars[:9], "association", since, span.until)
        yield Key(span.ars, base, since, span.until)


def _joined(keys: Iterable[Key]) -> Iterator[Key]:
    """Each key once for an unbroken time."""
    open_keys: dict[str, Key] = {}
    for key in keys:
        before = open_keys.get(key.key)
        if before is not None and before.until == key.since:
            open_keys[key.key] = Key(key.key, key.level, before.since, key.until)
        else:
            if before is not None:
                yield before
            open_keys[key.key] = key
    yield from open_keys.values()


def _distinct(spans: list[Span]) -> list[Span]:
    """The spans without boundaries where only the regional key changed."""
    found: list[Span] = []
    for span in spans:
        later = found[-1] if found else None
        if later is not None and _same_state(span, later):
            found[-1] = Span(later.ags, later.ars, later.name, span.since, later.until)
        else:
            found.append(span)
    return found


def _same_state(span: Span, later: Span) -> bool:
    return (span.ags, span.name) == (later.ags, later.name) and (
        not _numbered_anew(span) or _is_own_association(span) == _is_own_association(later)
    )


def entry_facts(entry: Entry) -> dict[str, Any]:
    """What the directory counts, as fields of a state."""
    return {
        "population": entry.population,
        "population_on": None if entry.population is None else POPULATION_DATE,
        "area_km2": entry.area_km2,
        "postcode": entry.postcode,
        "longitude": entry.longitude,
        "latitude": entry.latitude,
    }


def _last_facts(life: Life) -> dict[str, Any]:
    return {
        "population": life.population,
        "population_on": None if life.population is None else life.ended,
        "area_km2": round(life.spans[0].moved_area, 4) or None,
    }
