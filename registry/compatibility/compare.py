"""The verdict on two versions of one interface."""

from registry.compatibility.changes.alignment import same
from registry.compatibility.changes.places import View
from registry.compatibility.containment import UNFIT, SchemaPair, included, unfit
from registry.compatibility.findings.listing import Inquiry, Report, members, rank
from registry.compatibility.findings.open_sides import open_side
from registry.compatibility.findings.purse import Purse
from registry.compatibility.model import (
    Budget,
    Containment,
    Direction,
    Finding,
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

ENGINE = "9"
"""Changes whenever a verdict could: kept verdicts are made anew then."""

SIDES: dict[Direction, tuple[Side, ...]] = {
    "accepts": ("old",),
    "emits": ("new",),
    "exchanges": ("old", "new"),
}
"""The sides whose documents must fit the other, by direction."""
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
        asked = SchemaPair(*schemas, reading, formats)
        answers, equal = _answers(asked, shared)
    except UNFIT as error:
        return unanswered(direction, reading, unfit(error))
    try:
        inquiry = Inquiry(asked, schemas, SIDES[direction], Purse(shared))
        report = inquiry.report(answers, equal=equal)
    except UNFIT:
        report = Report(complete=False)
    answers = _proven(answers, report)
    report.findings += _open_sides(direction, answers, asked.digest)
    return _verdict(direction, reading, answers, report, equal=equal)


def unanswered(direction: Direction, reading: Reading, reason: str, subject: str = "") -> Verdict:
    """The verdict on a question that there is no answer to; `subject` tells its schemas apart."""
    answer = Containment(answer="unknown", reason=reason)
    answers: Answers = {"old": answer, "new": answer}
    report = Report(findings=_open_sides(direction, answers, subject), complete=False)
    return _verdict(direction, reading, answers, report, equal=False)


def _open_sides(direction: Direction, answers: Answers, subject: str) -> list[Finding]:
    return [
        open_side(side, answers[side], subject)
        for side in SIDES[direction]
        if answers[side].answer == "unknown"
    ]


def _answers(asked: SchemaPair, budget: Budget) -> tuple[Answers, bool]:
    """Both directions, and whether the schemas say the same word for word."""
    old, new = View(asked.plain["old"], "old"), View(asked.plain["new"], "new")
    if same((old, old.plain.root), (new, new.plain.root)):
        return {"old": _YES, "new": _YES}, True
    sides: tuple[Side, ...] = ("old", "new")
    return {side: included(asked, side, budget) for side in sides}, False


def _proven(answers: Answers, report: Report) -> Answers:
    """What a finding's witness proves need not stay undecided, and a break has the best witness."""
    proven = dict(answers)
    for side, witness in report.proofs.items():
        known = proven[side]
        if known.witness is None or members(witness) <= members(known.witness):
            proven[side] = Containment(answer="no", witness=witness)
    return proven


def _verdict(
    direction: Direction, reading: Reading, answers: Answers, report: Report, *, equal: bool
) -> Verdict:
    relation = _relation(answers)
    return Verdict(
        direction=direction,
        reading=reading,
        relation=relation,
        bump=_bump(direction, answers, report, equal=equal),
        backward=answers["old"],
        forward=answers["new"],
        findings=sorted(report.findings, key=lambda one: rank(one.severity)),
        remarks=report.remarks,
        engine=ENGINE,
        complete=report.complete,
        ran_out=report.ran_out,
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
    """What was not looked at may have become deprecated."""
    if any(answers[side].answer != "yes" for side in SIDES[direction]):
        return "major"
    if any(answer.answer != "yes" for answer in answers.values()) or report.findings:
        return "minor"
    if not report.complete:
        return "minor"
    return "none" if equal and not report.remarks else "patch"


__all__ = ["ENGINE", "SIDES", "compare", "unanswered"]
