"""The reports over HTTP."""

from litestar import Router

from registry.reports.routes import (
    costs,
    coverage,
    listings,
    reconciliation,
    service_list,
    timeline,
)


def router() -> Router:
    """The routes of this room, below /v1."""
    parts = (service_list, coverage, costs, listings, timeline, reconciliation)
    handlers = [handler for part in parts for handler in part.HANDLERS]
    return Router("/", route_handlers=handlers, tags=["reports"])
