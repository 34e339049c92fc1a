"""Static files at addresses that change with their content."""

import mimetypes

from litestar import Response, get

from registry.errors import NotFound
from registry.site.rendering import static_digest, static_files
from registry.web.conditional import FOR_EVER, conditional
from registry.web.requests import AnyRequest

mimetypes.add_type("font/woff2", ".woff2")


@get("/static/{digest:str}/{file:path}", include_in_schema=False)
async def get_static(request: AnyRequest, digest: str, file: str) -> Response[bytes]:
    """A file, for ever the same at this address."""
    content = static_files().get(file.lstrip("/"))
    if content is None or digest != static_digest():
        raise NotFound
    kind = mimetypes.guess_type(file)[0] or "text/plain"
    return conditional(request, content, headers=FOR_EVER, media_type=kind)
