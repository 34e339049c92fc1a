"""Nouns of a report: what was compared, what was found, whether that is allowed.

`schemas/report.json` holds the report as a JSON Schema.
"""

from datetime import date
from typing import Literal

import msgspec

from registry.compatibility.model import Direction, Reading, Relation, Severity, Witness
from registry.impact.checks import Impact
from registry.semver import Bump
from registry.versions.comparisons.interfaces import Change

Command = Literal["diff", "check", "publish"]
Outcome = Literal["published", "unchanged", "refused"]

FailOn = Bump
"""From which bump on a comparison fails."""


class Location(msgspec.Struct, frozen=True, kw_only=True):
    """A place in a file: JSON Pointer, and line and column (from 1) in the file as it is written.

    `file` is as it was named on the command line, or the address of a published schema.
    """

    file: str
    pointer: str
    line: int | None = None
    column: int | None = None


class Exempted(msgspec.Struct, frozen=True, kw_only=True):
    """Why a finding does not count, who answers for that, and until when (that day included)."""

    reason: str
    owner: str
    expires: date


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One located difference; `fails`: the command ends with 1 for its sake."""

    rule: str
    severity: Severity
    place: str
    fingerprint: str
    message_de: str
    message_en: str
    old: Location | None = None
    new: Location | None = None
    before: str | None = None
    after: str | None = None
    witness: Witness | None = None
    exception: Exempted | None = None
    fails: bool = False


def mark_of(interface: str, fingerprint: str) -> str:
    """What one finding of one interface is known by; only within it is a fingerprint unique."""
    return f"{interface}/{fingerprint}"


class InterfaceReport(msgspec.Struct, frozen=True, kw_only=True):
    """One interface: what became of it, and what was found; remarks bind nobody.

    `old` and `new` name what was compared. That it came, went or turned around is a finding, too.
    It is not `complete` where more may have changed than is named; `ran_out`: time or memory ended
    before all was looked into. `unproven`: it breaks, and no document that shows it was found, or
    none short enough to be shown.
    """

    name: str
    change: Change
    direction: Direction
    bump: Bump
    relation: Relation | None = None
    old: str | None = None
    new: str | None = None
    findings: list[Found] = []
    remarks: list[Found] = []
    complete: bool = True
    ran_out: bool = False
    unproven: bool = False


class Objection(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with the version as a whole: the code, and a sentence in each language."""

    code: str
    message_de: str
    message_en: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What one run of the command found.

    `engine` is what compared, here or at the registry; null where nothing was compared.
    `bump` is what the version must announce, `least` the least number that does, seen from `base`;
    `passed` says whether the command ends with 0, `outcome` what became of a publish, `impact` whom
    the change hits, `notes` what is odd about its number or about how it was given; `registry` is
    the address of the registry that was asked, null where none was.
    """

    command: Command
    engine: str | None
    reading: Reading
    fail_on: FailOn
    passed: bool
    bump: Bump
    against: str
    interfaces: list[InterfaceReport]
    service: str | None = None
    registry: str | None = None
    base: str | None = None
    least: str | None = None
    number: str | None = None
    outcome: Outcome | None = None
    objections: list[Objection] = []
    impact: Impact | None = None
    notes: list[str] = []

    @property
    def findings(self) -> list[tuple[InterfaceReport, Found]]:
        """All findings with the interface they are about."""
        return [(each, found) for each in self.interfaces for found in each.findings]
