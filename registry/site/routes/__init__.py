"""The pages over HTTP."""

from litestar import Router

from registry.identity.door import PAGE
from registry.site.routes import badges, catalogue, service, sign_in
from registry.site.routes.answers import for_people
from registry.site.routes.static import get_static

__all__ = ["for_people", "router"]


def router() -> Router:
    """All pages and their static files."""
    handlers = [*catalogue.HANDLERS, *service.HANDLERS, *sign_in.HANDLERS]
    pages = Router("/", route_handlers=handlers, opt={PAGE: True})
    others = [get_static, *badges.HANDLERS]
    return Router("/", route_handlers=[*others, pages], include_in_schema=False)
