"""Semantic versions (semver.org 2.0.0): reading, order, and which number a change calls for.

Build metadata is refused: two versions that differ only there would have no order. Numbers that
people write but semver does not know (`v1.2`, `1.2`, `01.2.3`) are refused with the rule they break
and, where one is meant, the number that would do.
"""

import re
from collections.abc import Iterable
from typing import Literal

import msgspec
from semver import Version

from registry.errors import Fact, Fault, Malformed

Bump = Literal["none", "patch", "minor", "major"]

MAX_LENGTH = 100
_BUMPS: tuple[Bump, ...] = ("none", "patch", "minor", "major")
NUMBER = r"(?:0|[1-9]\d{0,14})"
IDENTIFIER = rf"(?:{NUMBER}|\d*[A-Za-z-][0-9A-Za-z-]*)"
IN_PATH = "{version}"
_BEYOND = 10**15
_NO_ROOM_ABOVE = 10**14
_ODD = re.compile(r"([vV=]*)(\d+)(?:\.(\d+))?(?:\.(\d+))?(-[0-9A-Za-z.-]+)?", re.ASCII)


class OddNumber(Malformed):
    """Not a semantic version; `rule` says why, `suggestion` what may be meant."""

    code = "version-number-odd"


class SemVer(msgspec.Struct, frozen=True):
    """One semantic version without build metadata; `str` gives its only spelling."""

    major: int
    minor: int
    patch: int
    prerelease: tuple[int | str, ...] = ()

    def __str__(self) -> str:
        text = f"{self.major}.{self.minor}.{self.patch}"
        return text + ("-" + ".".join(map(str, self.prerelease)) if self.prerelease else "")

    def __lt__(self, other: "SemVer") -> bool:
        return self.sort_key < other.sort_key

    def __le__(self, other: "SemVer") -> bool:
        return self.sort_key <= other.sort_key

    def __gt__(self, other: "SemVer") -> bool:
        return self.sort_key > other.sort_key

    def __ge__(self, other: "SemVer") -> bool:
        return self.sort_key >= other.sort_key

    @property
    def release(self) -> "SemVer":
        """The same number without its pre-release part."""
        return SemVer(self.major, self.minor, self.patch)

    def like(self, given: "SemVer") -> "SemVer | None":
        """The pre-release of this release that is named as `given` is; None where that is none."""
        return (
            msgspec.structs.replace(self, prerelease=given.prerelease) if given.prerelease else None
        )

    @property
    def sort_key(self) -> str:
        """ASCII text whose byte order (`collate "C"`) is the precedence of semver.org clause 11.

        A number is led by its length in hexadecimal; "-" (a pre-release) sorts before "~" (a
        release), " " before every character of an identifier, a number ("0") before a word ("1").
        """
        numbers = "".join(map(_sortable, (self.major, self.minor, self.patch)))
        if not self.prerelease:
            return numbers + "~"
        return numbers + "-" + " ".join(_sortable_identifier(part) for part in self.prerelease)


def parse(text: str, place: str = IN_PATH) -> SemVer:
    """The version `text` spells; raises OddNumber, which says at which place it was given."""
    found = _read(text)
    if found is None:
        raise _explained(text, place)
    return SemVer(found.major, found.minor, found.patch, identifiers(found.prerelease))


def require_room(number: SemVer, place: str = IN_PATH) -> None:
    """Refuse a number so high that what follows it could not be written; raises OddNumber."""
    if max(number.major, number.minor, number.patch) >= _NO_ROOM_ABOVE:
        raise _odd(place, str(number), "no-room-above")


def is_version(text: str) -> bool:
    """Whether `text` spells a version."""
    return _read(text) is not None


def _read(text: str) -> Version | None:
    """As the standard's own grammar reads it, within our limits and without build metadata."""
    if len(text) > MAX_LENGTH or not text.isascii() or not Version.is_valid(text):
        return None
    found = Version.parse(text)
    numbers = [*found.to_tuple()[:3], *identifiers(found.prerelease)]
    fits = all(number < _BEYOND for number in numbers if isinstance(number, int))
    return found if fits and not found.build else None


def bump_needed(bumps: Iterable[Bump]) -> Bump:
    """The greatest of several bumps: what a version with all these changes must announce."""
    return _BUMPS[max(map(_BUMPS.index, bumps), default=0)]


def next_version(base: SemVer, bump: Bump) -> SemVer:
    """The least release after the release `base` that announces `bump`.

    Below 1.0.0 the second number announces what breaks, the third everything else (clause 4 leaves
    it open; npm's `^0.y` reads it so).
    """
    if bump == "major":
        return SemVer(base.major + 1, 0, 0) if base.major else SemVer(0, base.minor + 1, 0)
    if bump == "minor" and base.major:
        return SemVer(base.major, base.minor + 1, 0)
    return SemVer(base.major, base.minor, base.patch + 1)


def identifiers(text: str | None) -> tuple[int | str, ...]:
    """The parts of a pre-release: numbers as int, words as str."""
    parts = text.split(".") if text else []
    return tuple(int(part) if part.isdigit() else part for part in parts)


def _sortable(number: int) -> str:
    digits = str(number)
    return f"{len(digits):x}{digits}"


def _sortable_identifier(part: int | str) -> str:
    return "0" + _sortable(part) if isinstance(part, int) else "1" + part


def _explained(text: str, place: str) -> OddNumber:
    if len(text) > MAX_LENGTH:
        return _odd(place, text[:MAX_LENGTH], "too-long")
    if "+" in text:
        return _odd(place, text, "build-metadata", text.partition("+")[0])
    match = _ODD.fullmatch(text)
    if match is None:
        return _odd(place, text, "not-a-version")
    return _odd(place, text, _odd_rule(match), _straightened(match))


def _odd(place: str, given: str, rule: str, meant: str = "") -> OddNumber:
    facts: dict[str, Fact] = {"given": given}
    if is_version(meant):
        facts["suggestion"] = meant
    return OddNumber(Fault(place, f"version-{rule}", facts), rule=rule, **facts)


def _odd_rule(match: re.Match[str]) -> str:
    numbers = [number for number in match.group(2, 3, 4) if number]
    if match[1]:
        return "leading-letter"
    if len(numbers) < 3:
        return "three-numbers"
    if any(len(number) > 15 for number in numbers):
        return "number-too-long"
    if any(len(number) > 1 and number[0] == "0" for number in numbers):
        return "leading-zero"
    return "odd-prerelease"


def _straightened(match: re.Match[str]) -> str:
    numbers = (str(int(number or 0)) for number in match.group(2, 3, 4))
    return ".".join(numbers) + (match[5] or "")
