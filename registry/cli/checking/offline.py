"""`efa diff`, and `efa check --against`: two versions compared here, without any registry."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from registry.cli.checking.compared import Apart, Asked
from registry.cli.checking.inputs import Given
from registry.cli.checking.model import InterfaceReport
from registry.cli.checking.places import Places, located
from registry.cli.checking.words import say
from registry.compatibility.model import Formats, Reading, Verdict
from registry.compatibility.rules import Language
from registry.dialects.documents import address
from registry.versions.comparisons.interfaces import Change, finding_on
from registry.versions.comparisons.verdicts import Question, SchemaText, proof_of, ran_out

# What both sides are called while they are compared: a reference like `./status` finds its sibling.
_VERSION = ("compared", "0.0.0")


@dataclass(frozen=True)
class How:
    """In which reading schemas are compared, and whether `format` counts."""

    reading: Reading
    formats: Formats


def compared(
    old: Sequence[Given], new: Sequence[Given], how: How, apart: Apart
) -> list[InterfaceReport]:
    """What became of each interface of a version, by name."""
    return reports(old, new, apart.verdicts(questions(old, new, how).values()))


def questions(old: Sequence[Given], new: Sequence[Given], how: How) -> dict[str, Asked]:
    """What is asked of each interface that both versions have, by name."""
    before, after = _by_name(old), _by_name(new)
    both = sorted(before.keys() & after.keys())
    return {name: _asked(name, before, after, how) for name in both}


def reports(
    old: Sequence[Given], new: Sequence[Given], found: Iterable[Verdict]
) -> list[InterfaceReport]:
    """What became of each interface, from the answers to `questions` in their order."""
    before, after = _by_name(old), _by_name(new)
    told = [_only(each, "added") for name, each in after.items() if name not in before]
    told += [_only(each, "removed") for name, each in before.items() if name not in after]
    both = sorted(before.keys() & after.keys())
    for name, verdict in zip(both, found, strict=True):
        places = [Places(name, _VERSION, _sources(side)) for side in (before, after)]
        told.append(_both(before[name], after[name], verdict, places))
    return sorted(told, key=lambda report: report.name)


def notes(
    interfaces: Sequence[InterfaceReport],
    given: Iterable[Given],
    only: str | None,
    language: Language,
) -> list[str]:
    """What a registry can tell that nobody can here: `only` is the one number compared with."""
    undecided = any(one.severity == "unknown" for each in interfaces for one in each.findings)
    leads = any('"efa:' in each.source.text for each in given)
    told = [say("report", "registry-knows", language)] if undecided and leads else []
    return told + ([say("report", "one-version", language, number=only)] if only else [])


def _both(old: Given, new: Given, verdict: Verdict, places: Sequence[Places]) -> InterfaceReport:
    turned = is_turned(old, new)
    change: Change = "turned" if turned else "compared"
    whole = finding_on(new.name, change, old.stated, new.direction)
    findings = [whole, *verdict.findings] if whole else verdict.findings
    return InterfaceReport(
        name=new.name,
        change=change,
        direction=new.direction,
        bump="major" if turned else verdict.bump,
        relation="incomparable" if turned else verdict.relation,
        old=old.source.shown,
        new=new.source.shown,
        findings=located(findings, *places),
        remarks=located(verdict.remarks, *places),
        complete=verdict.complete,
        ran_out=ran_out(verdict),
        unproven=proof_of(verdict) == "missing",
    )


def is_turned(old: Given, new: Given) -> bool:
    """Whether an interface has another direction than it is said to have had."""
    return old.stated is not None and old.stated != new.direction


def _by_name(given: Sequence[Given]) -> dict[str, Given]:
    return {each.name: each for each in given}


def _sources(given: Mapping[str, Given]):
    return {name: each.source for name, each in given.items()}


def _asked(name: str, old: Mapping[str, Given], new: Mapping[str, Given], how: How) -> Asked:
    sides = _text(name, old), _text(name, new)
    question = Question(
        old=hashlib.sha256(sides[0].text).hexdigest(),
        new=hashlib.sha256(sides[1].text).hexdigest(),
        direction=new[name].direction,
        reading=how.reading,
        formats=how.formats,
    )
    return *sides, question


def _text(name: str, given: Mapping[str, Given]) -> SchemaText:
    texts = {address(*_VERSION, each): its.source.text.encode() for each, its in given.items()}
    own = address(*_VERSION, name)
    return SchemaText(own, texts.pop(own), list(texts.items()))


def _only(given: Given, change: Change) -> InterfaceReport:
    added = change == "added"
    places = Places(given.name, _VERSION, _sources({given.name: given}))
    finding = finding_on(given.name, change, given.direction, given.direction)
    return InterfaceReport(
        name=given.name,
        change=change,
        direction=given.direction,
        bump="minor" if added else "major",
        relation="wider" if added else "narrower",
        old=None if added else given.source.shown,
        new=given.source.shown if added else None,
        findings=located([finding] if finding else [], places, places),
    )
