"""`efa diff`, and `efa check --against`: two versions compared here, without any registry."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import click

from registry import semver
from registry.cli.checking.compared import verdicts
from registry.cli.checking.inputs import Given, Reader, Source, in_folder
from registry.cli.checking.model import Change, InterfaceReport
from registry.cli.checking.places import Places, located
from registry.cli.checking.words import say
from registry.cli.checking.worker import Question, Side
from registry.compatibility.model import Formats, Reading
from registry.dialects.documents import address
from registry.semver import Bump

# What both sides are called while they are compared: a reference like `./status` finds its sibling.
_SERVICE, _VERSION = "compared", "0.0.0"
_VERSIONS = "versions"


@dataclass(frozen=True)
class How:
    """In which reading schemas are compared, and whether `format` counts."""

    reading: Reading
    formats: Formats


@dataclass(frozen=True)
class Base:
    """The version compared with: how it was named, its number where that is known."""

    shown: str
    number: str | None
    interfaces: Sequence[Given]


def compared(old: Sequence[Given], new: Sequence[Given], how: How) -> list[InterfaceReport]:
    """What became of each interface of a version, by name."""
    before, after = _by_name(old), _by_name(new)
    both = sorted(before.keys() & after.keys())
    sides = _sides(before), _sides(after)
    asked = [
        Question(sides[0][name], sides[1][name], after[name].direction, how.reading, how.formats)
        for name in both
    ]
    reports = [_only(each, "added") for name, each in after.items() if name not in before]
    reports += [_only(each, "removed") for name, each in before.items() if name not in after]
    for name, verdict in zip(both, verdicts(asked), strict=True):
        places = [Places(_address(name), _sources(side)) for side in (before, after)]
        stated = before[name].stated
        redirected = stated is not None and stated != after[name].direction
        report = InterfaceReport(
            name=name,
            change="redirected" if redirected else "compared",
            direction=after[name].direction,
            bump="major" if redirected else verdict.bump,
            relation=verdict.relation,
            old=before[name].source.shown,
            new=after[name].source.shown,
            findings=located(verdict.findings, *places),
            remarks=located(verdict.remarks, *places),
        )
        reports.append(report)
    return sorted(reports, key=lambda report: report.name)


def _by_name(given: Sequence[Given]) -> dict[str, Given]:
    return {each.name: each for each in given}


def _address(name: str) -> str:
    return address(_SERVICE, _VERSION, name)


def _sources(given: dict[str, Given]) -> dict[str, Source]:
    return {_address(name): each.source for name, each in given.items()}


def _sides(given: dict[str, Given]) -> dict[str, Side]:
    texts = {name: source.text.encode() for name, source in _sources(given).items()}
    return {name: Side(_address(name), texts) for name in given}


def _only(given: Given, change: Change) -> InterfaceReport:
    added = change == "added"
    return InterfaceReport(
        name=given.name,
        change=change,
        direction=given.direction,
        bump="minor" if added else "major",
        old=None if added else given.source.shown,
        new=given.source.shown if added else None,
    )


def base_of(place: str, new: Sequence[Given], number: str | None, reader: Reader) -> Base:
    """The version that `--against` names: a file, the folder of a version, or one of versions."""
    names = reader.names_in(place)
    if names is None:
        return Base(place, None, [_alone(place, new, reader)])
    if _VERSIONS in names:
        place = f"{place.rstrip('/')}/{_VERSIONS}"
        names = reader.names_in(place) or []
    numbers = [name.rstrip("/") for name in names if semver.is_version(name.rstrip("/"))]
    if numbers:
        chosen = _nearest(numbers, number)
        place = f"{place.rstrip('/')}/{chosen}"
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
    """The newest release below a number; the newest of all where none is proposed or none lies so.

    Where there are only pre-releases, these count.
    """
    found = sorted(map(semver.parse, numbers))
    releases = [each for each in found if not each.prerelease] or found
    below = [each for each in releases if number and each < semver.parse(number).release]
    return str((below or releases)[-1])


def least_after(base: str | None, bump: Bump) -> str | None:
    """The least number a version may have after `base`, where that is known."""
    return None if base is None else str(semver.next_version(semver.parse(base).release, bump))
