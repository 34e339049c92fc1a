"""Whether what was found lets the command end well; pure."""

from collections.abc import Mapping, Sequence

import msgspec

from registry import semver
from registry.cli.checking.model import (
    Exempted,
    FailOn,
    Found,
    InterfaceReport,
    Objection,
    Report,
)
from registry.cli.checking.words import say
from registry.compatibility.model import Severity
from registry.semver import Bump, bump_needed

_FAILING: dict[FailOn, tuple[Severity, ...]] = {
    "major": ("breaking", "unknown"),
    "minor": ("breaking", "unknown", "compatible"),
    "patch": ("breaking", "unknown", "compatible", "remark"),
    "none": (),
}
_BUMPS: tuple[Bump, ...] = ("none", "patch", "minor", "major")


def marked(
    interfaces: Sequence[InterfaceReport], fail_on: FailOn, exempted: Mapping[str, Exempted]
) -> list[InterfaceReport]:
    """The same, each finding with its exception and whether it fails the command."""

    def mark(found: Found) -> Found:
        exception = exempted.get(found.fingerprint)
        fails = exception is None and found.severity in _FAILING[fail_on]
        return msgspec.structs.replace(found, exception=exception, fails=fails)

    return [
        msgspec.structs.replace(
            each,
            findings=[*map(mark, each.findings)],
            remarks=[*map(mark, each.remarks)],
            fails=_fails_as_a_whole(each, fail_on),
        )
        for each in interfaces
    ]


def fingerprints(interfaces: Sequence[InterfaceReport]) -> list[str]:
    """Of all that was found."""
    return [found.fingerprint for each in interfaces for found in (*each.findings, *each.remarks)]


def judged(report: Report) -> Report:
    """The same with whether it passed: no finding, no interface as a whole, no number fails."""
    found = [one for each in report.interfaces for one in (*each.findings, *each.remarks)]
    failed = any(one.fails for one in found) or any(each.fails for each in report.interfaces)
    return msgspec.structs.replace(report, passed=not (failed or report.objections))


def _fails_as_a_whole(report: InterfaceReport, fail_on: FailOn) -> bool:
    """An interface that came, went or turned around has no finding that would say so."""
    if report.change == "compared" or fail_on == "none":
        return False
    return _BUMPS.index("major" if report.change != "added" else "minor") >= _BUMPS.index(fail_on)


def bump_of(interfaces: Sequence[InterfaceReport]) -> Bump:
    """What a version with all these changes must announce."""
    return bump_needed(each.bump for each in interfaces)


def objections_to(number: str | None, base: str | None, least: str | None) -> list[Objection]:
    """What is wrong with a proposed number, where the one before it is known."""
    if number is None or base is None or least is None:
        return []
    given, before = semver.parse(number), semver.parse(base)
    if given <= before:
        return [_objection("version-not-new", number=number, base=base)]
    if given.release < semver.parse(least):
        return [_objection("version-number-too-small", number=number, least=least)]
    return []


def _objection(code: str, **facts: str) -> Objection:
    return Objection(
        code=code,
        message_de=say("objection", code, "de", **facts),
        message_en=say("objection", code, "en", **facts),
    )
