"""What of the log somebody asks for, and reading it: once, or as soon as there is some."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from uuid import UUID

import msgspec

from registry.audit import store as audit
from registry.audit.model import Event
from registry.authority import Actor
from registry.db import Query
from registry.errors import Fault, Malformed
from registry.subscriptions.model import SCOPE, Topic, UnknownSubscription
from registry.subscriptions.store import log as store
from registry.subscriptions.store import wanted
from registry.subscriptions.tail import Tail

Viewing = Callable[[], AbstractAsyncContextManager[Query]]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which events are asked for: about one service, below one subject, or of one subscription."""

    service: str | None = None
    subject: str | None = None
    subscription: UUID | None = None
    action: str | None = None

    def wants(self, topic: Topic) -> bool:
        """Whether a public event of this topic is among them."""
        fits = self.service is None or self.service == topic.service
        return fits and self.action in (None, topic.action)


def require_one_filter(asked: Asked) -> None:
    """Refuse filters that cannot be joined."""
    given = [name for name in ("service", "subject", "subscription") if getattr(asked, name)]
    if len(given) > 1:
        raise Malformed(Fault(f"?{given[1]}", "not-together", {"other": given[0]}))


async def require_reader(actor: Actor, db: Query, subscription_id: UUID) -> UUID:
    """Whose a subscription is; for who neither is that body nor acts for it, it is not there."""
    owner = await wanted.owner_of(db, subscription_id)
    if owner is None or not actor.speaks_for(str(owner), SCOPE):
        raise UnknownSubscription
    return owner


async def read(db: Query, asked: Asked, after: int, limit: int) -> list[Event]:
    """Events from a log number on, in log order."""
    if asked.subscription is not None:
        return await store.told(db, asked.subscription, after, limit, asked.action)
    if asked.service is not None:
        return await store.about_service(db, asked.service, after, limit, asked.action)
    return await audit.events_after(db, after, limit, subject=asked.subject, action=asked.action)


class Wanted(msgspec.Struct, frozen=True):
    """Which events, from which number on, and how many at most."""

    asked: Asked
    after: int
    limit: int


async def read_when_there(
    viewing: Viewing, tail: Tail, asked_for: Wanted, seconds: float
) -> list[Event]:
    """The same; where there are none yet, as soon as there are, or none after some seconds.

    Who waits holds no connection, and looks again only when the log went on.
    """
    until = asyncio.get_running_loop().time() + seconds
    while True:
        seen = tail.standing
        async with viewing() as view:
            found = await read(view, asked_for.asked, asked_for.after, asked_for.limit)
        if found or not await _went_on(tail, seen, until):
            return found


async def _went_on(tail: Tail, seen: store.Standing, until: float) -> bool:
    """Whether the log went on before an instant of the loop's clock."""
    try:
        async with asyncio.timeout_at(until):
            while True:
                now = await tail.next()
                if (now.logged, now.matched) != (seen.logged, seen.matched):
                    return True
    except TimeoutError:
        return False
