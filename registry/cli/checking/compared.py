"""What the command line examines and compares: in a worker process, with the server's limits.

Nothing here touches a network. What takes too long or too much memory is refused or undecided.
"""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

from registry.compatibility.model import Verdict
from registry.versions.comparisons.verdicts import Question, SchemaText
from registry.versions.schemas.guard import Examined
from registry.versions.workers.pool import Workers
from registry.web.logs import configure_logs

T = TypeVar("T")

Asked = tuple[SchemaText, SchemaText, Question]


class Apart:
    """One worker process, started when it is first asked, for as long as a command needs it."""

    def __enter__(self) -> Self:
        configure_logs("critical")
        self._runner = asyncio.Runner()
        self._workers = Workers(count=1)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        with self._runner:
            self._runner.run(self._workers.aclose())

    def examined(self, service: str, version: str, schemas: Mapping[str, bytes]) -> Examined:
        """What is wrong with the schemas of a version; raises TooCostly."""
        return self._runner.run(self._workers.examine(service, version, schemas, None))

    def verdicts(self, asked: Iterable[Asked]) -> list[Verdict]:
        """The verdict on each pair, in their order."""
        return [self.run(self.verdict(each)) for each in asked]

    async def verdict(self, asked: Asked) -> Verdict:
        """The verdict on a pair."""
        return await self._workers.compare(*asked)

    def run(self, asking: Coroutine[Any, Any, T]) -> T:
        """What comes of something that asks for verdicts."""
        return self._runner.run(asking)
