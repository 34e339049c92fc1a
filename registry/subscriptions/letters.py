"""The bytes of messages: an event as it is everywhere, and the questions to a receiver."""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Iterable
from uuid import UUID

import msgspec

from registry.audit import store as audit
from registry.audit.cloud import SOURCE, CloudEvent, cloud_event
from registry.db import Query
from registry.subscriptions.store.sending import Message

_KEPT = 1_000


class Challenge(msgspec.Struct, frozen=True):
    """What a receiver sends back to show that it wants to hear."""

    challenge: str


class Letters:
    """Makes messages; those of events are kept, since many receivers get the same bytes."""

    def __init__(self, installation: bytes) -> None:
        self._installation = installation
        self._events: OrderedDict[UUID, bytes] = OrderedDict()

    async def fetch(self, db: Query, messages: Iterable[Message]) -> None:
        """Have the events of these messages at hand."""
        wanted = {one.event_id for one in messages if one.event_id} - self._events.keys()
        for event in await audit.events_by_id(db, list(wanted)) if wanted else ():
            self._events[event.id] = cloud_event(event)
        while len(self._events) > _KEPT + len(wanted):
            self._events.popitem(last=False)

    def challenge(self, message: Message) -> str:
        """What is to be sent back; nobody else can know it."""
        asked = f"challenge {message.id}".encode()
        return hmac.digest(self._installation, asked, hashlib.sha256).hex()

    def body(self, message: Message) -> bytes:
        """The bytes to send (CloudEvents 1.0, structured)."""
        if message.event_id is not None:
            return self._events[message.event_id]
        asked = msgspec.json.encode(Challenge(self.challenge(message)))
        question = CloudEvent(
            specversion="1.0",
            id=str(message.id),
            source=SOURCE,
            type=f"efa.subscriptions.{message.kind}",
            subject=f"subscriptions/{message.subscription_id}",
            time=message.created_at.isoformat().replace("+00:00", "Z"),
            datacontenttype="application/json",
            sequence="0" * 19,
            organisation="",
            data=msgspec.Raw(asked) if message.kind == "handshake" else None,
        )
        return msgspec.json.encode(question)
