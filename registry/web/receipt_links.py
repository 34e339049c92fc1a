"""What changes something says where the receipt of the change is."""

from collections.abc import Callable, Sequence
from uuid import UUID

from litestar.types import ASGIApp, Message, Receive, Scope, Send


class ReceiptLinks:
    """Pure ASGI: `Link: </v1/events/…/receipt>; rel="receipt"`, of the first event recorded.

    All of them are `told`, as they will be asked for.
    """

    def __init__(self, app: ASGIApp, told: Callable[[Sequence[UUID]], None]) -> None:
        self.app = app
        self.told = told

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] == "GET":
            await self.app(scope, receive, send)
            return

        async def linked(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 300:
                recorded: Sequence[UUID] = scope.get("state", {}).get("recorded") or []
                self.told(recorded)
                message["headers"] = [*message["headers"], *_links(recorded)]
            await send(message)

        await self.app(scope, receive, linked)


def _links(recorded: Sequence[UUID]) -> list[tuple[bytes, bytes]]:
    links = [b'</v1/events/%s/receipt>; rel="receipt"' % str(one).encode() for one in recorded[:1]]
    return [(b"link", link) for link in links]
