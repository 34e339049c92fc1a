"""Comparisons for the command line: in a worker process, with the limits the server has.

Nothing here touches a network. What takes too long or too much memory is undecided.
"""

import asyncio
import contextlib
from collections.abc import Sequence

from registry.compatibility.model import Verdict
from registry.versions.comparisons.verdicts import Question, SchemaText
from registry.versions.workers.pool import Workers
from registry.web.logs import configure_logs

Asked = tuple[SchemaText, SchemaText, Question]


def verdicts(asked: Sequence[Asked]) -> list[Verdict]:
    """The verdict on each pair, in their order."""
    configure_logs("critical")
    return asyncio.run(_verdicts(asked)) if asked else []


async def _verdicts(asked: Sequence[Asked]) -> list[Verdict]:
    async with contextlib.aclosing(Workers(count=1)) as workers:
        return [await workers.compare(*each) for each in asked]
