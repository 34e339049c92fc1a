"""Reuse over HTTP."""

from litestar import Router

from registry.reuse.routes import batches, changing, parameters, reading


def router() -> Router:
    """The routes of this room, below /v1."""
    handlers = [*reading.HANDLERS, *changing.HANDLERS, *batches.HANDLERS, *parameters.HANDLERS]
    return Router("/", route_handlers=handlers, tags=["reuse"])
