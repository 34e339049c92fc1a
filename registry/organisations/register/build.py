"""The data set of Germany: every level from the same history, with what became of each body."""

from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

import msgspec

from registry.organisations.register import successions, superior, territory
from registry.organisations.register.changes import Changes, read_changes
from registry.organisations.register.dataset import Body, DataSet
from registry.organisations.register.directory import Directory, Entry, read_directory
from registry.organisations.register.history import Flow, History, Life, Span, tell
from registry.organisations.register.sources import TERRITORY_DATE, Sources
from registry.organisations.register.territory import Municipalities
from registry.organisations.register.unplaced import unplaced_bodies
from registry.organisations.register.upper import Tier, Unit, Units

TERRITORY = "territory"
OTHERS = "others"

TERRITORY_FILES = (
    "ars_city_districts",
    "corrections",
    "gemeindeverbaende",
    "kreise",
    "laender",
    "municipalities",
    "municipality_changes_1990_2006",
    "municipality_changes_2007_2025",
    "regierungsbezirke",
)


def build_territory(sources: Sources) -> DataSet:
    """All bodies with territory the directory and the lists tell of, in a fixed order."""
    directory = read_directory(sources)
    changes = read_changes(sources)
    history = tell(directory.lives(), changes.municipalities)
    municipalities = Municipalities(directory)
    bodies = [
        *(superior.state_body(entry) for entry in _states(directory)),
        *_upper_bodies(changes, directory, history, municipalities),
        *_municipality_bodies(history, municipalities),
    ]
    return DataSet(name=TERRITORY, territory_date=TERRITORY_DATE, bodies=tuple(bodies))


def build_others(sources: Sources) -> DataSet:
    """The bodies without territory."""
    return DataSet(name=OTHERS, territory_date=None, bodies=tuple(unplaced_bodies(sources)))


def _states(directory: Directory) -> Iterator[Entry]:
    cities = {ags[:2] for ags in territory.CITY_STATES}
    return (entry for entry in directory.states.values() if entry.key not in cities)


def _upper_bodies(
    changes: Changes, directory: Directory, history: History, municipalities: Municipalities
) -> Iterator[Body]:
    def identify(body: Unit | Life) -> UUID:
        return superior.identify(body) if isinstance(body, Unit) else municipalities.identify(body)

    for tier in _tiers(changes, directory, history):
        entries = directory.entries(tier.level)
        units = Units(tier, history, {key: entry.name for key, entry in entries.items()})
        for unit in units.units:
            gone = successions.of_unit(unit, units.moves[id(unit)], identify)
            yield msgspec.structs.replace(
                superior.unit_body(unit, directory), successions=tuple(gone)
            )


def _tiers(changes: Changes, directory: Directory, history: History) -> Iterator[Tier]:
    regions = changes.upper["Regierungsbezirk"]
    cities = {s.ags[:5] for life in history.lives for s in life.spans if territory.is_city(s)}
    named = {*directory.regions, *(change.from_key for change in regions)}

    def region_key(span: Span) -> str | None:
        return span.ags[:3] if span.ags[:3] in named else None

    def district_key(span: Span) -> str | None:
        key = territory.district_key(span)
        return None if key in cities else key

    yield Tier("region", region_key, regions, cities=False)
    yield Tier("district", district_key, changes.upper["Kreis"])
    yield Tier(
        "association",
        territory.association_key,
        changes.upper["Gemeindeverband"],
        known_since=territory.KEYS_KNOWN_SINCE,
    )


def _municipality_bodies(history: History, municipalities: Municipalities) -> Iterator[Body]:
    given: defaultdict[int, list[Flow]] = defaultdict(list)
    for flow in history.flows:
        given[id(flow.source)].append(flow)
    for life in history.lives:
        gone = successions.of_municipality(life, given[id(life)], municipalities.identify)
        yield msgspec.structs.replace(municipalities.body(life), successions=tuple(gone))
