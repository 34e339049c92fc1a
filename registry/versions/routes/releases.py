"""Publishing versions, and reading them with their state and their neighbours."""

import asyncio
from dataclasses import dataclass

import msgspec
from litestar import Response, get, put
from litestar.di import Provide
from litestar.openapi import ResponseSpec

from registry.audit import position_known_at
from registry.authority import Actor
from registry.catalogue import store as catalogue
from registry.catalogue.model import UnknownService
from registry.db import Database, Reads, begin
from registry.dialects.strict_json import Limits, Unreadable, read_json
from registry.errors import Fault
from registry.versions import actions, store
from registry.versions.actions import Release
from registry.versions.life import life_headers
from registry.versions.model import InvalidVersion, Version, VersionDraft, VersionItem, texts_of
from registry.versions.routes.addresses import (
    REDIRECTION,
    VERSION_ADDRESS,
    NumberInPath,
    VersionAddress,
    redirected,
)
from registry.versions.workers import Workers
from registry.web.conditional import conditional, etag_of
from registry.web.paging import Cursors, Page, page, paged
from registry.web.params import AsOf, Cursor, KnownAt, Limit, SlugInPath
from registry.web.requests import AnyRequest

_BODY = Limits(bytes=1 << 30, depth=70, nodes=1_000_000)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """On which day, and as recorded by when."""

    as_of: AsOf = None
    known_at: KnownAt = None

    async def log_size(self, reads: Reads) -> int | None:
        """The size of the log that `known_at` names; None: all of it."""
        known = await position_known_at(reads, self.known_at)
        return known.size if known else None


ASKED = {"asked": Provide(Asked, sync_to_thread=False)}


@get("/services/{slug:str}/versions", summary="The versions of a service", dependencies=ASKED)
async def list_versions(
    request: AnyRequest,
    reads: Reads,
    slug: SlugInPath,
    asked: Asked,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[Page[VersionItem]]:
    """All versions in the order of their numbers, each in the state it has on a day."""
    size = await asked.log_size(reads)
    cursors: Cursors = request.app.state.cursors
    after = cursors.read(request, cursor)
    found = await store.find(reads, slug, asked.as_of, size, after, limit + 1)
    if not found and not await catalogue.known(reads, [slug]):
        raise UnknownService(service=slug)
    total = await store.count(reads, slug, asked.as_of, size)
    shown = page(request, found, total, limit, lambda version: (version.sort_key,))
    items = [version.item for version in shown.items]
    return paged(Page(items=items, total=shown.total, next=shown.next))


@get(
    "/services/{slug:str}/versions/{version:str}",
    summary="A version",
    dependencies=VERSION_ADDRESS | ASKED,
    responses={
        200: ResponseSpec(Version, description="The version, with its ETag and its state."),
        307: REDIRECTION,
    },
)
async def get_version(
    request: AnyRequest, reads: Reads, address: VersionAddress, asked: Asked
) -> Response[bytes]:
    """A version with its interfaces, and whether it is deprecated or revoked on a day."""
    if not address.names_a_number:
        return await redirected(request, reads, address)
    size = await asked.log_size(reads)
    found = await store.version(reads, address.slug, address.version, asked.as_of, size)
    return conditional(request, found, headers=life_headers(found))


@put(
    "/services/{slug:str}/versions/{version:str}",
    summary="Publish a version",
    status_code=201,
    responses={
        200: ResponseSpec(Version, description="It was published before, just so."),
        201: ResponseSpec(Version, description="The version as it was published."),
    },
)
async def put_version(
    request: AnyRequest,
    actor: Actor,
    slug: SlugInPath,
    version: NumberInPath,
    data: VersionDraft,
) -> Response[bytes]:
    """Publish all interfaces of a version at once; nothing of it ever changes afterwards.

    The same interfaces, directions and bytes again are 200, anything else under a number that is
    taken is 409. `notes` do not count.
    """
    body = await request.body()
    await asyncio.to_thread(_require_no_key_twice, body)
    release = Release(service=slug, version=version, draft=data, texts=texts_of(data, body))
    workers: Workers = request.app.state.workers
    database: Database = request.app.state.database
    # The public reads may come from a replica, which may not know yet what was just published.
    release = await actions.prepare(Reads(database.views), actor, release, workers.examine)
    async with database.writes.acquire() as conn, begin(conn, actor) as tx:
        outcome = await actions.publish(tx, release)
        published = await store.version(tx, slug, version, None, None)
    return changed(published, created=outcome == "created")


def changed(version: Version, *, created: bool = False) -> Response[bytes]:
    """A version after a change, with the ETag a reader would get."""
    content = msgspec.json.encode(version)
    headers = {"ETag": etag_of(content), "Cache-Control": "no-cache"} | life_headers(version)
    if created:
        headers["Location"] = version.href
    return Response(
        content,
        status_code=201 if created else 200,
        headers=headers,
        media_type="application/json",
    )


def _require_no_key_twice(body: bytes) -> None:
    """Readers differ in which of two equal keys they take: neither is published."""
    try:
        read_json(body, _BODY)
    except Unreadable as refusal:
        fault = refusal.fault
        raise InvalidVersion(Fault(fault.pointer, fault.rule, fault.facts)) from None
