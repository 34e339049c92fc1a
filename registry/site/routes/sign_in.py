"""Signing in and out: the page with the providers, the way there and back, the end."""

from typing import Annotated

from litestar import get, post
from litestar.datastructures import Cookie
from litestar.params import Parameter, QueryParameter
from litestar.response import Redirect
from litestar.status_codes import HTTP_303_SEE_OTHER

from registry.db import Database, Reads
from registry.errors import Fault, Malformed
from registry.identity import sessions
from registry.identity.browsers import (
    attempt_name,
    cookie,
    session_name,
    shown_session,
)
from registry.identity.door import COSTLY, STRANGERS
from registry.identity.openid import CALLBACK, MINUTES
from registry.identity.sign_in_model import NoSignIn, SignInRefused
from registry.identity.sign_in_store import providers
from registry.identity.signing_in import SignIn
from registry.identity.watch import Watch
from registry.settings import Settings
from registry.site.routes.answers import Page, both, page, place_of
from registry.web.params import SLUG
from registry.web.requests import FORM, AnyRequest
from registry.web.strict import ANY_PARAMETER

_KEPT_BY_NOBODY = {"Cache-Control": "no-store"}

At = Annotated[str | None, Parameter(pattern=SLUG, description="At this provider.")]
From = Annotated[str, Parameter(pattern=SLUG, description="The provider one comes back from.")]
BackTo = Annotated[str | None, QueryParameter(name="next", max_length=500)]
Wanted = Annotated[
    str | None,
    QueryParameter(name="scope", pattern=r"^admin\Z", description="`admin`, where it is needed."),
]


@get(both("/anmelden"), include_in_schema=False, opt={COSTLY: True})
async def get_sign_in(
    request: AnyRequest,
    reads: Reads,
    provider: At = None,
    back_to: BackTo = None,
    wanted: Wanted = None,
) -> Page:
    """Where one can sign in; with a provider, the way there."""
    settings: Settings = request.app.state.settings
    if not settings.public_url:
        raise NoSignIn
    if provider is None:
        return page(request, "sign_in.html", providers=await providers(reads), back_to=back_to)
    sign_in: SignIn = request.app.state.sign_in
    home = place_of(request).url("/")
    address, kept = await sign_in.begin(provider, back_to or home, admin=wanted is not None)
    keeping = cookie(settings, attempt_name(settings), kept, MINUTES * 60)
    return _to(address, keeping)


@get(
    f"{CALLBACK}/{{provider:str}}",
    include_in_schema=False,
    opt={COSTLY: True, ANY_PARAMETER: True},
)
async def get_return(request: AnyRequest, provider: From) -> Page:
    """Back from the provider: a new session, in place of the one this browser had."""
    state = request.app.state
    settings: Settings = state.settings
    sign_in: SignIn = state.sign_in
    try:
        new, back_to = await sign_in.finish(
            provider, request.cookies.get(attempt_name(settings), ""), _answer(request)
        )
    except SignInRefused as refused:
        watch: Watch = state.watch
        if refused.body:
            watch.person_refused(request, refused.body, refused.code)
        raise
    old = shown_session(request) or ""
    text = await sessions.start_session(state.database, settings, new, old)
    return _to(
        back_to,
        cookie(settings, session_name(settings), text),
        cookie(settings, attempt_name(settings), "", 0),
    )


def _answer(request: AnyRequest) -> dict[str, str]:
    """What the provider answers; what it says twice is not taken, what we do not know is left."""
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in found:
            raise Malformed(Fault(f"?{name[:40]}", "repeated-parameter", {"name": name[:40]}))
        found[name] = value
    return found


@post(
    both("/abmelden"),
    include_in_schema=False,
    status_code=HTTP_303_SEE_OTHER,
    opt={STRANGERS: True, "reads": (FORM,)},
)
async def post_sign_out(request: AnyRequest) -> Page:
    """Ends the session that the browser shows.

    It shows none to us when a page of others sends the form, and is not told to forget it then.
    """
    state = request.app.state
    database: Database = state.database
    home, text = place_of(request).url("/"), shown_session(request)
    if text is None:
        return _to(home)
    await sessions.end_session(database, text)
    return _to(home, cookie(state.settings, session_name(state.settings), "", 0))


def _to(address: str, *cookies: Cookie) -> Redirect:
    return Redirect(
        address, status_code=HTTP_303_SEE_OTHER, headers=_KEPT_BY_NOBODY, cookies=[*cookies]
    )


HANDLERS = (get_sign_in, get_return, post_sign_out)
