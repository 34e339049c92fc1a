"""What is shown of reuses: states on a day, pages of them, and the whole ledger of one."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from registry.audit import LogPosition
from registry.dates import PartialDate, Precision
from registry.organisations.model import BodyName
from registry.reuse.model import BackEnd, Basis, Evidence, EvidenceKind, NoteKind, Stage
from registry.reuse.positions import Position

ContractRecord = Literal["recorded", "not_recorded"]


class Since(msgspec.Struct, frozen=True, kw_only=True):
    """Since when the stage holds, how precise the source was, and on what the date rests.

    `recorded`: the beginning is unknown ("seit unbekannt"); the date is the day of recording.
    """

    date: date
    precision: Precision
    basis: Basis


class ReuseLinks(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses on this registry, as paths."""

    own: str = msgspec.field(name="self")
    service: str
    organisation: str


def reuse_links(reuse_id: UUID, service: str, body: BodyName) -> ReuseLinks:
    """The addresses of a reuse and of what it joins."""
    return ReuseLinks(
        own=f"/v1/reuses/{reuse_id}",
        service=f"/v1/services/{service}",
        organisation=f"/v1/organisations/{body.key}",
    )


class ReuseState(msgspec.Struct, frozen=True, kw_only=True):
    """A reuse as it stands on the day asked for.

    `valid_from` and `valid_to` bound this very state (`valid_to` exclusive, null: open); `since` is
    when the stage began. `area` null: not recorded. `own_use`: by whoever builds the service then,
    or inside its Land, which counts as availability, never as reuse. `agreement` is what covers it.
    `contract` is `not_recorded` where the use is only reported, and null where none is needed.
    """

    id: UUID
    organisation: BodyName
    service: str
    stage: Stage
    version: str | None
    since: Since
    valid_from: date
    valid_to: date | None
    own_use: bool
    back_end: BackEnd | None
    area: tuple[str, ...] | None
    evidence: EvidenceKind | None
    agreement: str | None
    contract: ContractRecord | None
    links: ReuseLinks


class ReuseCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many of all matches are reuse by others, and how many own use.

    `reported`: how many of the reuses are only known from a report, with no contract recorded.
    """

    reuses: int
    reported: int
    own_use: int


class ReusePage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of reuses on a day, as known at a position of the log (null: now)."""

    items: list[ReuseState]
    total: int | None
    counts: ReuseCounts | None
    next: str | None
    as_of: date
    known_at: LogPosition | None


class Recorder(msgspec.Struct, frozen=True, kw_only=True):
    """Who recorded something; `on_behalf` when it was another body than the one that reuses."""

    organisation: BodyName
    on_behalf: bool


class RecordedVoid(msgspec.Struct, frozen=True, kw_only=True):
    """When and why a step was taken out of all answers.

    `event_id` and `reason` are null where a private stage took its place, save for those concerned.
    """

    event_id: UUID | None
    recorded_at: datetime
    reason: str | None


class RecordedStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step with when and by whom it was recorded; `voided` ones answer nothing any more.

    `position` is what the body says of a step that another recorded for it; null while it says
    nothing ("vom Land eingetragen"), and where it recorded the step itself.
    """

    id: UUID
    event_id: UUID
    stage: Stage
    version: str | None
    valid_from: date
    precision: Precision
    basis: Basis
    area: tuple[str, ...] | None
    back_end: BackEnd | None
    evidence: Evidence | None
    agreement: str | None
    note: str | None
    recorded_at: datetime
    recorded_by: Recorder
    voided: RecordedVoid | None
    position: Position | None = None


class RecordedNote(msgspec.Struct, frozen=True, kw_only=True):
    """A note with what the registry keeps about its recording."""

    id: UUID
    event_id: UUID
    kind: NoteKind
    text: str
    date: PartialDate | None
    source: str | None
    recorded_at: datetime


class Reuse(msgspec.Struct, frozen=True, kw_only=True):
    """A reuse with its whole ledger; `state` is null on days it has none."""

    id: UUID
    organisation: BodyName
    service: str
    as_of: date
    known_at: LogPosition | None
    state: ReuseState | None
    steps: list[RecordedStep]
    notes: list[RecordedNote]
    links: ReuseLinks


class NoteEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A note in a list, with the reuse it belongs to."""

    reuse_id: UUID
    organisation: BodyName
    service: str
    note: RecordedNote


class NotePage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of notes, as known at a position of the log (null: now).

    `as_of` is the day whose names the bodies are called by.
    """

    items: list[NoteEntry]
    total: int | None
    next: str | None
    as_of: date
    known_at: LogPosition | None
