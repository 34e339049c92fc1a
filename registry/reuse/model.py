"""Nouns of reuse: stages and which may follow which, steps as sent and recorded, refusals."""

from datetime import date
from typing import Annotated, Literal, get_args
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from registry.characters import LINE, REGIONAL_KEY, SHA256, SLUG, TEXT, URL, VERSION_NUMBER
from registry.dates import PartialDate, Precision
from registry.errors import Conflict, NotFound, Unprocessable

Stage = Literal[
    "interest",
    "agreed",
    "contracted",
    "connecting",
    "pilot",
    "live",
    "suspended",
    "ended",
    "rejected",
    "withdrawn",
]
Basis = Literal["since", "observed", "recorded"]
BackEnd = Literal["form", "specialist_system", "end_to_end"]
EvidenceKind = Literal["statement", "contract", "document", "reported"]
NoteKind = Literal["announced", "remark"]

STAGES: tuple[Stage, ...] = get_args(Stage)

# Whether a body asked, was refused or gave up is its own affair, its Land's and the builder's.
PRIVATE_STAGES: frozenset[Stage] = frozenset({"interest", "rejected", "withdrawn"})

# A stage may always be stated again: with another version, area or back end, or as observed anew.
# Stages may be skipped forwards, since sources do not report each of them. A pilot may come before
# its contract, and a service in operation may go back to a pilot (both happened).
TRANSITIONS: dict[Stage, frozenset[Stage]] = {
    "interest": frozenset(
        {"agreed", "contracted", "connecting", "pilot", "live", "rejected", "withdrawn"}
    ),
    "agreed": frozenset({"contracted", "connecting", "pilot", "live", "rejected", "withdrawn"}),
    "contracted": frozenset({"connecting", "pilot", "live", "ended", "withdrawn"}),
    "connecting": frozenset({"contracted", "pilot", "live", "suspended", "ended", "withdrawn"}),
    "pilot": frozenset({"contracted", "connecting", "live", "suspended", "ended"}),
    "live": frozenset({"pilot", "suspended", "ended"}),
    "suspended": frozenset({"connecting", "pilot", "live", "ended"}),
    "ended": frozenset({"interest", "agreed", "contracted", "connecting", "pilot", "live"}),
    "rejected": frozenset({"interest", "agreed", "contracted"}),
    "withdrawn": frozenset({"interest", "agreed", "contracted"}),
}
# Stages that speak of no contract yet, or of none at all.
WITHOUT_CONTRACT: frozenset[Stage] = frozenset({"interest", "agreed", "rejected", "withdrawn"})
# From the contract on a step must be covered by one; to pause or to end needs none.
COVERED_STAGES: frozenset[Stage] = frozenset({"contracted", "connecting", "pilot", "live"})
CLOSED_STAGES: frozenset[Stage] = frozenset({"ended", "rejected", "withdrawn"})
# What everybody may see; and of it what goes on: a body agreed on the service, prepares or has it.
PUBLIC_STAGES = tuple(stage for stage in STAGES if stage not in PRIVATE_STAGES)
OPEN_STAGES = tuple(stage for stage in PUBLIC_STAGES if stage not in CLOSED_STAGES)
FIRST_STAGES: frozenset[Stage] = frozenset(
    {"interest", "agreed", "contracted", "connecting", "pilot", "live"}
)

Line = Annotated[str, Meta(min_length=1, max_length=300, pattern=LINE)]
Text = Annotated[str, Meta(min_length=1, max_length=4_000, pattern=TEXT)]
Url = Annotated[str, Meta(max_length=2_000, pattern=URL)]
Reference = Annotated[str, Meta(min_length=1, max_length=2_000, pattern=LINE)]
Sha256 = Annotated[str, Meta(pattern=SHA256, description="SHA-256 in hex.")]
RegionalKey = Annotated[
    str,
    Meta(
        pattern=REGIONAL_KEY,
        description="Regional key, 2, 3, 5, 9 or 12 digits; it contains every key it prefixes.",
    ),
]
Body = Annotated[
    str,
    Meta(
        pattern=SLUG,
        description="A body, by any of its regional keys or its slug.",
    ),
]
Slug = Annotated[str, Meta(pattern=SLUG)]
VersionNumber = Annotated[str, Meta(min_length=5, max_length=128, pattern=VERSION_NUMBER)]
Area = Annotated[tuple[RegionalKey, ...], Meta(min_length=1, max_length=500)]


class UnknownReuse(NotFound):
    """No reuse of this id is recorded, or it is not for this caller to know."""

    code = "unknown-reuse"


class UnknownStep(NotFound):
    """The reuse has no step of this id, or it is not for this caller to know."""

    code = "unknown-step"


class ReuseExists(Conflict):
    """The body has a reuse of this service already; `address` is where its steps go."""

    code = "reuse-exists"


class StepIsVoid(Conflict):
    """The step was taken out of all answers before; there is nothing left to correct."""

    code = "step-is-void"


class StepNotAllowed(Unprocessable):
    """The stage may not stand between its neighbours in valid time; `allowed` says which may."""

    code = "step-not-allowed"


class VoidNotAllowed(Unprocessable):
    """Without the step, the one after it could not follow the one before it."""

    code = "void-not-allowed"


class ReuseNotCovered(Unprocessable):
    """No chain of agreements in force covers the step at its date; the fault names what misses."""

    code = "reuse-not-covered"


class InvalidStep(Unprocessable):
    """The step names something that is not there, or contradicts itself."""

    code = "invalid-step"


class Evidence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a step rests on.

    `statement`: the body's own word. `contract`, `document`: `reference` names it, `sha256` its
    content. `reported`: a public source says so, `reference` is its address; no contract is known.
    """

    kind: EvidenceKind = "statement"
    reference: Reference | None = None
    sha256: Sha256 | None = None


class StepDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step as sent.

    `date` with basis `since`: the stage holds from the first day of it. With `observed`: it was
    seen in that period, and holds from its last day. Without `date`: from the day of recording.
    `version`, `area` and `back_end` left out: as before; `null`: not known. The first area is the
    body's own territory.
    """

    stage: Stage
    date: PartialDate | None = None
    basis: Literal["since", "observed"] = "since"
    version: VersionNumber | UnsetType | None = UNSET
    area: Area | UnsetType | None = UNSET
    back_end: BackEnd | UnsetType | None = UNSET
    evidence: Evidence | None = None
    note: Text | None = None


class ReuseDraft(StepDraft, frozen=True, kw_only=True):
    """A new reuse: the body, the service, and the first step."""

    organisation: Body
    service: Slug


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fact to take over from a source, in the words of the source.

    `partial`: in operation in a part of the territory that the source does not name. `announced` is
    kept as a note, since an announcement is no stage.
    """

    organisation: Body
    status: Stage | Literal["contract", "partial", "paused", "announced"]
    date: PartialDate | None = None
    basis: Literal["since", "observed"] = "observed"
    version: VersionNumber | UnsetType | None = UNSET
    area: Area | UnsetType | None = UNSET
    back_end: BackEnd | UnsetType | None = UNSET
    evidence: Evidence | None = None
    note: Text | None = None


class VoidDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a step is taken out of all answers from now on."""

    reason: Text


class CorrectionDraft(StepDraft, frozen=True, kw_only=True):
    """The step that replaces a wrong one, and why."""

    reason: Text


class NoteDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something worth keeping that is no stage, such as an announcement."""

    kind: NoteKind
    text: Text
    date: PartialDate | None = None
    source: Url | None = None


class StepFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A step as recorded. `ordinal` counts the steps of a reuse in the order of the log, from 1."""

    id: UUID
    ordinal: int
    stage: Stage
    valid_from: date
    precision: Precision
    basis: Basis
    version: str | None = None
    area: tuple[str, ...] | None = None
    back_end: BackEnd | None = None
    evidence: Evidence | None = None
    agreement: str | None = None
    note: str | None = None

    @property
    def public(self) -> bool:
        return self.stage not in PRIVATE_STAGES

    @property
    def order(self) -> tuple[date, int]:
        """Place in valid time; of several on one day the later record wins."""
        return (self.valid_from, self.ordinal)


class VoidFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A step taken out, and why."""

    step_id: UUID
    reason: str


class NoteFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A note as recorded."""

    id: UUID
    kind: NoteKind
    text: str
    date: str | None = None
    source: str | None = None
    public: bool = True

    def says_the_same(self, other: "NoteFacts") -> bool:
        """Whether two notes state the same, whenever they were recorded."""
        return msgspec.structs.replace(self, id=other.id, public=other.public) == other


class ReuseFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of every event of a reuse: what it adds; `begins` marks its first event."""

    reuse_id: UUID
    service: str
    organisation_id: UUID
    organisation_key: str
    begins: bool = False
    steps: tuple[StepFacts, ...] = ()
    voids: tuple[VoidFacts, ...] = ()
    notes: tuple[NoteFacts, ...] = ()
