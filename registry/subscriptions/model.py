"""Nouns of subscriptions: what is wanted, what was sent, and the refusals of this room."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from registry.authority import is_regional_key
from registry.catalogue.parts import Code, LeikaKey, Line, Mailbox, Text, Url
from registry.characters import LINE
from registry.errors import Conflict, Fault, NotFound, Refusal, Unprocessable
from registry.organisations.model import BodyName
from registry.semver import OddRange, parse_range
from registry.web.egress import Forbidden, readable_url

SCOPE = "subscribe"
ALL = "*"
MOST = 500
QUESTIONS_OF_BODY = 20
"""How many addresses a body, or who acts for it, may have asked by mail within a day."""
QUESTIONS_OF_ADDRESS = 3
"""How often an address is asked within a day, whoever wants it."""

# What every body hears of the services it reuses, whatever else it chose.
NOTICES = ("impact.deprecate", "impact.revoke")
ACTIONS = (
    *NOTICES,
    "agreements.put_accession",
    "agreements.put_agreement",
    "catalogue.put_service",
    "reuse.confirm",
    "reuse.correct",
    "reuse.dispute",
    "reuse.start",
    "reuse.step",
    "reuse.take_over",
    "reuse.void",
    "usage.record",
    "versions.publish",
)

ServiceWanted = Annotated[
    str,
    Meta(pattern=r"^([a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?|\*)\Z", description="A slug, or `*`."),
]
RangeText = Annotated[
    str,
    Meta(
        pattern=LINE,
        max_length=200,
        description="Versions, in npm's grammar: `^2`, `>=1.2 <3`, `*`.",
    ),
]
Area = Annotated[str, Meta(pattern=r"^[0-9]{2,12}\Z", description="A regional key.")]
Action = Annotated[str, Meta(pattern=r"^[a-z_]+\.[a-z_]+\Z", description="As in `/v1/events`.")]
Kind = Literal["event", "handshake", "test"]
DeliveryState = Literal["pending", "late", "delivered", "dead", "readable"]
EndReason = Literal["cancelled", "gone", "unreachable", "unverified"]
SubscriptionState = Literal["active", "unverified", "ended"]


class UnknownSubscription(NotFound):
    """No such subscription, or it is not for this caller to know."""

    code = "unknown-subscription"


class UnknownDelivery(NotFound):
    """No such delivery, or it is not for this caller to know."""

    code = "unknown-delivery"


class UnknownNotice(NotFound):
    """No event of this id tells that a version ends."""

    code = "unknown-notice"


class SubscriptionEnded(Conflict):
    """Nothing is sent to this receiver any more; subscribe anew."""

    code = "subscription-ended"


class NoWebhook(Conflict):
    """The subscription is read, not sent."""

    code = "no-webhook"


class TooManySubscriptions(Conflict):
    """The body has as many subscriptions as one may have."""

    code = "too-many-subscriptions"


class TooManyQuestions(Refusal):
    """Addresses are asked only so often by mail; `retry_after` is in seconds."""

    code = "too-many-confirmations"
    status = 429


class InvalidSubscription(Unprocessable):
    """What is wanted names something unknown, or a receiver that is never called."""

    code = "invalid-subscription"


class SubscriptionDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a body wants to hear of; an event must meet all that is said here.

    Without any condition it is about the services the body reuses. Notices that a version of one
    of these ends are always part of that. With a `url` each event is sent there, with a `mail` once
    a day what is new; without either the events are read, from its deliveries or its feed.
    """

    organisation: Line | None = None
    service: ServiceWanted | None = None
    range: RangeText = ALL
    theme: Code | None = None
    builder: Line | None = None
    procedure: LeikaKey | None = None
    area: Area | None = None
    actions: Annotated[tuple[Action, ...], Meta(max_length=50)] = ()
    url: Url | None = None
    mail: Mailbox | None = None
    note: Text = ""


class SubscribeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `subscriptions.subscribe`."""

    id: UUID
    organisation_id: UUID
    service: str | None
    range: str
    theme: str | None
    builder_id: UUID | None
    builder_key: str | None
    procedure: str | None
    area: str | None
    actions: tuple[str, ...]
    url: str | None
    note: str
    mail: str | None = None


class EndFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `subscriptions.end`."""

    subscription_id: UUID
    reason: EndReason


class ConfirmationDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The code that an address was sent."""

    code: Line


class AskedFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of what names the subscription alone: `rotate`, `confirm`, `send_test`, `redeliver`."""

    subscription_id: UUID
    delivery_id: UUID | None = None


class AcknowledgeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `subscriptions.acknowledge`: which notice a body confirmed to have read."""

    told_of: UUID
    organisation_id: UUID


class SubscriptionLinks(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses on this registry, as paths.

    `feed` (Atom) opens without a token to whoever has the address: it is as secret as its content.
    """

    own: str = msgspec.field(name="self")
    deliveries: str
    events: str
    feed: str


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """What a body hears of, and how its receiver is.

    `service` null: the services it reuses. `failures` counts attempts since the last success;
    `waiting` what is still to be sent, `dead` what was given up.
    """

    id: UUID
    organisation: BodyName
    service: str | None
    range: str
    theme: str | None
    builder: str | None
    procedure: str | None
    area: str | None
    actions: list[str]
    url: str | None
    mail: str | None
    note: str
    recorded_at: datetime
    state: SubscriptionState
    ended_because: EndReason | None
    failures: int
    waiting: int
    dead: int
    links: SubscriptionLinks


class SubscriptionPage(msgspec.Struct, frozen=True, kw_only=True):
    """Subscriptions of one body, the oldest first, and the services it reuses (`by_default`).

    Every subscription hears when a version of these ends, whatever else it asks for.
    """

    items: list[Subscription]
    by_default: list[str]
    total: int


class NewSubscription(msgspec.Struct, frozen=True, kw_only=True):
    """The subscription; of a webhook the secret as well (Standard Webhooks, `whsec_…`)."""

    subscription: Subscription
    secret: str | None


# How a body was told of something: by a delivery that arrived, that lies ready to be read, that
# still waits, only by some that failed, or by none.
Told = Literal["delivered", "readable", "waiting", "failed", "nobody"]


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try: the receiver's status, or why there was none."""

    attempt: int
    tried_at: datetime
    milliseconds: int
    status: int | None
    reason: str


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One message to a receiver, and all tries to bring it; `id` of the event is the message's."""

    id: UUID
    kind: Kind
    event_id: UUID | None
    state: DeliveryState
    created_at: datetime
    delivered_at: datetime | None
    next_at: datetime | None
    attempts: list[Attempt]


class DeliveryPage(msgspec.Struct, frozen=True, kw_only=True):
    """Deliveries of one subscription, the newest first."""

    items: list[Delivery]
    total: int | None
    next: str | None


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """What an event is about, as subscriptions ask for it."""

    action: str
    service: str | None = None
    version: str | None = None
    reuse: UUID | None = None


def topic_of(action: str, subject: str) -> Topic:
    """The topic of an event by its subject's path."""
    parts = subject.split("/")
    if parts[0] == "services" and len(parts) > 1:
        version = parts[3] if len(parts) > 3 and parts[2] == "versions" else None
        return Topic(action=action, service=parts[1], version=version)
    if parts[0] == "usage" and len(parts) > 1:
        return Topic(action=action, service=parts[1])
    if parts[0] == "reuses" and len(parts) > 1:
        return Topic(action=action, reuse=UUID(parts[1]))
    return Topic(action=action)


def faults_of(draft: SubscriptionDraft) -> list[Fault]:
    """What is wrong with a draft by itself."""
    found = [
        Fault(f"/actions/{place}", "unknown-action", {"value": action})
        for place, action in enumerate(draft.actions)
        if action not in ACTIONS
    ]
    try:
        parse_range(draft.range)
    except OddRange:
        found.append(Fault("/range", "no-version-range", {"value": draft.range}))
    if draft.area is not None and not is_regional_key(draft.area):
        found.append(Fault("/area", "not-an-area", {"value": draft.area}))
    if draft.url is not None and draft.mail is not None:
        found.append(Fault("/mail", "one-channel"))
    if draft.url is not None and not _is_callable(draft.url):
        found.append(Fault("/url", "no-receiver", {"value": draft.url}))
    return found


def _is_callable(url: str) -> bool:
    try:
        readable_url(url)
    except Forbidden:
        return False
    return True


def service_wanted(draft: SubscriptionDraft) -> str | None:
    """The service; every one where another condition narrows it; None for what the body reuses."""
    narrowed = (draft.theme, draft.builder, draft.procedure, draft.area)
    return draft.service or (ALL if any(narrowed) else None)
