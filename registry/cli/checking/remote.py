"""`efa check --service` and `efa publish`: the registry compares, and says whom a change hits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec

from registry.cli.checking.client import Answer, Registry
from registry.cli.checking.inputs import Given, Reader, UnreadableInput
from registry.cli.checking.judgement import objection
from registry.cli.checking.model import (
    Found,
    InterfaceReport,
    Objection,
    Outcome,
)
from registry.cli.checking.places import Places, located
from registry.cli.checking.words import say
from registry.cli.reading import Mistake
from registry.compatibility.model import Direction, Finding, Witness
from registry.compatibility.rules import Language
from registry.impact import checks
from registry.versions.comparisons.interfaces import Change
from registry.versions.comparisons.shown import (
    Comparison,
    InterfaceComparison,
    ShownFinding,
    ShownWitness,
)
from registry.versions.model import Remark

# A publish that ends with one of these was refused for its number.
NUMBER_REFUSED = (
    "version-number-too-small",
    "version-does-not-fit-next",
    "version-number-late",
    "version-immutable",
)


@dataclass(frozen=True)
class Told:
    """What the registry said of a version; `base` is the release `engine` compared it with."""

    interfaces: Sequence[InterfaceReport]
    base: str | None
    engine: str | None = None
    required: str | None = None
    objections: Sequence[Objection] = ()
    impact: checks.Impact | None = None
    remarks: Sequence[str] = ()
    outcome: Outcome | None = None


class _Published(msgspec.Struct):
    """What of the answer to a publish is shown."""

    comparisons: list[Comparison] = []
    remarks: list[Remark] = []


def check(
    registry: Registry, service: str, number: str | None, new: Sequence[Given], reader: Reader
) -> Told:
    """What publishing would meet; nothing is written there."""
    body = _draft(new) | ({"version": number} if number else {})
    answer = registry.call("POST", f"/v1/services/{quote(service, safe='')}/checks", body)
    if answer.status != 200:
        if number and answer.code in NUMBER_REFUSED:
            return Told(_unknown(new), None, objections=_objections(answer))
        raise _refusal(registry, answer, new, reader)
    found: checks.Check = registry.decoded(answer.body, checks.Check)
    shown = found.version or found.required
    lower = next((one for one in found.comparisons if one.new == shown), None)
    higher = next((one for one in found.comparisons if one.old == shown), None)
    return Told(
        interfaces=_interfaces(service, new, lower),
        base=lower.old if lower else None,
        engine=lower.engine if lower else None,
        required=found.required,
        objections=_refused(found, lower, higher),
        impact=found.impact,
    )


def publish(
    registry: Registry, service: str, number: str, new: Sequence[Given], reader: Reader
) -> Told:
    """Publish a version; a number that is refused is told with what stands against it."""
    path = f"/v1/services/{quote(service, safe='')}/versions/{quote(number, safe='')}"
    answer = registry.call("PUT", path, _draft(new))
    if answer.status in (200, 201):
        found: _Published = registry.decoded(answer.body, _Published)
        lower = next((one for one in found.comparisons if one.new == number), None)
        return Told(
            interfaces=_interfaces(service, new, lower),
            base=lower.old if lower else None,
            engine=lower.engine if lower else None,
            remarks=[one.message for one in found.remarks],
            outcome="published" if answer.status == 201 else "unchanged",
        )
    if answer.code in NUMBER_REFUSED:
        return _told_of(answer, service, number, new, reader.language)
    raise _refusal(registry, answer, new, reader)


def _draft(new: Sequence[Given]) -> dict[str, Any]:
    interfaces = {
        each.name: {"direction": each.direction, "schema_text": each.source.text} for each in new
    }
    return {"interfaces": interfaces}


def _interfaces(
    service: str, new: Sequence[Given], lower: Comparison | None
) -> list[InterfaceReport]:
    """What became of each interface since the release before; all are new where there is none."""
    if lower is None:
        return _unknown(new)
    given = {each.name: each for each in new}
    return [_interface(service, given, lower, one) for one in lower.interfaces]


def _unknown(new: Sequence[Given]) -> list[InterfaceReport]:
    return [
        InterfaceReport(
            name=each.name,
            change="same",
            direction=each.direction,
            bump="none",
            new=each.source.shown,
        )
        for each in new
    ]


def _interface(
    service: str, given: Mapping[str, Given], lower: Comparison, one: InterfaceComparison
) -> InterfaceReport:
    sources = {name: each.source for name, each in given.items()}
    old = Places(one.name, (service, lower.old))
    new = Places(one.name, (service, lower.new), sources)
    verdict = one.verdict
    whole = [one.finding] if one.finding else []
    source = sources.get(one.name)
    return InterfaceReport(
        name=one.name,
        change=one.change,
        direction=one.new_direction or one.old_direction or "accepts",
        bump=one.bump,
        relation=one.relation,
        old=f"efa:{service}/{lower.old}/{one.name}" if one.old_direction else None,
        new=source.shown if source else None,
        findings=_located([*whole, *(verdict.findings if verdict else ())], old, new),
        remarks=_located(verdict.remarks, old, new) if verdict else [],
    )


def _located(shown: Sequence[ShownFinding], old: Places, new: Places) -> list[Found]:
    return located([_finding(each) for each in shown], old, new)


def _finding(shown: ShownFinding) -> Finding:
    return Finding(
        rule=shown.rule,
        severity=shown.severity,
        place=shown.place,
        fingerprint=shown.fingerprint,
        message_de=shown.message["de"],
        message_en=shown.message["en"],
        old=shown.old,
        new=shown.new,
        before=shown.before,
        after=shown.after,
        witness=_witness(shown.witness) if shown.witness else None,
    )


def _witness(shown: ShownWitness) -> Witness:
    return Witness(
        text=bytes(shown.document).decode(),
        valid_under=shown.valid_under,
        confirmed=shown.confirmed,
        rewritten=shown.rewritten,
        doubt=shown.doubt,
    )


def _refused(
    found: checks.Check, lower: Comparison | None, higher: Comparison | None
) -> list[Objection]:
    """Why a proposed number is not allowed, in words."""
    if found.allowed or found.refusal is None or found.version is None:
        return []
    facts = {
        "given": found.version,
        "required": found.required,
        "base": lower.old if lower else None,
        "bump": found.bump,
        "next": higher.new if higher else None,
    }
    return [objection(found.refusal, **facts)]


def _objections(answer: Answer) -> list[Objection]:
    words = str(answer.problem.get("detail", answer.code))
    return [Objection(code=answer.code, message_de=words, message_en=words)]


class _Obstacles(msgspec.Struct):
    """What of a refusal names the changes that call for a greater number."""

    interfaces: dict[str, Change] = {}
    findings: list[ShownFinding] = []
    findings_total: int = 0
    engine: str | None = None
    required: str | None = None
    base: str | None = None


def _told_of(
    answer: Answer, service: str, number: str, new: Sequence[Given], language: Language
) -> Told:
    """A refusal with its findings, each at its place in the user's file."""
    try:
        found = msgspec.json.decode(answer.body, type=_Obstacles)
    except msgspec.MsgspecError:
        found = _Obstacles()
    sources = {each.name: each.source for each in new}
    directions: dict[str, Direction] = {each.name: each.direction for each in new}
    reports: list[InterfaceReport] = []
    for name, change in found.interfaces.items():
        places = Places(name, (service, found.base or "")), Places(name, (service, number), sources)
        own = [each for each in found.findings if each.interface == name]
        report = InterfaceReport(
            name=name,
            change=change,
            direction=directions.get(name, "accepts"),
            bump="major" if any(each.severity in _MAJOR for each in own) else "minor",
            new=sources[name].shown if name in sources else None,
            findings=_located(own, *places),
        )
        reports.append(report)
    return Told(
        interfaces=reports or _unknown(new),
        base=found.base,
        engine=found.engine,
        required=found.required,
        objections=_objections(answer),
        remarks=_left_out(found, language),
        outcome="refused",
    )


def _left_out(found: _Obstacles, language: Language) -> list[str]:
    """That a refusal lists the gravest findings only, where there are more."""
    listed = len(found.findings)
    if found.findings_total <= listed:
        return []
    return [say("report", "gravest", language, listed=listed, total=found.findings_total)]


_MAJOR = ("breaking", "unknown")


def _refusal(registry: Registry, answer: Answer, new: Sequence[Given], reader: Reader) -> Exception:
    """What the registry finds wrong, at the places of the user's files where it names any."""
    errors: list[Any] = answer.problem.get("errors", [])
    sources = {each.name: each.source for each in new}
    mistakes: list[Mistake] = []
    for error in errors:
        parts = str(error.get("pointer", "")).split("/", 4)
        if len(parts) < 4 or parts[1] != "interfaces" or parts[2] not in sources:
            return registry.refusal(answer)
        source = sources[parts[2]]
        pointer = "/" + parts[4] if len(parts) > 4 else ""
        known = source.positions or {}
        line = known[pointer][0] if pointer in known else error.get("line") or 1
        mistakes.append(reader.mistake(source.shown, int(line), str(error.get("detail", ""))))
    return UnreadableInput(mistakes) if mistakes else registry.refusal(answer)
