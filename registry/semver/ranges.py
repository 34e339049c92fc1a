"""npm's range grammar, compiled to comparators.

`^2.1`, `~1.4`, `>=1 <3`, `1.x`, `1.2 - 2.3`, and alternatives joined by `||`.
"""

import operator
import re
from collections.abc import Callable, Iterable
from itertools import takewhile

import msgspec

from registry.errors import Malformed
from registry.semver.numbers import IDENTIFIER, MAX_LENGTH, NUMBER, SemVer, identifiers

_COMPARE: dict[str, Callable[[SemVer, SemVer], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}
_PLACE = rf"(?:[xX*]|{NUMBER})"
_PARTIAL = rf"({_PLACE})(?:\.({_PLACE})(?:\.({_PLACE})(?:-({IDENTIFIER}(?:\.{IDENTIFIER})*))?)?)?"
_SIMPLE = re.compile(rf"(\^|~>?|[<>]=?|=)?\s*{_PARTIAL}(?=\s|$)\s*", re.ASCII)
_HYPHEN = re.compile(rf"{_PARTIAL}\s+-\s+{_PARTIAL}", re.ASCII)


class OddRange(Malformed):
    """Not a range of npm's grammar."""

    code = "version-range-odd"


class Comparator(msgspec.Struct, frozen=True):
    """One bound of a range: `operator` is `<`, `<=`, `=`, `>=` or `>`."""

    operator: str
    version: SemVer

    def admits(self, version: SemVer) -> bool:
        return _COMPARE[self.operator](version, self.version)


class Range(msgspec.Struct, frozen=True):
    """A range of npm's grammar: a version must meet all comparators of one alternative."""

    text: str
    alternatives: tuple[tuple[Comparator, ...], ...]


def parse_range(text: str) -> Range:
    """The range `text` spells; raises OddRange."""
    alternatives = text.split("||")
    if len(text) > 2 * MAX_LENGTH or len(alternatives) > 20:
        raise OddRange(given=text[:MAX_LENGTH])
    return Range(text, tuple(_alternative(part.strip(), text) for part in alternatives))


def satisfies(version: SemVer, wanted: Range, *, prereleases: bool = False) -> bool:
    """Whether `version` lies in the range.

    As in npm a pre-release does so only where a comparator names a pre-release of the same release,
    unless `prereleases` asks for all of them.
    """
    return any(
        all(comparator.admits(version) for comparator in alternative)
        and (prereleases or not version.prerelease or _asks_for(alternative, version))
        for alternative in wanted.alternatives
    )


def best_match(
    wanted: Range, versions: Iterable[SemVer], *, prereleases: bool = False
) -> SemVer | None:
    """The highest of `versions` in the range."""
    fitting = (one for one in versions if satisfies(one, wanted, prereleases=prereleases))
    return max(fitting, default=None)


_NOTHING = (Comparator("<", SemVer(0, 0, 0, (0,))),)


class _Partial(msgspec.Struct, frozen=True):
    """A version with places left open (None), as ranges spell them."""

    major: int | None
    minor: int | None
    patch: int | None
    prerelease: tuple[int | str, ...] = ()

    @property
    def floor(self) -> SemVer:
        """The least version it covers; open places count as 0."""
        return SemVer(self.major or 0, self.minor or 0, self.patch or 0, self.prerelease)

    @property
    def ceiling(self) -> SemVer | None:
        """The least version above all it covers; None where it covers everything or only itself."""
        if self.major is None or self.patch is not None:
            return None
        return (
            _before(self.major + 1) if self.minor is None else _before(self.major, self.minor + 1)
        )


def _before(major: int, minor: int = 0, patch: int = 0) -> SemVer:
    """Just below every pre-release of a release: an upper bound that lets none of them in."""
    return SemVer(major, minor, patch, (0,))


def _asks_for(alternative: tuple[Comparator, ...], version: SemVer) -> bool:
    named = (comparator.version for comparator in alternative)
    return any(one.prerelease and one.release == version.release for one in named)


def _alternative(text: str, whole: str) -> tuple[Comparator, ...]:
    if hyphen := _HYPHEN.fullmatch(text):
        return _at_least(_partial(hyphen.groups()[:4])) + _at_most(_partial(hyphen.groups()[4:]))
    comparators: tuple[Comparator, ...] = ()
    position = 0
    while position < len(text):
        match = _SIMPLE.match(text, position)
        if match is None:
            raise OddRange(given=whole[:MAX_LENGTH], position=position)
        comparators += _SIMPLE_KINDS[match[1] or "="](_partial(match.groups()[1:]))
        position = match.end()
    return comparators or _at_least(_Partial(None, None, None))


def _partial(groups: tuple[str | None, ...]) -> _Partial:
    """The places before the first open one; npm ignores what follows it."""
    numbers = list(takewhile(lambda place: place is not None and place.isdigit(), groups[:3]))
    padded = [int(number) for number in numbers if number] + [None] * (3 - len(numbers))
    return _Partial(*padded, prerelease=identifiers(groups[3]) if len(numbers) == 3 else ())


def _at_least(partial: _Partial) -> tuple[Comparator, ...]:
    return (Comparator(">=", partial.floor),)


def _at_most(partial: _Partial) -> tuple[Comparator, ...]:
    if partial.major is None:
        return ()
    ceiling = partial.ceiling
    return (Comparator("<", ceiling) if ceiling else Comparator("<=", partial.floor),)


def _above(partial: _Partial) -> tuple[Comparator, ...]:
    if partial.major is None:
        return _NOTHING
    ceiling = partial.ceiling
    return (Comparator(">=", ceiling.release) if ceiling else Comparator(">", partial.floor),)


def _below(partial: _Partial) -> tuple[Comparator, ...]:
    if partial.major is None:
        return _NOTHING
    floor = partial.floor
    return (Comparator("<", floor if partial.patch is not None else _before(*_numbers(floor))),)


def _exactly(partial: _Partial) -> tuple[Comparator, ...]:
    if partial.patch is not None:
        return (Comparator("=", partial.floor),)
    return _at_least(partial) + _at_most(partial)


def _about(partial: _Partial) -> tuple[Comparator, ...]:
    """`~`: the patch may rise; with the major number alone, the minor too."""
    if partial.patch is None:
        return _exactly(partial)
    major, minor, _ = _numbers(partial.floor)
    return (*_at_least(partial), Comparator("<", _before(major, minor + 1)))


def _compatible(partial: _Partial) -> tuple[Comparator, ...]:
    """`^`: what lies right of the leftmost number that is not 0 may rise."""
    major, minor, patch = _numbers(partial.floor)
    if partial.minor is None:
        return _exactly(partial)
    if major:
        return (*_at_least(partial), Comparator("<", _before(major + 1)))
    if minor or partial.patch is None:
        return (*_at_least(partial), Comparator("<", _before(0, minor + 1)))
    return (*_at_least(partial), Comparator("<", _before(0, 0, patch + 1)))


def _numbers(version: SemVer) -> tuple[int, int, int]:
    return version.major, version.minor, version.patch


_SIMPLE_KINDS: dict[str, Callable[[_Partial], tuple[Comparator, ...]]] = {
    "=": _exactly,
    "^": _compatible,
    "~": _about,
    "~>": _about,
    ">=": _at_least,
    "<=": _at_most,
    ">": _above,
    "<": _below,
}
