"""Sentences that several forms of a report share."""

import os
from pathlib import Path, PurePosixPath

from registry.cli.checking.model import Found, Location, Objection, Report
from registry.cli.checking.words import say, shown
from registry.compatibility.rules import Language
from registry.impact.checks import ParametersHit, UnfitParameters


def message(about: Found | Objection, language: Language) -> str:
    """What is to be said of it, on one line."""
    return shown(about.message_de if language == "de" else about.message_en)


def summary(report: Report, language: Language) -> str:
    """The one line that says what came out."""
    parts = [_published(report, language)] if report.outcome else []
    parts += _compared(report, language)
    counts = _counts(report)
    if any(counts.values()):
        parts.append(say("report", "counts", language, **counts))
    excepted = sum(found.exception is not None for _, found in report.findings)
    if excepted:
        parts.append(say("report", "excepted-count", language, count=excepted))
    if report.least:
        parts.append(say("report", "least", language, least=report.least))
    if report.number and not report.outcome:
        judged = "number-refused" if report.objections else "number-fits"
        parts.append(say("report", judged, language, number=report.number))
    return shown("; ".join(parts)) + "."


def _published(report: Report, language: Language) -> str:
    facts = {"service": report.service, "number": report.number}
    return say("report", str(report.outcome), language, **facts)


def _compared(report: Report, language: Language) -> list[str]:
    """What must be announced, seen from the version compared with."""
    if report.service and not report.base:
        return (
            [] if report.objections else [say("report", "first", language, against=report.against)]
        )
    return [say("report", report.bump, language, against=report.against)]


def _counts(report: Report) -> dict[str, int]:
    severities = [found.severity for _, found in report.findings]
    counts = {name: severities.count(name) for name in ("breaking", "unknown", "compatible")}
    return counts | {"remarks": sum(len(each.remarks) for each in report.interfaces)}


def impact(report: Report, language: Language) -> list[str]:
    """Whom the change hits: counted, named by Land, whose parameters do not fit, who refers."""
    hit = report.impact
    if hit is None:
        return []
    facts = {name: getattr(hit.affected, name) for name in _COUNTED}
    facts |= {"undecided": hit.undecided.reuses, "possibly": hit.possibly.reuses}
    lines = [say("report", "impact", language, **facts) + "."] if any(facts.values()) else []
    for state in hit.affected.by_state:
        name = state.name or state.key or say("report", "elsewhere", language)
        lines.append(shown(f"{name}: {', '.join(one.organisation.name for one in state.items)}"))
    lines += _parameters(hit.parameters, language) if hit.parameters else []
    for one in hit.referrers:
        address = f"efa:{one.service}/{one.version}/{one.interface}"
        lines.append(shown(say("report", "referrer", language, address=address)))
    return lines


_COUNTED = ("states", "reuses", "municipalities", "own_use")


def _parameters(hit: ParametersHit, language: Language) -> list[str]:
    """Which stored parameters would not be taken any more, and why."""
    if not hit.unfit:
        return []
    counted = say("report", "parameters", language, unfit=hit.unfit, fitting=hit.fitting)
    return [f"{counted}:", *(shown(_unfit(one, language)) for one in hit.items)]


def _unfit(one: UnfitParameters, language: Language) -> str:
    reasons = [f"{each.pointer or '/'} {each.message[language]}" for each in one.reasons]
    more = [] if one.complete else ["…"]
    return f"{one.organisation.name} ({one.version}): {'; '.join([*reasons, *more])}"


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
