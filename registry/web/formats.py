"""The formats of the registry's own files and answers, as JSON Schemas."""

from functools import cache
from typing import Annotated

from litestar import Response, get
from litestar.params import Parameter

from registry.errors import NotFound
from registry.resources import folder
from registry.web.conditional import conditional
from registry.web.requests import AnyRequest

SCHEMA_TYPE = "application/schema+json"

FormatFile = Annotated[
    str,
    Parameter(pattern=r"^[a-z][a-z-]{0,40}\.json\Z", description="Name of the format and `.json`."),
]


@cache
def formats() -> dict[str, bytes]:
    """The text of every format, by its file's name."""
    return {path.name: path.read_bytes() for path in sorted(folder("schemas").glob("*.json"))}


@get("/schemas/{file:str}", tags=["operations"], summary="A format as JSON Schema")
async def get_format(request: AnyRequest, file: FormatFile) -> Response[bytes]:
    """The JSON Schema (2020-12) of one of the registry's formats, such as `service.json`."""
    content = formats().get(file)
    if content is None:
        raise NotFound
    return conditional(request, content, media_type=SCHEMA_TYPE)
