"""Answers that never change are kept in memory.

What a handler marks `Cache-Control: … immutable` is answered from here the next time. The least
lately asked goes when the kept bytes exceed their limit. An answer is kept once for each coding it
may have, however many ways there are to ask for one. All are forgotten when facts were erased, and
what was being answered at that moment is not kept.
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from litestar.types import Message, Send

from registry.web.codings import Coding, preferred_coding
from registry.web.plain import Answer, Headers

_MAX_BYTES = 32 << 20
_MAX_ADDRESS = 400
_MAX_CODING = 200
_COST_OF_AN_ENTRY = 2_000

Key = tuple[str, Coding]


class ImmutableAnswers:
    """Knows nothing of what it keeps."""

    def __init__(self, max_bytes: int = _MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[Key, Answer] = OrderedDict()
        self._forgotten = 0

    def forget(self) -> None:
        """Keep nothing of what was answered so far."""
        self._kept.clear()
        self._bytes = 0
        self._forgotten += 1

    def find(self, scope: Any, asked: Mapping[bytes, bytes]) -> Answer | None:
        """The answer kept for an address in the coding asked for."""
        key = _key(scope, asked)
        kept = self._kept.get(key) if key else None
        if key and kept:
            self._kept.move_to_end(key)
        return kept

    def watch(self, asked: Mapping[bytes, bytes], scope: Any, send: Send) -> Send:
        """Pass the answer on, and keep it when it says that it never changes."""
        key, asked_at = _key(scope, asked), self._forgotten
        headers: Headers | None = None

        async def watched(message: Message) -> None:
            nonlocal headers
            if message["type"] == "http.response.start":
                headers = _lasting(message)
            elif key and headers is not None and not message.get("more_body", False):
                if asked_at == self._forgotten:
                    route: str = scope.get("path_template") or ""
                    self._keep(key, route, headers, message.get("body", b""))
            else:
                headers = None
            await send(message)

        return watched if key else send

    def _keep(self, key: Key, route: str, headers: Headers, body: bytes) -> None:
        etag = dict(headers).get(b"etag", b"").decode()
        if not etag or len(body) > self._max_bytes // 8:
            return
        if key not in self._kept:
            self._kept[key] = Answer(route, etag, headers, body)
            self._bytes += len(body) + _COST_OF_AN_ENTRY
        while self._bytes > self._max_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= len(oldest.body) + _COST_OF_AN_ENTRY


def _key(scope: Any, asked: Mapping[bytes, bytes]) -> Key | None:
    """What an answer is kept by; None where it is not worth it.

    An address with a query may give a table or JSON, by what is accepted.
    """
    address: str = scope["path"]
    if query := scope["query_string"]:
        address = (
            f"{address}?{query.decode('latin-1')} {asked.get(b'accept', b'').decode('latin-1')}"
        )
    accepted = asked.get(b"accept-encoding", b"")
    if len(address) > _MAX_ADDRESS or len(accepted) > _MAX_CODING:
        return None
    return address, preferred_coding(accepted.decode("latin-1"))


def _lasting(start: Any) -> Headers | None:
    """The headers of an answer that never changes."""
    headers: Headers = start["headers"]
    if start["status"] != 200 or not any(b"immutable" in value for _, value in headers):
        return None
    return headers if b"immutable" in dict(headers).get(b"cache-control", b"") else None
