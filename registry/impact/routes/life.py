"""The end of versions over HTTP: deprecation, revocation, and whom they hit."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated

from litestar import Response, get, post, put
from litestar.di import Provide
from litestar.openapi import ResponseSpec
from litestar.params import Parameter

from registry import semver
from registry.audit import moment
from registry.authority import Actor
from registry.db import Query, Reads, Tx
from registry.identity.door import COSTLY
from registry.identity.guard import view_of
from registry.impact import actions, store
from registry.impact.checking import IN_BODY, check
from registry.impact.checks import Check, CheckDraft
from registry.impact.model import DeprecationDraft, RevocationDraft, VersionUsers
from registry.impact.retirement import Retirement, may_retire, missing_for
from registry.versions import store as versions
from registry.versions.model import Version, texts_of
from registry.versions.preparing import Release
from registry.versions.routes.addresses import NumberInPath
from registry.versions.routes.releases import changed
from registry.versions.workers.asking import workers_for
from registry.web.conditional import PRIVATE
from registry.web.paging import link_to, page, place_behind
from registry.web.params import AsOf, Cursor, KnownAt, Limit, SlugInPath
from registry.web.requests import SCHEMAS, AnyRequest

Demo = Annotated[
    bool, Parameter(description="Whether the fictitious bodies (key 99) count as well.")
]
ANSWER = {200: ResponseSpec(Version, description="The version as it now is.")}


@put(
    "/services/{slug:str}/versions/{version:str}/deprecation",
    summary="Deprecate a version",
    responses=ANSWER,
)
async def put_deprecation(
    tx: Tx, slug: SlugInPath, version: NumberInPath, data: DeprecationDraft
) -> Response[bytes]:
    """Announce that a version should not be taken up any more, and when it ends.

    A sunset may move later, never earlier than one that was announced. It is announced as many days
    ahead as the service promises (90 unless its `policy` says otherwise), and falls on 1 February,
    May, August or November unless that allows any day. The operator is bound by neither.
    """
    await actions.deprecate(tx, slug, version, data)
    return changed(await versions.version(tx, slug, version, None, None))


@put(
    "/services/{slug:str}/versions/{version:str}/revocation",
    summary="Revoke a version",
    responses=ANSWER,
)
async def put_revocation(
    tx: Tx, slug: SlugInPath, version: NumberInPath, data: RevocationDraft
) -> Response[bytes]:
    """Nobody may use the version from today on. Its schemas stay readable under their addresses."""
    await actions.revoke(tx, slug, version, data)
    return changed(await versions.version(tx, slug, version, None, None))


@dataclass(frozen=True, kw_only=True)
class UsersAsked:
    """Of which version, and on which day."""

    slug: SlugInPath
    version: NumberInPath
    as_of: AsOf = None
    known_at: KnownAt = None
    demo: Demo = False


@dataclass(frozen=True, kw_only=True)
class LeftAsked:
    """Who is left on which version."""

    slug: SlugInPath
    version: NumberInPath
    demo: Demo = False


@get(
    "/services/{slug:str}/versions/{version:str}/users",
    summary="Who uses a version",
    dependencies={"asked": Provide(UsersAsked, sync_to_thread=False)},
)
async def list_users(
    request: AnyRequest, view: Query, asked: UsersAsked, limit: Limit = 50, cursor: Cursor = None
) -> VersionUsers:
    """Bodies that agreed on, prepare or have the version on a day, named and counted by Land.

    Who uses the service without a recorded version is counted apart: it may be affected as well.
    """
    at = await moment(view, asked.as_of, asked.known_at)
    await versions.version(view, asked.slug, asked.version, at.day, at.size)
    wanted = store.Wanted(
        service=asked.slug, version=asked.version, day=at.day, size=at.size, demo=asked.demo
    )
    found = await store.users(view, wanted, place_behind(request, cursor), limit + 1)
    counts = await store.counts(view, wanted)
    total = counts.users + counts.own_use
    shown = page(request, found, total, limit, lambda user: user.place)
    return VersionUsers(
        service=asked.slug,
        version=asked.version,
        as_of=at.day,
        known_at=at.known,
        counts=counts,
        items=[each.user for each in shown.items],
        total=total,
        next=shown.next,
    )


@get(
    "/services/{slug:str}/versions/{version:str}/retirement",
    summary="Whether a version may go",
    dependencies={"asked": Provide(LeftAsked, sync_to_thread=False)},
)
async def get_retirement(
    request: AnyRequest, view: Query, asked: LeftAsked, limit: Limit = 50, cursor: Cursor = None
) -> Response[Retirement]:
    """Who is left on a version, who of them was told that it ends and when, and what is missing.

    Whom a notice reached is shown to who builds the service, to each body about itself, and to
    auditors.
    """
    found = await versions.version(view, asked.slug, asked.version, None, None)
    today = (await moment(view, None, None)).day
    wanted = store.Wanted(
        service=asked.slug, version=asked.version, day=today, size=None, demo=asked.demo
    )
    rows = await store.left(view, wanted, place_behind(request, cursor), limit + 1)
    counts = await store.left_counts(view, wanted)
    shown = page(request, rows, counts.left, limit, lambda row: row[0])
    sunset = found.deprecation.sunset if found.deprecation else None
    missing = missing_for(counts, sunset, today)
    answer = Retirement(
        service=asked.slug,
        version=asked.version,
        state=found.state,
        sunset=sunset,
        as_of=today,
        may_retire=may_retire(counts, missing),
        missing=missing,
        counts=counts,
        items=[row[1] for row in shown.items],
        total=counts.left,
        next=shown.next,
    )
    return Response(answer, headers=PRIVATE | link_to(shown.next))


@post(
    "/services/{slug:str}/checks",
    summary="Check a version before publishing it",
    status_code=200,
    opt={COSTLY: True, SCHEMAS: True},
)
async def check_version(
    request: AnyRequest, actor: Actor, reads: Reads, slug: SlugInPath, data: CheckDraft
) -> Check:
    """The least number a version may have, what changed, and whom that hits; nothing is stored.

    The body is the one a version is published with, and may propose its number.
    """
    body = await request.body()
    viewing = partial(view_of, request.app.state.database, actor)
    number = "" if data.version is None else str(semver.parse(data.version, IN_BODY))
    texts = texts_of(data, body)
    release = Release(service=slug, version=number, draft=data, texts=texts)
    return await check(reads, viewing, actor, workers_for(request), release)


HANDLERS = (put_deprecation, put_revocation, list_users, get_retirement, check_version)
