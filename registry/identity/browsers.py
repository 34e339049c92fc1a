"""What a browser keeps and shows: the cookies of sign-in, and that a page of ours asks."""

import hashlib
import hmac
from datetime import timedelta
from uuid import UUID

from litestar.datastructures import Cookie

from registry.db import Database
from registry.errors import Fault
from registry.identity import session_store as store
from registry.identity.sign_in_model import ForeignRequest, SessionHolder
from registry.identity.tokens import digest, well_formed
from registry.settings import Settings
from registry.web.requests import FORMS, AnyRequest
from registry.web.sealing import same

TOKEN_HEADER = "x-csrf-token"  # noqa: S105 - the name of a header
TOKEN_FIELD = "csrf_token"  # noqa: S105 - the name of a field


async def find_session(request: AnyRequest) -> SessionHolder | None:
    """Whom the session that a browser shows acts for, going on or not; looked up once."""
    state, text = request.scope["state"], shown_session(request)
    if text is None:
        return None
    if "session" not in state:
        settings: Settings = request.app.state.settings
        database: Database = request.app.state.database
        idle = timedelta(minutes=settings.session_idle_minutes)
        async with database.views.acquire() as conn:
            state["session"] = await store.holder(conn, digest(text), idle)
    return state["session"]


def shown_session(request: AnyRequest) -> str | None:
    """The text of a session that a browser shows; None without one, and where nobody signs in."""
    settings: Settings = request.app.state.settings
    if not settings.public_url:
        return None
    text = request.cookies.get(session_name(settings))
    return text if text is not None and well_formed(text) else None


def session_name(settings: Settings) -> str:
    """What the cookie of a session is called; the prefix makes browsers keep it to this host."""
    return "__Host-efa-session" if settings.encrypted else "efa-session"


def attempt_name(settings: Settings) -> str:
    """What the cookie of a sign-in that goes on is called."""
    return "__Host-efa-sign-in" if settings.encrypted else "efa-sign-in"


def notice_name(settings: Settings) -> str:
    """What the cookie is called that says for the next page what was done."""
    return "__Host-efa-notice" if settings.encrypted else "efa-notice"


def once_name(settings: Settings) -> str:
    """What the cookie is called that carries a secret just made to the page that shows it."""
    return "__Host-efa-once" if settings.encrypted else "efa-once"


def cookie(settings: Settings, name: str, text: str, seconds: int | None = None) -> Cookie:
    """A cookie for this host alone that no script reads; 0 seconds take it away."""
    return Cookie(
        key=name,
        value=text,
        max_age=seconds,
        httponly=True,
        secure=settings.encrypted,
        samesite="lax",
    )


def csrf_token(secret: bytes, session: str) -> str:
    """What a page of ours gives its forms, and no page of others knows."""
    return hmac.digest(secret, f"csrf {session}".encode(), hashlib.sha256).hex()


async def require_own_page(request: AnyRequest, session: UUID) -> None:
    """Refuse a change that a page of others made the browser ask for.

    The browser says from where (`Origin`, `Sec-Fetch-Site`), and the page shows that it is ours by
    the token of the session, in a header or in a field of a form.
    """
    settings: Settings = request.app.state.settings
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if (origin is None and site is None) or (origin is not None and origin != settings.public_url):
        raise ForeignRequest(Fault("Origin:", "other-origin", {"limit": settings.public_url}))
    if site not in (None, "same-origin"):
        raise ForeignRequest(Fault("Sec-Fetch-Site:", "other-site"))
    given = request.headers.get(TOKEN_HEADER) or await _field(request)
    known = csrf_token(request.app.state.secret, str(session))
    if not same(given, known):
        raise ForeignRequest(Fault("X-CSRF-Token:", "no-csrf-token"))


async def _field(request: AnyRequest) -> str:
    """The token in a form; empty where there is none."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in FORMS:
        return ""
    found = (await request.form()).get(TOKEN_FIELD)
    return found if isinstance(found, str) else ""
