"""Tokens over HTTP: issue, list, let another take the place of one, take one back, report one."""

from uuid import UUID

from litestar import Response, delete, get, post
from litestar.openapi import ResponseSpec

from registry.authority import Actor
from registry.db import Database, Query, Tx, begin
from registry.errors import NotYours
from registry.identity import actions, browsers, store
from registry.identity.door import COSTLY, STRANGERS
from registry.identity.guard import provide_actor
from registry.identity.model import (
    IssuedToken,
    MandateShown,
    Me,
    MySession,
    ReportTaken,
    RotationDraft,
    Token,
    TokenDraft,
    TokenPage,
    TokenReport,
    UnknownToken,
)
from registry.identity.operator import operator
from registry.organisations import store as organisations
from registry.web.conditional import PRIVATE
from registry.web.paging import link_to, page, place_behind
from registry.web.params import Cursor, Ended, InPlaceOf, Limit
from registry.web.requests import AnyRequest


@get("/me", summary="Who am I")
async def get_me(request: AnyRequest, actor: Actor) -> Response[Me]:
    """Whom the caller acts for, what it may do, and in whose place."""
    me = Me(
        organisation=actor.keys[0] if actor.keys else actor.slug or actor.organisation,
        name=actor.name,
        keys=actor.keys,
        slug=actor.slug,
        scopes=sorted(actor.scopes),
        person=actor.person,
        token=actor.token,
        session=await _session(request, actor),
        audits=actor.audits if actor.is_auditor else None,
        on_behalf_of=[
            MandateShown(
                organisation=mandate.key,
                scopes=sorted(mandate.scopes),
                services=mandate.services,
            )
            for mandate in actor.mandates
        ],
    )
    return Response(me, headers=PRIVATE)


async def _session(request: AnyRequest, actor: Actor) -> MySession | None:
    holder = await browsers.find_session(request) if actor.session else None
    if holder is None:
        return None
    state = request.app.state
    return MySession(
        id=holder.id,
        provider=holder.provider,
        expires_at=holder.expires_at,
        idle_minutes=state.settings.session_idle_minutes,
        csrf_token=browsers.csrf_token(state.secret, str(holder.id)),
    )


@get("/tokens", summary="The tokens of a body")
async def list_tokens(
    request: AnyRequest,
    view: Query,
    organisation: InPlaceOf = None,
    ended: Ended = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[TokenPage]:
    """The caller's own, the newest first; of another body those that the caller asked for.

    The text of a token is shown once, when it is issued, and is not kept.
    """
    actor = await provide_actor(request)
    body = UUID(actor.organisation)
    if organisation is not None:
        found = await organisations.resolve(view, organisation)
        body = found.id
        if not (actor.is_admin or str(body) == actor.organisation or _acts_for(actor, str(body))):
            raise NotYours(organisation=found.key)
    after = place_behind(request, cursor)
    rows = await store.tokens(view, body, after, limit + 1, ended=ended)
    shown = page(request, rows, None, limit, lambda one: (one.issued_at.isoformat(), str(one.id)))
    answer = TokenPage(items=shown.items, total=None, next=shown.next)
    return Response(answer, headers=PRIVATE | link_to(shown.next))


def _acts_for(actor: Actor, organisation: str) -> bool:
    return any(mandate.organisation == organisation for mandate in actor.mandates)


@get("/tokens/{token_id:uuid}", summary="A token")
async def get_token(request: AnyRequest, view: Query, token_id: UUID) -> Response[Token]:
    """One token of the caller's body, or that it asked for; for all others it does not exist."""
    await provide_actor(request)
    return Response(await _shown(view, token_id), headers=PRIVATE)


@post(
    "/tokens",
    summary="Issue a token",
    responses={201: ResponseSpec(IssuedToken, description="The token, shown only here.")},
)
async def post_token(tx: Tx, data: TokenDraft) -> Response[IssuedToken]:
    """For the caller's own body, or for one that lets it act in its place for all services.

    It may do nothing that the issuer's token may not. Valid for 30 days unless `days` says
    otherwise: at most 365 where it only reads, else 90.
    """
    return await _issued(tx, await actions.issue_token(tx, data))


@post(
    "/tokens/{token_id:uuid}/rotation",
    summary="Let another token take the place of one",
    responses={201: ResponseSpec(IssuedToken, description="The successor, shown only here.")},
)
async def post_rotation(tx: Tx, token_id: UUID, data: RotationDraft) -> Response[IssuedToken]:
    """The successor may do the same. Both are valid, until the old one ends or is taken back.

    No more than two at once: rotate again when the old one is gone.
    """
    return await _issued(tx, await actions.rotate_token(tx, token_id, data.days))


@delete("/tokens/{token_id:uuid}", summary="Take a token back", status_code=200)
async def delete_token(tx: Tx, token_id: UUID) -> Response[Token]:
    """From now on; processes that saw it lately take it for five seconds at most. Again: no change.

    Whoever could have issued it may, and the body that asked for it.
    """
    await actions.revoke_token(tx, token_id)
    return Response(await _shown(tx, token_id), headers=PRIVATE)


@post(
    "/token-reports",
    summary="Report a token found where it should not be",
    status_code=202,
    opt={STRANGERS: True, COSTLY: True},
    security=[{}],
)
async def post_token_report(request: AnyRequest, data: TokenReport) -> ReportTaken:
    """For secret scanners, without a token of one's own. What is reported is taken back at once.

    So is every token that was asked for with it, directly or not. The answer is the same for what
    is no token of this registry.
    """
    database: Database = request.app.state.database
    async with database.writes.acquire() as conn, begin(conn, operator()) as tx:
        await actions.report_token(tx, data.token)
    return ReportTaken()


async def _issued(tx: Tx, issued: actions.Issued) -> Response[IssuedToken]:
    token, token_id = issued
    answer = IssuedToken(token=token, issued=await _shown(tx, token_id))
    headers = PRIVATE | {"Location": f"/v1/tokens/{token_id}"}
    return Response(answer, status_code=201, headers=headers)


async def _shown(db: Query, token_id: UUID) -> Token:
    found = await store.token(db, token_id)
    if found is None:
        raise UnknownToken
    return found


HANDLERS = (
    get_me,
    list_tokens,
    get_token,
    post_token,
    post_rotation,
    delete_token,
    post_token_report,
)
