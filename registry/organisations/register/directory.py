"""Today's directory of territorial bodies, level by level, as the official tables list it."""

from collections.abc import Iterator

import msgspec

from registry.organisations.names import official
from registry.organisations.register.history import Life, Span
from registry.organisations.register.sources import Sources

CITY_KINDS = ("41", "42")
PSEUDO_ASSOCIATION = "50"
REAL_REGIONS = ("05", "06", "08", "09")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the directory. The area is in km², coordinates in degrees (WGS 84)."""

    key: str
    name: str
    kind: str
    population: int | None = None
    area_km2: float | None = None
    postcode: str | None = None
    longitude: float | None = None
    latitude: float | None = None


class Directory(msgspec.Struct, frozen=True, kw_only=True):
    """The rows of each level by key; municipalities and unincorporated areas by their AGS."""

    states: dict[str, Entry]
    regions: dict[str, Entry]
    districts: dict[str, Entry]
    associations: dict[str, Entry]
    municipalities: dict[str, Entry]
    unincorporated: frozenset[str]
    regional_keys: dict[str, str]
    parts: dict[str, str]

    def entries(self, level: str) -> dict[str, Entry]:
        """The rows of the regions, districts or associations."""
        rows = {
            "region": self.regions,
            "district": self.districts,
            "association": self.associations,
        }
        return rows[level]

    def lives(self) -> Iterator[Life]:
        """Every municipality and unincorporated area as the history starts with it."""
        for ags, entry in self.municipalities.items():
            span = Span(ags, self.regional_keys[ags], entry.name)
            yield Life([span], entry.area_km2 or 0.0)


def read_directory(sources: Sources) -> Directory:
    """The directory; districts and associations that are cities under another key are left out."""
    municipalities = list(sources.rows("municipalities"))
    return Directory(
        states={entry.key: entry for entry in _states(sources)},
        regions={entry.key: entry for entry in _regions(sources)},
        districts={entry.key: entry for entry in _districts(sources)},
        associations={entry.key: entry for entry in _associations(sources)},
        municipalities={row["ags"]: _municipality(row) for row in municipalities},
        unincorporated=frozenset(
            row["ags"] for row in municipalities if row["is_municipality"] == "0"
        ),
        regional_keys={row["ags"]: row["ars"] for row in municipalities},
        parts={row["ars"]: _city_of(row) for row in sources.rows("ars_city_districts")},
    )


def _city_of(row: dict[str, str]) -> str:
    """The AGS of the city a quarter lies in; Bremen's two cities share their state."""
    return f"{row['kreis_key']}000" if row["land_key"] == "04" else f"{row['land_key']}000000"


def _states(sources: Sources) -> Iterator[Entry]:
    for row in sources.rows("laender"):
        yield Entry(
            key=row["land_key"],
            name=row["name"],
            kind="Land",
            population=int(row["population"]),
            area_km2=float(row["area_km2"]),
        )


def _regions(sources: Sources) -> Iterator[Entry]:
    for row in sources.rows("regierungsbezirke"):
        real = row["land_key"] in REAL_REGIONS
        kind = "Regierungsbezirk" if real else "Statistische Region"
        yield Entry(key=row["rb_key"], name=row["name"], kind=kind)


def _districts(sources: Sources) -> Iterator[Entry]:
    for row in sources.rows("kreise"):
        if row["kind_code"] not in CITY_KINDS:
            yield Entry(
                key=row["kreis_key"],
                name=official(row["name"]),
                kind=row["kind"],
                population=int(row["population"]),
                area_km2=float(row["area_km2"]),
            )


def _associations(sources: Sources) -> Iterator[Entry]:
    for row in sources.rows("gemeindeverbaende"):
        if row["kind_code"] != PSEUDO_ASSOCIATION:
            yield Entry(
                key=row["verband_key"],
                name=official(row["name"]),
                kind=row["kind"],
                population=int(row["population"]),
            )


def _municipality(row: dict[str, str]) -> Entry:
    located = row["lon"] not in ("", "0")
    return Entry(
        key=row["ags"],
        name=official(row["name"]),
        kind=row["kind"],
        population=int(row["population"]),
        area_km2=float(row["area_km2"]),
        postcode=row["postcode_seat"] or None,
        longitude=float(row["lon"]) if located else None,
        latitude=float(row["lat"]) if located else None,
    )
