"""The kinds of documents the catalogue keeps: all that differs between them."""

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from registry.catalogue.cards import StoredCard, journey_card, service_card
from registry.catalogue.model import (
    Journey,
    JourneyDraft,
    JourneyRevision,
    Service,
    ServiceDraft,
    ServiceRevision,
    UnknownJourney,
    UnknownService,
)
from registry.errors import NotFound

Draft = TypeVar("Draft")
Revision = TypeVar("Revision")
Answer = TypeVar("Answer")


class Kind(msgspec.Struct, Generic[Draft, Revision, Answer], frozen=True, kw_only=True):
    """One kind of document; `name` is its path below /v1/ and its name in the database."""

    name: str
    draft: type[Draft]
    revision: type[Revision]
    answer: type[Answer]
    card: Callable[[Revision], StoredCard]
    unknown: Callable[[str], NotFound]


SERVICES = Kind(
    name="services",
    draft=ServiceDraft,
    revision=ServiceRevision,
    answer=Service,
    card=service_card,
    unknown=lambda slug: UnknownService(service=slug),
)
JOURNEYS = Kind(
    name="journeys",
    draft=JourneyDraft,
    revision=JourneyRevision,
    answer=Journey,
    card=journey_card,
    unknown=lambda slug: UnknownJourney(journey=slug),
)
