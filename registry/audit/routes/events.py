"""Events over HTTP, in log order."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import Parameter

from registry.audit import store
from registry.audit.model import Event
from registry.db import Reads
from registry.errors import NotFound
from registry.web.params import Limit

Action = Annotated[
    str | None, Parameter(pattern=r"^[a-z_]+\.[a-z_]+$", description="Only this action.")
]
Subject = Annotated[
    str | None,
    Parameter(
        min_length=1, max_length=300, description="Only this subject and what lies below it."
    ),
]
After = Annotated[
    int, Parameter(ge=0, le=2**62, description="Log number of the first event wanted.")
]


class EventFeed(msgspec.Struct, frozen=True, kw_only=True):
    """Events in log order; continue with `after` = `next_after`."""

    items: list[Event]
    next_after: int


@get("/events", summary="Events in log order")
async def list_events(
    reads: Reads,
    after: After = 0,
    limit: Limit = 50,
    subject: Subject = None,
    action: Action = None,
) -> EventFeed:
    """Public events from a log number on. A reader that keeps `next_after` misses nothing."""
    items = await store.events_after(reads, after, limit, subject=subject, action=action)
    return EventFeed(items=items, next_after=items[-1].log_index + 1 if items else after)


@get("/events/{event_id:uuid}", summary="One event")
async def get_event(reads: Reads, event_id: UUID) -> Event:
    """One public event, as soon as it has its number in the log."""
    event = await store.event_by_id(reads, event_id)
    if event is None:
        raise NotFound
    return event


HANDLERS = (list_events, get_event)
