"""What reports answer: services in a list, facets with counts."""

from collections.abc import Sequence
from datetime import date
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
    "component_kind",
    "agreement_basis",
    "requirement",
    "funding",
    "portal",
    "maturity",
    "journey",
    "has_versions",
    "without_key",
    "reused_within",
    "reused_by_states",
]


# What a value is called that no codelist names.
_WORDS = {
    ("has_versions", "true"): Names(de="mit Versionen", en="with versions"),
    ("has_versions", "false"): Names(de="ohne Versionen", en="without versions"),
    ("without_key", "true"): Names(de="ohne Schlüssel", en="without a key"),
    ("without_key", "false"): Names(de="mit Schlüssel", en="with a key"),
    ("origin", "DE"): Names(de="Deutschland", en="Germany"),
    ("origin", "EU"): Names(de="Europäische Union", en="European Union"),
}


class FacetValue(msgspec.Struct, frozen=True, kw_only=True):
    """One value of a facet: what the filter takes, what it is called, how many services have it."""

    value: str
    label: Names
    count: int


class ReusedBy(msgspec.Struct, frozen=True, kw_only=True):
    """How many bodies other than its builders use a service in a pilot or in operation.

    `states` counts the states they belong to; a state that takes part is one body, not all of its.
    """

    states: int
    bodies: int


class ServiceItem(ServiceCard, frozen=True, kw_only=True):
    """A service in the list."""

    reused_by: ReusedBy


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
    another value would give. `as_of` is the legal day the answer is for, asked for or today;
    `known_at` is the position of the log it rests on, if asked.
    """

    items: Sequence[ServiceItem]
    total: int
    next: str | None
    facets: dict[FacetName, list[FacetValue]]
    as_of: date
    known_at: LogPosition | None


def label_of(facet: str, value: str) -> Names | None:
    """What a value is called that no codelist names."""
    if facet != "reused_by_states":
        return _WORDS.get((facet, value))
    one = value == "1"
    return Names(
        de=f"in {value} {'Land' if one else 'Ländern'}",
        en=f"in {value} {'state' if one else 'states'}",
    )
