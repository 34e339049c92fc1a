"""The outlines of the Länder, as paths of a picture; made from data of the BKG (see NOTICE)."""

from functools import cache
from pathlib import Path

import msgspec


class Outline(msgspec.Struct, frozen=True, kw_only=True):
    """A Land: where its sign stands, and its borders as an SVG path."""

    key: str
    x: int
    y: int
    d: str

    @property
    def tiny(self) -> bool:
        """Whether no sign fits into it: a city state, which gets a small tile in its place."""
        return self.key in ("02", "04", "11")


class Map(msgspec.Struct, frozen=True, kw_only=True):
    """All sixteen, in one system of coordinates."""

    width: int
    height: int
    lands: tuple[Outline, ...]


@cache
def outline_map() -> Map:
    """The map, read once."""
    return msgspec.json.decode(Path(__file__).with_suffix(".json").read_bytes(), type=Map)
