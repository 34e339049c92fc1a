"""The report for whoever sits at the terminal."""

import click

from registry.cli.checking.formats import phrases
from registry.cli.checking.model import Found, InterfaceReport, Location, Report
from registry.cli.checking.words import say, shown
from registry.compatibility.model import Severity
from registry.compatibility.rules import Language

_COLOURS: dict[Severity, str] = {
    "breaking": "red",
    "unknown": "yellow",
    "compatible": "green",
    "remark": "cyan",
}

_GRAVE: tuple[Severity, ...] = ("breaking", "unknown")
_MILD: tuple[Severity, ...] = ("compatible", "remark")


def text(report: Report, language: Language, *, everything: bool) -> str:
    """What breaks or is undecided, whom it hits, and a line that sums it up.

    `everything` lists what is compatible too, and the remarks.
    """
    lines: list[str] = []
    for interface in report.interfaces:
        lines += _interface(report, interface, language, everything=everything)
    lines += [click.style(phrases.message(one, language), "red") for one in report.objections]
    lines += phrases.impact(report, language)
    lines += [shown(note) for note in report.notes]
    colour = "green" if report.passed else "red"
    return "\n".join([*lines, click.style(phrases.summary(report, language), colour)]) + "\n"


def _interface(
    report: Report, interface: InterfaceReport, language: Language, *, everything: bool
) -> list[str]:
    """What breaks, and what else the command fails for: why a number was refused."""
    severities = _GRAVE + _MILD if everything else _GRAVE
    chosen = [
        found
        for found in (*interface.findings, *interface.remarks)
        if found.severity in severities or phrases.decides(report, found)
    ]
    return [line for found in chosen for line in _finding(found, interface.name, language)]


def _finding(found: Found, interface: str, language: Language) -> list[str]:
    severity = click.style(say("report", found.severity, language), _COLOURS[found.severity])
    first = f"{_at(phrases.spot(found))}{severity} {found.rule} {phrases.message(found, language)}"
    place = {"place": found.place} if found.place else {}
    named = {**place, "interface": interface, "finding": found.fingerprint}
    second = ", ".join(
        f"{say('report', its, language)} {shown(name)}" for its, name in named.items()
    )
    further = (phrases.witnessed(found, language), phrases.excepted(found, language))
    return [first, *(f"    {line}" for line in (second, *further) if line)]


def _at(spot: Location | None) -> str:
    if spot is None:
        return ""
    place = [spot.file, spot.line, spot.column] if spot.line else [spot.file]
    return shown(":".join(map(str, place))) + ": "
