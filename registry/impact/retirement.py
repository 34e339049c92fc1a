"""Whether a version may be taken out of use: who is left on it, and how each was told. Pure."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from registry.reuse.answers import BodyName
from registry.reuse.model import Stage
from registry.subscriptions.model import Told
from registry.versions.model import State

Missing = Literal["no-sunset", "sunset-to-come", "not-told"]


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """A body that is left on the version, and how it was told that it ends.

    `told`: by a delivery that arrived, one that lies ready to be read, one that still waits, only
    by some that failed, or not at all, for who has no subscription. Null, as `told_at` and
    `acknowledged_at`, where that is not for the caller to see.
    """

    reuse_id: UUID
    organisation: BodyName
    stage: Stage
    since: date
    own_use: bool
    told: Told | None
    told_at: datetime | None
    acknowledged_at: datetime | None
    href: str


class LeftCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many are left, were told, said that they read it; null as with each of them."""

    left: int
    told: int | None
    acknowledged: int | None


class Retirement(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the version may be taken out of use today, and what is missing for that.

    It may where nobody is left, or where its end was announced, has come, and reached all who are
    left. `may_retire` is null where whom the end reached is not for the caller to see.
    """

    service: str
    version: str
    state: State
    sunset: date | None
    as_of: date
    may_retire: bool | None
    missing: list[Missing]
    counts: LeftCounts
    items: list[Left]
    total: int
    next: str | None


def missing_for(counts: LeftCounts, sunset: date | None, today: date) -> list[Missing]:
    """What must happen before the version may be taken from those who are left."""
    if not counts.left:
        return []
    found: list[Missing] = []
    if sunset is None:
        found.append("no-sunset")
    elif sunset > today:
        found.append("sunset-to-come")
    if counts.told is not None and counts.told < counts.left:
        found.append("not-told")
    return found


def may_retire(counts: LeftCounts, missing: list[Missing]) -> bool | None:
    """The answer; None where it hangs on what the caller may not see."""
    if missing or not counts.left:
        return not missing
    return None if counts.told is None else True
