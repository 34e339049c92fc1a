"""The registry that the machine drives, and what it has done so far."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Coroutine
from typing import Any, TypeVar

from registry.audit.sequencer import number_all
from registry.db import Connection
from tests.client import ApiClient

T = TypeVar("T")


class World:
    """The registry under test, its operator's client, and the loop it lives in."""

    def __init__(
        self, runner: asyncio.Runner, api: ApiClient, admin: ApiClient, sequencer: Connection
    ) -> None:
        self.runner = runner
        self.api = api
        self.admin = admin
        self.sequencer = sequencer
        self.names = itertools.count(1)
        self.steps = 0
        self.did: Counter[str] = Counter()
        self.questions = 0

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def size(self) -> int:
        """How many events there are; all of them are numbered."""

        async def number() -> int:
            await number_all(self.sequencer)
            return await self.api.owner.fetchval("select count(*) from events")

        return self.run(number())
