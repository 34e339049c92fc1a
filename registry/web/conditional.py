"""Conditional requests (RFC 9110, 13): strong ETags, 304, 412 and 428."""

import hashlib
from dataclasses import dataclass
from typing import Annotated

import msgspec
from litestar import Response
from litestar.params import HeaderParameter

from registry.errors import Fault, Malformed, PreconditionRequired, StaleState
from registry.web.requests import AnyRequest, header_list

PRIVATE = {"Vary": "Authorization, Cookie", "Cache-Control": "no-store"}
"""What is for one caller alone is kept by nobody (RFC 9111)."""

BY_CALLER = {"Vary": "Accept, Authorization, Cookie"}
"""What is shown to all, and more of it to some."""

FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
"""What never changes may be kept for a year by whoever passes it on (RFC 9111, RFC 8246)."""


def etag_of(content: bytes) -> str:
    """A strong entity tag: the first 32 hex digits of the SHA-256."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def known_already(if_none_match: str, etag: str) -> bool:
    """Whether the caller has what the strong `etag` names (weak comparison)."""
    tags = _tags(if_none_match)
    return "*" in tags or etag in [tag.removeprefix("W/") for tag in tags]


def _tags(header: str | None) -> list[str]:
    return [tag.strip() for tag in (header or "").split(",")]


def conditional(
    request: AnyRequest,
    answer: object,
    *,
    etag: str | None = None,
    headers: dict[str, str] | None = None,
    media_type: str = "application/json",
) -> Response[bytes]:
    """The answer (JSON unless bytes) with its ETag, worked out unless stored; 304 to who has it."""
    content = answer if isinstance(answer, bytes) else msgspec.json.encode(answer)
    etag = etag or etag_of(content)
    known = {"ETag": etag, "Cache-Control": "no-cache"} | (headers or {})
    if known_already(header_list(request, "if-none-match") or "", etag):
        known.pop("Content-Encoding", None)
        return Response(b"", status_code=304, headers=known, media_type=media_type)
    return Response(content, headers=known, media_type=media_type)


UNTIL_ERASED = {"Cache-Control": "public, max-age=300, immutable"}
"""What changes only when facts in it are erased: nobody can take it back from others' caches."""


def lasting(request: AnyRequest, *, known_at: object, as_of: object = True) -> dict[str, str]:
    """That the answer stays as it is: for everybody's, where both the day and the log are named.

    `as_of` is left out by what takes no day.
    """
    if (
        as_of is None
        or known_at is None
        or not {"authorization", "cookie"}.isdisjoint(request.headers)
    ):
        return {}
    return UNTIL_ERASED


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
