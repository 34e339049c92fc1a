"""Telling receivers: any number of processes take what is due, send it, and keep how it went.

A process that dies leaves what it had taken to others after a minute; a receiver may then hear
something twice, with the same id. Slow receivers hold a place each, never the others' turn.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from prometheus_client import Counter as Count

from registry.audit.cloud import MEDIA_TYPE
from registry.audit.model import LogBehind
from registry.audit.standing import Condition
from registry.db import Database, begin
from registry.identity.operator import operator
from registry.subscriptions import attempts, matching
from registry.subscriptions.actions import end
from registry.subscriptions.letters import Letters
from registry.subscriptions.model import EndReason
from registry.subscriptions.signing import secret_of, signed
from registry.subscriptions.store import sending
from registry.subscriptions.store.log import Standing
from registry.subscriptions.store.sending import Message, Outcome, Receiver, Room
from registry.subscriptions.tail import Tail
from registry.web.egress import Egress, Unreachable

_PLACES = 400
_PLACES_OF_FAILING = 200
_PER_BODY = 16
_PER_CLAIM = 64
_LEASE_SECONDS = 60.0
_BUSY_SECONDS = 30.0
_RETRY_SECONDS = 2.0

_TRIES = Count("efa_delivery_tries", "Tries to tell receivers, by how they went", ["reason"])
_log: Any = structlog.get_logger()


class Told:
    """How the messages to one receiver went."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.outcomes: list[Outcome] = []

    @property
    def failed(self) -> int:
        """How many tries failed since the last that did not."""
        count = 0
        for outcome in self.outcomes:
            count = 0 if outcome.fine else count + 1
        return count

    @property
    def verified(self) -> bool:
        return any(one.fine and one.message.kind == "handshake" for one in self.outcomes)


class Deliverer:
    """Matches and delivers beside the requests of one process, until cancelled."""

    def __init__(
        self, database: Database, egress: Egress, secret: bytes, log: tuple[Condition, Tail]
    ) -> None:
        self._database = database
        self._egress = egress
        self._secret = secret
        self._condition, self._tail = log
        self._letters = Letters(secret)
        self._running: dict[asyncio.Task[None], Receiver] = {}
        self._told: asyncio.Queue[Told] = asyncio.Queue()

    async def run(self) -> None:
        """Go on until cancelled; what was taken is given back by its lease."""
        try:
            await asyncio.gather(
                self._again(self.match, lambda standing: standing.behind),
                self._again(self.take, lambda standing: standing.due),
                self._settling(),
            )
        finally:
            for task in list(self._running):
                task.cancel()

    async def drain(self) -> None:
        """Match and send all that is due now."""
        while await self.match() or await self.take() or await self._finish():
            pass

    async def _finish(self) -> bool:
        """Wait for what is being sent, and keep how it went; whether there was anything."""
        if self._running:
            await asyncio.wait(list(self._running))
        return bool(not self._told.empty() and await self._settle_some())

    async def _again(
        self, step: Callable[[], Awaitable[int]], wanted: Callable[[Standing], bool]
    ) -> None:
        """Do something whenever there is something to do."""
        while True:
            if wanted(await self._tail.next()) and await self._all(step):
                self._tail.hurry()

    async def _settling(self) -> None:
        while True:
            await self._all(self._settle_some)

    async def _all(self, step: Callable[[], Awaitable[int]]) -> int:
        """Do something until there is nothing more of it; returns how much there was."""
        done, found = 0, 1
        try:
            while found:
                self._condition.require_fine()
                found = await step()
                done += found
        except LogBehind:
            await asyncio.sleep(_RETRY_SECONDS)
        except Exception as error:  # noqa: BLE001 - telling must go on, whatever it was
            _log.error("delivery failed", step=step.__name__, exc_info=error)
            await asyncio.sleep(_RETRY_SECONDS)
        return done

    async def match(self) -> int:
        """Turn some events nobody was told of yet into deliveries; returns how many events."""
        async with self._database.writes.acquire() as conn:
            return await matching.match_batch(conn)

    async def take(self) -> int:
        """Take some receivers with something due, and begin to send; returns how many."""
        free = min(_PER_CLAIM, _PLACES - len(self._running))
        if free <= 0:
            await asyncio.wait(list(self._running), return_when=asyncio.FIRST_COMPLETED)
            return 0
        async with self._database.writes.acquire() as conn, begin(conn, operator()) as tx:
            receivers = await sending.claim(tx, self._room(free), _LEASE_SECONDS)
            messages = await sending.messages(tx, receivers) if receivers else []
            await self._letters.fetch(tx, messages)
        for receiver in receivers:
            its = [one for one in messages if one.subscription_id == receiver.subscription_id]
            task = asyncio.create_task(self._tell(receiver, its))
            self._running[task] = receiver
            task.add_done_callback(self._running.pop)
        return len(receivers)

    def _room(self, free: int) -> Room:
        bodies = Counter(receiver.organisation_id for receiver in self._running.values())
        failing = sum(receiver.failing for receiver in self._running.values())
        return Room(
            receivers=free,
            per_body=_PER_BODY,
            failing=failing < _PLACES_OF_FAILING,
            busy=[body for body, count in bodies.items() if count >= _PER_BODY],
        )

    async def _tell(self, receiver: Receiver, messages: Sequence[Message]) -> None:
        """Send one after the other, until one fails that the others have to wait for."""
        told, until = Told(receiver), time.monotonic() + _BUSY_SECONDS
        for message in messages:
            outcome = await self._send(receiver, message)
            _TRIES.labels(outcome.reason).inc()
            told.outcomes.append(outcome)
            if outcome.next_state == "pending" or time.monotonic() > until:
                break
            if outcome.status == attempts.GONE:
                break
        self._told.put_nowait(told)

    async def _send(self, receiver: Receiver, message: Message) -> Outcome:
        body = self._letters.body(message)
        secrets = [
            secret_of(self._secret, receiver.subscription_id, generation)
            for generation in receiver.generations
        ]
        name = str(message.event_id or message.id)
        headers = {
            "Content-Type": MEDIA_TYPE,
            **signed(name, int(time.time()), body, secrets),
        }
        begun = time.monotonic()
        try:
            reply = await self._egress.post(receiver.url, headers, body)
        except Unreachable as failure:
            return attempts.failed(message, failure.reason, _since(begun))
        challenge = self._letters.challenge(message)
        return attempts.answered(message, reply, challenge, _since(begun))

    async def _settle_some(self) -> int:
        """Keep how it went for all that are done; waits for the first."""
        done = [await self._told.get()]
        while not self._told.empty():
            done.append(self._told.get_nowait())
        await self._settle(done)
        self._tail.hurry()
        return len(done)

    async def _settle(self, done: Sequence[Told]) -> None:
        outcomes = [outcome for told in done for outcome in told.outcomes]
        subscriptions = [told.receiver.subscription_id for told in done]
        async with self._database.writes.acquire() as conn, begin(conn, operator()) as tx:
            await sending.hold_states(tx, subscriptions)
            await sending.settle(tx, outcomes)
            await sending.release(
                tx,
                subscriptions,
                [told.failed for told in done],
                [any(outcome.fine for outcome in told.outcomes) for told in done],
                [told.verified for told in done],
            )
            for outcome in outcomes:
                if outcome.next_state == "dead" and (reason := await _ends(tx, outcome)):
                    await end(tx, outcome.message.subscription_id, reason)


async def _ends(tx: Any, outcome: Outcome) -> EndReason | None:
    """Why a receiver is not called any more after something was given up; None: it is."""
    if outcome.status == attempts.GONE:
        return "gone"
    if outcome.message.kind == "handshake":
        return "unverified"
    return "unreachable" if await sending.unheard(tx, outcome.message.id) else None


def _since(begun: float) -> int:
    return round(1_000 * (time.monotonic() - begun))
