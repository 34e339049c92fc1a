"""The catalogue over HTTP."""

from litestar import Router
from litestar.di import Provide

from registry.catalogue.routes.journeys import get_journey, list_journeys, put_journey
from registry.catalogue.routes.reference import (
    get_codelist,
    get_procedure,
    list_codelists,
    list_portals,
    list_procedures,
)
from registry.catalogue.routes.service import get_revisions, get_service, put_service
from registry.web.conditional import provide_preconditions


def router() -> Router:
    """The routes of this room, below /v1."""
    handlers = [
        get_service,
        get_revisions,
        put_service,
        list_journeys,
        get_journey,
        put_journey,
        list_codelists,
        get_codelist,
        list_portals,
        list_procedures,
        get_procedure,
    ]
    return Router(
        "/",
        route_handlers=handlers,
        dependencies={"preconditions": Provide(provide_preconditions)},
        tags=["catalogue"],
    )
