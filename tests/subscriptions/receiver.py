"""A receiver of webhooks as a body would run one, and the deliverer of the application."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web
from standardwebhooks.webhooks import Webhook

from registry.settings import Settings
from registry.subscriptions.delivering import Deliverer
from tests.audit.signed import sign_events
from tests.client import ApiClient


class Receiver:
    """Keeps what came, checks its signature, and answers with `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.secrets: list[str] = []
        self.confirms = True
        self.came: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        for secret in self.secrets:
            Webhook(secret).verify(body, dict(request.headers))
        event = msgspec.json.decode(body)
        if event["type"] == "efa.subscriptions.handshake":
            text = event["data"]["challenge"] if self.confirms else "hello"
            return web.json_response({"challenge": text})
        self.headers.append({k.lower(): v for k, v in request.headers.items()})
        self.bodies.append(body)
        self.came.append(event)
        return web.Response(status=self.status)

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.came]


@asynccontextmanager
async def receiving() -> AsyncGenerator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()


def deliverer_of(api: ApiClient) -> Deliverer:
    """Another process over the same database: what it takes is its own."""
    transport: Any = api.http._transport
    state = transport.app.state
    return Deliverer(state.database, state.egress, state.secret, (state.log, state.tail))


async def deliver(api: ApiClient, settings: Settings) -> None:
    """Number what waits, match it, and send all that is due."""
    await sign_events(settings)
    await deliverer_of(api).drain()


async def make_due(api: ApiClient) -> None:
    """Let the waiting time of all that failed pass."""
    await api.owner.execute("update deliveries set next_at = now() where state <> 'delivered'")
    await api.owner.execute("update subscription_states set due_at = now()")
