"""What reports answer: services in a list, facets with counts."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from registry.audit import LogPosition
from registry.catalogue.cards import ServiceCard
from registry.catalogue.parts import Names

FacetName = Literal[
    "theme",
    "builder",
    "model",
    "status",
    "origin",
    "account",
    "trust_level",
    "component",
    "portal",
    "maturity",
    "journey",
    "has_versions",
    "without_key",
]


class FacetValue(msgspec.Struct, frozen=True, kw_only=True):
    """One value of a facet: what the filter takes, what it is called, how many services have it."""

    value: str
    label: Names
    count: int


class ServiceItem(ServiceCard, frozen=True, kw_only=True):
    """A service in the list."""


class FoundService(msgspec.Struct, frozen=True, kw_only=True):
    """A service with its place in the order of the list; a smaller rank comes first."""

    item: ServiceItem
    rank: int
    sort_key: str


class Facets(msgspec.Struct, frozen=True, kw_only=True):
    """How many services match, and the values they have by facet."""

    total: int
    facets: dict[FacetName, list[FacetValue]]


class ServiceList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of services.

    Each facet is counted over what all the other filters let through: its counts say what choosing
    another value would give. `known_at` is the position of the log the answer rests on, if asked.
    """

    items: Sequence[ServiceItem]
    total: int
    next: str | None
    facets: dict[FacetName, list[FacetValue]]
    known_at: LogPosition | None
