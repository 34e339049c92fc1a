"""Whose question is next: each caller has a line of its own, and the lines take turns."""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import Iterable
from typing import Generic, TypeVar

from registry.errors import Refusal
from registry.versions.bounds import RETRY_SECONDS, WorkersBusy

MOST_WAITING = 32

T = TypeVar("T")


class TooManyWaiting(Refusal):
    """The caller has so many questions before this one that it must come again."""

    code = "too-many-checks"
    status = 429


class Turns(Generic[T]):
    """Seats that callers take in turns: whoever has fewest goes first, then who waits longest.

    So a caller who asks much makes nobody wait longer than a question takes that runs already.
    """

    def __init__(self, seats: Iterable[T], wait_seconds: float) -> None:
        self._idle = [*seats]
        self._wait = wait_seconds
        self._taken: Counter[str] = Counter()
        self._lines: OrderedDict[str, deque[asyncio.Future[T]]] = OrderedDict()

    async def take(self, caller: str) -> T:
        """A seat, to be given back; raises TooManyWaiting, or WorkersBusy for want of others."""
        if self._idle:
            self._taken[caller] += 1
            return self._idle.pop()
        line = self._lines.setdefault(caller, deque())
        if len(line) >= MOST_WAITING:
            raise _too_many()
        alone = not line and not self._taken[caller]
        try:
            return await self._turn(caller, line)
        except TimeoutError:
            raise WorkersBusy if alone else _too_many() from None

    def give_back(self, caller: str, seat: T) -> None:
        """Whoever is next has the seat; the caller who had it stands behind the others."""
        self._taken[caller] -= 1
        if not self._taken[caller]:
            del self._taken[caller]
        if caller in self._lines:
            self._lines.move_to_end(caller)
        while self._lines:
            chosen = min(self._lines, key=lambda each: self._taken[each])
            turn = self._lines[chosen].popleft()
            self._forget_if_empty(chosen)
            if not turn.done():
                self._taken[chosen] += 1
                turn.set_result(seat)
                return
        self._idle.append(seat)

    async def _turn(self, caller: str, line: deque[asyncio.Future[T]]) -> T:
        turn: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        line.append(turn)
        try:
            async with asyncio.timeout(self._wait):
                return await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self.give_back(caller, turn.result())
            elif turn in line:
                line.remove(turn)
                self._forget_if_empty(caller)
            raise

    def _forget_if_empty(self, caller: str) -> None:
        if caller in self._lines and not self._lines[caller]:
            del self._lines[caller]


def _too_many() -> TooManyWaiting:
    return TooManyWaiting(limit=MOST_WAITING, retry_after=RETRY_SECONDS)
