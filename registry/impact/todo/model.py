"""Nouns of what there is to do, and how urgent it is; pure."""

from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

from registry.agreements.coverage import is_needed
from registry.reuse.answers import BodyName
from registry.reuse.model import COVERED_STAGES, Stage
from registry.semver import Bump, parse
from registry.versions.comparisons.shown import ShownFinding

Urgency = Literal["ended", "ending", "open", "outdated", "none"]
RANKS: tuple[Urgency, ...] = ("ended", "ending", "open", "outdated", "none")
VersionState = Literal["active", "deprecated", "revoked", "unrecorded"]
Contract = Literal["to-be-signed", "not-covered"]


class Used(msgspec.Struct, frozen=True, kw_only=True):
    """A reuse as it stands today."""

    place: tuple[str, str]
    reuse_id: UUID
    organisation: BodyName
    service: str
    version: str | None
    stage: Stage
    own_use: bool
    evidence: str | None
    agreement: str | None
    basis: str | None

    @property
    def contract(self) -> Contract | None:
        """What is missing of a contract: it is to be signed, or none is recorded that covers it."""
        if self.own_use or not is_needed(self.basis):
            return None
        if self.stage == "agreed":
            return "to-be-signed"
        bare = self.agreement is None and self.evidence != "reported"
        return "not-covered" if bare and self.stage in COVERED_STAGES else None


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a service, and how long it lives; `offered`: it can be the newest."""

    version: str
    state: Literal["active", "deprecated", "revoked"]
    offered: bool
    sunset: date | None
    successor: str | None


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """What changes on the way to a version; the gravest findings, with documents that show them.

    `bump` null: what changes could not be told now. `breaking` counts the proven breaks and
    `undecided` what nobody could decide; `comparison` shows all of it.
    """

    version: str
    bump: Bump | None
    breaking: int
    undecided: int
    findings: list[ShownFinding]
    comparison: str


class ParametersToSet(msgspec.Struct, frozen=True, kw_only=True):
    """What of the parameters the version asks for is missing, or does not fit (JSON Pointers).

    `checked` false: whether anything is could not be told now.
    """

    missing: list[str]
    invalid: list[str]
    href: str
    checked: bool = True


class TodoItem(msgspec.Struct, frozen=True, kw_only=True):
    """A reuse, and what there is to do about it.

    `urgency`: the version `ended`, is `ending` (deprecated, with or without a day), something else
    is `open` (a contract, parameters), it is `outdated`, or there is nothing to do. `days_left`
    until the sunset. `newest_compatible` is the newest release of all, or of the same major number,
    where everything of today fits it, else the version itself; null where that could not be told.
    `parameters` is null where nothing is missing, or it is not for the caller to see.
    """

    reuse_id: UUID
    organisation: BodyName
    service: str
    stage: Stage
    version: str | None
    state: VersionState
    sunset: date | None
    days_left: int | None
    successor: str | None
    newest: str | None
    newest_compatible: str | None
    move: Move | None
    contract: Contract | None
    parameters: ParametersToSet | None
    urgency: Urgency
    href: str


class FailingDeliveries(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription of the caller's whose messages do not arrive, by how many."""

    subscription: UUID
    url: str | None
    waiting: int
    dead: int
    href: str


class Todo(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to do for a body, or in a territory; one page of its reuses, by key."""

    as_of: date
    items: list[TodoItem]
    deliveries: list[FailingDeliveries]
    total: int
    next: str | None


def urgency(
    life: Life | None, today: date, *, newer: bool, missing: bool, unrecorded: bool
) -> Urgency:
    """How urgent it is to do something about a reuse."""
    if life and (life.state == "revoked" or (life.sunset and life.sunset <= today)):
        return "ended"
    if life and (life.state == "deprecated" or life.sunset):
        return "ending"
    if missing or unrecorded:
        return "open"
    return "outdated" if newer else "none"


def newest(lives: list[Life]) -> str | None:
    """The newest release that is offered."""
    offered = [one.version for one in lives if one.offered]
    return max(offered, key=parse, default=None)


def newest_of_major(lives: list[Life], version: str) -> str | None:
    """The newest offered release of the same major number, if it is newer."""
    major = parse(version).major
    same = [one.version for one in lives if one.offered and parse(one.version).major == major]
    found = max(same, key=parse, default=None)
    return found if found and parse(found) > parse(version) else None
