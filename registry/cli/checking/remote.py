"""`efa check --service` and `efa publish`: the registry compares, and says whom a change hits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import msgspec

from registry.cli.checking.client import Answer, Registry, places_of
from registry.cli.checking.inputs import Given, Reader, Source, UnreadableInput
from registry.cli.checking.judgement import objection, too_small
from registry.cli.checking.model import (
    Found,
    InterfaceReport,
    Objection,
    Outcome,
)
from registry.cli.checking.places import Places, located
from registry.cli.checking.words import say
from registry.cli.reading import Mistake
from registry.compatibility.model import Finding, Witness
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
UNFIT_FOR_NEXT = "version-does-not-fit-next"
NUMBER_REFUSED = (
    "version-number-too-small",
    UNFIT_FOR_NEXT,
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
    """What of the answer to a publish is shown; an answer without it is none of a registry."""

    comparisons: list[Comparison]
    remarks: list[Remark]


def check(
    registry: Registry, service: str, number: str | None, new: Sequence[Given], reader: Reader
) -> Told:
    """What publishing would meet; nothing is written there."""
    answer = _checked(registry, service, number, new)
    if answer.status != 200:
        if number and answer.code in NUMBER_REFUSED:
            return Told(unknown(new), None, objections=_objections(answer))
        raise _refusal(registry, answer, new, reader)
    found: checks.Check = registry.decoded(answer.body, checks.Check)
    own = found.version or found.required
    lower = next((one for one in found.comparisons if one.new == own), None)
    higher = next((one for one in found.comparisons if one.old == own), None)
    told = higher if found.refusal == UNFIT_FOR_NEXT else lower
    interfaces = _interfaces(new, told, own)
    return Told(
        interfaces=interfaces,
        base=lower.old if lower and told is lower else None,
        engine=told.engine if told else None,
        required=found.required,
        objections=_refused(found, lower, higher),
        impact=found.impact,
        remarks=_unsaid(new, interfaces, reader.language),
    )


def publish(
    registry: Registry, service: str, number: str, new: Sequence[Given], reader: Reader
) -> Told:
    """Publish a version; a number that is refused is told with what stands against it."""
    path = f"/v1/services/{quote(service, safe='')}/versions/{quote(number, safe='')}"
    impact = _impact(registry, service, number, new)
    answer = registry.call("PUT", path, _draft(new))
    if answer.status in (200, 201):
        found: _Published = registry.decoded(answer.body, _Published)
        lower = next((one for one in found.comparisons if one.new == number), None)
        return Told(
            interfaces=_interfaces(new, lower, number),
            base=lower.old if lower else None,
            engine=lower.engine if lower else None,
            impact=impact,
            remarks=[one.message for one in found.remarks],
            outcome="published" if answer.status == 201 else "unchanged",
        )
    if answer.code in NUMBER_REFUSED:
        told = _told_of(answer, service, number, new, reader.language)
        vouch = _who_may_answer(registry, service, told)
        return replace(told, impact=impact, remarks=[*told.remarks, *vouch])
    raise _refusal(registry, answer, new, reader)


def _checked(registry: Registry, service: str, number: str | None, new: Sequence[Given]) -> Answer:
    body = _draft(new) | ({"version": number} if number else {})
    return registry.call("POST", f"/v1/services/{quote(service, safe='')}/checks", body)


def _impact(
    registry: Registry, service: str, number: str, new: Sequence[Given]
) -> checks.Impact | None:
    """Whom a publish hits, asked before it: afterwards the version is compared with itself.

    None where the registry does not check it; what is wrong the publish tells.
    """
    answer = _checked(registry, service, number, new)
    return registry.decoded(answer.body, checks.Check).impact if answer.status == 200 else None


def _draft(new: Sequence[Given]) -> dict[str, Any]:
    interfaces = {
        each.name: {"direction": each.direction, "schema_text": each.source.text} for each in new
    }
    return {"interfaces": interfaces}


def _interfaces(
    new: Sequence[Given], told: Comparison | None, own: str | None
) -> list[InterfaceReport]:
    """What became of each interface; all are new where there was none to compare with.

    `own` is the number of what is given, which is the older side where the next release is asked.
    """
    if told is None:
        return unknown(new)
    sources = {each.name: each.source for each in new}
    return [_interface(told, one, own, sources) for one in told.interfaces]


def unknown(new: Sequence[Given]) -> list[InterfaceReport]:
    """What is given, compared with nothing."""
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
    told: Comparison, one: InterfaceComparison, own: str | None, sources: Mapping[str, Source]
) -> InterfaceReport:
    verdict = one.verdict
    whole = [one.finding] if one.finding else []
    sides = [_Side(one.name, told.service, number, own, sources) for number in (told.old, told.new)]
    old, new = (each.places for each in sides)
    return InterfaceReport(
        name=one.name,
        change=one.change,
        direction=one.new_direction or one.old_direction or "accepts",
        bump=one.bump,
        relation=one.relation,
        old=sides[0].shown if one.old_direction else None,
        new=sides[1].shown if one.new_direction else None,
        findings=_located([*whole, *(verdict.findings if verdict else ())], old, new),
        remarks=_located(verdict.remarks, old, new) if verdict else [],
        complete=verdict is None or verdict.complete,
        ran_out=verdict is not None and verdict.ran_out,
        unproven=verdict is not None and verdict.unproven,
    )


@dataclass(frozen=True)
class _Side:
    """An interface of one of the versions compared: in a file here where that is the `own` one."""

    interface: str
    service: str
    number: str
    own: str | None
    sources: Mapping[str, Source]

    @property
    def places(self) -> Places:
        here = self.sources if self.number == self.own else None
        return Places(self.interface, (self.service, self.number), here)

    @property
    def shown(self) -> str:
        source = self.sources.get(self.interface) if self.number == self.own else None
        return source.shown if source else f"efa:{self.service}/{self.number}/{self.interface}"


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
        witness=witness_of(shown.witness) if shown.witness else None,
    )


def witness_of(shown: ShownWitness) -> Witness:
    """A document that a registry sent, as one found here."""
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
    if found.refusal == "version-number-too-small":
        base = lower.old if lower else None
        return [too_small(found.version, base, found.required, found.bump)]
    facts = {"given": found.version, "required": found.required}
    return [objection(found.refusal, **facts, next=higher.new if higher else None)]


def _objections(answer: Answer) -> list[Objection]:
    """A refusal in both languages, by the facts the registry told."""
    facts = {name: fact for name, fact in answer.problem.items() if isinstance(fact, str)}
    return [objection(answer.code, **facts)]


class _Obstacles(msgspec.Struct):
    """What of a refusal names the changes that call for a greater number.

    They are those since `base`, or those up to `next`.
    """

    interfaces: dict[str, Change] = {}
    findings: list[ShownFinding] = []
    findings_total: int = 0
    incomplete: list[str] = []
    unproven: list[str] = []
    engine: str | None = None
    required: str | None = None
    base: str | None = None
    next: str | None = None


def _told_of(
    answer: Answer, service: str, number: str, new: Sequence[Given], language: Language
) -> Told:
    """A refusal with its findings, each at its place in the user's file."""
    try:
        found = msgspec.json.decode(answer.body, type=_Obstacles)
    except (msgspec.MsgspecError, RecursionError):
        found = _Obstacles()
    given = {each.name: each for each in new}
    versions = (number, found.next) if found.next else (found.base or "", number)
    obstacle = _Obstacle(service, versions, given, number)
    reports = [obstacle.report(name, change, found) for name, change in found.interfaces.items()]
    return Told(
        interfaces=reports or unknown(new),
        base=found.base,
        engine=found.engine,
        required=found.required,
        objections=_objections(answer),
        remarks=[*_left_out(found, language), *_unsaid(new, reports, language)],
        outcome="refused",
    )


def _unsaid(
    new: Sequence[Given], reports: Sequence[InterfaceReport], language: Language
) -> list[str]:
    """That an interface turned around only because no direction was given for it."""
    turned = {
        report.name: found.before.strip('"')
        for report in reports
        if report.change == "turned"
        for found in report.findings
        if found.rule == "EFA-INT-03" and found.before
    }
    return [
        say(
            "report", "unsaid", language,
            name=each.name, direction=each.direction, before=turned[each.name],
            file=each.source.shown,
        )
        for each in new
        if each.stated is None and each.name in turned
    ]  # fmt: skip


_MAJOR = ("breaking", "unknown")


@dataclass(frozen=True)
class _Obstacle:
    """What stands against the number `own`: the changes between two versions of a service."""

    service: str
    versions: tuple[str, str]
    given: Mapping[str, Given]
    own: str

    def report(self, name: str, change: Change, found: _Obstacles) -> InterfaceReport:
        sources = {its: each.source for its, each in self.given.items()}
        old, new = (
            _Side(name, self.service, number, self.own, sources) for number in self.versions
        )
        findings = [each for each in found.findings if each.interface == name]
        return InterfaceReport(
            name=name,
            change=change,
            direction=self.given[name].direction if name in self.given else "accepts",
            bump="major" if any(each.severity in _MAJOR for each in findings) else "minor",
            old=None if change == "added" else old.shown,
            new=None if change == "removed" else new.shown,
            findings=_located(findings, old.places, new.places),
            complete=name not in found.incomplete,
            unproven=name in found.unproven,
        )


def _who_may_answer(registry: Registry, service: str, told: Told) -> list[str]:
    """Where a person can answer for what is undecided, if nothing else stands against a number."""
    severities = {one.severity for each in told.interfaces for one in each.findings}
    if "unknown" not in severities or "breaking" in severities:
        return []
    path = "/en" if registry.language == "en" else ""
    page = f"{registry.address}{path}/dienste/{quote(service, safe='')}/veroeffentlichen"
    return [say("report", "who-answers", registry.language, page=page)]


def _left_out(found: _Obstacles, language: Language) -> list[str]:
    """That a refusal lists the gravest findings only, where there are more."""
    listed = len(found.findings)
    if found.findings_total <= listed:
        return []
    return [say("report", "gravest", language, listed=listed, total=found.findings_total)]


def _refusal(registry: Registry, answer: Answer, new: Sequence[Given], reader: Reader) -> Exception:
    """What the registry finds wrong, at the places of the user's files where it names any."""
    errors = places_of(answer.problem)
    sources = {each.name: each.source for each in new}
    mistakes: list[Mistake] = []
    for error in errors:
        parts = str(error["pointer"]).split("/", 4)
        if len(parts) < 4 or parts[1] != "interfaces" or parts[2] not in sources:
            return registry.refusal(answer)
        source = sources[parts[2]]
        pointer = "/" + parts[4] if len(parts) > 4 else ""
        known = source.positions or {}
        line = known[pointer][0] if pointer in known else error.get("line")
        line = line if isinstance(line, int) else None
        mistakes.append(reader.mistake(source.shown, line, str(error["detail"])))
    return UnreadableInput(mistakes, reader.language) if mistakes else registry.refusal(answer)
