"""Mails: any number of processes take addresses that are due, write to them, keep how it went.

An address is asked first whether it wants to hear; from then on it gets one mail a day, where there
is something to tell. What the server refuses for good ends the subscriptions of that address.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import structlog
from prometheus_client import Counter as Count

from registry.audit.model import LogBehind
from registry.audit.standing import Condition
from registry.db import Database, begin, begin_reading
from registry.identity.operator import operator
from registry.subscriptions import mails
from registry.subscriptions.actions import end
from registry.subscriptions.model import topic_of
from registry.subscriptions.post import Post, Said
from registry.subscriptions.signing import mail_code
from registry.subscriptions.store import log, mailing, sending
from registry.subscriptions.store.mailing import Address, Ending
from registry.subscriptions.store.sending import Message, Outcome
from registry.subscriptions.tail import Tail

_LEASE_SECONDS = 300.0
_RETRY_SECONDS = 5.0
_AGAIN_SECONDS = 900.0

_MAILS = Count("efa_mails", "Mails given to the mail server, by what it said", ["reason"])
_log: Any = structlog.get_logger()


class Mailer:
    """Writes to addresses beside the requests of one process, until cancelled."""

    def __init__(
        self, database: Database, post: Post, secret: bytes, beside: tuple[Condition, Tail]
    ) -> None:
        self._database = database
        self._post = post
        self._secret = secret
        self._condition, self._tail = beside
        self._base = database.settings.public_url

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            if not (await self._tail.next()).mails:
                continue
            try:
                self._condition.require_fine()
                await self.send_all()
            except LogBehind:
                await asyncio.sleep(_RETRY_SECONDS)
            except Exception as error:  # noqa: BLE001 - mails must go on, whatever it was
                _log.error("mailing failed", exc_info=error)
                await asyncio.sleep(_RETRY_SECONDS)

    async def send_all(self) -> None:
        """Write to all addresses that are due now."""
        while address := await self._claim():
            again = await self._ask(address)
            if address.daily:
                again = await self._tell(address) or again
            async with self._database.writes.acquire() as conn, begin(conn, operator()) as tx:
                await mailing.release(tx, address, again=again)

    async def _claim(self) -> Address | None:
        async with self._database.writes.acquire() as conn, begin(conn, operator()) as tx:
            return await mailing.claim(tx, _LEASE_SECONDS)

    async def _ask(self, address: Address) -> bool:
        """Ask whether the address wants to hear; returns whether that is to be tried again."""
        async with (
            self._database.views.acquire() as conn,
            begin_reading(conn, operator(), sees_all=True) as view,
        ):
            waiting = await mailing.questions(view, address)
        again = False
        for one in waiting:
            code = mail_code(self._secret, one.subscription_id)
            content = mails.question(one.subscription_id, code, self._base)
            said, spent = await self._send(address, content, str(one.id), one)
            await self._settle(address, [one], said, spent, [])
            again = again or not (said.taken or said.refused)
        return again

    async def _tell(self, address: Address) -> bool:
        """Send the daily mail, if there is anything to tell; returns whether to try again."""
        async with (
            self._database.views.acquire() as conn,
            begin_reading(conn, operator(), sees_all=True) as view,
        ):
            waiting, events = await mailing.news(view, address)
            ends = await mailing.endings(view, address, mails.REMINDED_AT)
            topics = [topic_of(event.action, event.subject) for event in events]
            reuses = [topic.reuse for topic in topics if topic.reuse]
            services = await log.services_of(view, reuses)
        if not events and not ends:
            return False
        name = f"{waiting[-1].id if waiting else ends[0].sunset}-{len(waiting)}-{len(ends)}"
        content = mails.digest(events, services, ends, self._base)
        said, spent = await self._send(address, content, name, None)
        await self._settle(address, waiting, said, spent, ends)
        return not (said.taken or said.refused)

    async def _send(
        self, address: Address, content: tuple[str, str], name: str, about: Message | None
    ) -> tuple[Said, int]:
        at = about.created_at if about else await self._database.reads.fetchval("select now()")
        begun = time.monotonic()
        mail = mails.message(self._post.sender, address.mail, content, at, name)
        said = await self._post.send(mail)
        _MAILS.labels(said.reason).inc()
        return said, round(1_000 * (time.monotonic() - begun))

    async def _settle(
        self,
        address: Address,
        sent: Sequence[Message],
        said: Said,
        spent: int,
        ends: Sequence[Ending],
    ) -> None:
        """Keep how it went; who is refused for good gets nothing more."""
        outcomes = [_outcome(one, said, spent) for one in sent]
        async with self._database.writes.acquire() as conn, begin(conn, operator()) as tx:
            await sending.settle(tx, outcomes)
            if said.taken:
                await mailing.insert_reminders(tx, address, ends)
            if said.refused:
                for subscription in await mailing.subscriptions_of(tx, address):
                    await end(tx, subscription, "gone")


def _outcome(one: Message, said: Said, spent: int) -> Outcome:
    state = "delivered" if said.taken else "dead" if said.refused else one.state
    return Outcome(
        message=one,
        status=said.code,
        reason=said.reason,
        milliseconds=spent,
        next_state=state,
        wait=0 if said.taken else _AGAIN_SECONDS,
    )
