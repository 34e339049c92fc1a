"""The verdict on two versions: that on each interface, and what both versions must announce. Pure.

A new interface is `minor`, one that is gone or changed its direction `major`; of several bumps the
greatest counts.
"""

from collections.abc import Collection, Iterable
from typing import Literal, NamedTuple

import msgspec

from registry import semver
from registry.compatibility.compare import unanswered
from registry.compatibility.model import (
    Containment,
    Direction,
    Finding,
    Formats,
    Reading,
    Relation,
    Verdict,
    Witness,
)
from registry.semver import Bump
from registry.versions.comparisons.interfaces import Change, finding_on

_PLAIN: dict[Change, tuple[Bump, Relation]] = {
    "same": ("none", "equal"),
    "added": ("minor", "wider"),
    "removed": ("major", "narrower"),
    "turned": ("major", "incomparable"),
}


Proof = Literal["shown", "meant", "doubted", "missing"]
"""By a document that both validators confirm; that they confirm for the rewritten schemas only;
that one of them confirms; by none that was found and is short enough to be kept."""

_PROOFS: tuple[Proof, ...] = ("shown", "meant", "doubted", "missing")


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is compared, by identity (hex): an engine answers it alike, unless its time runs out."""

    old: str
    new: str
    direction: Direction
    reading: Reading
    formats: Formats

    @property
    def columns(self) -> tuple[bytes, bytes, str, str, str]:
        """As the database keeps it."""
        sides = bytes.fromhex(self.old), bytes.fromhex(self.new)
        return (*sides, self.direction, self.reading, self.formats)


class SchemaText(msgspec.Struct, frozen=True):
    """A schema under its address, with the texts of all it refers to by theirs."""

    address: str
    text: bytes
    others: list[tuple[str, bytes]] = []


class DecideFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `versions.decide`: what was unknown before; `sha256` (hex) names the verdict."""

    question: Question
    engine: str
    sha256: str


class Vouched(NamedTuple):
    """An undecided finding that a person answers for: of an interface, against a neighbour."""

    interface: str
    version: str
    fingerprint: str


class InterfaceSide(msgspec.Struct, frozen=True, kw_only=True):
    """An interface in one of the versions: its direction, its identity (hex; see `contents`)."""

    direction: Direction
    identity: str


class InterfaceVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one interface; `verdict` where both versions had it and it changed."""

    name: str
    change: Change
    old: InterfaceSide | None
    new: InterfaceSide | None
    verdict: Verdict | None = None

    @property
    def bump(self) -> Bump:
        return self.verdict.bump if self.verdict else _PLAIN[self.change][0]

    @property
    def relation(self) -> Relation:
        return self.verdict.relation if self.verdict else _PLAIN[self.change][1]

    @property
    def finding(self) -> Finding | None:
        """What became of the interface as a whole, where it came, went or turned."""
        old, new = self.old and self.old.direction, self.new and self.new.direction
        return finding_on(self.name, self.change, old, new)

    @property
    def breaks(self) -> bool:
        """Whether a break is proven, not only feared because something is undecided."""
        if self.verdict is None:
            return self.bump == "major"
        answers = [one.answer for one in deciding(self.verdict)]
        return "no" in answers or any(one.severity == "breaking" for one in self.verdict.findings)

    def bump_with(self, fingerprints: Collection[str]) -> Bump:
        """The bump when findings of these fingerprints, of undecided questions, are vouched for.

        What is vouched for counts as `minor`: nobody may call it equal. A proven break stays one.
        """
        if self.bump != "major" or self.breaks or not self.undecided:
            return self.bump
        left = [one for one in self.undecided if one.fingerprint not in fingerprints]
        return self.bump if left else "minor"

    @property
    def undecided(self) -> list[Finding]:
        """What of a verdict is unknown, and can be vouched for."""
        findings = self.verdict.findings if self.verdict else []
        return [one for one in findings if one.severity == "unknown"]


class VersionVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What changed from one version (`old`) to another (`new`), by interface."""

    old: str
    new: str
    reading: Reading
    formats: Formats
    engine: str
    interfaces: list[InterfaceVerdict]

    @property
    def bump(self) -> Bump:
        return semver.bump_needed(one.bump for one in self.interfaces)

    @property
    def relation(self) -> Relation:
        return combined(one.relation for one in self.interfaces)

    @property
    def breaks(self) -> bool:
        """Whether a break of any interface is proven."""
        return any(one.breaks for one in self.interfaces)

    @property
    def proof(self) -> Proof | None:
        """How well its breaks are proven; by nothing more where an interface is gone or turned."""
        if any(one.breaks and one.verdict is None for one in self.interfaces):
            return "shown"
        return _best(proof_of(one.verdict) for one in self.interfaces if one.verdict)

    def bump_with(self, overridden: Collection[Vouched]) -> Bump:
        """The bump when these findings are vouched for; those of other pairs count for nothing."""
        its = [one for one in overridden if one.version in (self.old, self.new)]
        return semver.bump_needed(
            one.bump_with([each.fingerprint for each in its if each.interface == one.name])
            for one in self.interfaces
        )

    def undecided_against(self, version: str) -> set[Vouched]:
        """What could be vouched for, where `version` is the neighbour compared with."""
        return {
            Vouched(one.name, version, found.fingerprint)
            for one in self.interfaces
            for found in one.undecided
        }

    @property
    def answered(self) -> dict[Question, Verdict]:
        """What was asked about pairs of schemas, and the answers."""
        return {
            Question(
                old=one.old.identity,
                new=one.new.identity,
                direction=one.new.direction,
                reading=self.reading,
                formats=self.formats,
            ): one.verdict
            for one in self.interfaces
            if one.verdict and one.old and one.new
        }


def change_of(old: InterfaceSide | None, new: InterfaceSide | None) -> Change:
    """What became of an interface, as far as can be told without comparing."""
    if old is None:
        return "added"
    if new is None:
        return "removed"
    if old.direction != new.direction:
        return "turned"
    return "same" if old.identity == new.identity else "compared"


def combined(relations: Iterable[Relation]) -> Relation:
    """The relation of the whole, from those of its parts."""
    found = set(relations) - {"equal"}
    if "incomparable" in found or {"wider", "narrower"} <= found:
        return "incomparable"
    if "unknown" in found:
        return "unknown"
    return found.pop() if found else "equal"


def deciding(verdict: Verdict) -> list[Containment]:
    """The questions whose answers decide whether documents in its direction still fit."""
    asked = {"accepts": [verdict.backward], "emits": [verdict.forward]}
    return asked.get(verdict.direction, [verdict.backward, verdict.forward])


def breaking_witnesses(verdict: Verdict) -> list[Witness]:
    """The documents that prove a break."""
    found = [one.witness for one in deciding(verdict)]
    found += [one.witness for one in verdict.findings if one.severity == "breaking"]
    return [witness for witness in found if witness]


def proof_of(verdict: Verdict) -> Proof | None:
    """How well a break is proven; None where none is."""
    found = breaking_witnesses(verdict)
    if not found:
        broken = any(one.answer == "no" for one in deciding(verdict))
        return "missing" if broken else None
    return _best(_worth(one) for one in found)


def _best(found: Iterable[Proof | None]) -> Proof | None:
    proofs = [*found]
    return next((one for one in _PROOFS if one in proofs), None)


def _worth(witness: Witness) -> Proof:
    if not witness.confirmed:
        return "doubted"
    return "meant" if witness.rewritten else "shown"


def is_decided(verdict: Verdict) -> bool:
    """Whether every question that decides was answered."""
    return all(one.answer != "unknown" for one in deciding(verdict))


def ran_out(verdict: Verdict) -> bool:
    """Whether time or memory ended the comparison: with more of both it may be decided."""
    short = any(one.reason == "budget" for one in (verdict.backward, verdict.forward))
    return short or verdict.ran_out


def undecided(asked: Question, reason: str = "budget") -> Verdict:
    """The verdict on a question that the engine itself gave no answer to."""
    return unanswered(asked.direction, asked.reading, reason, f"{asked.old} {asked.new}")
