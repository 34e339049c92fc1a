"""Sentences that several forms of a report share."""

import os
from pathlib import Path, PurePosixPath

from registry.cli.checking.model import Found, InterfaceReport, Location, Objection, Report
from registry.cli.checking.words import say, shown
from registry.compatibility.rules import Language


def message(about: Found | Objection, language: Language) -> str:
    """What is to be said of it, on one line."""
    return shown(about.message_de if language == "de" else about.message_en)


def changed(interface: InterfaceReport, language: Language) -> str | None:
    """What became of an interface as a whole; None where only its schema is compared."""
    if interface.change == "compared":
        return None
    return shown(say("report", interface.change, language, name=interface.name))


def summary(report: Report, language: Language) -> str:
    """The one line that says what came out."""
    parts = [say("report", report.bump, language, against=report.against)]
    counts = _counts(report)
    if any(counts.values()):
        parts.append(say("report", "counts", language, **counts))
    excepted = sum(found.exception is not None for _, found in report.findings)
    if excepted:
        parts.append(say("report", "excepted-count", language, count=excepted))
    if report.least:
        parts.append(say("report", "least", language, least=report.least))
    if report.number and not report.objections:
        parts.append(say("report", "number-fits", language, number=report.number))
    return shown("; ".join(parts)) + "."


def _counts(report: Report) -> dict[str, int]:
    severities = [found.severity for _, found in report.findings]
    counts = {name: severities.count(name) for name in ("breaking", "unknown", "compatible")}
    return counts | {"remarks": sum(len(each.remarks) for each in report.interfaces)}


def impact(report: Report, language: Language) -> str | None:
    """Whom the change hits, in one sentence."""
    hit = report.impact
    if hit is None:
        return None
    facts = {name: getattr(hit, name) for name in ("users", "own_use", "without_version")}
    return say("report", "impact", language, misfits=hit.misfits, **facts) + "."


def witnessed(found: Found, language: Language) -> str | None:
    """The document that proves it, with what it proves."""
    witness = found.witness
    if witness is None:
        return None
    words = say("report", f"{witness.valid_under}-only", language)
    doubt = "" if witness.confirmed else f" ({say('report', 'doubt', language)})"
    return f"{words}{doubt}: {shown(witness.text)}"


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
