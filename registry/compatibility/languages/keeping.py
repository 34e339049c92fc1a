"""Answers kept by how much room they take: what is asked about is as large as strangers make it."""

from collections.abc import Callable, Hashable, Iterable
from typing import Any, Generic, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")

_MOST = 2_000_000
_ENTRY = 200
_PART = 60


def room(asked: Any) -> int:
    """About how many bytes texts, and collections of them, take."""
    if isinstance(asked, tuple | frozenset):
        return _PART + sum(room(part) for part in cast("Iterable[Any]", asked))
    return _PART + (len(asked) if isinstance(asked, str) else 0)


class Kept(Generic[P, R]):
    """A function that knows its answers; when they take too much room, all are forgotten.

    What alone would take half of it is not kept.
    """

    def __init__(self, answer: Callable[P, R], size: Callable[[Any, Any], int], most: int) -> None:
        self._answer = answer
        self._size = size
        self._most = most
        self._known: dict[Hashable, R] = {}
        self.taken = 0

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        if not kwargs and args in self._known:
            return self._known[args]
        found = self._answer(*args, **kwargs)
        size = _ENTRY + self._size(args, found)
        if not kwargs and size < self._most // 2:
            if self.taken + size > self._most:
                self.forget()
            self._known[args] = found
            self.taken += size
        return found

    def forget(self) -> None:
        self._known.clear()
        self.taken = 0


def _asked(asked: Any, _: Any) -> int:
    return room(asked)


def keeping(
    size: Callable[[Any, Any], int] = _asked, *, most: int = _MOST
) -> Callable[[Callable[P, R]], Kept[P, R]]:
    """Keep the answers of a function; `size` says what room what was asked and the answer take."""
    return lambda answer: Kept(answer, size, most)
