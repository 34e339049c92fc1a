"""Which of the patterns a name fits that no schema declares, each combination as one pattern."""

import re
from collections.abc import Collection
from typing import NamedTuple

from registry.compatibility.languages import NoWord, find_words, matches
from registry.compatibility.languages.keeping import keeping

_MOST = 64
_SYNTAX = re.compile(r"[\\^$.*+?()\[\]{}|/]")


class TooMany(Exception):
    """More combinations than can be told apart."""


class Region(NamedTuple):
    """Names that fit these patterns and no others; `source` is a pattern that exactly they fit."""

    source: str
    matching: tuple[str, ...]


@keeping()
def regions(patterns: tuple[str, ...], names: frozenset[str]) -> tuple[Region, ...]:
    """The combinations that names beside these names can fit; raises TooMany.

    A pattern nobody can run stands for itself.
    """
    readable = tuple(source for source in patterns if fits(source, "") is not None)
    found: list[tuple[str, ...]] = [()]
    for number, source in enumerate(readable):
        before = readable[:number]
        found = [
            part
            for one in found
            for part in ((*one, source), one)
            if not part
            or _any(part, [each for each in (*before, source) if each not in part], names)
        ]
        if len(found) > _MOST:
            raise TooMany
    odd = [Region(source, (source,)) for source in patterns if source not in readable]
    return (*(_region(one, readable, names) for one in found if one), *odd)


def fits(source: str, name: str) -> bool | None:
    """Whether the name fits; None where nobody can say."""
    try:
        return matches(source, name)
    except ValueError:
        return None


def _any(matching: Collection[str], barred: Collection[str], names: Collection[str] = ()) -> bool:
    """Whether there may be such a name."""
    return not isinstance(find_words([*matching], [*barred], excluded=names), NoWord)


def _region(matching: tuple[str, ...], all_: tuple[str, ...], names: frozenset[str]) -> Region:
    others = [one for one in all_ if one not in matching and _any([*matching, one], ())]
    declared = sorted(name for name in names if all(fits(one, name) for one in matching))
    if len(matching) == 1 and not others and not declared:
        return Region(matching[0], matching)
    listed = "|".join(_SYNTAX.sub(r"\\\g<0>", name) for name in declared)
    parts = (
        *(f"(?={_anywhere(one)})" for one in matching),
        *(f"(?!{_anywhere(one)})" for one in others),
        *([f"(?!(?:{listed})$)"] if declared else ()),
    )
    return Region(f"^{''.join(parts)}", matching)


def _anywhere(source: str) -> str:
    return rf"[\s\S]*(?:{source})"
