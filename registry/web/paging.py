"""Keyset pages: `{"items", "total", "next"}` with a signed cursor, and the same as a `Link` header.

A cursor holds the sort key of the last item, and an HMAC-SHA256 over it and the query it belongs
to, so that it can neither be forged nor carried to another query.
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import urlencode

import msgspec
from litestar import Response

from registry.errors import BadCursor
from registry.web.requests import AnyRequest
from registry.web.sealing import sealed, unsealed

T = TypeVar("T")


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
        return sealed(self._secret, _query_of(request), msgspec.json.encode(key))

    def read(self, request: AnyRequest, cursor: str | None) -> list[Any] | None:
        """The key in `cursor`; refuses one that was not made here for this query."""
        if cursor is None:
            return None
        body = unsealed(self._secret, _query_of(request), cursor)
        if body is None:
            raise BadCursor
        return msgspec.json.decode(body, type=list[Any])


def _query_of(request: AnyRequest) -> bytes:
    """What a cursor is for: the address with all that filters."""
    return request.scope["path"].encode() + b"\0" + urlencode(_filters(request)).encode()


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
