"""The OpenAPI 3.1 document: what Litestar derives, and the problem any operation may answer."""

from functools import lru_cache
from typing import Any

import msgspec
from litestar import Litestar, Response, get
from litestar._openapi.plugin import OpenAPIPlugin
from litestar.config.app import AppConfig
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, License, SecurityScheme
from litestar.routes import HTTPRoute

from registry import __version__
from registry.web.ecma import portable
from registry.web.problems import PROBLEM_TYPE, Problem
from registry.web.requests import AnyRequest

CONFIG = OpenAPIConfig(
    title="EfA-Register",
    version=__version__,
    summary="Who built which service, in which versions, and who reuses it since when.",
    license=License(name="EUPL-1.2", identifier="EUPL-1.2"),
    render_plugins=[JsonRenderPlugin()],
    create_examples=False,
    components=Components(
        security_schemes={
            "token": SecurityScheme(type="http", scheme="bearer"),
            "session": SecurityScheme(
                type="apiKey", name="__Host-efa-session", security_scheme_in="cookie"
            ),
            "page": SecurityScheme(
                type="apiKey",
                name="X-CSRF-Token",
                security_scheme_in="header",
                description="From `/v1/me`; with a session only, and with `Origin`.",
            ),
        }
    ),
)

_METHODS = {"get", "put", "post", "delete", "patch", "head"}
_SAFE = ("get", "head")


@lru_cache(maxsize=4)
def document(app: Litestar) -> bytes:
    """The document as JSON bytes, the same for the life of the application."""
    _without_drawn_examples(app)
    # Given to the application itself, the configuration would make it serve pages at /schema that
    # load scripts of others.
    plugin = app.plugins.get(OpenAPIPlugin)
    plugin.on_app_init(AppConfig(openapi_config=CONFIG))
    schema = plugin.provide_openapi().to_schema()
    schema["components"].setdefault("schemas", {})["Problem"] = _problem_schema()
    for part in schema["components"]["schemas"].values():
        # A default belongs to a member; the framework leaves that of whichever it met first.
        part.pop("default", None)
    for path, item in schema["paths"].items():
        for method in _METHODS & item.keys():
            _complete(method, item[method])
        if f"{path}.csv" in schema["paths"]:
            _answer_tables(schema["paths"], path)
    return msgspec.json.encode(portable(schema), order="sorted")


def _without_drawn_examples(app: Litestar) -> None:
    """Examples are those we wrote; drawn ones would differ in every process."""
    for route in app.routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            for answer in (handler.responses or {}).values():
                answer.generate_examples = False


_PROOF = {
    "name": "proof",
    "in": "query",
    "description": "`1`: as the log was when it was signed last, or by `known_at`; the answer, "
    "as JSON, then has `proof` with the signed checkpoint.",
    "required": False,
    "schema": {"type": "integer", "enum": [1]},
}


def _complete(method: str, operation: dict[str, Any]) -> None:
    if any(parameter["name"] == "known_at" for parameter in operation.get("parameters", ())):
        operation["parameters"].append(_PROOF)
    operation["responses"].pop("400", None)
    operation["responses"]["default"] = {
        "description": "A problem (RFC 9457).",
        "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if method not in _SAFE:
        operation.setdefault("security", [{"token": []}, {"session": [], "page": []}])


def _answer_tables(paths: dict[str, Any], path: str) -> None:
    """What stands under an address with `.csv` too is a table there, and by `Accept` here."""
    table = {"text/csv": {"schema": {"type": "string"}}}
    paths[path]["get"]["responses"]["200"]["content"] |= table
    as_table = paths[f"{path}.csv"]["get"]["responses"]
    as_table["200"] = {**as_table["200"], "content": table}


def _problem_schema() -> dict[str, Any]:
    (schema,), definitions = msgspec.json.schema_components(
        [Problem], ref_template="#/components/schemas/{name}"
    )
    place = definitions["Place"]
    problem = definitions["Problem"]
    problem["properties"]["errors"]["items"] = place
    return problem if "$ref" in schema else schema


@get("/openapi.json", include_in_schema=False)
async def get_openapi(request: AnyRequest) -> Response[bytes]:
    """The interface description."""
    return Response(document(request.app), media_type="application/json")
