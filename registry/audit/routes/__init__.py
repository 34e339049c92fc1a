"""The log over HTTP: events, receipts, checkpoints, tiles and proofs."""

from litestar import Router

from registry.audit.routes import events, log, receipts


def router() -> Router:
    """The routes of this room, below /v1."""
    return Router(
        "/", route_handlers=[*events.HANDLERS, *receipts.HANDLERS, *log.HANDLERS], tags=["audit"]
    )
