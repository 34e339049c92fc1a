"""Distribution keys of the Länder: shares in per cent, each a table of its own year.

The year of a table is not the year it is applied to: both are always named apart.
"""

import csv
import hashlib
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from registry.errors import Unprocessable

FILE = Path(__file__).parent / "data" / "distribution_keys.csv"

KeyName = Literal["koenigstein", "lukifg"]


class UnknownDistributionKey(Unprocessable):
    """There is no table of this key for the year; another year's never takes its place."""

    code = "unknown-distribution-key"


class DistributionKey(msgspec.Struct, frozen=True, kw_only=True):
    """One table: the share of each Land in per cent, exact, and where it was published.

    `sha256` is that of the file all tables stand in.
    """

    name: KeyName
    year: int
    shares: Mapping[str, Decimal]
    sources: tuple[str, ...]
    sha256: str


class DistributionKeys(msgspec.Struct, frozen=True):
    """All tables of an edition, by name and year."""

    tables: Mapping[tuple[str, int], DistributionKey]

    def of(self, name: KeyName, year: int) -> DistributionKey:
        """The table of a year; a missing one is refused, naming those there are."""
        found = self.tables.get((name, year))
        if found is None:
            there = [str(known) for other, known in sorted(self.tables) if other == name]
            raise UnknownDistributionKey(key=name, year=year, there=", ".join(there))
        return found


@lru_cache(maxsize=8)
def read_keys(content: bytes) -> DistributionKeys:
    """The tables of a file, by its content."""
    digest = hashlib.sha256(content).hexdigest()
    rows: dict[tuple[str, int], list[dict[str, str]]] = {}
    for row in csv.DictReader(content.decode().splitlines()):
        rows.setdefault((row["key"], int(row["year"])), []).append(row)
    return DistributionKeys({place: _table(place, told, digest) for place, told in rows.items()})


def _table(place: tuple[str, int], rows: list[dict[str, str]], digest: str) -> DistributionKey:
    return DistributionKey(
        name="lukifg" if place[0] == "lukifg" else "koenigstein",
        year=place[1],
        shares={row["land"]: Decimal(row["share_percent"]) for row in rows},
        sources=tuple(sorted({row["source"] for row in rows})),
        sha256=digest,
    )
