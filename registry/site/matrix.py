"""Services by Länder as signs, and how many are reached under both rules; pure."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec

Row = Mapping[str, Any]


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """A service in a Land: the sign, and how far it reaches (4 in operation to 0 nothing)."""

    state: str
    level: int
    sign: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A service over all Länder: where it is in operation at all, and where everywhere.

    `everywhere` counts only the `ruled` Länder, for which it is recorded who is competent.
    """

    service: str
    cells: Sequence[Cell]
    somewhere: int
    everywhere: int
    ruled: int

    @property
    def used(self) -> bool:
        """Whether anybody uses it or takes part."""
        return any(cell.level for cell in self.cells)


def lines(rows: Iterable[Row]) -> list[Line]:
    """One line for each service, from rows of the coverage in the order of services."""
    return [_line(slug, list(group)) for slug, group in groupby(rows, lambda row: row["service"])]


def _line(slug: str, rows: Sequence[Row]) -> Line:
    ruled = [row for row in rows if row["everywhere"] is not None]
    return Line(
        service=slug,
        cells=[cell(row) for row in rows],
        somewhere=sum(1 for row in rows if row["at_least_one"]),
        everywhere=sum(1 for row in ruled if row["everywhere"]),
        ruled=len(ruled),
    )


def shades(numbers: Mapping[str, int]) -> dict[str, Cell]:
    """A number for each Land as its sign, the darker the nearer it is to the greatest."""
    most = max(numbers.values(), default=0) or 1
    return {
        state: Cell(state=state, level=-(-4 * number // most), sign=str(number))
        for state, number in numbers.items()
    }


def cell(row: Row) -> Cell:
    """In operation, in a pilot, under contract, or the Land takes part."""
    signs = (
        (4, "B", row["at_least_one"]),
        (2, "P", row["pilot"]),
        (1, "V", row["contracted"]),
        (1, "L", row["land_takes_part"]),
    )
    level, sign = next(((level, sign) for level, sign, holds in signs if holds), (0, "–"))
    return Cell(state=row["state"], level=level, sign=sign)
