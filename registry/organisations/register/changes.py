"""The official lists of changes to municipalities since 1990: one row for each part that moved."""

from datetime import date

import msgspec

from registry.organisations.register.sources import TERRITORY_DATE, Row, Sources

LISTS = ("municipality_changes_1990_2006", "municipality_changes_2007_2025")

# The meaning of `change_type` in the lists; "3+4" joins two.
DISSOLVED, PART_MOVED, KEY_CHANGED, RENAMED = "1", "2", "3", "4"

_AGS = 8
_UPPER_LENGTHS = {"Regierungsbezirk": 3, "Kreis": 5, "Gemeindeverband": 9}
_SQUARE_KM = {"ha": 0.01, "m2": 0.000_001}

Corrections = dict[tuple[str, str, str], dict[str, str]]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One row: what happened to a municipality, wholly or in part. Areas are square kilometres."""

    id: str
    type: str
    from_ags: str
    from_ars: str
    from_name: str
    to_ags: str
    to_ars: str
    to_name: str
    area: float | None
    population: int | None
    on: date
    founds: bool = False
    after_directory: bool = False

    @property
    def ends_key(self) -> bool:
        """Whether nobody holds `from_ags` afterwards."""
        return self.from_ags != self.to_ags and (self.dissolves or self.changes_key)

    @property
    def dissolves(self) -> bool:
        return self.type == DISSOLVED

    @property
    def changes_key(self) -> bool:
        return KEY_CHANGED in self.type

    @property
    def renames(self) -> bool:
        return RENAMED in self.type

    @property
    def moves_part(self) -> bool:
        return self.type == PART_MOVED and self.from_ags != self.to_ags


class UpperChange(msgspec.Struct, frozen=True, kw_only=True):
    """One row about a region, district or association; `to_key` is empty where nothing follows."""

    type: str
    from_key: str
    from_name: str
    to_key: str
    to_name: str
    on: date
    after_directory: bool


class Changes(msgspec.Struct, frozen=True):
    """The lists, corrected, each row once: municipalities in their order, upper levels by name."""

    municipalities: list[Change]
    upper: dict[str, list[UpperChange]]


def read_changes(sources: Sources) -> Changes:
    """All lists."""
    corrections = _corrections(sources)
    municipalities: dict[tuple[str, ...], Change] = {}
    upper: dict[str, list[UpperChange]] = {level: [] for level in _UPPER_LENGTHS}
    for name in LISTS:
        for row in sources.rows(name):
            level = row["level"]
            if len(row["from_ars"]) == _UPPER_LENGTHS.get(level):
                upper[level].append(_upper_change(row))
            elif level == "Gemeinde" and len(row["to_ags"]) == _AGS:
                municipalities.setdefault(_identity(row), _change(row, corrections))
    return Changes(list(municipalities.values()), upper)


def _upper_change(row: Row) -> UpperChange:
    return UpperChange(
        type=row["change_type"],
        from_key=row["from_ars"],
        from_name=row["from_name"],
        to_key=row["to_ars"],
        to_name=row["to_name"],
        on=date.fromisoformat(row["legal_date"]),
        after_directory=_after_directory(row),
    )


def _identity(row: Row) -> tuple[str, ...]:
    fields = ("change_id", "change_type", "from_ags", "to_ags", "from_name", "to_name", "area")
    return tuple(row[field] for field in fields)


def _corrections(sources: Sources) -> Corrections:
    found: Corrections = {}
    for row in sources.rows("corrections"):
        place = (row["change_id"], row["from_ags"], row["to_ags"])
        found.setdefault(place, {})[row["field"]] = row["value"]
    return found


def _change(row: Row, corrections: Corrections) -> Change:
    place = (row["change_id"], row["from_ags"], row["to_ags"])
    row = row | corrections.get(place, {})
    return Change(
        id=row["change_id"],
        type=_type(row),
        from_ags=row["from_ags"],
        from_ars=row["from_ars"],
        from_name=row["from_name"],
        to_ags=row["to_ags"],
        to_ars=row["to_ars"],
        to_name=row["to_name"],
        area=_area(row["area"], row["area_unit"]),
        population=int(row["population"]) if row["population"] else None,
        on=date.fromisoformat(row["legal_date"]),
        founds="founds" in row,
        after_directory=_after_directory(row),
    )


def _after_directory(row: Row) -> bool:
    return row["stat_date"] > TERRITORY_DATE.isoformat()


def _type(row: Row) -> str:
    """The type; a dissolution that moves nothing and keeps the name is a change of key."""
    unchanged = not row["area"] and row["from_name"] == row["to_name"]
    return KEY_CHANGED if row["change_type"] == DISSOLVED and unchanged else row["change_type"]


def _area(text: str, unit: str) -> float | None:
    """Square kilometres. The older sheets give whole hectares; with decimals a value is km²."""
    if not text:
        return None
    return float(text) if "." in text else float(text) * _SQUARE_KM[unit]
