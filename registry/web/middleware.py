"""What every request passes: an id, one log line, its counters, the headers of each answer.

Log lines name no body, no query and no token; control characters in paths are escaped by JSON.
"""

import itertools
import re
import secrets
import time
from functools import lru_cache
from typing import Any, cast

import structlog
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import Counter, Histogram

from registry.web.immutable import ImmutableAnswers
from registry.web.plain import names_the_past, plain_headers
from registry.web.requests import HEAD_ASKED
from registry.web.stored import StoredAnswers

_log: Any = structlog.get_logger()
_REQUEST_ID = re.compile(rb"[A-Za-z0-9_.-]{1,64}")

REQUESTS = Counter("efa_requests_total", "Answered requests.", ["method", "route", "status"])
SECONDS = Histogram(
    "efa_request_seconds",
    "Time from request to the start of its answer.",
    ["method", "route"],
    buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10),
)

# Ids of requests: unguessable by process, counted within it; a random number for each costs more.
_PROCESS, _NUMBERS = secrets.token_hex(8), itertools.count(1)

_METHODS = {"GET", "HEAD", "OPTIONS", "PUT", "POST", "DELETE", "PATCH"}
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    # Not `no-referrer`: by that browsers send `Origin: null` with our own forms (Fetch, 3.2).
    (b"referrer-policy", b"same-origin"),
]


_FAILURE = (
    b'{"type":"/problems/internal-error","status":500,"title":"Interner Fehler / Internal error"}'
)


class RequestRecord:
    """Pure ASGI: wraps the application, keeps nothing between requests."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope["headers"])
        scope.setdefault("state", {})["request_id"] = request_id
        started, answering = time.perf_counter(), False

        async def record(message: Message) -> None:
            nonlocal answering
            if message["type"] == "http.response.start":
                answering = True
                extra = [(b"x-request-id", request_id.encode()), *_HEADERS]
                message["headers"] = [*message["headers"], *extra]
                _record(scope, message["status"], time.perf_counter() - started, request_id)
            await send(message)

        try:
            await self.app(scope, receive, record)
        except Exception as error:
            _log.exception("failure", request_id=request_id, path=scope["path"], exc_info=error)
            if answering:
                raise
            await _answer_failure(record)


async def _answer_failure(send: Any) -> None:
    """The last resort, where even the application's own handling of failures failed."""
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(_FAILURE)).encode()),
    ]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": _FAILURE})


def _request_id(headers: Any) -> str:
    for name, value in headers:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return value.decode()
    return f"{_PROCESS}{next(_NUMBERS):08x}"


def _record(scope: Any, status: int, seconds: float, request_id: str) -> None:
    method = scope["method"] if scope["method"] in _METHODS else "other"
    route = scope.get("path_template") or "-"
    count, duration = _meters(method, route, status)
    count.inc()
    duration.observe(seconds)
    _log.info(
        "request",
        request_id=request_id,
        method=method,
        path=scope["path"],
        status=status,
        milliseconds=round(seconds * 1000, 1),
    )


@lru_cache(maxsize=1024)
def _meters(method: str, route: str, status: int) -> tuple[Any, Any]:
    """The counter and the histogram of one kind of answer; looking up costs more than using."""
    return REQUESTS.labels(method, route, status), SECONDS.labels(method, route)


class HeadAsGet:
    """Pure ASGI: HEAD is answered as GET without the body (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] == "GET":
            await self.app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"
        inner = _as_get(scope) if head else scope

        async def passed(message: Message) -> None:
            if message["type"] == "http.response.start":
                _name_head(message)
                cast("Any", scope)["path_template"] = inner.get("path_template")
            elif head and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        await self.app(inner, receive, passed)


def _as_get(scope: Any) -> Any:
    return {**scope, "method": "GET", HEAD_ASKED: True}


def _name_head(message: Any) -> None:
    """Where GET is allowed, so is HEAD."""
    message["headers"] = [
        (name, value + b", HEAD") if name.lower() == b"allow" and b"GET" in value else (name, value)
        for name, value in message["headers"]
    ]


class Shortcut:
    """Pure ASGI, before the router: plain requests whose answers lie ready need no more than that.

    Whatever else is asked or found is the router's; what both can answer, they answer alike.
    """

    def __init__(self, app: ASGIApp, kept: ImmutableAnswers, stored: StoredAnswers) -> None:
        self.app = app
        self._kept = kept
        self._stored = stored

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = plain_headers(scope)
        query = scope["query_string"] if asked is not None else b""
        if asked is None or (query and not names_the_past(query)):
            await self.app(scope, receive, send)
            return
        answer = self._kept.find(scope, asked)
        if answer is None and not query:
            answer = await self._stored.find(scope["path"])
        if answer is not None:
            await answer.give(asked, scope, send)
        else:
            await self.app(scope, receive, self._kept.watch(asked, scope, send))
