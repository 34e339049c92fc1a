"""Guards against requests that would be understood differently than meant."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler
from litestar.handlers.http_handlers import HTTPRouteHandler

from registry.errors import Fault, Malformed, Refusal

AnyConnection = ASGIConnection[Any, Any, Any, Any]


class EncodedBody(Refusal):
    """A compressed request body: refused, so that no small body can unpack to a huge one."""

    code = "unsupported-media-type"
    status = 415


def refuse_unknown_parameters(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """A misspelt filter must not silently widen the answer."""
    if not isinstance(handler, HTTPRouteHandler) or not connection.query_params:
        return
    known = _parameters(handler)
    faults = [
        Fault(f"?{name}", "unknown-parameter", {"name": name})
        for name in connection.query_params
        if name not in known
    ]
    if faults and handler.opt.get("any_parameter") is not True:
        raise Malformed(*faults)


def _parameters(handler: HTTPRouteHandler) -> set[str]:
    """What a handler takes, itself or through the dependencies it asks for."""
    taken = set(handler.parsed_fn_signature.parameters)
    for name, provider in handler.resolve_dependencies().items():
        if name in taken:
            taken |= set(provider.parsed_fn_signature.parameters)
    return taken


def refuse_encoded_body(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """Bodies arrive as they are."""
    if connection.headers.get("content-encoding", "identity") != "identity":
        raise EncodedBody
