"""Which characters people write: letters before digits before signs, control characters last."""

import string
from collections.abc import Iterator
from functools import lru_cache

from registry.compatibility.languages.characters import Characters

_PREFERRED = (
    string.ascii_lowercase
    + string.ascii_uppercase
    + "1234567890"
    + "-_./:,;@+=#*()!?&%$'\"<>[]{}|~^`\\ "
    + "äöüßéèàçñÄÖÜ"
)
_RANK = {letter: rank for rank, letter in enumerate(_PREFERRED)}
_ROWS = (string.ascii_lowercase, string.ascii_uppercase, "1234567890")
_PLAIN, _FOREIGN, _INVISIBLE = 1, 4, 40


def cost(letter: str) -> int:
    """How far a character is from what everyone can read: a word of low cost is a natural one."""
    if " " <= letter <= "~":
        return _PLAIN
    return _FOREIGN if letter.isprintable() else _INVISIBLE


def by_naturalness(characters: Characters) -> Iterator[str]:
    """All characters of a set, the most natural first."""
    yield from (letter for letter in _PREFERRED if ord(letter) in characters)
    for printable in (True, False):
        for low, high in characters.ranges:
            for point in range(low, high + 1):
                letter = chr(point)
                if letter.isprintable() == printable and letter not in _RANK:
                    yield letter


class Sample:
    """The characters of a set as a searcher needs them: the best one, and a row to vary it."""

    __slots__ = ("characters", "cost", "letter", "point", "rank", "row")

    def __init__(self, characters: Characters) -> None:
        self.characters = characters
        self.letter = next(by_naturalness(characters))
        self.point = ord(self.letter)
        self.cost = cost(self.letter)
        self.rank = (self.cost, _RANK.get(self.letter, self.point + len(_RANK)))
        row = next((row for row in _ROWS if self.letter in row), self.letter)
        self.row = "".join(letter for letter in row if ord(letter) in characters)

    def nth(self, number: int) -> str:
        """A varied character: `abc` reads better than `aaa`."""
        return self.row[number % len(self.row)]


@lru_cache(maxsize=4096)
def sample(characters: Characters) -> Sample:
    return Sample(characters)
