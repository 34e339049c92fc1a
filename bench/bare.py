"""A bare ASGI application: the limit an answer of this size can reach on this server."""

import os
from typing import Any

BODY = b"x" * int(os.environ.get("BARE_SIZE", "2000"))
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]


async def app(scope: Any, _receive: Any, send: Any) -> None:
    """Answer fixed bytes."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": BODY})
