"""Derives all public bodies since 1990 from the official directory and lists of changes; pure."""

from registry.organisations.register.build import (
    TERRITORY_FILES,
    build_others,
    build_territory,
)
from registry.organisations.register.dataset import Body, DataSet, Key, State, decode, encode
from registry.organisations.register.sources import Sources, read_sources

__all__ = [
    "TERRITORY_FILES",
    "Body",
    "DataSet",
    "Key",
    "Sources",
    "State",
    "build_others",
    "build_territory",
    "decode",
    "encode",
    "read_sources",
]
