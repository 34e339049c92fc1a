"""Versions as they are published and served, their life, and the refusals of this room."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from registry import semver
from registry.audit import LogPosition
from registry.authority import Actor
from registry.catalogue.parts import Line, Policy, ServiceSlug, Text
from registry.characters import INTERFACE_NAME, LINE, TEXT
from registry.compatibility.model import Direction, Formats, Reading, Relation
from registry.dates import PartialDate, Precision, is_partial_date, last_day, precision
from registry.dialects.strict_json import compact
from registry.errors import Conflict, Fault, NotFound, NotYours, Unprocessable
from registry.semver import Bump

State = Literal["active", "deprecated", "revoked"]
InterfaceName = Annotated[
    str, Meta(pattern=INTERFACE_NAME, description="Lower-case letters, digits, hyphens.")
]
VersionNumber = Annotated[
    str,
    Meta(
        max_length=100,
        pattern=LINE,
        description="Semantic version (semver.org 2.0.0) without `+build`.",
    ),
]
SchemaText = Annotated[str, Meta(max_length=1 << 20)]
Fingerprint = Annotated[
    str, Meta(pattern=r"^[0-9a-f]{8,64}\Z", description="Of a finding, as its verdict names it.")
]
Reason = Annotated[str, Meta(min_length=1, max_length=4_000, pattern=TEXT)]


class UnknownVersion(NotFound):
    """The service has no version of this number, or none in this range."""

    code = "unknown-version"


class UnknownInterface(NotFound):
    """The version has no interface of this name."""

    code = "unknown-interface"


class VersionImmutable(Conflict):
    """The number is taken by a version with other interfaces, directions or bytes."""

    code = "version-immutable"


class LateNumber(Unprocessable):
    """A pre-release of what is released already."""

    code = "version-number-late"


class InvalidVersion(Unprocessable):
    """The interfaces or their schemas break a rule."""

    code = "invalid-version"


class NeighboursChanged(Conflict):
    """Another version took its place beside this one while this one was compared."""

    code = "version-neighbours-changed"


class OverrideNeedsPerson(NotYours):
    """Only a named person vouches for what could not be decided."""

    code = "override-needs-person"


class VersionRevoked(Conflict):
    """The version was revoked: nothing about its life changes any more."""

    code = "version-revoked"


class SunsetEarlier(Conflict):
    """A sunset was announced already, and may move later only."""

    code = "sunset-earlier"


class TooCostly(Unprocessable):
    """Checking took more of a processor or of memory than one caller may take."""

    code = "check-too-costly"


class TooManyDocuments(Unprocessable):
    """A batch has more documents than one call may check."""

    code = "too-many-documents"


class Input(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a caller sends."""


class VersionNotes(Input, frozen=True, kw_only=True):
    """About a version, in words: what it is, whence it comes, under which licence."""

    summary: Text = ""
    source: Text = ""
    licence: Line | None = None


class InterfaceDraft(Input, frozen=True, kw_only=True):
    """One interface: who must accept its documents, and its schema.

    `schema_text` is the text of a file and is kept byte for byte. Of a `schema` given as JSON our
    compact encoding is kept: order, numbers and escapes as given, no white space.
    """

    direction: Direction
    schema_text: SchemaText | UnsetType = UNSET
    schema: dict[str, Any] | bool | UnsetType = UNSET


class Override(Input, frozen=True, kw_only=True):
    """A named person vouches that a finding, which could not be decided, breaks nothing.

    It counts for this `interface`, between the published version and its neighbour `version` (the
    one a refusal calls `base` or `next`), and nowhere else: the same finding of another interface,
    or against the other neighbour, is vouched for apart.
    """

    interface: InterfaceName
    version: VersionNumber
    fingerprint: Fingerprint
    reason: Reason


class RecordedOverride(msgspec.Struct, frozen=True, kw_only=True):
    """What a named person vouched for; null where it was recorded before overrides named it."""

    interface: str | None = None
    version: str | None = None
    fingerprint: str
    reason: str


class VersionDraft(Input, frozen=True, kw_only=True):
    """A version to publish: all interfaces at once.

    `released_on` is for histories taken over by the operator; other versions are released today.
    `overrides` are for undecided findings (`unknown`), and for named persons only, never a token.
    """

    interfaces: Annotated[dict[InterfaceName, InterfaceDraft], Meta(min_length=1, max_length=50)]
    notes: VersionNotes = VersionNotes()
    released_on: PartialDate | None = None
    overrides: Annotated[list[Override], Meta(max_length=100)] = []


class _GivenSchema(msgspec.Struct, frozen=True):
    schema: msgspec.Raw | UnsetType = UNSET


class _GivenSchemas(msgspec.Struct, frozen=True):
    interfaces: dict[str, _GivenSchema]


def texts_of(draft: VersionDraft, body: bytes = b"") -> dict[str, bytes]:
    """The bytes of each schema; `body` is the JSON text the draft was read from.

    Only there are order, numbers and escapes of a `schema` as they were given.
    """
    _require_one_schema_each(draft)
    texts = {
        name: interface.schema_text.encode()
        for name, interface in draft.interfaces.items()
        if interface.schema_text is not UNSET
    }
    if len(texts) < len(draft.interfaces):
        given = msgspec.json.decode(body, type=_GivenSchemas).interfaces
        texts |= {
            name: compact(bytes(interface.schema))
            for name, interface in given.items()
            if interface.schema is not UNSET
        }
    return texts


def _require_one_schema_each(draft: VersionDraft) -> None:
    faults = [
        Fault(f"/interfaces/{name}", "schema-once")
        for name, interface in draft.interfaces.items()
        if (interface.schema_text is UNSET) == (interface.schema is UNSET)
    ]
    if faults:
        raise InvalidVersion(*faults)


class InterfaceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One interface as it was published; `sha256` (hex) names its text."""

    name: InterfaceName
    direction: Direction
    dialect: str
    sha256: str
    references: list[tuple[str, str, str]] = []


class ComparedFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on a version and the neighbour `version`; `sha256` (hex) names its full text."""

    version: VersionNumber
    bump: Bump
    relation: Relation
    sha256: str


class VerdictFacts(msgspec.Struct, frozen=True, kw_only=True):
    """How a version compares with its neighbours, and whether its number had to say so.

    `person` is the id of whoever vouches for the `overrides`.
    """

    reading: Reading
    formats: Formats
    engine: str
    enforced: bool
    comparisons: list[ComparedFacts]
    overrides: list[RecordedOverride] = []
    person: str | None = None


class PublishFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `versions.publish`; the first version of a service has no verdict."""

    service: ServiceSlug
    version: VersionNumber
    released_on: date
    precision: Precision
    interfaces: list[InterfaceFacts]
    notes: VersionNotes
    verdict: VerdictFacts | None = None


class Interface(msgspec.Struct, frozen=True, kw_only=True):
    """One interface of a version, with the identity and the address of its schema."""

    name: str
    direction: Direction
    dialect: str
    sha256: str
    bytes: int
    href: str


class Deprecation(msgspec.Struct, frozen=True, kw_only=True):
    """Since when the version should not be taken up any more, and until when it runs."""

    since: date
    sunset: date | None
    successor: str | None
    note: str


class Revocation(msgspec.Struct, frozen=True, kw_only=True):
    """Since when and why nobody may use the version; its schemas stay readable.

    `despite_users`: how many reuses ran it then, which whoever revoked it knew and said.
    """

    since: date
    reason: str
    despite_users: int = 0


class VersionItem(msgspec.Struct, frozen=True, kw_only=True):
    """One line in the list of versions."""

    service: str
    version: str
    state: State
    prerelease: bool
    released_on: date
    precision: Precision
    recorded_at: datetime
    interfaces: list[Interface]
    deprecation: Deprecation | None
    revocation: Revocation | None
    href: str


class FoundVersion(VersionItem, frozen=True, kw_only=True):
    """A line of the list, with its place in the order of numbers."""

    sort_key: str

    @property
    def item(self) -> VersionItem:
        """The line as it is shown."""
        fields = VersionItem.__struct_fields__
        return VersionItem(**{name: getattr(self, name) for name in fields})


class RecordedVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on a version and a neighbour (`version`), as it was recorded at publishing.

    Only where `enforced` did the number have to say so. `href` compares the two today.
    """

    version: str
    bump: Bump
    relation: Relation
    enforced: bool
    href: str


class Version(VersionItem, frozen=True, kw_only=True):
    """A version; `previous` and `next` are its neighbours in the order of numbers.

    `overrides` is what a person vouched for when it was published, `known_at` the position of the
    log the answer rests on, if asked.
    """

    notes: VersionNotes
    verdicts: list[RecordedVerdict]
    overrides: list[RecordedOverride]
    event_id: UUID
    previous: str | None
    next: str | None
    latest: str | None
    known_at: LogPosition | None = None


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """Something odd that is allowed: the rule, and what it means in the caller's language."""

    rule: str
    message: str


class StoredSchema(msgspec.Struct, frozen=True):
    """A schema as it is sent: its bytes, the same compressed, and its SHA-256."""

    identity: bytes
    gzip: bytes
    br: bytes
    sha256: bytes


def require_new_number(version: str, published: Collection[str]) -> None:
    """Refuse a pre-release of a release that is out."""
    number = semver.parse(version)
    if number.prerelease and str(number.release) in published:
        raise LateNumber(given=version, release=str(number.release))


def release_day(
    draft: VersionDraft, policy: Policy, actor: Actor, today: date
) -> tuple[date, Precision]:
    """When the version was released, and how precisely that is known.

    A day of its own choice is for a history the operator takes over; the last day of the period.
    """
    if draft.released_on is None:
        return today, "day"
    if not is_partial_date(draft.released_on):
        raise InvalidVersion(Fault("/released_on", "no-such-day", {"value": draft.released_on}))
    day, before = last_day(draft.released_on), policy.released_before
    if not actor.is_admin or policy.kind != "record" or before is None or day >= before:
        raise InvalidVersion(Fault("/released_on", "released-on-not-allowed"))
    return day, precision(draft.released_on)


def require_no_faults(faults: Mapping[str, list[Fault]], draft: VersionDraft) -> None:
    """Refuse a version whose schemas have faults, with pointers from the root of the body."""
    found = [
        Fault(f"/interfaces/{name}/{_field(draft, name)}{fault.pointer}", fault.rule, fault.facts)
        for name, its in faults.items()
        for fault in its
    ]
    if found:
        raise InvalidVersion(*found)


def _field(draft: VersionDraft, name: str) -> str:
    return "schema" if draft.interfaces[name].schema_text is UNSET else "schema_text"
