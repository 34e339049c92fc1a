"""What is noticed beside requests and written later: uses of tokens, refusals of known callers.

Never in the transaction of a request. Attempts are gathered and written together, at most one row
for each token, code and minute, so that a flood fills nothing.
"""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import structlog
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from registry.authority import Actor
from registry.db import Database, Tx, begin
from registry.db.failures import BUSY
from registry.identity import security_store, session_store, store
from registry.identity.addresses import client_address
from registry.identity.model import TokenHolder
from registry.identity.operator import operator
from registry.identity.security import Attempt
from registry.identity.sign_in_model import SessionHolder
from registry.web.requests import AnyRequest, JsonRequest
from registry.web.strict import SAFE

_log: Any = structlog.get_logger()

_EVERY_SECONDS = 5.0
_CLEAN_EVERY = 720
_MOST_KEPT = 5_000
_REFUSED = frozenset({401, 403, 404, 413, 415, 429})


class Noted(msgspec.Struct):
    """How often something was noticed since it was last written, and the last time of it."""

    attempt: Attempt
    count: int = 0


class Watch:
    """What one process noticed and has not written yet; `days` is how long the log is kept."""

    def __init__(self, days: int) -> None:
        self._days = days
        self._day: date | None = None
        self._used: set[UUID] = set()
        self._written: set[UUID] = set()
        self._sessions: set[UUID] = set()
        self._noted: dict[tuple[str, str | None, str], Noted] = {}

    def used(self, holder: TokenHolder) -> None:
        """A token was used; worth a row once a day."""
        known = holder.last_used_on == self._day is not None
        if not known and holder.id not in self._written:
            self._used.add(holder.id)

    def refused(self, request: AnyRequest, holder: TokenHolder, code: str) -> None:
        """A token that is known was not taken."""
        self._note(request, str(holder.organisation_id), str(holder.id), code)

    def person_used(self, holder: SessionHolder) -> None:
        """A session was used; worth writing once a minute."""
        if holder.stale:
            self._sessions.add(holder.id)

    def person_refused(self, request: AnyRequest, organisation: UUID, code: str) -> None:
        """A sign-in, or a session that is known, was not taken."""
        self._note(request, str(organisation), None, code)

    def declined(self, request: AnyRequest, caller: Actor, code: str) -> None:
        """An unsafe request of a known caller was refused."""
        self._note(request, caller.organisation, caller.token, code)

    def sessions_ended(self, request: AnyRequest, organisation: UUID, caller: Actor) -> None:
        """All sessions of a person of a body were ended."""
        self._note(request, str(organisation), caller.token, "sessions-ended")

    def _note(self, request: AnyRequest, organisation: str, token: str | None, code: str) -> None:
        key = (organisation, token, code)
        if key not in self._noted and len(self._noted) >= _MOST_KEPT:
            return
        attempt = Attempt(
            organisation=organisation,
            token=token,
            code=code,
            method=request.scope["method"][:20],
            route=_route(request.scope),
            address=str(client_address(request) or "") or None,
        )
        noted = self._noted.setdefault(key, Noted(attempt))
        noted.attempt, noted.count = attempt, noted.count + 1

    async def flush(self, database: Database) -> None:
        """Write what was noticed; what cannot be written now is kept for the next time."""
        async with database.writes.acquire() as conn, begin(conn, operator()) as tx:
            self._turn_day(tx)
            used, noted, sessions = self._used, self._noted, self._sessions
            if sessions:
                await session_store.record_uses(tx, sorted(sessions))
            if used:
                await store.record_uses(tx, sorted(used), tx.today)
            if noted:
                rows = [(each.attempt, each.count) for each in noted.values()]
                await security_store.add(tx, rows)
        self._written |= used
        self._used, self._noted, self._sessions = set(), {}, set()

    def _turn_day(self, tx: Tx) -> None:
        if tx.today != self._day:
            self._day, self._written = tx.today, set()

    async def run(self, database: Database) -> None:
        """Write every few seconds, and forget what is older than it is kept."""
        ticks = 0
        while True:
            try:
                await self.flush(database)
                if ticks % _CLEAN_EVERY == 0:
                    await self.clean(database)
            except BUSY as error:
                _log.warning("security log waits", exc_info=error)
            ticks += 1
            await asyncio.sleep(_EVERY_SECONDS)

    async def clean(self, database: Database) -> None:
        """Forget old attempts, sessions that are over, and when tokens that ended were used."""
        async with database.writes.acquire() as conn, begin(conn, operator()) as tx:
            await security_store.forget(tx, self._days)
            await session_store.forget(tx)
            await store.forget_uses(tx, self._days)


def _route(scope: Any) -> str:
    """The address as it is described; what is none of ours is not repeated."""
    return scope.get("path_template") or "-"


class RefusalWatch:
    """Pure ASGI, around the router: notices the refused unsafe requests of known callers."""

    def __init__(self, app: ASGIApp, watch: Watch) -> None:
        self.app = app
        self.watch = watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE:
            await self.app(scope, receive, send)
            return
        state = scope["state"]

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in _REFUSED:
                caller = state.get("caller")
                if caller is not None:
                    code = state.get("problem", "refused")
                    self.watch.declined(JsonRequest(scope), caller, code)
            await send(message)

        await self.app(scope, receive, watched)
