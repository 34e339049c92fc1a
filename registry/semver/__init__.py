"""Semantic versions and ranges of them, as pure rules that know no database and no HTTP."""

from registry.semver.neighbours import (
    Neighbours,
    announces,
    least_above,
    leaves_honest,
    neighbours,
)
from registry.semver.numbers import (
    Bump,
    OddNumber,
    SemVer,
    bump_needed,
    is_version,
    next_version,
    parse,
    require_room,
)
from registry.semver.ranges import OddRange, Range, best_match, parse_range, satisfies

__all__ = [
    "Bump",
    "Neighbours",
    "OddNumber",
    "OddRange",
    "Range",
    "SemVer",
    "announces",
    "best_match",
    "bump_needed",
    "is_version",
    "least_above",
    "leaves_honest",
    "neighbours",
    "next_version",
    "parse",
    "parse_range",
    "require_room",
    "satisfies",
]
