"""What a body says of the steps that others recorded for it; nouns."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from registry.characters import TEXT
from registry.errors import Conflict
from registry.organisations.model import BodyName

PositionKind = Literal["confirmed", "disputed"]


class StepIsOwn(Conflict):
    """Whoever recorded a step for itself has said so already; nobody confirms its own entry."""

    code = "step-is-own"


class DisputeDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a step is not right."""

    reason: Annotated[str, Meta(min_length=1, max_length=2_000, pattern=TEXT)]


class PositionFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `reuse.confirm` and `reuse.dispute`."""

    reuse_id: UUID
    step_id: UUID
    ordinal: int
    kind: PositionKind
    reason: str | None


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """The last word of the body on a step that another recorded for it."""

    kind: PositionKind
    reason: str | None
    recorded_at: datetime
    recorded_by: BodyName
    event_id: UUID
