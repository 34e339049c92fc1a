"""Where a version's number will do: between its neighbours, or else above them.

One search for whoever holds the versions, a registry or a folder of files.
"""

from collections.abc import Awaitable, Callable, Iterable

from msgspec.structs import replace

from registry.semver import SemVer
from registry.versions.numbers import honesty
from registry.versions.numbers.honesty import Judgement, Overridden

Beside = Callable[[Judgement], Awaitable[Judgement]]
"""Compares a judgement's version with its neighbours."""


async def judged_among(unjudged: Judgement, beside: Beside, overridden: Overridden) -> Judgement:
    """A version compared with its neighbours; where none fits there, with those above in turn."""
    judged = await beside(unjudged)
    unbounded = honesty.is_unbounded(judged, overridden)
    if unbounded or honesty.least_beside(judged, overridden):
        return judged
    for place in judged.above():
        beyond = await beside(place)
        if honesty.least_beside(beyond, overridden):
            return replace(judged, beyond=beyond)
    return judged


def unproposed(taken: Iterable[SemVer]) -> SemVer:
    """As which number a version is judged that has none yet: the next major one.

    Below it all is allowed.
    """
    highest = max(taken, default=SemVer(0, 0, 0))
    return SemVer(highest.major + 1, 0, 0)
