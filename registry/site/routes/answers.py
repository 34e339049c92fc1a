"""How a page is answered: HTML with its headers; failures as pages for who reads them."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from litestar import Response
from litestar.status_codes import HTTP_200_OK, HTTP_404_NOT_FOUND

from registry.authority import Actor
from registry.identity.browsers import cookie, csrf_token, notice_name
from registry.settings import Settings
from registry.site.notices import notice_text
from registry.site.rendering import CSP, Place, render
from registry.web.conditional import BY_CALLER, conditional
from registry.web.requests import AnyRequest

HTML = "text/html; charset=utf-8"
_HEADERS = {"Content-Security-Policy": CSP} | BY_CALLER

# What to do where nothing is found, for who reads pages and not lists of the interface.
_SEARCH = (
    "Suchen Sie über „Dienste“ oder „Stellen“, oder fragen Sie nach einem anderen Tag.",
    "Search by “Services” or “Bodies”, or ask for another day.",
)

Handle = Callable[[AnyRequest, Any], Response[bytes]]
Page = Response[bytes]


def both(path: str) -> list[str]:
    """The German address of a page and the English one."""
    return [path or "/", f"/en{path}".rstrip("/")]


def place_of(request: AnyRequest) -> Place:
    """Where the caller is."""
    whole = request.scope["path"].rstrip("/")
    english = whole == "/en" or whole.startswith("/en/")
    path = (whole.removeprefix("/en") if english else whole).lstrip("/")
    return Place(
        path=f"/{path}" if path else "",
        query=request.scope["query_string"].decode("latin-1"),
        language="en" if english else "de",
    )


def page(
    request: AnyRequest,
    template: str,
    status: int = HTTP_200_OK,
    *,
    headers: Mapping[str, str] | None = None,
    **facts: Any,
) -> Response[bytes]:
    """The page with its ETag; what is shown to who said who they are is kept by nobody."""
    place, person = place_of(request), _person(request)
    content = render(template, place, **person, **facts)
    told = dict(headers or {}) | _headers(request, place)
    if request.method == "GET" and status == HTTP_200_OK:
        answer = conditional(request, content, headers=told, media_type=HTML)
    else:
        answer = Response(content, status_code=status, headers=told, media_type=HTML)
    if person["notice"]:
        settings: Settings = request.app.state.settings
        answer.cookies = [cookie(settings, notice_name(settings), "", 0)]
    return answer


def _headers(request: AnyRequest, place: Place) -> dict[str, str]:
    known = request.scope["state"].get("caller")
    kept = {"Cache-Control": "no-store"} if known else {}
    return _HEADERS | {"Content-Language": place.language} | kept


def _person(request: AnyRequest) -> dict[str, Any]:
    """What the frame says of who signed in, with the token its forms send along."""
    state = request.app.state
    caller: Actor | None = request.scope["state"].get("caller")
    session = caller.session if caller else None
    carried = request.cookies.get(notice_name(state.settings), "") if session else ""
    return {
        "notice": notice_text(carried, place_of(request).language),
        "offers_sign_in": bool(state.settings.public_url),
        "person": caller if session else None,
        "csrf_token": csrf_token(state.secret, session) if session else None,
    }


def for_people(handlers: dict[Any, Handle]) -> dict[Any, Handle]:
    """The same handlers of failures; a browser away from the interface gets the problem as HTML."""
    return {kind: _readable(handle) for kind, handle in handlers.items()}


def _readable(handle: Handle) -> Handle:
    def answer(request: AnyRequest, error: Any) -> Response[bytes]:
        path = request.scope["path"]
        if path.startswith("/v1") or "text/html" not in request.headers.get("accept", ""):
            return handle(request, error)
        place = place_of(request)
        request.scope["state"]["language"] = place.language
        problem = handle(request, error)
        facts = msgspec.json.decode(problem.content)
        if problem.status_code == HTTP_404_NOT_FOUND and "/v1/" in facts.get("remedy", ""):
            facts["remedy"] = place.t(*_SEARCH)
        headers = dict(problem.headers) | _headers(request, place)
        content = render("problem.html", place, problem=facts, **_person(request))
        return Response(content, status_code=problem.status_code, headers=headers, media_type=HTML)

    return answer
