"""Answers that never change are kept in memory, in front of everything else.

What a handler marks `Cache-Control: … immutable` is answered from here the next time: the same
bytes, or 304. The least lately asked goes when the kept bytes exceed their limit. An answer is kept
once for each coding it may have, however many ways there are to ask for one.
"""

from collections import OrderedDict
from typing import Any, cast

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from registry.web.codings import Coding, preferred_coding

_MAX_BYTES = 32 << 20
_MAX_PATH = 300
_MAX_CODING = 200
_COST_OF_AN_ENTRY = 2_000

Headers = list[tuple[bytes, bytes]]
Key = tuple[str, Coding]


class Kept:
    """One answer: its headers with and without those of a body, its tag, its bytes, its route."""

    def __init__(self, headers: Headers, body: bytes, route: str) -> None:
        self.headers = headers
        self.body = body
        self.route = route
        self.cost = len(body) + _COST_OF_AN_ENTRY
        self.etag = _header(headers, b"etag")
        self.headers_304 = [(name, value) for name, value in headers if name not in _OF_A_BODY]


class ImmutableAnswers:
    """Pure ASGI, before the router; knows nothing of what it keeps."""

    def __init__(self, app: ASGIApp, max_bytes: int = _MAX_BYTES) -> None:
        self.app = app
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[Key, Kept] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = _key(scope)
        if key is None:
            await self.app(scope, receive, send)
            return
        kept = self._kept.get(key)
        if kept is None:
            await self.app(scope, receive, self._watch(key, scope, send))
            return
        self._kept.move_to_end(key)
        cast("Any", scope)["path_template"] = kept.route
        await _answer(kept, _header(scope["headers"], b"if-none-match"), send)

    def _watch(self, key: Key, scope: Any, send: Send) -> Send:
        """Pass the answer on, and keep it when it says that it never changes."""
        headers: Headers | None = None

        async def watched(message: Message) -> None:
            nonlocal headers
            if message["type"] == "http.response.start":
                headers = _lasting(message)
            elif headers is not None and not message.get("more_body", False):
                route = scope.get("path_template") or ""
                self._keep(key, Kept(headers, bytes(message.get("body", b"")), route))
            else:
                headers = None
            await send(message)

        return watched

    def _keep(self, key: Key, kept: Kept) -> None:
        if not kept.etag or len(kept.body) > self._max_bytes // 8:
            return
        if key not in self._kept:
            self._kept[key] = kept
            self._bytes += kept.cost
        while self._bytes > self._max_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= oldest.cost


def _lasting(start: Any) -> Headers | None:
    """The headers of an answer that never changes."""
    given: Headers = start["headers"]
    if start["status"] != 200 or not any(b"immutable" in value for _, value in given):
        return None
    lowered = [(bytes(name).lower(), bytes(value)) for name, value in given]
    return lowered if b"immutable" in _header(lowered, b"cache-control") else None


_OF_A_BODY = {b"content-length", b"content-type", b"content-encoding"}


async def _answer(kept: Kept, if_none_match: bytes, send: Any) -> None:
    if if_none_match and _names(if_none_match, kept.etag):
        start = {"type": "http.response.start", "status": 304, "headers": kept.headers_304}
        body = b""
    else:
        start = {"type": "http.response.start", "status": 200, "headers": kept.headers}
        body = kept.body
    await send(start)
    await send({"type": "http.response.body", "body": body})


def _names(if_none_match: bytes, etag: bytes) -> bool:
    tags = (tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b","))
    return any(tag in (b"*", etag) for tag in tags)


def _header(headers: Any, wanted: bytes) -> bytes:
    """All lines of a list header as one."""
    return b", ".join([value for name, value in headers if name == wanted])


def _key(scope: Any) -> Key | None:
    """What an answer is kept by; None for requests that are passed on."""
    if scope["type"] != "http" or scope["method"] != "GET" or scope["query_string"]:
        return None
    path, accepted = scope["path"], _header(scope["headers"], b"accept-encoding")
    if len(path) > _MAX_PATH or len(accepted) > _MAX_CODING:
        return None
    return path, preferred_coding(accepted.decode("latin-1"))
