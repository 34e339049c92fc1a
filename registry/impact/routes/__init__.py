"""Impact over HTTP: the end of versions, whom it hits, and what there is to do."""

from litestar import Router

from registry.impact.routes import life, todo


def router() -> Router:
    """The routes of this room, below /v1."""
    return Router("/", route_handlers=[*life.HANDLERS, *todo.HANDLERS], tags=["impact"])
