"""What questions may take: of a processor all of one call together, by the clock each batch.

A batch are the comparisons of two versions, or the checks of some documents.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Protocol

from registry.errors import Refusal
from registry.versions.model import TooCostly

PROCESSOR_SECONDS = 20.0
CLOCK_SECONDS = 60.0
RETRY_SECONDS = 5


class NotFinished(Refusal):
    """The machine had too much else to do to finish a check: the same may be asked again."""

    code = "check-not-finished"
    status = 429


class WorkersBusy(TimeoutError):
    """All workers had questions of others for too long; the same may be asked again later."""


class Spending(Protocol):
    """Who asks: `spent` are the seconds of a processor that all answers took."""

    spent: float


class Allowance:
    """How much of a processor the questions of one call may still take."""

    def __init__(self, asking: Spending) -> None:
        self._asking = asking
        self._most = asking.spent + PROCESSOR_SECONDS

    @property
    def is_spent(self) -> bool:
        return self._asking.spent > self._most

    def require_left(self) -> None:
        """Refuse to ask more than one call may."""
        if self.is_spent:
            raise TooCostly(seconds=PROCESSOR_SECONDS)


@asynccontextmanager
async def in_time() -> AsyncGenerator[None]:
    """The backstop of a batch: what hangs by the clock may be asked again; it need not be dear."""
    try:
        async with asyncio.timeout(CLOCK_SECONDS):
            yield
    except WorkersBusy:
        raise
    except TimeoutError:
        raise NotFinished(retry_after=RETRY_SECONDS) from None
