"""Coalescing: concurrent public look-ups of one kind become one statement with `= any($1)`.

No timer is involved. Those asked for in one turn of the event loop share a statement, and so do
those that arrive while one is under way. Never used for private reads: callers share rows.
"""

import asyncio
import copy
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

V = TypeVar("V")


class LookUpCancelled(ConnectionError):
    """Whoever fetched for all was cancelled; nobody else was."""


class Coalescer(Generic[V]):
    """One kind of look-up: `fetch` answers many keys at once and leaves out the unknown ones.

    No more than `at_once` statements are under way.
    """

    def __init__(
        self, fetch: Callable[[Sequence[str]], Awaitable[Mapping[str, V]]], at_once: int = 2
    ) -> None:
        self._fetch = fetch
        self._at_once = at_once
        self._waiting: dict[str, asyncio.Future[V | None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def get(self, key: str) -> V | None:
        """The value of one key, or None."""
        future = self._waiting.get(key)
        if future is None:
            is_first = not self._waiting
            future = self._waiting[key] = asyncio.get_running_loop().create_future()
            if is_first:
                self._start()
        return await asyncio.shield(future)

    def _start(self) -> None:
        if self._waiting and len(self._tasks) < self._at_once:
            task = asyncio.create_task(self._answer())
            self._tasks.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._start()

    async def _answer(self) -> None:
        batch, self._waiting = self._waiting, {}
        if not batch:
            return
        error: BaseException = LookUpCancelled("The look-up was cancelled.")
        try:
            found = await self._fetch(list(batch))
            for key, future in batch.items():
                future.set_result(found.get(key))
        except Exception as failure:  # noqa: BLE001 - every waiter hears of it, whatever it is
            error = failure
        finally:
            for future in batch.values():
                if not future.done():
                    future.set_exception(_own(error))


def _own(error: BaseException) -> BaseException:
    """A copy for one waiter: a raised exception collects the traceback of whoever raises it."""
    try:
        own = copy.copy(error)
    except Exception:  # noqa: BLE001 - some constructors take other arguments than they keep
        return error
    own.__cause__ = error
    return own
