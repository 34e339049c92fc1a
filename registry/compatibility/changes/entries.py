"""Where in a list the entry stands that a change is about."""

from collections.abc import Sequence

from registry.compatibility.changes.effective import CHOICES, listed_in
from registry.compatibility.changes.places import Account
from registry.compatibility.solver.terms import key_of
from registry.dialects.strict_json import Json, Steps


def entry(side: Account, words: Sequence[str], value: Json) -> Steps:
    """Where a value is listed under one of the keywords; where the keyword stands, if nowhere."""
    for word in words:
        for steps, given in side.having(word):
            index = _index(word, given, value) if isinstance(given, list) else None
            if index is not None:
                return (*steps, index)
    return side.spot(*words)


def _index(word: str, given: list[Json], value: Json) -> int | None:
    """The first entry that is the value, or the alternative that lists it."""
    if isinstance(value, str) and word not in CHOICES:
        # Lists of names are long, and asked for each of them.
        return given.index(value) if value in given else None
    key = key_of(value)
    if word in CHOICES:
        lists = (listed_in(each) or {} for each in given)
        return next((index for index, listed in enumerate(lists) if key in listed), None)
    return next((index for index, each in enumerate(given) if key_of(each) == key), None)
