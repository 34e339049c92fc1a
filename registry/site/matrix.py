"""Services by Länder as signs, and how many are reached under both rules; pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from registry.reports.ranking import Signs

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


def lines(signs: Iterable[Signs], states: Sequence[str]) -> list[Line]:
    """One line for each service, with a cell for each of the Länder."""
    return [
        Line(
            service=one.service,
            cells=[_cell(one, state) for state in states],
            somewhere=len(one.live),
            everywhere=len(one.everywhere),
            ruled=len(one.ruled),
        )
        for one in signs
    ]


def _cell(one: Signs, state: str) -> Cell:
    signs = (state in one.live, state in one.pilot, state in one.contracted)
    return sign(state, *signs)


def shades(numbers: Mapping[str, int]) -> dict[str, Cell]:
    """A number for each Land as its sign, the darker the nearer it is to the greatest."""
    most = max(numbers.values(), default=0) or 1
    return {
        state: Cell(state=state, level=-(-4 * number // most), sign=str(number))
        for state, number in numbers.items()
    }


def cell(row: Row) -> Cell:
    """The sign of a Land where the bodies at each stage are counted."""
    counts = (row["at_least_one"], row["pilot"], row["contracted"])
    return sign(row["state"], *map(bool, counts))


def sign(state: str, live: bool, pilot: bool, contracted: bool) -> Cell:
    """In operation, or else in a pilot, or else under contract."""
    signs = ((4, "B", live), (2, "P", pilot), (1, "V", contracted))
    level, text = next(((level, text) for level, text, holds in signs if holds), (0, "–"))
    return Cell(state=state, level=level, sign=text)
