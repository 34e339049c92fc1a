"""Reuse over HTTP."""

from litestar import Router

from registry.reuse.routes import changing, reading


def router() -> Router:
    """The routes of this room, below /v1."""
    return Router("/", route_handlers=[*reading.HANDLERS, *changing.HANDLERS], tags=["reuse"])
