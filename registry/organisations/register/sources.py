"""The reference files of this room: read as they are, with the digest that names their state."""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from importlib.resources import files

import msgspec

# Counted up when the same files give other rows, so that installations load them again.
DERIVATION = b"1"

# The directory is complete for this day; the lists of changes go on until the end of February 2025.
TERRITORY_DATE = date(2024, 12, 31)
POPULATION_DATE = date(2023, 12, 31)

Row = dict[str, str]


class Sources(msgspec.Struct, frozen=True):
    """The files by name, without `.csv`."""

    files: Mapping[str, bytes]

    def rows(self, name: str) -> Iterator[Row]:
        """The rows of one file; every value is text, an empty one where the source says nothing."""
        lines = csv.reader(io.StringIO(self.files[name].decode(), newline=""))
        columns = next(lines)
        for values in lines:
            yield dict(zip(columns, values, strict=True))

    def digest(self) -> bytes:
        """SHA-256 (32 bytes) over all files and the way rows are derived from them."""
        lines = [
            f"{name} {hashlib.sha256(content).hexdigest()}"
            for name, content in sorted(self.files.items())
        ]
        return hashlib.sha256(DERIVATION + "\n".join(lines).encode()).digest()


def read_sources(names: Iterable[str]) -> Sources:
    """Files that came with the program."""
    folder = files("registry.organisations") / "data"
    return Sources({name: (folder / f"{name}.csv").read_bytes() for name in names})
