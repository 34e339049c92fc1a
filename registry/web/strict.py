"""Guards against requests that would be understood differently than meant."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler
from litestar.handlers.http_handlers import HTTPRouteHandler

from registry.errors import Fault, Malformed, Refusal

AnyConnection = ASGIConnection[Any, Any, Any, Any]

JSON = "application/json"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_MAX_QUERY = 16_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._~%!$&'()*+,;=-]{0,255})(:[0-9]{0,5})?")
_CHARSET = re.compile(r"\s*charset\s*=\s*\"?utf-?8\"?\s*", re.IGNORECASE)


class UnsupportedBody(Refusal):
    """A body of a type that is not read here, or a compressed one.

    No small body can so unpack to a huge one, and nothing is taken for JSON that was not sent as
    JSON.
    """

    code = "unsupported-media-type"
    status = 415


class Taken(NamedTuple):
    """The query parameters of one handler, and which of them may be repeated."""

    names: frozenset[str]
    repeatable: frozenset[str]


# By the function of the handler: Litestar hands guards a fresh copy of the handler each time.
_TAKEN: dict[Any, Taken] = {}


def refuse_odd_addresses(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """No text with control characters reaches a look-up, no odd host a link."""
    query: bytes = connection.scope["query_string"]
    if len(query) > _MAX_QUERY:
        raise Malformed(Fault("?", "query-too-long", {"limit": _MAX_QUERY}))
    hosts = connection.headers.getall("host", [])
    if len(hosts) > 1 or not all(map(_is_host, hosts)):
        raise Malformed(Fault("host:", "odd-host"))
    if _CONTROL.search(connection.scope["path"]):
        raise Malformed(Fault("{}", "control-character"))
    if b"%" in query and (faults := [*_with_control_characters(connection)]):
        raise Malformed(*faults)


def _is_host(text: str) -> bool:
    found = _HOST.fullmatch(text)
    return found is not None and int((found[2] or ":")[1:] or 0) < 1 << 16


def _with_control_characters(connection: AnyConnection) -> Iterator[Fault]:
    for name, value in connection.query_params.multi_items():
        if _CONTROL.search(name + value):
            yield Fault(f"?{_CONTROL.sub('', name)}", "control-character")


def refuse_unknown_parameters(connection: AnyConnection, handler: Any) -> None:
    """A misspelt filter must not silently widen the answer, nor one of two filters be dropped."""
    scope = cast("Any", connection.scope)
    if not scope["query_string"] or scope["method"] == "OPTIONS":
        return
    taken = _taken(connection, handler)
    given = [name for name, _ in connection.query_params.multi_items()]
    faults = [
        Fault(f"?{name}", "unknown-parameter", {"name": name})
        for name in dict.fromkeys(given)
        if name not in taken.names
    ]
    faults += [
        Fault(f"?{name}", "repeated-parameter", {"name": name})
        for name in sorted(taken.names - taken.repeatable)
        if given.count(name) > 1
    ]
    if faults:
        raise Malformed(*faults)


def _taken(connection: AnyConnection, handler: HTTPRouteHandler) -> Taken:
    """What a handler takes, itself or through its dependencies, by the names callers use."""
    known = _TAKEN.get(handler.fn)
    if known is None:
        parts: Any = dict.fromkeys(connection.path_params)
        expected = handler.create_kwargs_model(parts).expected_query_params
        known = _TAKEN[handler.fn] = Taken(
            frozenset(parameter.field_alias for parameter in expected),
            frozenset(parameter.field_alias for parameter in expected if parameter.is_sequence),
        )
    return known


def refuse_unread_bodies(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """Bodies are JSON, uncompressed; a handler that reads others says so: `opt={"reads": …}`."""
    if connection.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise UnsupportedBody
    if cast("Any", connection.scope)["method"] in SAFE or not _has_body(connection):
        return
    types = connection.headers.getall("content-type", [JSON])
    media_type, _, parameters = types[0].partition(";")
    read = media_type.strip().lower() in handler.opt.get("reads", (JSON,))
    if len(types) > 1 or not read or not _is_utf8(parameters):
        raise UnsupportedBody


def _has_body(connection: AnyConnection) -> bool:
    headers = connection.headers
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def _is_utf8(parameters: str) -> bool:
    found = [part for part in parameters.lower().split(";") if "charset" in part]
    return all(_CHARSET.fullmatch(part) for part in found)
