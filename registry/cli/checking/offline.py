"""`efa diff`, and `efa check --against`: two versions compared here, without any registry."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import click

from registry import semver
from registry.cli.checking.compared import Apart, Asked
from registry.cli.checking.inputs import GIT, Given, Reader, in_folder
from registry.cli.checking.model import InterfaceReport
from registry.cli.checking.places import Places, located
from registry.cli.checking.words import say, shown
from registry.compatibility.model import Formats, Reading, Verdict
from registry.compatibility.rules import Language
from registry.dialects.documents import address
from registry.versions.comparisons.interfaces import Change, finding_on
from registry.versions.comparisons.verdicts import Question, SchemaText, ran_out

# What both sides are called while they are compared: a reference like `./status` finds its sibling.
_VERSION = ("compared", "0.0.0")
_VERSIONS = "versions"


@dataclass(frozen=True)
class How:
    """In which reading schemas are compared, and whether `format` counts."""

    reading: Reading
    formats: Formats


@dataclass(frozen=True)
class Base:
    """A version compared with: how it was named, its number where that is known."""

    shown: str
    number: str | None
    interfaces: Sequence[Given]


def compared(
    old: Sequence[Given], new: Sequence[Given], how: How, apart: Apart
) -> list[InterfaceReport]:
    """What became of each interface of a version, by name."""
    before, after = _by_name(old), _by_name(new)
    both = sorted(before.keys() & after.keys())
    found = apart.verdicts([_asked(name, before, after, how) for name in both])
    reports = [_only(each, "added") for name, each in after.items() if name not in before]
    reports += [_only(each, "removed") for name, each in before.items() if name not in after]
    for name, verdict in zip(both, found, strict=True):
        places = [Places(name, _VERSION, _sources(side)) for side in (before, after)]
        reports.append(_both(before[name], after[name], verdict, places))
    return sorted(reports, key=lambda report: report.name)


def notes(
    interfaces: Sequence[InterfaceReport], given: Iterable[Given], language: Language
) -> list[str]:
    """That a registry can tell what is undecided here, where a reference leads into one."""
    undecided = any(one.severity == "unknown" for each in interfaces for one in each.findings)
    leads = any('"efa:' in each.source.text for each in given)
    return [say("report", "registry-knows", language)] if undecided and leads else []


def _both(old: Given, new: Given, verdict: Verdict, places: Sequence[Places]) -> InterfaceReport:
    turned = old.stated is not None and old.stated != new.direction
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
    )


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


def base_of(place: str, new: Sequence[Given], number: str | None, reader: Reader) -> Base:
    """The version that `--against` names: a file, the folder of a version, or one of versions."""
    if not place.startswith(GIT) and not Path(place).exists():
        raise click.UsageError(say("usage", "no-base", reader.language, given=shown(place)))
    names = reader.names_in(place)
    if names is None:
        return Base(place, None, [_alone(place, new, reader)])
    if any(name.rstrip("/") == _VERSIONS for name in names):
        place = f"{place.rstrip('/')}/{_VERSIONS}"
        names = reader.names_in(place) or []
    numbers = [name.rstrip("/") for name in names if semver.is_version(name.rstrip("/"))]
    if numbers:
        place = f"{place.rstrip('/')}/{_nearest(numbers, number)}"
        names = reader.names_in(place) or []
    last = PurePosixPath(place).name
    known = last if semver.is_version(last) else None
    return Base(place, known, in_folder(place, names, reader))


def _alone(place: str, new: Sequence[Given], reader: Reader) -> Given:
    """The one interface of a file: whatever the file is called, it is the one it is compared to."""
    if len(new) > 1:
        raise click.UsageError(say("usage", "one-file", reader.language, given=place))
    return Given(new[0].name, None, reader.read(place))


def _nearest(numbers: Sequence[str], number: str | None) -> str:
    """The nearest release below a number; the highest of all where none is proposed or lies so."""
    found = sorted(map(semver.parse, numbers))
    lower = semver.neighbours(semver.parse(number), found).lower if number else None
    releases = [each for each in found if not each.prerelease] or found
    return str(lower or releases[-1])
