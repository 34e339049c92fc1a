"""The report for whoever sits at the terminal."""

import click

from registry.cli.checking.formats import hits, phrases
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

_MILD: tuple[Severity, ...] = ("compatible", "remark")


def form(report: Report, language: Language, *, everything: bool) -> str:
    """What breaks or is undecided, whom it hits, and a line that sums it up.

    `everything` lists what is compatible too, and the remarks.
    """
    lines: list[str] = []
    for interface in report.interfaces:
        lines += _interface(report, interface, language, everything=everything)
    lines += [click.style(phrases.message(one, language), "red") for one in report.objections]
    for told, names in hits.told(report, language):
        lines += [told, *(f"    {name}" for name in names)]
    lines += [shown(note) for note in report.notes]
    colour = "green" if report.passed else "red"
    return "\n".join([*lines, click.style(phrases.summary(report, language), colour)]) + "\n"


def _interface(
    report: Report, interface: InterfaceReport, language: Language, *, everything: bool
) -> list[str]:
    """What breaks, and what else the command fails for: why a number was refused."""
    severities = (*phrases.GRAVE, *_MILD) if everything else phrases.GRAVE
    chosen = [
        found
        for found in (*interface.findings, *interface.remarks)
        if found.severity in severities or phrases.decides(report, found)
    ]
    why = phrases.why_breaking(interface, language)
    grave = any(found.severity in phrases.GRAVE for found in chosen)
    lines = [why] if why and grave else []
    lines += [line for found in chosen for line in _finding(found, interface, language)]
    return lines + [click.style(each, "yellow") for each in phrases.caveats(interface, language)]


def _finding(found: Found, interface: InterfaceReport, language: Language) -> list[str]:
    severity = click.style(say("report", found.severity, language), _COLOURS[found.severity])
    first = f"{_at(phrases.spot(found))}{severity} {found.rule} {phrases.message(found, language)}"
    place = {"place": found.place} if found.place else {}
    which = {"interface": interface.name, "direction": interface.direction}
    named = {**place, **which, "finding": found.fingerprint}
    second = ", ".join(
        f"{say('report', its, language)} {shown(name)}" for its, name in named.items()
    )
    further = (phrases.former, phrases.witnessed, phrases.excepted)
    lines = (second, *(say_it(found, language) for say_it in further))
    return [first, *(f"    {line}" for line in lines if line)]


def _at(spot: Location | None) -> str:
    return "" if spot is None else f"{phrases.place(spot)}: "
