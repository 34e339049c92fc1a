"""Words that fit some patterns and do not fit others, or the proof that there are none."""

from collections.abc import Collection, Sequence

import msgspec

from registry.compatibility.languages.algebra import length_between
from registry.compatibility.languages.enumeration import enumerate_words
from registry.compatibility.languages.keeping import keeping, room
from registry.compatibility.languages.meeting import meet, negate
from registry.compatibility.languages.nodes import ENDLESS, Node, renew
from registry.compatibility.languages.reading import Unreadable, language_of
from registry.compatibility.languages.search import Meter, Path, Spent, cheapest, spelled
from registry.compatibility.model import Answer

_SHORT = 16
_STEPS_PER_WORD = 20


class Words(msgspec.Struct, frozen=True):
    """Distinct words, the shortest and most natural first; `complete`: there are no others."""

    found: tuple[str, ...]
    complete: bool = False


class NoWord(msgspec.Struct, frozen=True):
    """It is proved that there is no such word."""


class TooHard(msgspec.Struct, frozen=True):
    """Not decided, and why."""

    reason: str


class _Question(msgspec.Struct, frozen=True, kw_only=True):
    required: tuple[str, ...]
    barred: tuple[str, ...]
    low: int
    high: int
    excluded: frozenset[str]
    count: int
    steps: int


def find_words(  # noqa: PLR0913 - the one question asked here
    required: Sequence[str],
    barred: Sequence[str],
    *,
    min_length: int = 0,
    max_length: int | None = None,
    excluded: Collection[str] = (),
    count: int = 1,
    steps: int = 20_000,
) -> Words | NoWord | TooHard:
    """Words matching all of `required` and none of `barred`, lengths in code points.

    When fewer than `count` exist, the answer has them all and is `complete`; when there are fewer
    and it is not, the steps ended the search.
    """
    question = _Question(
        required=tuple(sorted(set(required))),
        barred=tuple(sorted(set(barred))),
        low=min_length,
        high=ENDLESS if max_length is None else max_length,
        excluded=frozenset(excluded),
        count=count,
        steps=steps,
    )
    return _answer(question)


def included(smaller: str, larger: str) -> Answer:
    """Whether every text that fits `smaller` fits `larger`."""
    found = find_words([smaller], [larger])
    if isinstance(found, TooHard):
        return "unknown"
    return "yes" if isinstance(found, NoWord) else "no"


def _room(asked: tuple[_Question], _: object) -> int:
    (question,) = asked
    return room((question.required, question.barred, question.excluded))


@keeping(_room)
def _answer(question: _Question) -> Words | NoWord | TooHard:
    if not set(question.required).isdisjoint(question.barred):
        return NoWord()
    renew()
    try:
        return _decide(question)
    except Spent:
        return TooHard("more steps than allowed")
    except RecursionError:
        return TooHard("nested too deeply")


def _decide(question: _Question) -> Words | NoWord | TooHard:
    language, doubts = _language(question)
    found = _words(language, question)
    # What could not be read can only take words away.
    return TooHard(doubts[0]) if doubts and isinstance(found, Words) else found


def _language(question: _Question) -> tuple[Node, list[str]]:
    parts: list[Node] = []
    doubts: list[str] = []
    for patterns, wanted in ((question.required, True), (question.barred, False)):
        for pattern in patterns:
            try:
                found = language_of(pattern)
            except Unreadable as unreadable:
                doubts.append(str(unreadable))
                continue
            parts.append(found if wanted else negate(found))
    return meet(parts), doubts


def _words(language: Node, question: _Question) -> Words | NoWord:
    meter = Meter(question.steps)
    path = _shortest(language, question, meter)
    if path is None:
        return NoWord()
    first = spelled(path)
    if question.count == 1 and first not in question.excluded:
        return Words((first,))
    meter.left += _STEPS_PER_WORD * (question.count + len(question.excluded))
    limited = meet((language, length_between(question.low, question.high)))
    found, complete = enumerate_words(limited, question.count, question.excluded, meter)
    return Words(found, complete) if found or not complete else NoWord()


def _shortest(language: Node, question: _Question, meter: Meter) -> Path | None:
    """A word within the lengths; first asked without the wide limits, which multiply the states."""
    low, high = question.low, question.high
    limited = meet((language, length_between(low, high)))
    if low <= _SHORT and high == ENDLESS:
        return cheapest(limited, meter)
    loose = meet((language, length_between(low if low <= _SHORT else 0, ENDLESS)))
    try:
        path = cheapest(loose, Meter(question.steps // 2))
    except Spent:
        return cheapest(limited, meter)
    if path is None or low <= sum(count for _, count in path) <= high:
        return path
    return cheapest(limited, meter)
