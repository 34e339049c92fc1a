"""Refuses requests that would be understood differently than meant."""

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from registry.characters import CONTROLS
from registry.errors import Fault, Malformed, Refusal
from registry.web.requests import AnyRequest

JSON = "application/json"
# What a handler says of itself in its `opt` that reads its parameters itself.
ANY_PARAMETER = "any-parameter"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_MAX_QUERY = 16_000
_CONTROL = re.compile(f"[{CONTROLS}]")
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
    """The query parameters of one handler; those that may be repeated; those `null` would drop."""

    names: frozenset[str]
    repeatable: frozenset[str]
    no_null: frozenset[str]


_TAKEN: dict[Any, Taken] = {}


def refuse_odd_addresses(request: AnyRequest) -> None:
    """No text with control characters reaches a look-up, no odd host a link."""
    query = request.scope["query_string"]
    if len(query) > _MAX_QUERY:
        raise Malformed(Fault("?", "query-too-long", {"limit": _MAX_QUERY}))
    hosts = request.headers.getall("host", [])
    if len(hosts) > 1 or not all(map(is_host, hosts)) or (not hosts and needs_host(request.scope)):
        raise Malformed(Fault("host:", "odd-host"))
    if _CONTROL.search(request.scope["path"]):
        raise Malformed(Fault("{}", "control-character"))
    if b"%" in query and (faults := [*_with_control_characters(request)]):
        raise Malformed(*faults)


def needs_host(scope: Any) -> bool:
    """Whether a request must say which host it means (RFC 9112, 3.2)."""
    return scope.get("http_version") != "1.0"


@lru_cache(maxsize=256)
def is_host(text: str) -> bool:
    """Whether a `Host` header names a host, and perhaps a port."""
    found = _HOST.fullmatch(text)
    return found is not None and int((found[2] or ":")[1:] or 0) < 1 << 16


def _with_control_characters(request: AnyRequest) -> Iterator[Fault]:
    for name, value in request.query_params.multi_items():
        if _CONTROL.search(name + value):
            yield Fault(f"?{_CONTROL.sub('', name)}", "control-character")


def refuse_unknown_parameters(request: AnyRequest) -> None:
    """A misspelt filter must not silently widen the answer, nor one of two filters be dropped."""
    taking_all = request.route_handler.opt.get(ANY_PARAMETER)
    if not request.scope["query_string"] or request.method == "OPTIONS" or taking_all:
        return
    taken = taken_by(request)
    pairs = [*request.query_params.multi_items()]
    given = [name for name, _ in pairs]
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
    faults += [
        Fault(f"?{name}", "null-parameter", {"name": name})
        for name, value in pairs
        if name in taken.no_null and value.lower() == "null"
    ]
    if faults:
        raise Malformed(*faults)


def taken_by(request: AnyRequest) -> Taken:
    """What a handler takes, itself or through its dependencies, by the names callers use."""
    handler = request.route_handler
    known = _TAKEN.get(handler.fn)
    if known is None:
        parts: Any = dict.fromkeys(request.path_params)
        expected = handler.create_kwargs_model(parts).expected_query_params
        known = _TAKEN[handler.fn] = Taken(
            frozenset(parameter.field_alias for parameter in expected),
            frozenset(parameter.field_alias for parameter in expected if parameter.is_sequence),
            frozenset(_dropped_by_null(handler, expected)),
        )
    return known


def _dropped_by_null(handler: Any, expected: Any) -> Iterator[str]:
    """The parameters whose value `null` would be read as none at all; to a text it is a word."""
    fields: dict[str, Any] = {}
    for asking in (*handler.resolve_dependencies().values(), handler):
        fields |= asking.signature_model._fields
    for parameter in expected:
        with suppress(msgspec.ValidationError):
            if msgspec.convert("null", fields[parameter.field_name].raw, strict=False) is None:
                yield parameter.field_alias


def refuse_unread_bodies(request: AnyRequest) -> None:
    """Bodies are JSON, uncompressed; a handler that reads others says so: `opt={"reads": …}`."""
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise UnsupportedBody
    if request.method in SAFE or not _has_body(request):
        return
    types = request.headers.getall("content-type", [JSON])
    media_type, _, parameters = types[0].partition(";")
    read = media_type.strip().lower() in request.route_handler.opt.get("reads", (JSON,))
    if len(types) > 1 or not read or not _is_utf8(parameters):
        raise UnsupportedBody


def _has_body(request: AnyRequest) -> bool:
    headers = request.headers
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def _is_utf8(parameters: str) -> bool:
    found = [part for part in parameters.lower().split(";") if "charset" in part]
    return all(_CHARSET.fullmatch(part) for part in found)
