"""The pages over HTTP."""

from litestar import Router

from registry.identity.door import PAGE
from registry.site.routes import catalogue, service, sign_in
from registry.site.routes.answers import for_people
from registry.site.routes.static import get_static

__all__ = ["for_people", "router"]


def router() -> Router:
    """All pages and their static files."""
    handlers = [*catalogue.HANDLERS, *service.HANDLERS, *sign_in.HANDLERS]
    pages = Router("/", route_handlers=handlers, opt={PAGE: True})
    return Router("/", route_handlers=[get_static, pages], include_in_schema=False)
