"""Subscriptions over HTTP: what a body hears of, and what became of what was sent."""

from litestar import Router

from registry.subscriptions.routes import events, wanted


def router() -> Router:
    """The routes of this room, below /v1."""
    return Router("/", route_handlers=[*wanted.HANDLERS, *events.HANDLERS], tags=["subscriptions"])
