"""Reported figures: counts and dated facts as sources state them, never turned into reuses."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from registry.audit import LogPosition
from registry.dates import PartialDate
from registry.errors import Unprocessable
from registry.reuse.model import Line, Reference, Slug, Text

Measure = Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}\Z")]
ExactNumber = Annotated[
    str,
    Meta(pattern=r"^-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,6})?\Z", description="Exact decimal number."),
]


class InvalidFigures(Unprocessable):
    """A reported figure names something that is not there, or contradicts itself."""

    code = "invalid-figures"


class FigureDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A figure or dated fact as a source reports it; it is never turned into reuses.

    `key` names the subject where it has a key, `value` is empty for facts without a number.
    """

    subject: Line
    subject_kind: Measure
    measure: Measure
    source: Reference
    key: Line | None = None
    service: Slug | None = None
    value: ExactNumber | None = None
    unit: Line | None = None
    as_of: PartialDate | None = None
    note: Text | None = None


class FigureFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `reuse.record_figures`: the figures of one service, or those of none."""

    service: str | None
    figures: tuple[tuple[UUID, FigureDraft], ...]


class ReportedFigure(FigureDraft, frozen=True, kw_only=True):
    """A reported figure with what the registry keeps about its recording."""

    id: UUID
    event_id: UUID
    recorded_at: datetime

    @property
    def sort_key(self) -> tuple[str, str, str, str]:
        return (self.service or "", self.subject, self.as_of or "", str(self.id))


class FigurePage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of reported figures."""

    items: list[ReportedFigure]
    total: int | None
    next: str | None
    known_at: LogPosition | None
