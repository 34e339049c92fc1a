"""Sentences that several forms of a report share."""

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from registry.cli.checking.model import Found, InterfaceReport, Location, Objection, Report
from registry.cli.checking.words import counted, say, shown
from registry.compatibility.model import Severity, Witness
from registry.compatibility.rules import Language, what_breaks
from registry.semver import Bump


def message(about: Found | Objection, language: Language) -> str:
    """What is to be said of it, on one line."""
    return shown(about.message_de if language == "de" else about.message_en)


def decides(report: Report, found: Found) -> bool:
    """Whether the command fails for the sake of a finding: by itself, or by the number it needs."""
    if found.fails:
        return True
    refused = any(one.code in _FOR_CHANGES for one in report.objections)
    return refused and found.exception is None and found.severity in _CALLING.get(report.bump, ())


def listed(report: Report, interface: InterfaceReport, *, everything: bool) -> list[Found]:
    """What forms for others than whoever typed the command list: every change.

    Remarks bind nobody: they are told where the command fails for them, or all was asked for.
    """
    remarks = [one for one in interface.remarks if everything or decides(report, one)]
    return [*interface.findings, *remarks]


# What calls for a major version.
GRAVE: Sequence[Severity] = ("breaking", "unknown")
# Refusals of a number that announces less than the changes call for.
_FOR_CHANGES = ("version-number-too-small", "version-does-not-fit-next")
_CALLING: dict[Bump, Sequence[Severity]] = {
    "major": GRAVE,
    "minor": ("compatible",),
}


def ending(report: Report, language: Language) -> str:
    """How the command ends, which what was found alone does not say."""
    if not report.passed:
        return say("report", "failed", language)
    excepted = any(found.exception for _, found in report.findings)
    return say("report", "passed-excepted" if excepted else "passed", language)


def summary(report: Report, language: Language) -> str:
    """The one line that says what came out."""
    parts = [_published(report, language)] if report.outcome else []
    parts += _compared(report, language)
    parts += filter(None, [counted(_counts(report), language)])
    excepted = sum(found.exception is not None for _, found in report.findings)
    if excepted:
        parts.append(say("report", "excepted-count", language, count=excepted))
    if report.least:
        least = "least-prerelease" if "-" in (report.number or "") else "least"
        parts.append(say("report", least, language, least=report.least))
    if report.number and not report.outcome:
        judged = "number-refused" if report.objections else "number-fits"
        parts.append(say("report", judged, language, number=report.number))
    return shown("; ".join(parts)) + "."


def _published(report: Report, language: Language) -> str:
    facts = {"service": report.service, "number": report.number}
    return say("report", str(report.outcome), language, **facts)


def _compared(report: Report, language: Language) -> list[str]:
    """What must be announced, seen from the version compared with."""
    compared = any(each.change != "same" for each in report.interfaces)
    if not report.base and (report.service or not compared):
        return (
            [] if report.objections else [say("report", "first", language, against=report.against)]
        )
    counts = _counts(report)
    undecided = report.bump == "major" and counts["unknown"] and not counts["breaking"]
    rule = "undecided" if undecided else report.bump
    if rule != "none" and (report.base or "").startswith("0."):
        rule = f"{rule}-early"
    return [say("report", rule, language, against=report.against)]


def _counts(report: Report) -> dict[str, int]:
    severities = [found.severity for _, found in report.findings]
    counts = {name: severities.count(name) for name in ("breaking", "unknown", "compatible")}
    unproven = sum(each.unproven for each in report.interfaces)
    remarks = sum(len(each.remarks) for each in report.interfaces)
    return counts | {"unproven": unproven, "remarks": remarks}


def witnessed(found: Found, language: Language) -> str | None:
    """The document that proves it, with what it proves."""
    return shows(found.witness, language) if found.witness else None


def shows(witness: Witness, language: Language) -> str:
    """What a document proves, and that only one validator stands for it where that is so."""
    kind = "-meant" if witness.rewritten else ""
    words = say("report", f"{witness.valid_under}-only{kind}", language)
    doubt = "" if witness.confirmed else f" ({say('report', 'doubt', language)})"
    return f"{words}{doubt}: {shown(witness.text)}"


def proven(found: Found, language: Language) -> str:
    """What is to be said of it with the document that proves it, as one text."""
    proof = witnessed(found, language)
    return message(found, language) + (f" {proof[0].upper()}{proof[1:]}" if proof else "")


def former(found: Found, language: Language) -> str | None:
    """Where it stood in the old schema, where that is another place than in the new one.

    What is new in a list stands within the list that there was. What was not there before stood
    nowhere; what is undecided, the old schema may be to blame for.
    """
    old, new = found.old, found.new
    if old is None or new is None or old.pointer == new.pointer:
        return None
    around, _, step = new.pointer.rpartition("/")
    if around == old.pointer and step.isdecimal():
        return None
    if found.before is None and found.severity != "unknown":
        return None
    return say("report", "former", language, place=place(old))


def place(spot: Location) -> str:
    """A file with line and column; without them, with the pointer."""
    parts = [spot.file, spot.line, spot.column] if spot.line else [spot.file]
    pointer = "" if spot.line or not spot.pointer else f"#{spot.pointer}"
    return shown(":".join(map(str, parts)) + pointer)


def why_breaking(interface: InterfaceReport, language: Language) -> str | None:
    """What is breaking where the service emits, which who thinks of a reader does not expect."""
    if interface.direction == "accepts" or interface.change != "compared":
        return None
    return shown(f"{interface.name}: {what_breaks(interface.direction, language)}")


def caveats(interface: InterfaceReport, language: Language) -> list[str]:
    """That no document shows a break, that more may have changed than is listed, or be said of."""
    rules = {
        "unproven": interface.unproven,
        "incomplete": not interface.complete,
        "ran-out": interface.complete and interface.ran_out,
    }
    facts = {"name": interface.name}
    return [shown(say("report", rule, language, **facts)) for rule, holds in rules.items() if holds]


def excepted(found: Found, language: Language) -> str | None:
    """Who answers for it, and until when."""
    its = found.exception
    if its is None:
        return None
    facts = {"expires": its.expires, "owner": its.owner, "reason": its.reason}
    return shown(say("report", "excepted", language, **facts))


def spot(found: Found) -> Location | None:
    """Where to look: in the new schema, or where it is gone, in the old one."""
    return found.new or found.old


def repository_path(place: str | None) -> str:
    """A file as CI systems want it: relative where it lies below this folder, with slashes."""
    if place is None:
        return "."
    if place.startswith("git:"):
        return place.split(":", 2)[2]
    path = Path(os.path.normpath(place))
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return str(PurePosixPath(path))
