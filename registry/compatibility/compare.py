"""The verdict on two versions of one interface."""

from registry.compatibility.changes.alignment import same
from registry.compatibility.changes.places import View
from registry.compatibility.containment import UNFIT, Pair, included, unfit
from registry.compatibility.findings.listing import Inquiry, Report
from registry.compatibility.findings.purse import Purse
from registry.compatibility.model import (
    Budget,
    Containment,
    Direction,
    Formats,
    Reading,
    Relation,
    Schema,
    Side,
    Verdict,
    schema_of,
)
from registry.dialects.strict_json import Json
from registry.semver import Bump

ENGINE = "2"
"""Changes whenever a verdict could: kept verdicts are made anew then."""

_SIDES: dict[Direction, tuple[Side, ...]] = {
    "accepts": ("old",),
    "emits": ("new",),
    "exchanges": ("old", "new"),
}
_YES = Containment(answer="yes")

Answers = dict[Side, Containment]


def compare(
    old: Schema | Json,
    new: Schema | Json,
    *,
    direction: Direction = "accepts",
    reading: Reading = "reserved",
    formats: Formats = "annotate",
    budget: Budget | None = None,
) -> Verdict:
    """What changed, whether a document that fitted no longer fits, and which number that calls for.

    A schema may be given as bare JSON. Never raises: what cannot be read, is too deep or too large
    to be compared is `unknown`.
    """
    shared = (budget or Budget()).begun()
    schemas = schema_of(old), schema_of(new)
    try:
        asked = Pair(*schemas, reading, formats)
        answers, equal = _answers(asked, shared)
    except UNFIT as error:
        return _verdict(direction, reading, _unknown(unfit(error)), Report(), equal=False)
    try:
        inquiry = Inquiry(asked, schemas, _SIDES[direction], Purse(shared))
        report = inquiry.report(answers)
    except UNFIT:
        report = Report()
    return _verdict(direction, reading, _proven(answers, report), report, equal=equal)


def _answers(asked: Pair, budget: Budget) -> tuple[Answers, bool]:
    """Both directions, and whether the schemas say the same word for word."""
    old, new = View(asked.plain["old"], "old"), View(asked.plain["new"], "new")
    if same((old, old.plain.root), (new, new.plain.root)):
        return {"old": _YES, "new": _YES}, True
    sides: tuple[Side, ...] = ("old", "new")
    return {side: included(asked, side, budget) for side in sides}, False


def _unknown(reason: str) -> Answers:
    answer = Containment(answer="unknown", reason=reason)
    return {"old": answer, "new": answer}


def _proven(answers: Answers, report: Report) -> Answers:
    """What a finding's witness proves need not stay undecided, and a break has the best witness."""
    proven = dict(answers)
    for side, witness in report.proofs.items():
        known = proven[side]
        if known.witness is None or len(witness.text) <= len(known.witness.text):
            proven[side] = Containment(answer="no", witness=witness)
    return proven


def _verdict(
    direction: Direction, reading: Reading, answers: Answers, report: Report, *, equal: bool
) -> Verdict:
    relation = _relation(answers)
    findings = report.findings
    return Verdict(
        direction=direction,
        reading=reading,
        relation=relation,
        bump=_bump(direction, answers, report, equal=equal),
        backward=answers["old"],
        forward=answers["new"],
        findings=findings,
        remarks=report.remarks,
        engine=ENGINE,
    )


def _relation(answers: Answers) -> Relation:
    given = answers["old"].answer, answers["new"].answer
    relations: dict[tuple[str, str], Relation] = {
        ("yes", "yes"): "equal",
        ("yes", "no"): "wider",
        ("no", "yes"): "narrower",
        ("no", "no"): "incomparable",
    }
    return relations.get(given, "unknown")


def _bump(direction: Direction, answers: Answers, report: Report, *, equal: bool) -> Bump:
    if any(answers[side].answer != "yes" for side in _SIDES[direction]):
        return "major"
    if any(answer.answer != "yes" for answer in answers.values()) or report.findings:
        return "minor"
    return "none" if equal and not report.remarks else "patch"


__all__ = ["ENGINE", "compare"]
