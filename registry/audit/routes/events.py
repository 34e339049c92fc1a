"""One event over HTTP, in the bytes in which it is told everywhere."""

from uuid import UUID

from litestar import Response, get
from litestar.openapi import ResponseSpec

from registry.audit import store
from registry.audit.cloud import MEDIA_TYPE, CloudEvent, cloud_event
from registry.db import Reads
from registry.errors import NotFound
from registry.web.conditional import conditional
from registry.web.requests import AnyRequest


@get(
    "/events/{event_id:uuid}",
    summary="One event",
    responses={200: ResponseSpec(CloudEvent, description="The event.", media_type=MEDIA_TYPE)},
)
async def get_event(request: AnyRequest, reads: Reads, event_id: UUID) -> Response[bytes]:
    """One public event (CloudEvents 1.0), as soon as it has its number in the log."""
    event = await store.event_by_id(reads, event_id)
    if event is None:
        raise NotFound
    return conditional(request, cloud_event(event), media_type=MEDIA_TYPE)


HANDLERS = (get_event,)
