"""The schemas themselves: immutable bytes under an address that is their identity."""

from typing import Any

from litestar import Response, get
from litestar.openapi import ResponseSpec

from registry.db import Reads
from registry.versions import store
from registry.versions.model import UnknownInterface
from registry.versions.routes.addresses import (
    INTERFACE_ADDRESS,
    REDIRECTION,
    InterfaceAddress,
    redirected,
)
from registry.versions.schemas.served import MEDIA_TYPE, served
from registry.web.conditional import conditional
from registry.web.requests import AnyRequest, header_list

SCHEMA = ResponseSpec(dict[str, Any], description="As it was published.", media_type=MEDIA_TYPE)


@get(
    "/services/{slug:str}/versions/{version:str}/interfaces/{interface:str}",
    summary="The schema of an interface",
    media_type=MEDIA_TYPE,
    dependencies=INTERFACE_ADDRESS,
    responses={200: SCHEMA, 307: REDIRECTION},
)
async def get_schema(
    request: AnyRequest, reads: Reads, address: InterfaceAddress
) -> Response[bytes]:
    """A schema byte for byte as it was published. Its ETag is the SHA-256 of these bytes."""
    if not address.names_a_number:
        return await redirected(request, reads, address, f"/interfaces/{address.interface}")
    stored = await store.schema(reads, *address.place)
    if stored is None:
        await store.version(reads, address.slug, address.version, None, None)
        raise UnknownInterface(version=address.version, interface=address.interface)
    form = served(stored, header_list(request, "accept-encoding") or "", address.version_path)
    return conditional(
        request, form.content, etag=form.etag, headers=form.headers, media_type=MEDIA_TYPE
    )
