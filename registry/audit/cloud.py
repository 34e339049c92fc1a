"""Events as CloudEvents 1.0 (structured JSON): the same bytes wherever an event is told.

`data` are the facts as recorded; where they were erased it is left out. `sequence` orders events as
text as the log does.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from registry.audit.model import Event

SOURCE = "/v1/events"
MEDIA_TYPE = "application/cloudevents+json"
BATCH_TYPE = "application/cloudevents-batch+json"

EventId = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")]
EventType = Annotated[str, Meta(pattern=r"^efa\.[a-z_]+\.[a-z_]+\Z")]
Sequence = Annotated[str, Meta(pattern=r"^[0-9]{19}\Z")]
Instant = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]{1,6})?Z\Z")]


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event of the log (CloudEvents 1.0.2, section 3; `sequence` and below are extensions).

    `organisation` is the id of the body that acted, `onbehalfof` of the one it acted for, `batch`
    joins the events of one intake.
    """

    specversion: Literal["1.0"]
    id: EventId
    source: Annotated[str, Meta(min_length=1)]
    type: EventType
    subject: str
    time: Instant
    datacontenttype: Literal["application/json"]
    sequence: Sequence
    organisation: str
    onbehalfof: str | None = None
    batch: str | None = None
    data: msgspec.Raw | None = None


def cloud_event(event: Event) -> bytes:
    """The bytes of one event."""
    return msgspec.json.encode(
        CloudEvent(
            specversion="1.0",
            id=str(event.id),
            source=SOURCE,
            type=f"efa.{event.action}",
            subject=event.subject,
            time=event.recorded_at.isoformat().replace("+00:00", "Z"),
            datacontenttype="application/json",
            sequence=f"{event.log_index:019d}",
            organisation=event.organisation,
            onbehalfof=event.on_behalf_of,
            batch=str(event.batch) if event.batch else None,
            data=event.facts,
        )
    )
