"""Versions over HTTP."""

from litestar import Router

from registry.versions.routes.comparisons import compare_schemas, get_comparison
from registry.versions.routes.releases import get_version, list_versions, put_version
from registry.versions.routes.schemas import get_schema
from registry.versions.routes.validations import validate_documents


def router() -> Router:
    """The routes of this room, below /v1."""
    handlers = [
        list_versions,
        get_version,
        put_version,
        get_schema,
        validate_documents,
        get_comparison,
        compare_schemas,
    ]
    return Router("/", route_handlers=handlers, tags=["versions"])
