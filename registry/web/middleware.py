"""What every request passes: an id, one log line, its counters, the headers of each answer.

Log lines name no body, no query and no token; control characters in paths are escaped by JSON.
"""

import re
import time
from typing import Any, cast
from uuid import uuid4

import structlog
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import Counter, Histogram

_log: Any = structlog.get_logger()
_REQUEST_ID = re.compile(rb"[A-Za-z0-9_.-]{1,64}")

REQUESTS = Counter("efa_requests_total", "Answered requests.", ["method", "route", "status"])
SECONDS = Histogram(
    "efa_request_seconds",
    "Time from request to the start of its answer.",
    ["method", "route"],
    buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10),
)

_METHODS = {"GET", "HEAD", "OPTIONS", "PUT", "POST", "DELETE", "PATCH"}
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]


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
        started = time.perf_counter()

        async def record(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra = [(b"x-request-id", request_id.encode()), *_HEADERS]
                message["headers"] = [*message["headers"], *extra]
                _record(scope, message["status"], time.perf_counter() - started, request_id)
            await send(message)

        await self.app(scope, receive, record)


def _request_id(headers: Any) -> str:
    for name, value in headers:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return value.decode()
    return uuid4().hex


def _record(scope: Any, status: int, seconds: float, request_id: str) -> None:
    method = scope["method"] if scope["method"] in _METHODS else "other"
    route = scope.get("path_template") or "-"
    REQUESTS.labels(method, route, status).inc()
    SECONDS.labels(method, route).observe(seconds)
    _log.info(
        "request",
        request_id=request_id,
        method=method,
        path=scope["path"],
        status=status,
        milliseconds=round(seconds * 1000, 1),
    )


class HeadAsGet:
    """Pure ASGI: HEAD is answered as GET without the body (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        await self.app(cast("Scope", {**scope, "method": "GET"}), receive, without_body)
