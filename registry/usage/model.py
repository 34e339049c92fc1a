"""Nouns of usage: a figure as sent, recorded and listed, and the sums of a Land's month."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from registry.audit import LogPosition
from registry.characters import CHANNEL
from registry.dates import MONTH
from registry.errors import Fault
from registry.reuse.answers import BodyName
from registry.reuse.model import Body, Slug, VersionNumber

SCOPE = "usage"

Month = Annotated[
    str,
    Meta(pattern=MONTH, description="A month: YYYY-MM."),
]
Channel = Annotated[
    str,
    Meta(
        pattern=CHANNEL,
        description="By which way the uses came, as the body calls it: `online`, `app`, `counter`.",
    ),
]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000_000)]


class UsageDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often a body's reuse of a service was used in a month, by one channel.

    `started` or `completed` uses, or both. `version` where the counts are of this one only. What is
    told later of the same takes its place; `withdrawn` takes it out and leaves a gap, no zero.
    """

    organisation: Body
    service: Slug
    month: Month
    channel: Channel
    version: VersionNumber | None = None
    started: Count | None = None
    completed: Count | None = None
    withdrawn: bool = False

    @property
    def counted(self) -> bool:
        return self.started is not None or self.completed is not None

    def faults(self, today: str) -> list[Fault]:
        """What is wrong with it by itself, on a legal day (ISO 8601)."""
        found: list[Fault] = []
        if self.month > today[:7]:
            found.append(Fault("/month", "month-to-come", {"today": today}))
        if self.counted == self.withdrawn:
            found.append(
                Fault("/withdrawn", "withdrawn-counts")
                if self.withdrawn
                else Fault("/started", "nothing-counted")
            )
        return found


class FileFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `usage.record`: the figures of one service from one file.

    `file` is the SHA-256 of what was sent, `content` that of the figures as kept, one in each line.
    """

    service: str
    file: str
    content: str
    figures: int


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file: the event of each service of which it told something new."""

    batch: UUID
    file: str
    figures: int
    events: dict[str, UUID]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A figure that stands. `revision` counts how often it was told, from 1."""

    reuse_id: UUID
    organisation: BodyName
    service: str
    month: Month
    channel: str
    version: str | None
    started: int | None
    completed: int | None
    revision: int
    event_id: UUID
    recorded_at: datetime


class FigurePage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of figures by body, service and month, as known at a position of the log."""

    items: list[Figure]
    total: int | None
    next: str | None
    known_at: LogPosition | None


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """Uses of a service in a Land and month, over so many figures; null where none tells them.

    `state` is null for bodies without a territory.
    """

    service: str
    state: str | None
    month: Month
    figures: int
    started: int | None
    completed: int | None


class SumsPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of sums by service, Land and month, as known at a position of the log."""

    items: list[Sums]
    total: int | None
    next: str | None
    known_at: LogPosition | None
