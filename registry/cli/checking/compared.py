"""What the command line examines and compares: in a worker process, with the server's limits.

Nothing here touches a network. What takes too long or too much memory is refused or undecided.
"""

import asyncio
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from registry.compatibility.model import Verdict
from registry.versions.comparisons.verdicts import Question, SchemaText
from registry.versions.schemas.guard import Examined
from registry.versions.workers.pool import Workers
from registry.web.logs import configure_logs

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

    def verdicts(self, asked: Sequence[Asked]) -> list[Verdict]:
        """The verdict on each pair, in their order."""
        return [self._runner.run(self._workers.compare(*each)) for each in asked]
