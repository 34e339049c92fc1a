"""What is odd about a version number that is allowed all the same; pure."""

from collections.abc import Collection

import msgspec

from registry import semver
from registry.errors import Fact


class Oddity(msgspec.Struct, frozen=True):
    """Something to tell whoever publishes: the rule that explains it, and the facts it names."""

    rule: str
    facts: dict[str, Fact]


def oddities(version: str, others: Collection[str]) -> list[Oddity]:
    """Whether a number lies below the newest release, or leaves numbers out since the one before.

    The first release of a service may have any number: its history may lie elsewhere.
    """
    number = semver.parse(version)
    releases = sorted(one for one in map(semver.parse, others) if not one.prerelease)
    lower = [one for one in releases if one < number.release]
    found: list[Oddity] = []
    if releases and number < releases[-1]:
        found.append(
            Oddity("version-below-newest", {"given": version, "newest": str(releases[-1])})
        )
    if lower and number.release not in _following(lower[-1]):
        expected = [str(one) for one in _following(lower[-1])]
        facts: dict[str, Fact] = {"previous": str(lower[-1]), "expected": expected}
        found.append(Oddity("version-skips", {"given": version} | facts))
    return found


def _following(base: semver.SemVer) -> list[semver.SemVer]:
    return [
        semver.SemVer(base.major, base.minor, base.patch + 1),
        semver.SemVer(base.major, base.minor + 1, 0),
        semver.SemVer(base.major + 1, 0, 0),
    ]
