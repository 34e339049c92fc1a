"""Pages and data at addresses that name the same thing: by suffix, or by what `Accept` asks for."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from litestar import Request
from litestar.types import ASGIApp, Receive, Scope, Send

from registry.site.addresses import data_path, data_query, page_of
from registry.web.language import preferred_language
from registry.web.requests import AnyRequest, first_accepted

_JSON = ("application/json", "application/*+json")


class PagesAndData:
    """Pure ASGI, around the router: leads to the data of a page, and to the page of a rule."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        where = None
        if scope["type"] == "http" and scope["method"] == "GET":
            where = elsewhere(Request(scope))
        if where is None:
            await self.app(scope, receive, send)
            return
        headers: Any = [
            (b"location", where.encode()),
            (b"vary", b"Accept, Accept-Language"),
            (b"content-length", b"0"),
        ]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def elsewhere(request: AnyRequest) -> str | None:
    """The address that answers as it was asked, where it is another one."""
    path: str = request.scope["path"]
    if path.startswith(("/v1", "/static")):
        return None
    german = path.removeprefix("/en") if path == "/en" or path.startswith("/en/") else path
    if page := page_of(german):
        return _readable(request, german, page)
    return _data(request, german)


def _readable(request: AnyRequest, data: str, page: str) -> str | None:
    """The page for who reads, in English below `/en` or where that is preferred; else the data."""
    below_english = data != request.scope["path"]
    if "text/html" not in request.headers.get("accept", ""):
        return quote(data) if below_english else None
    preferred = preferred_language(request.headers.get("accept-language", ""))
    return ("/en" if below_english or preferred == "en" else "") + quote(page)


def _data(request: AnyRequest, path: str) -> str | None:
    whole, _, suffix = path.rpartition(".")
    accepted = first_accepted(request)
    if suffix in ("json", "csv"):
        found = data_path(whole, suffix)
    elif accepted == "text/csv":
        found = data_path(path, "csv")
    else:
        found = data_path(path) if accepted in _JSON else None
    return found and _with_query(found, parse_qsl(request.scope["query_string"].decode("latin-1")))


def _with_query(path: str, pairs: Iterable[tuple[str, str]]) -> str:
    rest = urlencode(data_query(pairs))
    return quote(path) + (f"?{rest}" if rest else "")
