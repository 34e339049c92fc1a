"""The report as GitLab's Code Quality report: a list of issues, each at a line of a file."""

import hashlib
import json
from typing import Any

from registry.cli.checking.formats import phrases
from registry.cli.checking.model import Found, InterfaceReport, Report
from registry.compatibility.rules import Language

_PARTIAL = "partial"


def form(report: Report, language: Language, *, everything: bool) -> str:
    """All that was found and is not excepted, and what is wrong with the version as a whole."""
    first = report.interfaces[0].new if report.interfaces else None
    issues = [
        _issue(one.code, phrases.message(one, language), "critical", one.code, (first, 1))
        for one in report.objections
    ]
    for interface in report.interfaces:
        issues += [
            _finding(report, interface, found, language)
            for found in phrases.listed(report, interface, everything=everything)
            if found.exception is None
        ]
        caveats = " ".join(phrases.caveats(interface, language))
        if caveats:
            name = f"{interface.name}\n{_PARTIAL}"
            issues.append(_issue(_PARTIAL, caveats, "minor", name, (interface.new, 1)))
    return json.dumps(_unique(issues), ensure_ascii=False, indent=1) + "\n"


def _finding(
    report: Report, interface: InterfaceReport, found: Found, language: Language
) -> dict[str, Any]:
    place = found.new
    file = place.file if place else interface.new or interface.old
    line = place.line if place and place.line else 1
    name = f"{interface.name}\n{found.fingerprint}"
    text = phrases.proven(found, language)
    return _issue(found.rule, text, _severity(report, found), name, (file, line))


def _severity(report: Report, found: Found) -> str:
    """Grave only what the command fails for: a break that the number announces is none."""
    grave = found.severity in phrases.GRAVE
    if phrases.decides(report, found):
        return "critical" if grave else "major"
    return "minor" if grave else "info"


def _issue(
    rule: str, text: str, severity: str, name: str, place: tuple[str | None, int]
) -> dict[str, Any]:
    file, line = place
    return {
        "description": text,
        "check_name": rule,
        "fingerprint": hashlib.sha256(name.encode()).hexdigest()[:32],
        "severity": severity,
        "location": {"path": phrases.repository_path(file), "lines": {"begin": line}},
    }


def _unique(issues: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """GitLab shows one issue of each fingerprint."""
    return list({issue["fingerprint"]: issue for issue in issues}.values())
