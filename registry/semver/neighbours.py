"""Which releases a number is measured against, and what they ask of it; pure rules of numbers.

A release stands between the nearest lower release and the nearest higher one of the same major
number: it must announce what changed since the lower, and must not make the higher dishonest. A
pre-release is measured against the nearest lower release, and nothing is measured against it.
"""

from collections.abc import Collection, Iterable

import msgspec

from registry.semver.numbers import Bump, SemVer, next_version


class Neighbours(msgspec.Struct, frozen=True):
    """The releases a number is measured against; None where there is none."""

    lower: SemVer | None
    higher: SemVer | None


def neighbours(number: SemVer, published: Iterable[SemVer]) -> Neighbours:
    """The neighbours of `number` among what is published and was not revoked."""
    releases = [one for one in published if not one.prerelease and one != number]
    above = [one for one in releases if one > number and one.major == number.major]
    return Neighbours(
        lower=max((one for one in releases if one < number), default=None),
        higher=None if number.prerelease else min(above, default=None),
    )


def announces(number: SemVer, lower: SemVer, bump: Bump) -> bool:
    """Whether `number` says at least what changed since the release `lower`."""
    return number.release >= next_version(lower, bump)


def leaves_honest(number: SemVer, higher: SemVer, bump: Bump) -> bool:
    """Whether the release `higher` still says at least what changes from `number` to it."""
    return higher >= next_version(number, bump)


def least_above(lower: SemVer, bump: Bump, taken: Collection[SemVer]) -> SemVer:
    """The least number that is not taken and says what changed since the release `lower`."""
    number = next_version(lower, bump)
    while number in taken:
        number = next_version(number, "patch")
    return number
