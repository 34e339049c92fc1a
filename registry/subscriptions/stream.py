"""Events as they are numbered, to all who listen in this process: read once, passed on to each.

Who comes later or was away first reads what it missed by itself. Who does not keep up is let go;
with the number of the last event it took it comes again.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import msgspec
import structlog
from prometheus_client import Gauge

from registry.audit import store as audit
from registry.audit.cloud import cloud_event
from registry.audit.model import Event
from registry.db import Database, begin_reading
from registry.db.failures import BUSY
from registry.identity.limits import TooManyRequests
from registry.identity.operator import operator
from registry.subscriptions.asking import Asked, Viewing, read
from registry.subscriptions.model import Topic, topic_of
from registry.subscriptions.store import log as store
from registry.subscriptions.tail import Tail

HEARTBEAT_SECONDS = 15.0
_MOST_WAITING = 1_000
_PART = 200
_COME_AGAIN_SECONDS = 30
_HEARTBEAT = b": \n\n"

_LISTENING = Gauge("efa_event_listeners", "Who listens to the stream of events in this process")
_log: Any = structlog.get_logger()


class Seats:
    """How many may wait for events at once: in this process, and as one caller."""

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most, self._most_of_one = most, most_of_one
        self._taken: Counter[str] = Counter()

    def require_free(self, caller: str) -> None:
        """Refuse a caller for whom no seat is free."""
        if not self.is_free(caller):
            full = self._taken.total() >= self._most
            limit = self._most if full else self._most_of_one
            raise TooManyRequests(limit=limit, policy="streams", retry_after=_COME_AGAIN_SECONDS)

    def is_free(self, caller: str) -> bool:
        """Whether this caller may wait, too."""
        return self._taken.total() < self._most and self._taken[caller] < self._most_of_one

    @contextmanager
    def taken(self, caller: str) -> Generator[None]:
        """A seat for as long as somebody waits."""
        self._taken[caller] += 1
        try:
            yield
        finally:
            self._taken[caller] -= 1
            if not self._taken[caller]:
                del self._taken[caller]


class Listener:
    """One who listens: what it asked for, and what waits for it; None lets it go."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.waiting: asyncio.Queue[bytes | None] = asyncio.Queue(_MOST_WAITING)

    def offer(self, message: bytes) -> None:
        """Pass something on; who has too much waiting is let go."""
        try:
            self.waiting.put_nowait(message)
        except asyncio.QueueFull:
            self.dismiss()

    def dismiss(self) -> None:
        """End it, whatever still waits."""
        while not self.waiting.empty():
            self.waiting.get_nowait()
        self.waiting.put_nowait(None)


class Streamed(msgspec.Struct, frozen=True):
    """What is listened to: from which number on (None: what is new), and for how many seconds."""

    asked: Asked
    after: int | None
    seconds: float


class Hub:
    """The one reader of the log for all who listen in this process."""

    def __init__(self, tail: Tail) -> None:
        self._tail = tail
        self._listeners: set[Listener] = set()
        self._anybody = asyncio.Event()
        self._public = self._told = 0

    async def run(self, database: Database) -> None:
        """Pass on what is new, as long as somebody listens; at the end all are let go."""
        try:
            while True:
                await self._anybody.wait()
                standing = await self._tail.next()
                try:
                    await self._pass_on(database, standing)
                except BUSY as error:
                    _log.warning("no events can be read now", reason=type(error).__name__)
        finally:
            for listener in self._listeners:
                listener.dismiss()

    async def messages(
        self, database: Database, viewing: Viewing, wanted: Streamed
    ) -> AsyncGenerator[bytes]:
        """What is asked for from a number on, then all that is new; beats while there is none."""
        until = asyncio.get_running_loop().time() + wanted.seconds
        listener = await self._join(database, wanted.asked)
        begins = self._begins(wanted.asked)
        after = begins if wanted.after is None else wanted.after
        try:
            yield _HEARTBEAT
            async for message in _missed(viewing, wanted.asked, range(after, begins), until):
                yield message
            async for message in _waited_for(listener, until):
                yield message
        finally:
            self._leave(listener)

    async def _join(self, database: Database, asked: Asked) -> Listener:
        standing = await store.standing(database.reads)
        if not self._listeners:
            self._public, self._told = standing.logged, standing.matched
        listener = Listener(asked)
        self._listeners.add(listener)
        self._anybody.set()
        _LISTENING.inc()
        return listener

    def _leave(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        _LISTENING.dec()
        if not self._listeners:
            self._anybody.clear()

    def _begins(self, asked: Asked) -> int:
        """The number from which on this reader passes events on."""
        return self._public if asked.subscription is None else self._told

    async def _pass_on(self, database: Database, standing: store.Standing) -> None:
        while self._public < standing.logged:
            found = await audit.events_after(
                database.reads, self._public, _PART, subject=None, action=None
            )
            await self._offer_public(database, found)
            full = len(found) == _PART
            self._public = found[-1].log_index + 1 if full else standing.logged
        if self._told < standing.matched:
            await self._offer_told(database, standing.matched)
            self._told = standing.matched

    def _listening_to_all(self) -> list[Listener]:
        return [one for one in self._listeners if one.asked.subscription is None]

    def _subscriptions(self) -> set[UUID]:
        return {one.asked.subscription for one in self._listeners if one.asked.subscription}

    async def _offer_public(self, database: Database, events: list[Event]) -> None:
        topics = await _topics(database, events) if self._listening_to_all() else []
        # Who came meanwhile was told to begin with these.
        listeners = self._listening_to_all()
        for event, topic in zip(events, topics, strict=False):
            message = framed(event)
            for listener in listeners:
                if listener.asked.wants(topic):
                    listener.offer(message)

    async def _offer_told(self, database: Database, below: int) -> None:
        """What subscriptions were matched with, by one statement for all of them."""
        found: list[tuple[UUID, Event]] = []
        read = set[UUID]()
        while coming := self._subscriptions() - read:
            async with (
                database.views.acquire() as conn,
                begin_reading(conn, operator(), sees_all=True) as view,
            ):
                found += await store.told_to(view, [*coming], self._told, below)
            read |= coming
        for subscription, event in found:
            for listener in self._listeners:
                its = listener.asked.subscription == subscription
                if its and listener.asked.action in (None, event.action):
                    listener.offer(framed(event))


async def _topics(database: Database, events: list[Event]) -> list[Topic]:
    """What each event is about; of a reuse, the service."""
    topics = [topic_of(event.action, event.subject) for event in events]
    reuses = {topic.reuse for topic in topics if topic.reuse}
    known = await store.services_of(database.reads, list(reuses)) if reuses else {}
    return [
        Topic(action=one.action, service=known.get(one.reuse)) if one.reuse else one
        for one in topics
    ]


async def _missed(
    viewing: Viewing, asked: Asked, numbers: range, until: float
) -> AsyncIterator[bytes]:
    """What was recorded before one came, in parts; behind the first only until an instant."""
    after = numbers.start
    while after < numbers.stop:
        async with viewing() as view:
            found = await read(view, asked, after, _PART)
        for event in found:
            if event.log_index < numbers.stop:
                yield framed(event)
        after = found[-1].log_index + 1 if len(found) == _PART else numbers.stop
        if asyncio.get_running_loop().time() >= until:
            return


async def _waited_for(listener: Listener, until: float) -> AsyncIterator[bytes]:
    while (left := until - asyncio.get_running_loop().time()) > 0:
        seconds = min(left, HEARTBEAT_SECONDS)
        try:
            message = await asyncio.wait_for(listener.waiting.get(), seconds)
        except TimeoutError:
            message = _HEARTBEAT
        if message is None:
            return
        yield message


def framed(event: Event) -> bytes:
    """An event as a message of a stream (HTML, server-sent events); its id is its log number."""
    return b"id: %d\ndata: %b\n\n" % (event.log_index, cloud_event(event))
