"""Requests as handlers see them: JSON that cannot be read is the caller's mistake, told as such."""

from typing import Any

from litestar import Request
from litestar.exceptions import InternalServerException, SerializationException

from registry.errors import Fault, Malformed

AnyRequest = Request[Any, Any, Any]


class JsonRequest(AnyRequest):
    """A request whose body is read as strictly as RFC 8259 asks."""

    async def body(self) -> bytes:
        """The whole body; a caller who leaves before its end is no failure of ours."""
        try:
            return await super().body()
        except InternalServerException:
            raise Malformed(Fault("", "cut-off")) from None

    async def json(self) -> Any:
        """The body as a value; a refusal where it is no JSON, no UTF-8 or nested too deeply."""
        try:
            return await super().json()
        except RecursionError:
            raise Malformed(Fault("", "too-deep")) from None
        except (SerializationException, UnicodeDecodeError) as error:
            raise Malformed(Fault("", "not-json", {"reason": str(error)})) from None


def header_list(request: AnyRequest, name: str) -> str | None:
    """All lines of a list header as one; None where there is none."""
    lines = request.headers.getall(name, [])
    return ", ".join(lines) if lines else None
