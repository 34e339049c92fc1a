"""Sign-in over HTTP: where people sign in, and who of a body is signed in."""

from datetime import timedelta
from typing import Annotated

from litestar import Response, delete, get, put
from litestar.openapi import ResponseSpec
from litestar.params import Parameter

from registry.authority import Actor
from registry.db import Query, Reads, Tx
from registry.identity import providers, session_store, sessions
from registry.identity import sign_in_store as store
from registry.identity.sign_in_model import (
    Provider,
    ProviderDraft,
    ProviderList,
    RecordedProvider,
    SessionList,
    SessionsEnded,
    UnknownProvider,
)
from registry.identity.watch import Watch
from registry.web.conditional import PRIVATE
from registry.web.params import SlugInPath
from registry.web.requests import AnyRequest

Person = Annotated[
    str, Parameter(pattern=r"^p_[0-9a-f]{32}\Z", description="A person's number of this registry.")
]


@get("/sign-in-providers", summary="Where people sign in")
async def list_providers(request: AnyRequest, reads: Reads) -> ProviderList:
    """All providers, by their names; who of which body may do what there."""
    found = await store.providers(reads)
    return ProviderList(items=await _shown(request, reads, found))


@get("/sign-in-providers/{slug:str}", summary="A sign-in provider")
async def get_provider(request: AnyRequest, reads: Reads, slug: SlugInPath) -> Provider:
    """One provider. Its `redirect_uri` is what is to be entered there."""
    return await _one(request, reads, slug)


@put(
    "/sign-in-providers/{slug:str}",
    summary="Say where people of a body sign in",
    status_code=200,
    responses={
        200: ResponseSpec(Provider, description="It stood so already."),
        201: ResponseSpec(Provider, description="The provider as it now is."),
    },
)
async def put_provider(
    request: AnyRequest, tx: Tx, slug: SlugInPath, data: ProviderDraft
) -> Response[Provider]:
    """An OpenID Connect provider, by scope `admin`. A change signs out who signed in there.

    The secret of the registry there, if it has one, lies in a file of the server and is never
    sent: see `EFA_SIGN_IN_SECRETS`.
    """
    changed = await providers.put_sign_in_provider(tx, slug, data)
    headers = {"Location": f"/v1/sign-in-providers/{slug}"} if changed else {}
    answer = await _one(request, tx, slug)
    return Response(answer, status_code=201 if changed else 200, headers=headers)


@delete("/sign-in-providers/{slug:str}", summary="End a sign-in provider", status_code=200)
async def delete_provider(request: AnyRequest, tx: Tx, slug: SlugInPath) -> Provider:
    """Nobody signs in there any more, and who did is signed out. Again: no change."""
    await providers.end_sign_in_provider(tx, slug)
    found = await store.provider(tx, slug)
    if found is None:
        raise UnknownProvider
    return (await _shown(request, tx, [found]))[0]


@get("/sessions", summary="Who is signed in")
async def list_sessions(request: AnyRequest, view: Query, actor: Actor) -> Response[SessionList]:
    """A person sees its own sessions; a token of a body those of its people, by their numbers.

    The newest first, a thousand at most.
    """
    idle = timedelta(minutes=request.app.state.settings.session_idle_minutes)
    found = await session_store.sessions(view, actor.person, idle)
    return Response(SessionList(items=found), headers=PRIVATE)


@delete("/persons/{person:str}/sessions", summary="Sign a person out everywhere", status_code=200)
async def delete_sessions(request: AnyRequest, tx: Tx, person: Person) -> Response[SessionsEnded]:
    """At once. The person may, and a token of its body that may all that the sessions may.

    The security log of the body says so (`sessions-ended`).
    """
    body_id, ended = await sessions.end_sessions(tx, person)
    watch: Watch = request.app.state.watch
    if ended:
        watch.sessions_ended(request, body_id, tx.actor)
    return Response(SessionsEnded(ended=ended), headers=PRIVATE)


async def _one(request: AnyRequest, db: Query, slug: str) -> Provider:
    return (await _shown(request, db, [await providers.current(db, slug)]))[0]


async def _shown(request: AnyRequest, db: Query, found: list[RecordedProvider]) -> list[Provider]:
    return await providers.shown(db, found, request.app.state.settings.public_url)


HANDLERS = (
    list_providers,
    get_provider,
    put_provider,
    delete_provider,
    list_sessions,
    delete_sessions,
)
