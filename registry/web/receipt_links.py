"""What changes something says where the receipt of the change is."""

from typing import Any

from litestar.types import ASGIApp, Message, Receive, Scope, Send


class ReceiptLinks:
    """Pure ASGI: `Link: </v1/events/…/receipt>; rel="receipt"`, of the first event recorded."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] == "GET":
            await self.app(scope, receive, send)
            return

        async def linked(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 300:
                message["headers"] = [*message["headers"], *_links(scope)]
            await send(message)

        await self.app(scope, receive, linked)


def _links(scope: Any) -> list[tuple[bytes, bytes]]:
    recorded = scope.get("state", {}).get("recorded")
    if not recorded:
        return []
    return [(b"link", b'</v1/events/%s/receipt>; rel="receipt"' % str(recorded[0]).encode())]
