"""Gives each request its actor, its transaction, or its view for reading.

Unsafe methods are never anonymous. `find_caller` is the one place where a request is given its
actor, however it says who it is. Token look-ups are a read of their own, kept for some seconds.
"""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from litestar.di import Provide

from registry import audit
from registry.authority import Actor
from registry.db import Connection, Database, Query, Reads, Tx, begin, begin_reading
from registry.db.coalesce import Coalescer
from registry.errors import NotAuthenticated
from registry.identity import browsers, store
from registry.identity.addresses import client_address, is_allowed
from registry.identity.model import TokenHolder
from registry.identity.tokens import digest, well_formed
from registry.identity.watch import Watch
from registry.web.language import Language, preferred_language
from registry.web.requests import AnyRequest
from registry.web.resources import resources_of
from registry.web.strict import SAFE

KEEP_SECONDS = 5.0
_KEEP_UNKNOWN_SECONDS = 1.0
_KEEP_AT_MOST = 10_000


class TokenCache:
    """Tokens seen lately, the unknown ones too; calls at the same time share one look-up."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, TokenHolder | None]] = {}
        self._look_ups: Coalescer[TokenHolder] | None = None

    async def holder(self, database: Database, sha256: str) -> TokenHolder | None:
        """Whom the token with this digest (hex) acts for, valid or not any more."""
        until, holder = self._seen.get(sha256, (0.0, None))
        if until > time.monotonic():
            return holder
        return await self._look_up(database, sha256)

    async def _look_up(self, database: Database, sha256: str) -> TokenHolder | None:
        if self._look_ups is None:
            self._look_ups = Coalescer(partial(_holders, database))
        asked = time.monotonic()
        holder = await self._look_ups.get(sha256)
        if len(self._seen) >= _KEEP_AT_MOST:
            self._seen.clear()
        self._seen[sha256] = (asked + _keep(holder), holder)
        return holder


def _keep(holder: TokenHolder | None) -> float:
    """For how many seconds a look-up is believed; a token's end is no surprise."""
    if holder is None:
        return _KEEP_UNKNOWN_SECONDS
    return KEEP_SECONDS if holder.state != "valid" else min(KEEP_SECONDS, holder.seconds_left)


async def _holders(database: Database, sha256s: Sequence[str]) -> dict[str, TokenHolder]:
    async with database.views.acquire() as conn:
        return await store.holders(conn, sha256s)


async def find_caller(request: AnyRequest) -> Actor | None:
    """The actor of this request; None where it names none, a refusal where it names a wrong one.

    Whatever way of saying who one is comes to the registry is read here, and nowhere else.
    """
    known = request.scope["state"].get("caller")
    if known is not None:
        return known
    header = request.headers.get("authorization")
    if header is None:
        return await find_person(request)
    kind, _, token = header.partition(" ")
    if kind.lower() != "bearer" or not well_formed(token):
        raise NotAuthenticated
    caller = request.scope["state"]["caller"] = await _by_token(request, token)
    return caller


async def find_person(request: AnyRequest) -> Actor | None:
    """Who signed in, by the session that a browser shows; changes only from a page of ours.

    One that is over counts as none.
    """
    holder = await browsers.find_session(request)
    if holder is None:
        return None
    watch: Watch = request.app.state.watch
    if holder.state != "valid":
        watch.person_refused(request, holder.organisation_id, f"session-{holder.state}")
        return None
    caller = request.scope["state"]["caller"] = holder.actor
    if request.method not in SAFE:
        await browsers.require_own_page(request, holder.id)
    watch.person_used(holder)
    return caller


async def _by_token(request: AnyRequest, token: str) -> Actor:
    """The holder of a token; why one that is known is not taken is told to the security log."""
    state = request.app.state
    cache: TokenCache = state.tokens
    watch: Watch = state.watch
    holder = await cache.holder(state.database, digest(token).hex())
    if holder is None:
        raise NotAuthenticated
    if holder.state != "valid":
        watch.refused(request, holder, f"token-{holder.state}")
        raise NotAuthenticated
    if not is_allowed(client_address(request), holder.cidrs):
        watch.refused(request, holder, "token-from-elsewhere")
        raise NotAuthenticated
    watch.used(holder)
    return holder.actor


async def provide_actor(request: AnyRequest) -> Actor:
    """The authenticated caller."""
    actor = await find_caller(request)
    if actor is None:
        raise NotAuthenticated
    return actor


async def provide_tx(request: AnyRequest, actor: Actor) -> Tx:
    """The transaction of a change; it is committed before the response is sent."""
    database: Database = request.app.state.database
    held = resources_of(request)
    conn = await held.enter(database.writes.acquire())
    tx = await held.enter(begin(conn, actor))
    request.scope["state"]["recorded"] = tx.recorded
    return tx


async def provide_reads(request: AnyRequest) -> Reads:
    """Public reads, the same for every caller."""
    database: Database = request.app.state.database
    return database.reads


async def provide_view(request: AnyRequest) -> Query:
    """Reads as this caller may see things: public rows, and the private ones that are theirs.

    An auditor sees those within its reach, too; that is an event, committed before the first row
    is read.
    """
    database: Database = request.app.state.database
    caller = await find_caller(request)
    if caller is None:
        return database.reads
    held = resources_of(request)
    conn = await held.enter(database.views.acquire())
    if caller.is_auditor:
        await _record_reading(conn, caller, request)
    return await held.enter(begin_reading(conn, caller, audits=caller.is_auditor))


@asynccontextmanager
async def view_of(database: Database, caller: Actor | None) -> AsyncGenerator[Query]:
    """The same for as long as it is needed, without what an auditor sees of others."""
    if caller is None:
        yield database.reads
        return
    async with database.views.acquire() as conn, begin_reading(conn, caller) as view:
        yield view


async def _record_reading(conn: Connection, caller: Actor, request: AnyRequest) -> None:
    query = request.scope["query_string"].decode("latin-1")
    async with begin(conn, caller) as tx:
        await audit.read(tx, request.method, request.scope["path"], query)


async def provide_language(request: AnyRequest) -> Language:
    """German, unless the caller ranks English above it."""
    return preferred_language(request.headers.get("accept-language", ""))


DEPENDENCIES = {
    "actor": Provide(provide_actor),
    "tx": Provide(provide_tx),
    "reads": Provide(provide_reads),
    "view": Provide(provide_view),
    "language": Provide(provide_language),
}
