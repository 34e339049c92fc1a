"""The pages over HTTP."""

from litestar import Router

from registry.site.keeping import KeptPages
from registry.site.negotiation import PagesAndData
from registry.site.routes import (
    agreements,
    catalogue,
    changes,
    costs,
    evaluation,
    explained,
    organisations,
    procedures,
    reuses,
    service,
    texts,
)
from registry.site.routes.answers import for_people
from registry.site.routes.static import get_static

__all__ = ["KeptPages", "PagesAndData", "for_people", "router"]

_PARTS = (
    catalogue,
    service,
    organisations,
    procedures,
    agreements,
    reuses,
    evaluation,
    costs,
    changes,
    explained,
    texts,
)


def router() -> Router:
    """All pages and their static files."""
    handlers = [get_static, *(handler for part in _PARTS for handler in part.HANDLERS)]
    return Router("/", route_handlers=handlers, include_in_schema=False)
