"""Conditional requests (RFC 9110, 13): strong ETags, 304, 412 and 428."""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from litestar.params import HeaderParameter

from registry.errors import Fault, Malformed, PreconditionRequired, StaleState

AnyRequest = Request[Any, Any, Any]


def etag_of(content: bytes) -> str:
    """A strong entity tag: the first 32 hex digits of the SHA-256."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def header_list(request: AnyRequest, name: str) -> str | None:
    """All lines of a list header as one; None where there is none."""
    lines = request.headers.getall(name, [])
    return ", ".join(lines) if lines else None


def known_already(request: AnyRequest, etag: str) -> bool:
    """Whether the caller has what `etag` names (`If-None-Match`, weak comparison)."""
    tags = _tags(header_list(request, "if-none-match"))
    return "*" in tags or etag.removeprefix("W/") in [tag.removeprefix("W/") for tag in tags]


def _tags(header: str | None) -> list[str]:
    return [tag.strip() for tag in (header or "").split(",")]


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
    if known_already(request, etag):
        return Response(b"", status_code=304, headers=known, media_type="application/json")
    return Response(content, headers=known, media_type="application/json")


IfMatch = Annotated[
    str | None, HeaderParameter(name="If-Match", description="The ETag of the state to change.")
]
IfNoneMatch = Annotated[
    str | None,
    HeaderParameter(name="If-None-Match", description="`*`: create what is not there."),
]


@dataclass(frozen=True, kw_only=True)
class Preconditions:
    """The headers a change is made under."""

    if_match: str | None = None
    if_none_match: str | None = None

    def require(self, etag: str | None) -> None:
        """Refuse a change that does not name the present state; `etag` is None where none is."""
        if self.if_match is not None:
            if not _matches(self.if_match, etag):
                raise StaleState
        elif "*" not in _tags(self.if_none_match):
            raise PreconditionRequired
        elif etag is not None:
            raise StaleState


def _matches(header: str, etag: str | None) -> bool:
    """Strong comparison (RFC 9110, 13.1.1): a weak tag names no state to change."""
    tags = _tags(header)
    return etag is not None and ("*" in tags or etag in tags)


async def provide_preconditions(
    request: AnyRequest,
    if_match: IfMatch = None,  # noqa: ARG001 - named for the interface description only
    if_none_match: IfNoneMatch = None,  # noqa: ARG001
) -> Preconditions:
    """Both headers with all their lines; never both of them."""
    wanted, unwanted = header_list(request, "if-match"), header_list(request, "if-none-match")
    if wanted is not None and unwanted is not None:
        raise Malformed(Fault("If-None-Match:", "one-precondition"))
    return Preconditions(if_match=wanted, if_none_match=unwanted)
