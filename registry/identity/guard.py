"""Gives each request its actor, its transaction, or its view for reading.

Unsafe methods are never anonymous. Token look-ups are a read of their own, kept for some seconds.
"""

import time
from collections.abc import AsyncGenerator
from typing import Any

from litestar import Request
from litestar.datastructures import State
from litestar.di import Provide

from registry.authority import Actor
from registry.db import Database, Query, Reads, Tx, begin, begin_reading
from registry.errors import NotAuthenticated
from registry.identity import store
from registry.identity.model import TokenHolder
from registry.identity.tokens import digest, well_formed
from registry.web.language import Language, preferred_language

AnyRequest = Request[Any, Any, Any]

_KEEP_SECONDS = 5.0
_KEEP_AT_MOST = 10_000


class TokenCache:
    """Holders of tokens seen lately, so that a burst of calls costs one look-up."""

    def __init__(self) -> None:
        self._holders: dict[bytes, tuple[float, Actor]] = {}

    def get(self, sha256: bytes) -> Actor | None:
        until, actor = self._holders.get(sha256, (0.0, None))
        return actor if until > time.monotonic() else None

    def put(self, sha256: bytes, actor: Actor) -> None:
        if len(self._holders) >= _KEEP_AT_MOST:
            self._holders.clear()
        self._holders[sha256] = (time.monotonic() + _KEEP_SECONDS, actor)


async def find_caller(request: AnyRequest) -> Actor | None:
    """The actor of this request; None without `Authorization`, a refusal with a wrong one."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    kind, _, token = header.partition(" ")
    if kind.lower() != "bearer" or not well_formed(token):
        raise NotAuthenticated
    return await _actor_of(request.app.state, digest(token))


async def _actor_of(state: State, sha256: bytes) -> Actor:
    cache: TokenCache = state.tokens
    if actor := cache.get(sha256):
        return actor
    database: Database = state.database
    async with database.writes.acquire() as conn:
        holder = await store.holder(conn, sha256)
    if holder is None:
        raise NotAuthenticated
    actor = actor_from(holder)
    cache.put(sha256, actor)
    return actor


def actor_from(holder: TokenHolder) -> Actor:
    """The holder of a token as an actor."""
    return Actor(
        organisation=str(holder.organisation_id),
        name=holder.name,
        slug=holder.slug,
        keys=holder.keys,
        scopes=frozenset(holder.scopes),
    )


async def provide_actor(request: AnyRequest) -> Actor:
    """The authenticated caller."""
    actor = await find_caller(request)
    if actor is None:
        raise NotAuthenticated
    return actor


async def provide_tx(request: AnyRequest, actor: Actor) -> AsyncGenerator[Tx, None]:
    """The transaction of a change; it is committed before the response is sent."""
    database: Database = request.app.state.database
    async with database.writes.acquire() as conn, begin(conn, actor) as tx:
        yield tx


async def provide_reads(request: AnyRequest) -> Reads:
    """Public reads, the same for every caller."""
    database: Database = request.app.state.database
    return database.reads


async def provide_view(request: AnyRequest) -> AsyncGenerator[Query, None]:
    """Reads as this caller may see things: public rows, and the private ones that are theirs."""
    database: Database = request.app.state.database
    caller = await find_caller(request)
    if caller is None:
        yield database.reads
        return
    async with database.writes.acquire() as conn, begin_reading(conn, caller) as tx:
        yield tx


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
