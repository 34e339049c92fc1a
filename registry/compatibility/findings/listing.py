"""The findings of a comparison: every change with what it was proven to do."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from registry.compatibility.changes import notes
from registry.compatibility.changes.change import Change, PlacePair
from registry.compatibility.changes.places import View
from registry.compatibility.changes.walk import Walk, walk
from registry.compatibility.containment import SchemaPair
from registry.compatibility.findings.differing import differing
from registry.compatibility.findings.proof import FITS, Case, Proof
from registry.compatibility.findings.purse import HASTY, THOROUGH, Purse
from registry.compatibility.findings.remainder import Remainder
from registry.compatibility.findings.words import Words, distinct
from registry.compatibility.model import (
    Budget,
    Containment,
    Finding,
    Schema,
    Severity,
    Side,
    Spot,
    Witness,
)
from registry.compatibility.solver import Empty
from registry.dialects.strict_json import pointer_to

Answers = Mapping[Side, Containment]
Proofs = Mapping[Side, Proof]

_READING_RULES: dict[Side, frozenset[str]] = {
    "old": frozenset({"EFA-PROP-02"}),
    "new": frozenset({"EFA-PROP-01"}),
}
_SECOND_PASS = 4_000
_PATIENCE = 6_000
_SMALL = Budget(steps=2_000, seconds=0.1)
_EMPTY: dict[Side, str] = {"old": "EFA-ANY-02", "new": "EFA-ANY-03"}
_NEWLY_DEPRECATED = "EFA-ANN-04"
_WRITTEN_ANEW = "EFA-REF-03"
_TOGETHER = "EFA-ANY-01"
_BESIDES = {"breaks": "EFA-ANY-04", "open": "EFA-UNK-03"}
"""What may be found with all that other findings name undone."""


@dataclass
class Report:
    """What was found, and the smallest document that proves a break, by side.

    The sides whose documents a finding excludes are `explained`.

    It is not `complete` where some places were not looked at; `ran_out` as in a verdict.
    """

    findings: list[Finding] = field(default_factory=list[Finding])
    remarks: list[Finding] = field(default_factory=list[Finding])
    proofs: dict[Side, Witness] = field(default_factory=dict[Side, Witness])
    explained: set[Side] = field(default_factory=set[Side])
    complete: bool = True
    ran_out: bool = False


class Inquiry:
    """One comparison, change by change."""

    def __init__(
        self, pair: SchemaPair, schemas: tuple[Schema, Schema], sides: Sequence[Side], purse: Purse
    ) -> None:
        self.pair = pair
        self.purse = purse
        self.sides = sides
        self.views = View(pair.plain["old"], "old"), View(pair.plain["new"], "new")
        self.walk: Walk = walk(*self.views)
        self.words = Words(self.walk, self.views, schemas)
        self.cases = {side: Remainder(pair, self.walk, self.views, side, purse) for side in sides}
        self.open = self._open_cases(purse)

    def _open_cases(self, purse: Purse) -> dict[Side, Case]:
        """The same questions in the open reading, where it differs."""
        if not self.pair.rewritten:
            return {}
        pair = copy.copy(self.pair)
        pair.read, pair.reading = pair.plain, "open"
        vars(pair).pop("readers", None)
        return {side: Case(pair, self.walk, self.views, side, purse) for side in self.sides}

    def report(self, answers: Answers, *, equal: bool) -> Report:
        """All findings; those that break first. `equal` schemas say the same word for word."""
        report = Report(complete=self.walk.complete)
        if any(answer.answer != "yes" for answer in answers.values()):
            proven = self._proven(answers)
            for change, proofs in proven:
                self._add(report, change, proofs)
            for side in self.sides:
                if answers[side].answer == "no" or side in report.proofs:
                    report.findings += self._left(side, answers[side], proven)
        for rule in self._emptiness(answers):
            report.remarks.append(self.words.finding(self._root(rule), "remark"))
        identity = notes.identity(self._root(""), self.words.schemas)
        for change in (*identity, *self.walk.notes):
            deprecated = change.rule == _NEWLY_DEPRECATED
            listed = report.findings if deprecated else report.remarks
            listed.append(self.words.finding(change, "compatible" if deprecated else "remark"))
        alike = all(answer.answer == "yes" for answer in answers.values())
        if alike and not (equal or report.findings or report.remarks):
            report.remarks.append(self._written_anew())
        report.findings.sort(key=lambda one: rank(one.severity))
        located = distinct(self.words.located([*report.findings, *report.remarks]))
        count = len(report.findings)
        report.findings, report.remarks = located[:count], located[count:]
        return report

    def _written_anew(self) -> Finding:
        """That the schema means the same in other words, and where those stand."""
        finding = self.words.finding(self._root(_WRITTEN_ANEW), "remark")
        steps = differing(*(schema.root for schema in self.words.schemas))
        spot = Spot(pointer=pointer_to(steps))
        return msgspec.structs.replace(finding, old=spot, new=spot)

    def _proven(self, answers: Answers) -> list[tuple[Change, Proofs]]:
        """Every change with its proofs: what is hard is asked again when all else is known."""
        self.purse.patience = HASTY
        hasty = [(change, self._proofs(change, answers)) for change in self.walk.changes]
        self.purse.patience = THOROUGH
        self.purse.steps = min(self.purse.steps, _SECOND_PASS)
        return [
            (change, self._proofs(change, answers) if _open(proofs) else proofs)
            for change, proofs in hasty
        ]

    def _proofs(self, change: Change, answers: Answers) -> Proofs:
        return {
            side: FITS if answers[side].answer == "yes" else self._proof(change, side, answers)
            for side in self.sides
        }

    def _proof(self, change: Change, side: Side, answers: Answers) -> Proof:
        """Where only time was lacking, the whole question may have said what is in the way.

        What breaks, breaks by the only change there is, also where no document shows it.
        """
        proof = self.cases[side].prove(change)
        why, alone = answers[side].reason, self.walk.complete and len(self.walk.changes) == 1
        if alone and proof.answer == "open" and answers[side].answer == "no":
            return Proof("breaks", answers[side].witness)
        return replace(proof, reason=why) if why and proof.reason == "budget" else proof

    def _add(self, report: Report, change: Change, proofs: Proofs) -> None:
        for side, proof in proofs.items():
            if proof.answer == "breaks":
                report.explained.add(side)
            if proof.witness is not None:
                report.proofs[side] = _smaller(report.proofs.get(side), proof.witness)
        report.ran_out |= any(proof.reason == "budget" for proof in proofs.values())
        worst = max(proofs.values(), key=_weight)
        report.findings.append(self._finding(change, worst))
        for side in self.sides:
            if proofs[side].answer == "fits":
                self._remark(report, change, side)

    def _finding(self, change: Change, proof: Proof) -> Finding:
        notes = _notes(proof)
        return self.words.finding(
            change, _SEVERITY[proof.answer], proof.witness, notes, proof.reason
        )

    def _remark(self, report: Report, change: Change, side: Side) -> None:
        """What only the open reading sees."""
        case = self.open.get(side)
        if case is None or change.rule not in _READING_RULES[side]:
            return
        witness = case.glimpsed(change)
        if witness is not None:
            report.remarks.append(self.words.finding(change, "remark", witness, ("open",)))

    def _left(
        self, side: Side, answer: Containment, proven: Sequence[tuple[Change, Proofs]]
    ) -> Iterator[Finding]:
        """What breaks, or may, besides the changes that do: whoever vouches for these sees it."""
        named = [change for change, proofs in proven if proofs[side].answer != "fits"]
        self.purse.patience = _PATIENCE
        self.purse.steps = max(self.purse.steps, _PATIENCE)
        if not any(proofs[side].answer == "breaks" for _, proofs in proven):
            yield self._whole(_TOGETHER, side, Proof("breaks", answer.witness))
        elif (left := self.cases[side].left(named)).answer != "fits":
            yield self._whole(_BESIDES[left.answer], side, left)

    def _whole(self, rule: str, side: Side, proof: Proof) -> Finding:
        """A finding of the schemas as a whole; it hangs on all that they say."""
        documents = "every" if proof.answer == "open" else "some"
        facts = {"documents": f"{documents}-{side}"}
        whole = replace(self._root(rule), subject=f"{side} {self.pair.digest}", facts=facts)
        return self.words.finding(whole, _SEVERITY[proof.answer], proof.witness, (), proof.reason)

    def _root(self, rule: str) -> Change:
        pair = PlacePair.of((), (self.views[0], ((),)), (self.views[1], ((),)))
        return Change(rule, pair, old=(), new=())

    def _emptiness(self, answers: Answers) -> Iterator[str]:
        """A schema that nothing fits is compatible with all, and seldom meant."""
        for side, rule in _EMPTY.items():
            contained = answers[side].answer == "yes"
            root = self.pair.plain[side].root
            if contained and isinstance(self.pair.find(root, [], _SMALL), Empty):
                yield rule


def _open(proofs: Proofs) -> bool:
    return any(proof.answer == "open" for proof in proofs.values())


def _smaller(known: Witness | None, other: Witness) -> Witness:
    if known is None or (members(other), len(other.text)) < (members(known), len(known.text)):
        return other
    return known


def members(witness: Witness) -> int:
    """How many values there are to read, about: real-looking ones are longer and no more."""
    return witness.text.count('": ') + witness.text.count(", ")


def _weight(proof: Proof) -> tuple[int, bool]:
    """The worst answer, and of those the one with a document."""
    return _WEIGHT[proof.answer], proof.witness is not None


_WEIGHT = {"fits": 0, "open": 1, "breaks": 2}
_SEVERITY: dict[str, Severity] = {"fits": "compatible", "open": "unknown", "breaks": "breaking"}
_RANK: dict[Severity, int] = {"breaking": 0, "unknown": 1, "compatible": 2, "remark": 3}


def rank(severity: Severity) -> int:
    """The worst come first."""
    return _RANK[severity]


def _notes(proof: Proof) -> list[str]:
    notes: list[str] = []
    if proof.hidden:
        notes.append("hidden" if proof.answer == "breaks" else "masked")
    if proof.witness is not None and proof.witness.rewritten:
        notes.append("rewritten")
    if proof.answer == "open":
        notes.append("undecided")
    return notes
