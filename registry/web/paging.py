"""Keyset pages: `{"items", "total", "next"}` with a signed cursor, and the same as a `Link` header.

A cursor holds the sort key of the last item, and an HMAC-SHA256 over it and the query it belongs
to, so that it can neither be forged nor carried to another query.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import urlencode

import msgspec
from litestar import Response

from registry.errors import BadCursor
from registry.web.requests import AnyRequest

T = TypeVar("T")
_MAC_BYTES = 16


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One page of a list; `total` counts all matches, `next` is the address of the next page."""

    items: Sequence[T]
    total: int | None
    next: str | None


class Cursors:
    """Makes and reads the cursors of one installation; `secret` is shared by all its processes."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def write(self, request: AnyRequest, key: Sequence[str | int]) -> str:
        """The cursor behind `key`, valid for this query only."""
        body = msgspec.json.encode(key)
        return _as_text(self._mac(request, body) + body)

    def read(self, request: AnyRequest, cursor: str | None) -> list[Any] | None:
        """The key in `cursor`; refuses one that was not made here for this query."""
        if cursor is None:
            return None
        try:
            raw = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        except ValueError:
            raise BadCursor from None
        if _as_text(raw) != cursor:
            raise BadCursor
        mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(request, body)):
            raise BadCursor
        return msgspec.json.decode(body, type=list[Any])

    def _mac(self, request: AnyRequest, body: bytes) -> bytes:
        query = urlencode(_filters(request)).encode()
        scope = request.scope["path"].encode() + b"\0" + query + b"\0"
        return hmac.digest(self._secret, scope + body, hashlib.sha256)[:_MAC_BYTES]


def _as_text(raw: bytes) -> str:
    """The one way to write a cursor; what Base64 would overlook makes it another."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def place_behind(request: AnyRequest, cursor: str | None) -> list[Any] | None:
    """The sort key of the last item of the page before; None on the first page."""
    cursors: Cursors = request.app.state.cursors
    return cursors.read(request, cursor)


def _filters(request: AnyRequest) -> list[tuple[str, str]]:
    pairs = request.query_params.multi_items()
    return sorted((k, str(v)) for k, v in pairs if k not in ("cursor", "limit"))


def page(
    request: AnyRequest,
    rows: Sequence[T],
    total: int | None,
    limit: int,
    key: Callable[[T], Sequence[str | int]],
) -> Page[T]:
    """The page of `rows`; the caller read one more than `limit`, to know whether more follow."""
    items = rows[:limit]
    more = len(rows) > limit
    following = _next_address(request, limit, key(items[-1])) if more else None
    return Page(items=items, total=total, next=following)


class Continued(Protocol):
    """Any page that says where the next one is."""

    @property
    def next(self) -> str | None: ...


C = TypeVar("C", bound=Continued)


def paged(shown: C) -> Response[C]:
    """The page with its `Link: rel="next"` (RFC 8288)."""
    return Response(shown, headers=link_to(shown.next))


def link_to(following: str | None) -> dict[str, str]:
    """The header that names the next page, where there is one."""
    return {"Link": f'<{following}>; rel="next"'} if following else {}


def _next_address(request: AnyRequest, limit: int, key: Sequence[str | int]) -> str:
    cursors: Cursors = request.app.state.cursors
    query = [*_filters(request), ("limit", str(limit)), ("cursor", cursors.write(request, key))]
    return f"{request.scope['path']}?{urlencode(query)}"
