"""Pages are kept until something is recorded: what was made before any new event is still true.

So is what a costly page is made of, for all who ask for it, signed in or not.

A page is given from memory to who has no token and no cookie, while the log is as long as it was,
nothing waits for its number, and the day is the same. It is looked up before the page is made, so
that what is recorded meanwhile only makes it be made once more. What is recorded in private may
change a page too and is not seen while it waits for the sequencer: no page is kept for long.
"""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, NamedTuple, TypeVar

from litestar.datastructures import State
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import Counter

from registry.db.failures import BUSY
from registry.site import store
from registry.site.store import Recorded
from registry.web.plain import Answer, Headers

T = TypeVar("T")

GIVEN = Counter("efa_pages_kept_total", "Pages given from memory.")
_MAX_BYTES = 16 << 20
_SECONDS = 60.0
_PERSONAL = frozenset({b"authorization", b"cookie"})


class Pieces:
    """What pages for everybody are made of, by what was asked."""

    def __init__(self, state: State, most: int = 64) -> None:
        self._state = state
        self._most = most
        self._kept: OrderedDict[Hashable, tuple[Recorded, float, Any]] = OrderedDict()

    async def of(self, asked: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """The piece kept for this question; else made now, and kept while nothing is recorded."""
        recorded = await how_far(self._state)
        kept = self._kept.get(asked)
        if kept and recorded == kept[0] and time.monotonic() < kept[1]:
            self._kept.move_to_end(asked)
            return kept[2]
        made = await make()
        if recorded is not None:
            self._kept[asked] = (recorded, time.monotonic() + _SECONDS, made)
            self._kept.move_to_end(asked)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return made

    def forget(self) -> None:
        """Keep nothing that was made so far."""
        self._kept.clear()


async def how_far(state: State) -> Recorded | None:
    """How far the log goes; None where something waits, or the database does not answer."""
    try:
        return await store.recorded(state.database.reads)
    except BUSY:
        return None


class Kept(NamedTuple):
    """A page, and what was recorded when it was made."""

    recorded: Recorded
    until: float
    answer: Answer


class KeptPages:
    """Pure ASGI, around the router."""

    def __init__(self, app: ASGIApp, state: State, max_bytes: int = _MAX_BYTES) -> None:
        self.app = app
        self._state = state
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"]) if scope["type"] == "http" else {}
        recorded = await how_far(self._state) if _asks_for_a_page(scope, headers) else None
        if recorded is None:
            await self.app(scope, receive, send)
            return
        key = _address(scope)
        kept = self._kept.get(key)
        if kept and kept.recorded == recorded and time.monotonic() < kept.until:
            self._kept.move_to_end(key)
            GIVEN.inc()
            await kept.answer.give(headers, scope, send)
        else:
            await self.app(scope, receive, self._watch(key, recorded, scope, send))

    def forget(self) -> None:
        """Keep no page that was made so far."""
        self._kept.clear()
        self._bytes = 0

    def _watch(self, key: str, recorded: Recorded, scope: Any, send: Send) -> Send:
        """Pass the answer on, and keep it where it is a page for everybody."""
        headers: Headers | None = None

        async def watched(message: Message) -> None:
            nonlocal headers
            if message["type"] == "http.response.start":
                headers = _page(message)
            elif headers is not None and not message.get("more_body", False):
                tag = dict(headers)[b"etag"].decode()
                route = scope.get("path_template") or ""
                body: bytes = message.get("body", b"")
                until = time.monotonic() + _SECONDS
                self._keep(key, Kept(recorded, until, Answer(route, tag, headers, body)))
            else:
                headers = None
            await send(message)

        return watched

    def _keep(self, key: str, page: Kept) -> None:
        self._forget(key)
        self._kept[key] = page
        self._bytes += len(page.answer.body)
        while self._bytes > self._max_bytes:
            self._forget(next(iter(self._kept)))

    def _forget(self, key: str) -> None:
        page = self._kept.pop(key, None)
        self._bytes -= len(page.answer.body) if page else 0


def _address(scope: Any) -> str:
    return f"{scope['path']}?{scope['query_string'].decode('latin-1')}"


def _asks_for_a_page(scope: Any, headers: dict[bytes, bytes]) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] == "GET"
        and b"text/html" in headers.get(b"accept", b"")
        and not scope["path"].startswith(("/v1", "/static"))
        and _PERSONAL.isdisjoint(headers)
    )


def _page(start: Any) -> Headers | None:
    """The headers of an answer that may be kept: a whole page with its tag, for everybody."""
    headers: Headers = list(start["headers"])
    named = {name.lower(): value for name, value in headers}
    html = named.get(b"content-type", b"").startswith(b"text/html")
    shared = named.get(b"cache-control") == b"no-cache" and b"set-cookie" not in named
    whole = start["status"] == 200 and b"etag" in named
    return [(name.lower(), value) for name, value in headers] if html and shared and whole else None
