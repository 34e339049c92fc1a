"""Verdicts as they are sent: witnesses as JSON values, findings with their interface."""

from typing import Literal

import msgspec

from registry.compatibility.findings.listing import rank
from registry.compatibility.model import (
    Answer,
    Containment,
    Finding,
    Formats,
    Reading,
    Relation,
    Severity,
    Side,
    Spot,
    Verdict,
    Witness,
)
from registry.semver import Bump
from registry.versions.comparisons.interfaces import Change
from registry.versions.comparisons.verdicts import (
    InterfaceVerdict,
    VersionVerdict,
    breaking_witnesses,
    proof_of,
    ran_out,
)
from registry.versions.model import Direction, Remark, Version

MAX_LISTED = 100


class ShownWitness(msgspec.Struct, frozen=True, kw_only=True):
    """A document that is valid under one schema only, the `old` or the `new`.

    Two validators say so where it is `confirmed`; `doubt` is why only one could be asked.
    `rewritten`: of the schemas without the names that only the other one declares.
    """

    document: msgspec.Raw
    valid_under: Side
    confirmed: bool
    rewritten: bool
    doubt: str | None


class ShownFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One located difference; `place` is the document's place it is about."""

    interface: str
    rule: str
    severity: Severity
    place: str
    fingerprint: str
    message: dict[Literal["de", "en"], str]
    old: Spot | None
    new: Spot | None
    before: str | None
    after: str | None
    witness: ShownWitness | None


class ShownAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Whether all documents valid on one side are valid on the other.

    The `reason` of `unknown` says what could not be decided, that of `no` why no witness is shown.
    """

    answer: Answer
    witness: ShownWitness | None
    reason: str | None


class SchemaComparison(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on two schemas.

    `backward`: is every old document valid under the new schema; `forward`: the reverse. It is not
    `complete` where more may have changed than the findings name; `ran_out`: time or memory ended
    before all was looked into, so that a later comparison may tell more. `unproven`: it breaks, and
    no document that shows it was found, or none short enough to be shown.
    """

    direction: Direction
    reading: Reading
    engine: str
    bump: Bump
    relation: Relation
    backward: ShownAnswer
    forward: ShownAnswer
    findings: list[ShownFinding]
    remarks: list[ShownFinding]
    complete: bool = True
    ran_out: bool = False
    unproven: bool = False


class InterfaceComparison(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one interface; `verdict` where both versions have it and it changed.

    `turned`: its direction changed; `same`: neither its schema nor any it refers to did. `finding`
    says that it came, went or turned (`EFA-INT-…`); no document can show that: no witness.
    """

    name: str
    change: Change
    bump: Bump
    relation: Relation
    old_direction: Direction | None
    new_direction: Direction | None
    finding: ShownFinding | None = None
    verdict: SchemaComparison | None


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What changed from one version to another, over all interfaces.

    `bump` is what the number must announce, `relation` how the sets of documents compare,
    `unproven` how many interfaces break without a document that shows it.
    """

    service: str
    old: str = msgspec.field(name="from")
    new: str = msgspec.field(name="to")
    reading: Reading
    formats: Formats
    engine: str
    bump: Bump
    relation: Relation
    interfaces: list[InterfaceComparison]
    unproven: int = 0

    @property
    def is_undecided(self) -> bool:
        """Whether it is major only because nobody could tell."""
        found = [one.finding for one in self.interfaces if one.finding]
        found += [each for one in self.interfaces if one.verdict for each in one.verdict.findings]
        severities = {one.severity for one in found}
        return "unknown" in severities and "breaking" not in severities


class NamedWitness(msgspec.Struct, frozen=True, kw_only=True):
    """A witness, with the interface it is a document of."""

    interface: str
    witness: ShownWitness


class Published(Version, frozen=True, kw_only=True):
    """A version as its publisher hears of it: compared with its neighbours, and whom it hits.

    `remarks` say what is odd about its number, `impact` leads to the users of the release before.
    """

    comparisons: list[Comparison]
    impact: str | None
    remarks: list[Remark]


def published(version: Version, remarks: list[Remark], verdicts: list[VersionVerdict]) -> Published:
    """The version with the verdicts on it and its neighbours."""
    before = [one.old for one in verdicts if one.new == version.version]
    versions = version.href.rpartition("/")[0]
    return Published(
        **msgspec.structs.asdict(version),
        comparisons=[comparison(version.service, one) for one in verdicts],
        impact=f"{versions}/{before[0]}/users" if before else None,
        remarks=remarks,
    )


def comparison(service: str, verdict: VersionVerdict) -> Comparison:
    """The verdict on two versions, as it is sent."""
    return Comparison(
        service=service,
        old=verdict.old,
        new=verdict.new,
        reading=verdict.reading,
        formats=verdict.formats,
        engine=verdict.engine,
        bump=verdict.bump,
        relation=verdict.relation,
        interfaces=[_interface(one) for one in verdict.interfaces],
        unproven=sum(_is_unproven(one) for one in verdict.interfaces),
    )


def _is_unproven(one: InterfaceVerdict) -> bool:
    return one.verdict is not None and proof_of(one.verdict) == "missing"


def _interface(one: InterfaceVerdict) -> InterfaceComparison:
    return InterfaceComparison(
        name=one.name,
        change=one.change,
        bump=one.bump,
        relation=one.relation,
        old_direction=one.old.direction if one.old else None,
        new_direction=one.new.direction if one.new else None,
        finding=_finding(one.name, one.finding) if one.finding else None,
        verdict=schema_comparison(one.verdict, one.name) if one.verdict else None,
    )


def schema_comparison(verdict: Verdict, interface: str = "") -> SchemaComparison:
    """The verdict on two schemas, as it is sent."""
    return SchemaComparison(
        direction=verdict.direction,
        reading=verdict.reading,
        engine=verdict.engine,
        bump=verdict.bump,
        relation=verdict.relation,
        backward=_answer(verdict.backward),
        forward=_answer(verdict.forward),
        findings=[_finding(interface, one) for one in verdict.findings],
        remarks=[_finding(interface, one) for one in verdict.remarks],
        complete=verdict.complete,
        ran_out=ran_out(verdict),
        unproven=proof_of(verdict) == "missing",
    )


def calling(verdict: VersionVerdict) -> list[ShownFinding]:
    """The findings of the interfaces that call for the bump of a verdict, the gravest first."""
    called_for = [one for one in verdict.interfaces if one.bump == verdict.bump]
    findings = [_finding(one.name, one.finding) for one in called_for if one.finding]
    findings += [
        _finding(one.name, each)
        for one in called_for
        if one.verdict
        for each in one.verdict.findings
    ]
    return sorted(findings, key=lambda one: rank(one.severity))


def obstacles(verdict: VersionVerdict) -> dict[str, object]:
    """What of a verdict calls for its bump, as members of a problem document.

    The gravest findings stand first; `findings_total` counts those that were not listed, too.
    `incomplete` are interfaces of which more may have changed than any finding names, `unproven`
    those that break without a document that shows it.
    """
    called_for = [one for one in verdict.interfaces if one.bump == verdict.bump]
    compared = [(one.name, one.verdict) for one in called_for if one.verdict]
    findings = calling(verdict)
    witnesses = {
        (name, one.text): NamedWitness(interface=name, witness=_shown(one))
        for name, its in compared
        for one in breaking_witnesses(its)
    }
    return {
        "interfaces": {one.name: one.change for one in called_for},
        "findings": findings[:MAX_LISTED],
        "findings_total": len(findings),
        "incomplete": [name for name, its in compared if not its.complete],
        "unproven": [name for name, its in compared if proof_of(its) == "missing"],
        "witnesses": list(witnesses.values())[:MAX_LISTED],
        "witnesses_total": len(witnesses),
        "engine": verdict.engine,
    }


def _finding(interface: str, finding: Finding) -> ShownFinding:
    return ShownFinding(
        interface=interface,
        rule=finding.rule,
        severity=finding.severity,
        place=finding.place,
        fingerprint=finding.fingerprint,
        message={"de": finding.message_de, "en": finding.message_en},
        old=finding.old,
        new=finding.new,
        before=finding.before,
        after=finding.after,
        witness=_shown(finding.witness) if finding.witness else None,
    )


def _answer(found: Containment) -> ShownAnswer:
    return ShownAnswer(
        answer=found.answer,
        witness=_shown(found.witness) if found.witness else None,
        reason=found.reason,
    )


def _shown(witness: Witness) -> ShownWitness:
    return ShownWitness(
        document=msgspec.Raw(witness.text.encode()),
        valid_under=witness.valid_under,
        confirmed=witness.confirmed,
        rewritten=witness.rewritten,
        doubt=witness.doubt,
    )
