"""The control: an application that acknowledges a change before it is made."""

import asyncio
from typing import Any

from registry.cli.worker import create_worker


def create_hasty() -> Any:
    """The application behind answers given at once to PUT; the change follows a moment later."""
    app: Any = create_worker()

    async def hasty(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] != "PUT":
            await app(scope, receive, send)
            return
        message = await receive()
        await send({"type": "http.response.start", "status": 201, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        await asyncio.sleep(0.05)

        async def given() -> Any:
            return message

        async def unheard(_message: Any) -> None:
            pass

        await app(scope, given, unheard)

    return hasty
