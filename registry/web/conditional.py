"""Conditional requests (RFC 9110, 13): strong ETags, 304, 412 and 428."""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from litestar.params import HeaderParameter

from registry.errors import PreconditionRequired, StaleState

AnyRequest = Request[Any, Any, Any]


def etag_of(content: bytes) -> str:
    """A strong entity tag: the first 32 hex digits of the SHA-256."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def names(header: str, etag: str) -> bool:
    """Whether a list of entity tags names `etag` (weak comparison, for GET)."""
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in tags or etag in tags


def conditional(
    request: AnyRequest,
    answer: object,
    *,
    etag: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response[bytes]:
    """The answer as JSON with its ETag (worked out unless stored), or 304 to who has it already."""
    content = answer if isinstance(answer, bytes) else msgspec.json.encode(answer)
    etag = etag or etag_of(content)
    known = {"ETag": etag, "Cache-Control": "no-cache"} | (headers or {})
    if names(request.headers.get("if-none-match", ""), etag):
        return Response(b"", status_code=304, headers=known, media_type="application/json")
    return Response(content, headers=known, media_type="application/json")


@dataclass(frozen=True, kw_only=True)
class Preconditions:
    """The headers a change is made under, as a dependency that documents them."""

    if_match: Annotated[
        str | None, HeaderParameter(name="If-Match", description="The ETag of the state to change.")
    ] = None
    if_none_match: Annotated[
        str | None,
        HeaderParameter(name="If-None-Match", description="`*`: create what is not there."),
    ] = None


def require_expected_state(request: AnyRequest, etag: str | None) -> None:
    """Refuse a change that does not name the present state; `etag` is None where nothing exists."""
    match, none_match = request.headers.get("if-match"), request.headers.get("if-none-match")
    if none_match == "*":
        if etag is not None:
            raise StaleState
        return
    if match is None:
        raise PreconditionRequired
    if etag is None or not names(match, etag):
        raise StaleState
