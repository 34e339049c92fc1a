"""Agreements, who is party to them and who joined; what is recorded of them, and refusals."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from registry.audit import LogPosition
from registry.catalogue.parts import (
    AmountEur,
    Code,
    Line,
    Names,
    Part,
    Reference,
    ServiceSlug,
    Source,
    Text,
    Url,
)
from registry.characters import SHA256
from registry.dates import PartialDate, first_day, last_day
from registry.errors import NotFound, Unprocessable

AgreementKind = Literal[
    "framework", "individual", "administrative", "provision", "reuse", "onward", "decision"
]
PartyRole = Literal["party", "funder", "builder", "provider", "customer", "bundler", "decider"]
AgreementStatus = Literal["upcoming", "concluded", "in_force", "ended", "undated"]

AgreementSlug = ServiceSlug
Few = Meta(max_length=200)
Sha256 = Annotated[str, Meta(pattern=SHA256, description="SHA-256 in hex.")]


class UnknownAgreement(NotFound):
    """No agreement of this slug is recorded."""

    code = "unknown-agreement"


class UnknownAccession(NotFound):
    """No accession of this body to the agreement is recorded."""

    code = "unknown-accession"


class InvalidAgreement(Unprocessable):
    """The agreement breaks a rule or names something the registry does not know."""

    code = "invalid-agreement"


class Party(Part, frozen=True, kw_only=True):
    """Who concluded the agreement: a body of the register, or by `name` one that is not in it.

    `signed_on`: when this party signed, where a source gives it.
    """

    organisation: Reference | None = None
    name: Line | None = None
    role: PartyRole = "party"
    signed_on: PartialDate | None = None


class Deed(Part, frozen=True, kw_only=True):
    """The document itself: what it is filed under or its address, and its content's SHA-256."""

    reference: Line
    sha256: Sha256 | None = None


class AgreementDraft(Part, frozen=True, kw_only=True):
    """An agreement as sent; what is not known is left out.

    In force from the first day of `in_force_from` up to, not including, `in_force_to`. It covers
    the services and themes it names. `parent` is the agreement it was concluded under, `decisions`
    are the decisions it rests on. A decision is recorded like an agreement and covers nothing.
    """

    slug: AgreementSlug
    kind: AgreementKind
    names: Names
    parties: Annotated[tuple[Party, ...], Few] = ()
    signed_on: PartialDate | None = None
    in_force_from: PartialDate | None = None
    in_force_to: PartialDate | None = None
    number: Line | None = None
    deed: Deed | None = None
    amount_eur: AmountEur | None = None
    amount_source: Url | None = None
    services: Annotated[tuple[ServiceSlug, ...], Few] = ()
    themes: Annotated[tuple[Code, ...], Few] = ()
    projects: Annotated[tuple[Line, ...], Few] = ()
    parent: AgreementSlug | None = None
    decisions: Annotated[tuple[AgreementSlug, ...], Few] = ()
    note: Text = ""
    sources: Annotated[tuple[Source, ...], Few] = ()

    @property
    def concluded_by(self) -> date | None:
        """The last day by which it was surely signed."""
        return last_day(self.signed_on) if self.signed_on else None

    @property
    def begins_on(self) -> date | None:
        return first_day(self.in_force_from) if self.in_force_from else None

    @property
    def ends_on(self) -> date | None:
        return first_day(self.in_force_to) if self.in_force_to else None


class AccessionDraft(Part, frozen=True, kw_only=True):
    """A body joins an agreement; it is bound up to, not including, `valid_to`.

    An accession recorded by mistake ends on the day it began.
    """

    valid_from: PartialDate
    valid_to: PartialDate | None = None
    deed: Deed | None = None
    source: Url | None = None
    note: Text = ""

    @property
    def begins_on(self) -> date:
        return first_day(self.valid_from)

    @property
    def ends_on(self) -> date | None:
        return first_day(self.valid_to) if self.valid_to else None


class RecordedParty(msgspec.Struct, frozen=True, kw_only=True):
    """A party as it was when recorded; without `organisation_id` it is no body of the register."""

    organisation_id: UUID | None
    key: str | None
    keys: tuple[str, ...]
    name: str
    role: PartyRole


class AgreementFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `agreements.put_agreement`."""

    revision: int
    document: AgreementDraft
    parties: tuple[RecordedParty, ...]


class KeysFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `agreements.load_distribution_keys`: which file, as an edition of its own."""

    edition: int
    sha256: str


class AccessionFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `agreements.put_accession`; `ordinal` counts what is recorded of one body."""

    agreement: str
    organisation_id: UUID
    ordinal: int
    key: str
    keys: tuple[str, ...]
    name: str
    document: AccessionDraft


class PartyName(msgspec.Struct, frozen=True, kw_only=True):
    """A body by its shortest regional key or its slug (null: not in the register), and its name."""

    key: str | None
    name: str


class AccessionLinks(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses on this registry, as paths."""

    own: str = msgspec.field(name="self")
    agreement: str
    organisation: str


class Accession(AccessionDraft, frozen=True, kw_only=True):
    """An accession as the registry answers it."""

    organisation: PartyName
    recorded_at: datetime
    event_id: UUID
    links: AccessionLinks


class NamedParty(PartyName, frozen=True, kw_only=True):
    """A party in the part it has."""

    role: PartyRole


class AgreementLinks(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses on this registry, as paths."""

    own: str = msgspec.field(name="self")
    parent: str | None


class AgreementRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What the registry adds: which revision it is, when it was recorded, whom the parties name."""

    revision: int
    recorded_at: datetime
    event_id: UUID
    parties: tuple[NamedParty, ...]
    links: AgreementLinks


class Agreement(AgreementDraft, frozen=True, kw_only=True):
    """An agreement, its status on the day asked for, and all accessions to it.

    `known_at` is the position of the log the answer rests on, if asked.
    """

    status: AgreementStatus
    accessions: tuple[Accession, ...]
    record: AgreementRecord
    as_of: date
    known_at: LogPosition | None = None


class AgreementItem(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement in a list; `accessions` is how many bodies are bound by one on the day."""

    slug: str
    kind: AgreementKind
    names: Names
    status: AgreementStatus
    parties: tuple[NamedParty, ...]
    accessions: int
    signed_on: PartialDate | None
    in_force_from: PartialDate | None
    in_force_to: PartialDate | None
    number: str | None
    amount_eur: str | None
    services: tuple[str, ...]
    themes: tuple[str, ...]
    parent: str | None
    link: str
