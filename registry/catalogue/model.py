"""Services and journeys: documents with dated revisions, what is recorded of them, refusals."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from registry.audit import LogPosition
from registry.catalogue.parts import (
    AcceptedAccount,
    BaseComponent,
    Builder,
    Code,
    CompetenceRule,
    Contact,
    Funding,
    LeikaKey,
    Maturity,
    Names,
    OfferingPortal,
    OzgId,
    Policy,
    RequirementDeclaration,
    ServiceSlug,
    Source,
    Texts,
    Url,
)
from registry.compatibility.model import Formats
from registry.errors import Malformed, NotFound, Unprocessable

Few = Meta(max_length=50)
Many = Meta(max_length=1_000)


class UnknownService(NotFound):
    """No service of this slug is recorded, or none was on the day asked for."""

    code = "unknown-service"


class UnknownJourney(NotFound):
    """No journey of this slug is recorded, or none was on the day asked for."""

    code = "unknown-journey"


class UnknownCodelist(NotFound):
    """There is no codelist of this name."""

    code = "unknown-codelist"


class UnknownProcedure(NotFound):
    """Well-formed, but in none of the catalogues loaded."""

    code = "unknown-procedure"


class MalformedProcedureKey(Malformed):
    """Neither a Leistungsschlüssel nor an OZG-ID."""

    code = "malformed-procedure-key"


class InvalidService(Unprocessable):
    """The document breaks a rule or names something the registry does not know."""

    code = "invalid-service"


class InvalidJourney(Unprocessable):
    """The journey breaks a rule or names a service the registry does not know."""

    code = "invalid-journey"


class ServiceDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service as its builder describes it: the document that is sent, and in `service.yaml`."""

    slug: ServiceSlug
    names: Names
    summary: Texts = Texts()
    builders: Annotated[tuple[Builder, ...], Few] = ()
    theme: Code | None = None
    procedures: Annotated[tuple[LeikaKey, ...], Many] = ()
    ozg_ids: Annotated[tuple[OzgId, ...], Many] = ()
    competence: Annotated[tuple[CompetenceRule, ...], Few] = ()
    model: Code | None = None
    origin: Literal["DE", "EU"] = "DE"
    status: Code | None = None
    source_address: Url | None = None
    contacts: Annotated[tuple[Contact, ...], Few] = ()
    policy: Policy = Policy()
    formats: Formats = "annotate"
    agreement_basis: Code | None = None
    sources: Annotated[tuple[Source, ...], Few] = ()
    accounts: Annotated[tuple[AcceptedAccount, ...], Few] = ()
    base_components: Annotated[tuple[BaseComponent, ...], Few] = ()
    minimum_requirements: Annotated[tuple[RequirementDeclaration, ...], Many] = ()
    maturity: Annotated[tuple[Maturity, ...], Few] = ()
    portals: Annotated[tuple[OfferingPortal, ...], Few] = ()
    funding: Annotated[tuple[Funding, ...], Few] = ()

    @property
    def without_key(self) -> bool:
        """Whether it has neither a Leistungsschlüssel nor an OZG-ID yet."""
        return not (self.procedures or self.ozg_ids)

    @property
    def leads(self) -> list[str]:
        """The leading builders, as the document names them."""
        return [builder.organisation for builder in self.builders if builder.role == "lead"]


class RecordedBuilder(msgspec.Struct, frozen=True, kw_only=True):
    """A builder as it was when recorded: the body, its shortest key or slug, its name then."""

    organisation_id: UUID
    key: str
    name: str
    role: Literal["lead", "partner"]


class ServiceLinks(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses on this registry, as paths."""

    own: str = msgspec.field(name="self")
    revisions: str
    versions: str


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What the registry adds: which revision it is, since when it holds, when it was recorded."""

    revision: int
    valid_from: date
    recorded_at: datetime
    event_id: UUID


class ServiceRecord(Record, frozen=True, kw_only=True):
    """What the registry adds to a service."""

    without_key: bool
    builders: tuple[RecordedBuilder, ...]
    links: ServiceLinks


class Service(ServiceDraft, frozen=True, kw_only=True):
    """A service as the registry answers: the document, and the registry's own facts in `record`.

    `known_at` is the position of the log the answer rests on, if asked.
    """

    record: ServiceRecord
    known_at: LogPosition | None = None


class ServiceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `catalogue.put_service`."""

    revision: int
    valid_from: date
    document: ServiceDraft
    builders: tuple[RecordedBuilder, ...]


class ServiceRevision(Record, frozen=True, kw_only=True):
    """One revision of a service as it is kept; it holds until the next one in valid time."""

    document: ServiceDraft
    builders: tuple[RecordedBuilder, ...]


class RevisionSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a history; `valid_to` is the first day it no longer holds."""

    revision: int
    valid_from: date
    valid_to: date | None
    recorded_at: datetime
    event_id: UUID


class History(msgspec.Struct, frozen=True, kw_only=True):
    """All revisions of one thing, the latest recorded last; `known_at` if asked."""

    items: list[RevisionSummary]
    known_at: LogPosition | None


class StoredDocument(msgspec.Struct, frozen=True):
    """A stored answer: its bytes, and their entity tag."""

    body: bytes
    etag: str


class JourneyDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A journey (Nutzerreise): the services one situation in life asks for."""

    slug: ServiceSlug
    names: Names
    services: Annotated[tuple[ServiceSlug, ...], Meta(min_length=1, max_length=200)]
    summary: Texts = Texts()
    sources: Annotated[tuple[Source, ...], Few] = ()


class Journey(JourneyDraft, frozen=True, kw_only=True):
    """A journey as the registry answers it; `known_at` if asked."""

    record: Record
    known_at: LogPosition | None = None


class JourneyFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `catalogue.put_journey`."""

    revision: int
    valid_from: date
    document: JourneyDraft


class JourneyRevision(Record, frozen=True, kw_only=True):
    """One revision of a journey as it is kept."""

    document: JourneyDraft


class JourneyItem(msgspec.Struct, frozen=True, kw_only=True):
    """A journey in a list."""

    slug: str
    names: Names
    services: tuple[str, ...]
    link: str


class FoundJourney(msgspec.Struct, frozen=True, kw_only=True):
    """A journey with its place in the order of the list."""

    item: JourneyItem
    sort_key: str


class EditionFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of loading reference data: the data set, its edition, the content's SHA-256 (hex)."""

    dataset: str
    edition: int
    sha256: str
