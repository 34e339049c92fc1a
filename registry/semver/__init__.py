"""Semantic versions and ranges of them, as pure rules that know no database and no HTTP."""

from registry.semver.numbers import (
    Bump,
    OddNumber,
    SemVer,
    bump_needed,
    is_version,
    next_version,
    parse,
)
from registry.semver.ranges import OddRange, Range, best_match, parse_range, satisfies

__all__ = [
    "Bump",
    "OddNumber",
    "OddRange",
    "Range",
    "SemVer",
    "best_match",
    "bump_needed",
    "is_version",
    "next_version",
    "parse",
    "parse_range",
    "satisfies",
]
