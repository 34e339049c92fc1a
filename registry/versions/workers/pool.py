"""The worker processes that check what strangers send, and how long one question may take.

A worker that takes too much of a processor, or ends for want of memory, is replaced; its caller is
told that the check was too costly, whatever else the machine has to do. One that grew is replaced
after its answer; where memory was filled by earlier questions all the same, a fresh one is asked
first. One that is only kept from working is replaced, too, and its caller told to come again. The
server's own loop never waits.
"""

import asyncio
import copy
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
import structlog

import registry
from registry.compatibility.model import Formats, Verdict
from registry.versions.bounds import RETRY_SECONDS, NotFinished, WorkersBusy
from registry.versions.comparisons.verdicts import Question as Comparison
from registry.versions.comparisons.verdicts import SchemaText, undecided
from registry.versions.documents.validation import Outcome
from registry.versions.model import TooCostly
from registry.versions.schemas.guard import Examined, Published
from registry.versions.workers.messages import (
    Answer,
    Answered,
    Asked,
    Compare,
    Compared,
    Examine,
    ExaminedAll,
    Outcomes,
    Question,
    Validate,
)
from registry.versions.workers.process import HAS_TIMERS, LENGTH, PROCESSOR_SECONDS
from registry.versions.workers.turns import TooManyWaiting, Turns

COUNT = 2
CLOCK_SECONDS = 12.0
WAIT_SECONDS = 15.0
START_SECONDS = 30.0

T = TypeVar("T", bound=Answer)
Naming = Callable[[], Awaitable[str]]

_log: Any = structlog.get_logger()
_decoder: msgspec.msgpack.Decoder[Answered] = msgspec.msgpack.Decoder(Answered)


class Workers:
    """A few processes, started ahead or when first needed, each asked one question at a time.

    Callers take turns; `of` names the one who asks. An answer may take `processor_seconds` of a
    processor, and `clock_seconds` by the clock. `spent` is what all answers took of a processor.
    """

    spent: float = 0.0

    def __init__(
        self,
        count: int = COUNT,
        processor_seconds: float = PROCESSOR_SECONDS,
        clock_seconds: float = CLOCK_SECONDS,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        self._processor = processor_seconds
        self._clock = clock_seconds
        self._caller = ""
        self._naming: Naming | None = None
        self._all = [_Worker() for _ in range(count)]
        self._turns = Turns(self._all, wait_seconds)

    def of(self, caller: str) -> "Workers":
        """The same processes, asked in the name of a caller; what that takes is counted apart."""
        asking = copy.copy(self)
        asking.spent = 0.0
        asking._caller = caller
        return asking

    def named_by(self, naming: Naming) -> "Workers":
        """The same for a caller whose name is asked for before the first question, if there is one.

        A refusal of `naming` is that of the question.
        """
        asking = self.of("")
        asking._naming = naming
        return asking

    async def start(self) -> None:
        """Start all processes ahead; one that fails is started again when it is needed."""
        started = await asyncio.gather(
            *(worker.start() for worker in self._all), return_exceptions=True
        )
        for failure in started:
            if isinstance(failure, Exception):
                _log.warning("worker did not start", error=type(failure).__name__)

    async def examine(
        self,
        service: str,
        version: str,
        schemas: Mapping[str, bytes],
        published: Mapping[Published, bytes] | None,
    ) -> Examined:
        """As `schemas.guard.examine`; raises TooCostly, and as all questions NotFinished."""
        given = None if published is None else list(published.items())
        question = Examine(service, version, dict(schemas), given)
        return (await self._ask(question, ExaminedAll)).found

    async def validate(
        self,
        place: Published,
        texts: Mapping[Published, bytes],
        documents: Sequence[bytes],
        formats: Formats = "annotate",
    ) -> list[Outcome]:
        """The outcome for each document; where explaining all is too costly, without findings."""
        question = Validate(place, list(texts.items()), list(documents), formats, explain=True)
        try:
            return (await self._ask(question, Outcomes)).items
        except TooCostly:
            plain = msgspec.structs.replace(question, explain=False)
            return (await self._ask(plain, Outcomes)).items

    async def compare(self, old: SchemaText, new: SchemaText, asked: Comparison) -> Verdict:
        """As `compatibility.compare`; undecided where that is too costly."""
        try:
            return (await self._ask(Compare(old, new, asked), Compared)).verdict
        except TooCostly:
            return undecided(asked)

    async def aclose(self) -> None:
        """End all processes."""
        for worker in self._all:
            await worker.end()

    async def _ask(self, question: Question, kind: type[T]) -> T:
        if self._naming:
            self._caller, self._naming = await self._naming(), None
        worker = await self._turns.take(self._caller)
        try:
            found = await self._answer(worker, question)
        except BaseException:
            await worker.end()
            raise
        finally:
            self._turns.give_back(self._caller, worker)
        if not isinstance(found, kind):
            raise WorkerFailed(found)
        return found

    async def _answer(self, worker: "_Worker", question: Question) -> Answer:
        pipes = await self._started(worker)
        try:
            asked = pipes.ask((self._processor, question))
            seconds, grown, found = await asyncio.wait_for(asked, self._clock)
        except TimeoutError:
            _log.warning("worker kept from working", question=type(question).__name__)
            if HAS_TIMERS:
                raise NotFinished(retry_after=RETRY_SECONDS) from None
            raise TooCostly(seconds=self._clock) from None
        except (OSError, asyncio.IncompleteReadError):
            _log.warning("worker ended", question=type(question).__name__)
            self.spent += self._processor
            if not pipes.used or await pipes.ended_for_time():
                raise TooCostly(seconds=self._processor) from None
            await worker.end()
            return await self._answer(worker, question)
        self.spent += seconds
        if grown:
            await worker.end()
        return found

    async def _started(self, worker: "_Worker") -> "_Pipes":
        try:
            return await worker.start()
        except (OSError, asyncio.IncompleteReadError) as error:
            _log.warning("worker did not start", error=type(error).__name__)
            raise WorkersBusy from None


class WorkerFailed(RuntimeError):
    """A defect of ours in a worker."""


UNANSWERED: tuple[type[Exception], ...] = (WorkersBusy, NotFinished, TooManyWaiting, WorkerFailed)
"""What a question may end with that says nothing of what was asked."""


class _Worker:
    """One process, started again after its end."""

    def __init__(self) -> None:
        self._pipes: _Pipes | None = None
        self._starting = asyncio.Lock()

    async def start(self) -> "_Pipes":
        """The pipes of the process, which is started unless it runs."""
        async with self._starting:
            if self._pipes is None or self._pipes.process.returncode is not None:
                self._pipes = None
                pipes = _Pipes(await _process())
                await _ready(pipes)
                self._pipes = pipes
            return self._pipes

    async def end(self) -> None:
        """End the process, whatever it is doing."""
        pipes, self._pipes = self._pipes, None
        if pipes:
            await pipes.end()


class _Pipes:
    """The way to one process and back; `used` once it has answered a question."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._questions = cast("asyncio.StreamWriter", process.stdin)
        self._answers = cast("asyncio.StreamReader", process.stdout)
        self.used = False

    async def ask(self, question: Asked) -> Answered:
        """Send a question and wait for its answer."""
        frame = msgspec.msgpack.encode(question)
        self._questions.write(LENGTH.pack(len(frame)) + frame)
        await self._questions.drain()
        answered = await self.read()
        self.used = True
        return answered

    async def end(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def ended_for_time(self) -> bool:
        """Whether the process ended itself for what it took of a processor."""
        return HAS_TIMERS and await self.process.wait() == -signal.SIGPROF

    async def read(self) -> Answered:
        head = await self._answers.readexactly(LENGTH.size)
        return _decoder.decode(await self._answers.readexactly(LENGTH.unpack(head)[0]))


async def _ready(pipes: _Pipes) -> None:
    """Wait until a process says that it is ready; end one that does not."""
    try:
        await asyncio.wait_for(pipes.read(), START_SECONDS)
    except BaseException:
        await pipes.end()
        raise


async def _process() -> asyncio.subprocess.Process:
    """A worker without the server's settings and secrets; its errors go nowhere."""
    kept = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment["PYTHONPATH"] = str(Path(registry.__file__).parents[1])
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "registry.versions.workers.process",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment,
    )
