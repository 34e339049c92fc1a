"""Requests as handlers see them: JSON that cannot be read is the caller's mistake, told as such."""

import asyncio
from typing import Any

from litestar import Request
from litestar.datastructures import FormMultiDict
from litestar.exceptions import (
    ClientException,
    InternalServerException,
    SerializationException,
)
from litestar.status_codes import HTTP_400_BAD_REQUEST, HTTP_413_REQUEST_ENTITY_TOO_LARGE

from registry.dialects.strict_json import Limits, Unreadable, has_more_values, read_json
from registry.errors import Fault, Malformed

AnyRequest = Request[Any, Any, Any]

FORM = "application/x-www-form-urlencoded"
UPLOAD = "multipart/form-data"
FORMS = (FORM, UPLOAD)
"""How forms of pages are sent: with files, the second."""

# What a scope holds where HEAD was asked, which is answered as GET is.
HEAD_ASKED = "efa_head"

# Where the state of a scope holds the body as it was read, until it is answered.
READ_BODY = "efa_body"

# What a handler says of itself in its `opt` whose body may hold schemas.
SCHEMAS = "schemas"

# A schema may be 64 deep, and stands in an object; ten of the largest have that many values, and
# more of them are sent as texts. How many bytes any body may have is limited before it is read.
_BODY = Limits(bytes=1 << 20, depth=70, nodes=10_000)
_WITH_SCHEMAS = Limits(bytes=1 << 30, depth=70, nodes=200_000)
_READ_AT_ONCE = 10_000


class JsonRequest(AnyRequest):
    """A request whose body is read as strictly as RFC 8259 asks."""

    async def body(self) -> bytes:
        """The whole body; a caller who leaves before its end is no failure of ours."""
        try:
            return await super().body()
        except InternalServerException:
            raise Malformed(Fault("", "cut-off")) from None

    async def form(self) -> FormMultiDict:
        """What a form sent; a refusal where its parts cannot be told apart or are no texts."""
        try:
            return await super().form()
        except (ClientException, LookupError, ValueError) as error:
            if isinstance(error, ClientException) and error.status_code != HTTP_400_BAD_REQUEST:
                raise
            raise Malformed(Fault("", "form-broken")) from None

    async def json(self) -> Any:
        """The body as a value; a refusal where it is no JSON, or one that readers differ about.

        Of two equal keys some readers take the first, some the last: nothing is recorded of a body
        that says two things. The fault's pointer leads to the second.
        """
        limits = _WITH_SCHEMAS if self.route_handler.opt.get(SCHEMAS) else _BODY
        body = await self.body()
        if len(body) > limits.bytes:
            raise ClientException(status_code=HTTP_413_REQUEST_ENTITY_TOO_LARGE)
        short = len(body) <= _READ_AT_ONCE
        if not short and await asyncio.to_thread(has_more_values, body, limits.nodes):
            raise Malformed(Fault("", "too-many-values", {"limit": limits.nodes}))
        try:
            value = await super().json()
        except RecursionError:
            raise Malformed(Fault("", "too-deep")) from None
        except (SerializationException, UnicodeDecodeError) as error:
            unplaced = Fault("", "not-json", {"reason": str(error)})
            raise Malformed(oddity(body, limits) or unplaced) from None
        fault = oddity(body, limits) if short else await asyncio.to_thread(oddity, body, limits)
        if fault:
            raise Malformed(fault)
        self.scope["state"][READ_BODY] = value
        return value


def oddity(body: bytes, limits: Limits) -> Fault | None:
    """What of a JSON text means different things to different readers, or is too much."""
    try:
        read_json(body, limits)
    except Unreadable as refusal:
        return refusal.fault
    return None


def first_accepted(request: AnyRequest) -> str:
    """The media type that `Accept` names first, in lower case; empty where there is none."""
    accepted = header_list(request, "accept") or ""
    return accepted.split(",")[0].partition(";")[0].strip().lower()


def asked_for_head(request: AnyRequest) -> bool:
    """Whether only the headers are wanted; a stream would never end otherwise."""
    scope: Any = request.scope
    return HEAD_ASKED in scope


def header_list(request: AnyRequest, name: str) -> str | None:
    """All lines of a list header as one; None where there is none."""
    lines = request.headers.getall(name, [])
    return ", ".join(lines) if lines else None
