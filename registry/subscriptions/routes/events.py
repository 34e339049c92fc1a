"""The log as events: read, waited for, or as a stream."""

from collections.abc import AsyncGenerator
from contextlib import aclosing, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.di import Provide
from litestar.openapi import ResponseSpec
from litestar.params import HeaderParameter, Parameter
from litestar.response import Stream

from registry.audit.cloud import BATCH_TYPE, CloudEvent, cloud_event
from registry.audit.model import Event
from registry.authority import Actor
from registry.catalogue import store as catalogue
from registry.errors import Fault, Malformed
from registry.identity.guard import find_caller, provide_actor, view_of
from registry.identity.limits import network_of
from registry.subscriptions.asking import (
    Asked,
    Viewing,
    Wanted,
    read_when_there,
    require_one_filter,
    require_reader,
)
from registry.subscriptions.stream import Hub, Seats, Streamed
from registry.web.conditional import BY_CALLER, PRIVATE, conditional
from registry.web.params import Limit, OfService
from registry.web.preferring import applied, seconds_preferred
from registry.web.requests import AnyRequest, asked_for_head, first_accepted

_LONGEST_WAIT = 30
_LONGEST_STREAM = 900

After = Annotated[
    int, Parameter(ge=0, le=2**62, description="Log number of the first event wanted.")
]
Prefer = Annotated[
    str | None,
    HeaderParameter(
        name="Prefer",
        max_length=200,
        description="`wait=N`: where there is none yet, wait up to N seconds for one, 30 at most.",
    ),
]
Lasting = Annotated[
    str | None,
    HeaderParameter(
        name="Prefer",
        max_length=200,
        description="`wait=N`: end the stream after N seconds; 900 unless said, and at most.",
    ),
]
LastEventId = Annotated[
    str | None,
    HeaderParameter(
        name="Last-Event-ID",
        max_length=40,
        description="The id of the last message that came; the stream goes on behind it.",
    ),
]


@dataclass(frozen=True, kw_only=True)
class EventQuery:
    """Which events are asked for."""

    service: OfService = None
    subject: Annotated[
        str | None,
        Parameter(
            min_length=1, max_length=300, description="Only this subject and what lies below it."
        ),
    ] = None
    subscription: Annotated[
        UUID | None,
        Parameter(description="Only what this subscription asks for; for whose it is."),
    ] = None
    action: Annotated[
        str | None, Parameter(pattern=r"^[a-z_]+\.[a-z_]+\Z", description="Only this action.")
    ] = None


class EventFeed(msgspec.Struct, frozen=True, kw_only=True):
    """Events in log order; continue with `after` = `next_after`."""

    items: list[CloudEvent]
    next_after: int


class _EventFeed(msgspec.Struct, frozen=True, kw_only=True):
    """The same, each event in the bytes in which it is told everywhere."""

    items: list[msgspec.Raw]
    next_after: int


@get(
    "/events",
    summary="Events in log order",
    dependencies={"about": Provide(EventQuery, sync_to_thread=False)},
    responses={200: ResponseSpec(EventFeed, description="Events, and where to continue.")},
)
async def list_events(
    request: AnyRequest,
    about: EventQuery,
    after: After = 0,
    limit: Limit = 50,
    prefer: Prefer = None,
) -> Response[bytes]:
    """Events from a log number on (CloudEvents 1.0). Who keeps `next_after` misses nothing.

    They are public, but for those that the caller's own body recorded and that are private to it.
    With `Accept: application/cloudevents-batch+json` a bare list, in the bytes of the webhooks.
    """
    caller = await find_caller(request)
    viewing = partial(view_of, request.app.state.database, caller)
    asked = await _asked(request, viewing, about)
    seconds = seconds_preferred(prefer, usual=0, most=_LONGEST_WAIT)
    seats: Seats = request.app.state.seats
    if seconds:
        seats.require_free(_whose(request, caller))
    with seats.taken(_whose(request, caller)) if seconds else nullcontext():
        found = await read_when_there(
            viewing, request.app.state.tail, Wanted(asked, after, limit), seconds
        )
    headers = (PRIVATE if caller else {}) | BY_CALLER
    return _answer(request, found, after, headers | (applied(seconds) if prefer else {}))


def _answer(
    request: AnyRequest, found: list[Event], after: int, headers: dict[str, str]
) -> Response[bytes]:
    following = found[-1].log_index + 1 if found else after
    kept = [(k, str(v)) for k, v in request.query_params.multi_items() if k != "after"]
    address = f"/v1/events?{urlencode([*kept, ('after', following)])}"
    headers = headers | {"Link": f'<{address}>; rel="next"'}
    items = [msgspec.Raw(cloud_event(event)) for event in found]
    if first_accepted(request) == BATCH_TYPE:
        return conditional(
            request, msgspec.json.encode(items), headers=headers, media_type=BATCH_TYPE
        )
    return conditional(request, _EventFeed(items=items, next_after=following), headers=headers)


async def _asked(request: AnyRequest, viewing: Viewing, about: EventQuery) -> Asked:
    """What is asked for, once it is known to be there and for this caller to see."""
    asked = Asked(
        service=about.service,
        subject=about.subject,
        subscription=about.subscription,
        action=about.action,
    )
    require_one_filter(asked)
    if asked.service is None and asked.subscription is None:
        return asked
    actor = await provide_actor(request) if asked.subscription is not None else None
    async with viewing() as view:
        await catalogue.require_recorded(view, asked.service, None)
        if actor is not None and asked.subscription is not None:
            await require_reader(actor, view, asked.subscription)
    return asked


def _whose(request: AnyRequest, caller: Actor | None) -> str:
    return caller.organisation if caller else network_of(request)


@get(
    "/events/stream",
    summary="Events as they are recorded",
    media_type="text/event-stream",
    dependencies={"about": Provide(EventQuery, sync_to_thread=False)},
    responses={200: ResponseSpec(str, description="A stream.", media_type="text/event-stream")},
)
async def stream_events(
    request: AnyRequest,
    about: EventQuery,
    after: Annotated[
        int | None,
        Parameter(ge=0, le=2**62, description="Log number of the first event; else what is new."),
    ] = None,
    last_event_id: LastEventId = None,
    prefer: Lasting = None,
) -> Stream:
    """Public events as server-sent events, each with its log number as `id`.

    `Last-Event-ID` goes on where one was. The stream ends after a quarter of an hour at the latest,
    when the server stops, or for who does not keep up; browsers then come again by themselves. A
    token is asked for at the beginning only.
    """
    caller = await find_caller(request)
    state = request.app.state
    viewing = partial(view_of, state.database, caller)
    asked = await _asked(request, viewing, about)
    begin = _behind(last_event_id) if last_event_id is not None else after
    seats: Seats = state.seats
    seats.require_free(whose := _whose(request, caller))
    seconds = seconds_preferred(prefer, usual=_LONGEST_STREAM, most=_LONGEST_STREAM)
    hub: Hub = state.hub
    messages = hub.messages(state.database, viewing, Streamed(asked, begin, seconds))
    headers = PRIVATE | {"X-Accel-Buffering": "no"} | (applied(seconds) if prefer else {})
    content = () if asked_for_head(request) else _seated(seats, whose, messages)
    return Stream(content, headers=headers, media_type="text/event-stream")


def _behind(last_event_id: str) -> int:
    """The number behind the last that came."""
    if not last_event_id.isascii() or not last_event_id.isdigit() or len(last_event_id) > 18:
        raise Malformed(Fault("Last-Event-ID:", "no-event-number", {"value": last_event_id}))
    return int(last_event_id) + 1


async def _seated(
    seats: Seats, whose: str, messages: AsyncGenerator[bytes]
) -> AsyncGenerator[bytes]:
    """The messages, on a seat that is left with them; none where all were taken meanwhile."""
    if not seats.is_free(whose):
        return
    with seats.taken(whose):
        async with aclosing(messages):
            async for message in messages:
                yield message


HANDLERS = (list_events, stream_events)
