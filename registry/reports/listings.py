"""Rows of the reports on versions, stages, time and money; `link` leads to what they count."""

from datetime import date, datetime
from typing import Literal

import msgspec

from registry.reuse.model import Stage
from registry.subscriptions.model import Told

VersionState = Literal["active", "deprecated", "revoked", "unrecorded"]


class VersionUse(msgspec.Struct, frozen=True, kw_only=True):
    """How many bodies have a version; `version` null: which one is not recorded.

    `percent` is the share of all who have the service, own use included.
    """

    service: str
    version: str | None
    state: VersionState
    released_on: date | None
    sunset: date | None
    reuses: int
    own_use: int
    percent: str
    link: str


class OutdatedUse(msgspec.Struct, frozen=True, kw_only=True):
    """A body with a deprecated, revoked or unrecorded version; `days_left` until the sunset.

    `told`: by a delivery that arrived, one that lies ready to be read, one that still waits, only
    by some that failed, or not at all, for who has no subscription. `acknowledged_by` is who said
    that it was read. All null where that is not for the caller to see; as known in the past, `told`
    and `told_at` are null too: deliveries are no entries of the log, and one that arrives later or
    is sent again would change an answer that must stay the same.
    """

    service: str
    organisation: str
    organisation_name: str
    stage: Stage
    version: str | None
    state: VersionState
    since: date | None
    sunset: date | None
    days_left: int | None
    successor: str | None
    own_use: bool
    told: Told | None
    told_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    link: str


class VanishedUse(msgspec.Struct, frozen=True, kw_only=True):
    """A reuse of a body that ended on `ended_on`; nothing of it moved to its successors.

    `successors` hold on the day what the body gave; `successors_reusing` have a reuse of their own.
    """

    service: str
    organisation: str
    organisation_name: str
    stage: Stage
    version: str | None
    ended_on: date
    successors: tuple[str, ...]
    successors_reusing: tuple[str, ...]
    link: str


class FunnelStage(msgspec.Struct, frozen=True, kw_only=True):
    """One stage: how many reached it, are there, left it, and left it for good without operation.

    `median_days` is over the stays that ended and whose beginning is known; null without any.
    """

    stage: Stage
    reached: int
    percent: str | None
    still_there: int
    went_on: int
    dead_ends: int
    median_days: int | None
    link: str


class Duplicate(msgspec.Struct, frozen=True, kw_only=True):
    """A procedure or OZG bundle with several services of different builders."""

    kind: Literal["procedure", "ozg"]
    key: str
    name: str | None
    services: tuple[str, ...]
    builders: tuple[str, ...]
    link: str


class ZeroReuse(msgspec.Struct, frozen=True, kw_only=True):
    """A service nobody else ever used; `amount_eur` sums the funding whose amount is recorded."""

    service: str
    name: str
    status: str | None
    builders: tuple[str, ...]
    in_own_use: bool
    funded: bool
    funding: tuple[str, ...]
    amount_eur: str | None
    link: str


class FundedUse(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement with what became of it; shares of its whole amount, cut off at the cent."""

    agreement: str
    kind: str
    name: str
    parent: str | None
    amount_eur: str | None
    projects: tuple[str, ...]
    services: tuple[str, ...]
    using_bodies: int
    live_bodies: int
    uses: int | None
    eur_per_live_body: str | None
    eur_per_use: str | None
    link: str


class TimePoint(msgspec.Struct, frozen=True, kw_only=True):
    """Use on one day; `inhabitants` only where a service is asked for.

    `events` are those of its versions since the point before: date, what happened, version.
    """

    day: date
    bodies: int
    states: int
    suspended: int
    inhabitants: int | None
    events: tuple[str, ...]
    link: str


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A reported target beside the last figure reported of the same, and what is counted here."""

    subject: str
    key: str | None
    service: str | None
    measure: str
    target: str
    due_on: str | None
    reported: str | None
    reported_on: str | None
    computed: int | None
    missing: str | None
    source: str
    link: str
