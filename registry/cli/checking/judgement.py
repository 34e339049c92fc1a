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
    mark_of,
)
from registry.compatibility.model import Severity
from registry.semver import Bump, bump_needed
from registry.web.texts import problem_text

_FAILING: dict[FailOn, tuple[Severity, ...]] = {
    "major": ("breaking", "unknown"),
    "minor": ("breaking", "unknown", "compatible"),
    "patch": ("breaking", "unknown", "compatible", "remark"),
    "none": (),
}


def judged(report: Report, exempted: Mapping[str, Exempted] | None = None) -> Report:
    """The same with whether it passed: no finding and no number fails."""
    interfaces = _marked(report.interfaces, report.fail_on, exempted or {})
    found = [one for each in interfaces for one in (*each.findings, *each.remarks)]
    unexplained = report.fail_on != "none" and any(map(_unexplained, interfaces))
    passed = not (any(one.fails for one in found) or report.objections or unexplained)
    return msgspec.structs.replace(report, interfaces=interfaces, passed=passed)


def _unexplained(interface: InterfaceReport) -> bool:
    """Whether it is major for what no finding names, so that none could fail or be excepted.

    Where not all changes are listed, exceptions for all that are leave the others.
    """
    named = [one for one in interface.findings if one.severity in ("breaking", "unknown")]
    left = named if interface.complete else [one for one in named if one.exception is None]
    return interface.bump == "major" and not left


def _marked(
    interfaces: Sequence[InterfaceReport], fail_on: FailOn, exempted: Mapping[str, Exempted]
) -> list[InterfaceReport]:
    """Each finding with its exception and whether it fails the command."""

    def mark(interface: str, found: Found) -> Found:
        exception = exempted.get(mark_of(interface, found.fingerprint))
        fails = exception is None and found.severity in _FAILING[fail_on]
        return msgspec.structs.replace(found, exception=exception, fails=fails)

    return [
        msgspec.structs.replace(
            each,
            findings=[mark(each.name, found) for found in each.findings],
            remarks=[mark(each.name, found) for found in each.remarks],
        )
        for each in interfaces
    ]


def marks(interfaces: Sequence[InterfaceReport]) -> list[str]:
    """Of all that was found."""
    return [
        mark_of(each.name, found.fingerprint)
        for each in interfaces
        for found in (*each.findings, *each.remarks)
    ]


def bump_of(interfaces: Sequence[InterfaceReport]) -> Bump:
    """What a version with all these changes must announce."""
    return bump_needed(each.bump for each in interfaces)


def least_after(base: str | None, bump: Bump) -> str | None:
    """The least number a version may have after `base`, where that is known."""
    return None if base is None else str(semver.next_version(semver.parse(base).release, bump))


def objections_to(number: str | None, base: str | None, bump: Bump) -> list[Objection]:
    """What is wrong with a proposed number, where the one before it is known."""
    if number is None or base is None:
        return []
    given, before = semver.parse(number), semver.parse(base)
    if given > before and semver.announces(given, before.release, bump):
        return []
    return [too_small(number, base, least_after(base, bump), bump)]


def too_small(given: str, base: str | None, required: str | None, bump: Bump | None) -> Objection:
    """That a number announces less than changed since another."""
    before = semver.parse(required).like(semver.parse(given)) if required else None
    return objection(
        "version-number-too-small",
        given=given,
        base=base,
        required=required,
        prerelease=str(before) if before else None,
        bump=bump,
    )


def objection(code: str, /, **facts: str | None) -> Objection:
    """A refusal of the registry as it words it, in both languages."""
    return Objection(
        code=code,
        message_de=problem_text(code, "detail", "de", facts),
        message_en=problem_text(code, "detail", "en", facts),
    )
