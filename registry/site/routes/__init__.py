"""The pages over HTTP."""

from litestar import Router

from registry.site.routes import badges, catalogue, service
from registry.site.routes.answers import for_people
from registry.site.routes.static import get_static

__all__ = ["for_people", "router"]


def router() -> Router:
    """All pages and their static files."""
    handlers = [get_static, *badges.HANDLERS, *catalogue.HANDLERS, *service.HANDLERS]
    return Router("/", route_handlers=handlers, include_in_schema=False)
