"""Plain requests, which need nothing but an address, and answers that are ready for them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from litestar.types import Scope, Send

from registry.web.conditional import known_already
from registry.web.strict import is_host

Headers = list[tuple[bytes, bytes]]

_READ_BY_THE_ROUTER = frozenset({b"authorization", b"content-encoding", b"cookie"})
_OF_A_BODY = frozenset({b"content-length", b"content-type", b"content-encoding"})


def plain_headers(scope: Scope) -> Mapping[bytes, bytes] | None:
    """The headers of a plain GET; None for whatever the router has to look at itself."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    headers = dict(scope["headers"])
    usual = len(headers) == len(scope["headers"]) and _READ_BY_THE_ROUTER.isdisjoint(headers)
    return headers if usual and is_host(headers.get(b"host", b"?").decode("latin-1")) else None


def names_the_past(query: bytes) -> bool:
    """Whether a query may name what was known: what that asks for may never change."""
    return b"known_at=" in query


class Answer(NamedTuple):
    """A whole answer, and the route it comes from as the router writes it (for the meters)."""

    route: str
    etag: str
    headers: Headers
    body: bytes

    async def give(self, asked: Mapping[bytes, bytes], scope: Any, send: Send) -> None:
        """Send it, or 304 to who has it."""
        scope["path_template"] = self.route
        tags = asked.get(b"if-none-match")
        if tags is not None and known_already(tags.decode("latin-1"), self.etag):
            headers = [header for header in self.headers if header[0] not in _OF_A_BODY]
            await _send(send, 304, headers, b"")
        else:
            await _send(send, 200, self.headers, self.body)


async def _send(send: Any, status: int, headers: Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
