"""The reports over HTTP."""

from litestar import Router

from registry.reports.routes import costs, coverage, service_list


def router() -> Router:
    """The routes of this room, below /v1."""
    return Router(
        "/",
        route_handlers=[*service_list.HANDLERS, *coverage.HANDLERS, *costs.HANDLERS],
        tags=["reports"],
    )
