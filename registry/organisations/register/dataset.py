"""A data set of organisations: bodies with dated keys and states, and what became of them.

This is what an event of this room commits to: the encoded data set is kept by its SHA-256.
"""

from datetime import date
from uuid import UUID

import msgspec

from registry.organisations.model import Basis, KeyLevel, Level, SuccessionKind


class Key(msgspec.Struct, frozen=True, array_like=True):
    """A regional key a body holds from `since` to the day before `until`."""

    key: str
    level: KeyLevel
    since: date | None
    until: date | None


class State(msgspec.Struct, frozen=True, array_like=True):
    """What a body was from `since` to the day before `until`. The area is in km²."""

    since: date | None
    until: date | None
    name: str
    kind: str
    levels: tuple[Level, ...] = ()
    ags: str | None = None
    legal_form: str | None = None
    also_known_as: str = ""
    population: int | None = None
    population_on: date | None = None
    area_km2: float | None = None
    postcode: str | None = None
    longitude: float | None = None
    latitude: float | None = None


class Succession(msgspec.Struct, frozen=True, array_like=True):
    """What a body gave another: all of it, or a share between 0 and 1 measured on `basis`."""

    heir: UUID
    on: date
    kind: SuccessionKind
    share: float | None
    basis: Basis | None


class Body(msgspec.Struct, frozen=True, array_like=True):
    """One legal body with all it was; states and keys run from the earliest to the latest."""

    id: UUID
    slug: str | None
    keys: tuple[Key, ...]
    states: tuple[State, ...]
    successions: tuple[Succession, ...] = ()


class DataSet(msgspec.Struct, frozen=True, kw_only=True):
    """Bodies of one origin; lists answer for `territory_date` unless asked for another day."""

    name: str
    territory_date: date | None
    bodies: tuple[Body, ...]


def encode(data_set: DataSet) -> bytes:
    """The bytes that are kept; the same bodies give the same bytes."""
    return msgspec.json.encode(data_set)


def decode(content: bytes) -> DataSet:
    """The data set in kept bytes."""
    return msgspec.json.decode(content, type=DataSet)
