"""Publishing versions, and reading them with their state and their neighbours."""

from contextlib import suppress

import msgspec
from litestar import Response, get, put
from litestar.di import Provide
from litestar.openapi import ResponseSpec

from registry.audit import Asked, DatedPage, dated
from registry.authority import Actor
from registry.catalogue import store as catalogue
from registry.catalogue.model import UnknownService
from registry.db import Database, Reads, begin
from registry.versions import actions, store
from registry.versions.comparisons import store as verdict_store
from registry.versions.comparisons.shown import Published, published
from registry.versions.life import life_headers
from registry.versions.model import (
    NeighboursChanged,
    Remark,
    Version,
    VersionDraft,
    VersionItem,
    texts_of,
)
from registry.versions.numbers.oddities import oddities
from registry.versions.preparing import Release, prepare
from registry.versions.routes.addresses import (
    REDIRECTION,
    VERSION_ADDRESS,
    NumberInPath,
    VersionAddress,
    redirected,
)
from registry.versions.workers.asking import workers_for
from registry.versions.workers.pool import Workers
from registry.web.conditional import conditional, etag_of
from registry.web.language import Language, spoken
from registry.web.paging import page, paged, place_behind
from registry.web.params import Cursor, Limit, SlugInPath
from registry.web.requests import SCHEMAS, AnyRequest
from registry.web.texts import rule_text

ATTEMPTS = 3


ASKED = {"asked": Provide(Asked, sync_to_thread=False)}


@get("/services/{slug:str}/versions", summary="The versions of a service", dependencies=ASKED)
async def list_versions(
    request: AnyRequest,
    reads: Reads,
    slug: SlugInPath,
    asked: Asked,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[DatedPage[VersionItem]]:
    """All versions in the order of their numbers, each in the state it has on a day."""
    at = await asked.moment(reads)
    after = place_behind(request, cursor)
    found = await store.find(reads, slug, at, after, limit + 1)
    if not found and not await catalogue.known(reads, [slug], at.size):
        raise UnknownService(service=slug)
    total = await store.count(reads, slug, at)
    shown = page(request, found, total, limit, lambda version: (version.sort_key,))
    return paged(dated(shown, [version.item for version in shown.items], at))


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
    at = await asked.moment(reads)
    if not address.names_a_number:
        return await redirected(request, reads, address, at=at)
    found = await store.version(reads, address.slug, address.version, at.day, at.size)
    answer = msgspec.structs.replace(found, known_at=at.known)
    return conditional(request, answer, headers=life_headers(found))


@put(
    "/services/{slug:str}/versions/{version:str}",
    summary="Publish a version",
    status_code=201,
    opt={SCHEMAS: True},
    responses={
        200: ResponseSpec(Published, description="It was published before, just so."),
        201: ResponseSpec(Published, description="The version as it was published."),
    },
)
async def put_version(
    request: AnyRequest,
    actor: Actor,
    slug: SlugInPath,
    version: NumberInPath,
    data: VersionDraft,
    language: Language,
) -> Response[bytes]:
    """Publish all interfaces of a version at once; nothing of it ever changes afterwards.

    Its number must say what changed since its neighbours. The same interfaces, directions and bytes
    again are 200, anything else under a number that is taken is 409. `notes` do not count.
    What could not be decided counts as a break; an override by a named person lets it pass for one
    interface against one neighbour, and is recorded. No token may give any: 403.
    `remarks` say what is odd about the number of a new version.
    """
    body = await request.body()
    release = Release(service=slug, version=version, draft=data, texts=texts_of(data, body))
    workers = workers_for(request)
    database: Database = request.app.state.database
    for _ in range(ATTEMPTS - 1):
        with suppress(NeighboursChanged):
            return await _put(database, workers, actor, release, language)
    return await _put(database, workers, actor, release, language)


async def _put(
    database: Database, workers: Workers, actor: Actor, release: Release, language: Language
) -> Response[bytes]:
    # The public reads may come from a replica, which may not know yet what was just published.
    release = await prepare(Reads(database.views), actor, release, workers)
    async with database.writes.acquire() as conn, begin(conn, actor) as tx:
        created = await actions.publish(tx, release) == "created"
        version = await store.version(tx, release.service, release.version, None, None)
        others = set(await store.numbers(tx, release.service, revoked=True)) - {release.version}
        texts = await verdict_store.published(tx, release.service, release.version)
    found = oddities(release.version, others) if created else []
    remarks = [
        Remark(rule=one.rule, message=rule_text(one.rule, language, one.facts)) for one in found
    ]
    answer = published(version, remarks, [actions.read_verdict(text) for text in texts])
    headers = spoken(language)
    headers |= {"Location": version.href} if created else {}
    return Response(
        msgspec.json.encode(answer),
        status_code=201 if created else 200,
        headers=_state_headers(version) | headers,
        media_type="application/json",
    )


def changed(version: Version) -> Response[bytes]:
    """A version after a change of its life."""
    headers = _state_headers(version)
    return Response(msgspec.json.encode(version), headers=headers, media_type="application/json")


def _state_headers(version: Version) -> dict[str, str]:
    """What tells of its life, and the ETag a reader would get."""
    etag = etag_of(msgspec.json.encode(version))
    return {"ETag": etag, "Cache-Control": "no-cache"} | life_headers(version)
