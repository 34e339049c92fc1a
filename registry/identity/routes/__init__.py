"""Identity over HTTP."""

from litestar import Router

from registry.identity.routes import delegations, pipelines, security, sign_in, tokens


def router() -> Router:
    """The routes of this room, below /v1."""
    handlers = [
        *tokens.HANDLERS,
        *pipelines.HANDLERS,
        *delegations.HANDLERS,
        *security.HANDLERS,
        *sign_in.HANDLERS,
    ]
    return Router("/", route_handlers=handlers, tags=["identity"])
