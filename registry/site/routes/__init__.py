"""The pages over HTTP."""

from litestar import Router

from registry.identity.door import PAGE
from registry.site.keeping import KeptPages, Pieces
from registry.site.negotiation import PagesAndData
from registry.site.routes import (
    access,
    agreements,
    badges,
    catalogue,
    changes,
    costs,
    evaluation,
    explained,
    files,
    once,
    organisations,
    parameters,
    procedures,
    proof,
    publishing,
    recording,
    reuse,
    reuses,
    service,
    sign_in,
    steps,
    subscribing,
    texts,
)
from registry.site.routes.answers import for_people
from registry.site.routes.static import get_static

__all__ = ["KeptPages", "PagesAndData", "Pieces", "for_people", "router"]

_PARTS = (
    catalogue,
    service,
    organisations,
    procedures,
    agreements,
    reuses,
    reuse,
    recording,
    steps,
    files,
    parameters,
    publishing,
    subscribing,
    access,
    once,
    evaluation,
    proof,
    costs,
    changes,
    explained,
    texts,
    sign_in,
)


def router() -> Router:
    """All pages and their static files."""
    handlers = [handler for part in _PARTS for handler in part.HANDLERS]
    pages = Router("/", route_handlers=handlers, opt={PAGE: True})
    others = [get_static, *badges.HANDLERS]
    return Router("/", route_handlers=[*others, pages], include_in_schema=False)
