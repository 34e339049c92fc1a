"""Verbs of subscriptions: subscribe, end, change the secret, test, send again, acknowledge."""

from datetime import timedelta
from math import ceil
from uuid import UUID, uuid4

from registry import audit
from registry.audit import Replay
from registry.authority import require_own, require_scope
from registry.catalogue import store as catalogue
from registry.catalogue.store import codelists
from registry.db import Tx
from registry.errors import Fault, MalformedKey
from registry.identity import store as identity
from registry.identity.store import Body
from registry.organisations import store as organisations
from registry.organisations.model import Organisation, UnknownOrganisation
from registry.subscriptions.model import (
    ALL,
    MOST,
    NOTICES,
    QUESTIONS_OF_ADDRESS,
    QUESTIONS_OF_BODY,
    SCOPE,
    AcknowledgeFacts,
    AskedFacts,
    EndFacts,
    EndReason,
    InvalidSubscription,
    NoWebhook,
    SubscribeFacts,
    SubscriptionDraft,
    SubscriptionEnded,
    TooManyQuestions,
    TooManySubscriptions,
    UnknownDelivery,
    UnknownNotice,
    UnknownSubscription,
    faults_of,
    service_wanted,
)
from registry.subscriptions.store import mailing, sending, wanted
from registry.web.sealing import same

_DAY = timedelta(days=1)


async def subscribe(tx: Tx, draft: SubscriptionDraft) -> tuple[UUID, UUID, bool]:
    """Have a body hear of something; the same again changes nothing.

    Returns the subscription, whose it is, and whether it is new.
    """
    require_scope(tx.actor, SCOPE)
    body = await _body(tx, draft.organisation)
    require_own(tx.actor, str(body.id), body.key, SCOPE)
    facts = await _sound(tx, body, draft)
    await wanted.hold(tx, body.id)
    if known := await wanted.same(tx, facts):
        return known, body.id, False
    if await wanted.count_live(tx, body.id) >= MOST:
        raise TooManySubscriptions(limit=MOST)
    if facts.mail is not None:
        await _require_may_be_asked(tx, body.id, facts.mail)
    event_id = await _record(tx, "subscriptions.subscribe", facts.id, body.id, facts)
    await wanted.insert(tx, event_id, facts)
    return facts.id, body.id, True


async def _require_may_be_asked(tx: Tx, body_id: UUID, mail: str) -> None:
    """Refuse to write to an address that was asked before, or to too many of them."""
    if await mailing.waits_for_answer(tx, body_id, mail):
        raise InvalidSubscription(Fault("/mail", "mail-unconfirmed"))
    asked = await mailing.hold_asked(tx, body_id, mail)
    for times, most in (
        (asked.of_body, QUESTIONS_OF_BODY),
        (asked.of_address, QUESTIONS_OF_ADDRESS),
    ):
        if len(times) >= most:
            left = times[most - 1] + _DAY - tx.now
            raise TooManyQuestions(
                limit=most,
                window=int(_DAY.total_seconds()),
                policy="confirmations",
                retry_after=ceil(left.total_seconds()),
            )


async def _body(tx: Tx, key: str | None) -> Body:
    """The body that is to hear: the actor's own where none is named."""
    if key is None:
        return await identity.body(tx, UUID(tx.actor.organisation))
    found = await organisations.resolve(tx, key)
    return Body(id=found.id, key=found.key, keys=found.keys)


async def _sound(tx: Tx, body: Body, draft: SubscriptionDraft) -> SubscribeFacts:
    """The facts of a draft; refuses all its faults at once."""
    found = faults_of(draft)
    if draft.service not in (None, ALL) and not await catalogue.known(tx, [str(draft.service)]):
        found.append(Fault("/service", "unknown-service", {"value": draft.service}))
    if draft.theme is not None and not await codelists.known_codes(tx, {"themes": {draft.theme}}):
        found.append(Fault("/theme", "unknown-theme", {"value": draft.theme}))
    builder = await _builder(tx, draft, found)
    if found:
        raise InvalidSubscription(*found)
    return SubscribeFacts(
        id=uuid4(),
        organisation_id=body.id,
        service=service_wanted(draft),
        range=draft.range,
        theme=draft.theme,
        builder_id=builder.id if builder else None,
        builder_key=builder.key if builder else None,
        procedure=draft.procedure,
        area=draft.area,
        actions=tuple(sorted(set(draft.actions))),
        url=draft.url,
        note=draft.note,
        mail=draft.mail,
    )


async def _builder(tx: Tx, draft: SubscriptionDraft, found: list[Fault]) -> Organisation | None:
    if draft.builder is None:
        return None
    try:
        return await organisations.resolve(tx, draft.builder)
    except (UnknownOrganisation, MalformedKey):
        found.append(Fault("/builder", "unknown-organisation", {"value": draft.builder}))
        return None


async def end(tx: Tx, subscription_id: UUID, reason: EndReason = "cancelled") -> bool:
    """Nothing is sent any more; again changes nothing."""
    known = await _own(tx, subscription_id)
    if known.ended:
        return False
    facts = EndFacts(subscription_id=subscription_id, reason=reason)
    event_id = await _record(tx, "subscriptions.end", subscription_id, known.organisation_id, facts)
    await wanted.insert_end(tx, event_id, facts)
    return True


async def rotate(tx: Tx, subscription_id: UUID) -> wanted.Owned:
    """Give a receiver another secret; for a day messages are signed with both."""
    known = await _webhook(tx, subscription_id)
    await _record_asked(tx, "subscriptions.rotate", known)
    await wanted.rotate(tx, subscription_id)
    return await _webhook(tx, subscription_id)


async def confirm(tx: Tx, subscription_id: UUID, code: str, given: str) -> None:
    """Take the code its address was sent, so that it is written to; again changes nothing."""
    known = await _own(tx, subscription_id)
    if known.mail is None or known.ended:
        raise SubscriptionEnded if known.ended else InvalidSubscription(Fault("/code", "no-mail"))
    if not same(given, code):
        raise InvalidSubscription(Fault("/code", "wrong-code"))
    if not known.verified:
        await _record_asked(tx, "subscriptions.confirm", known)
        await wanted.verify(tx, subscription_id)


async def send_test(tx: Tx, subscription_id: UUID) -> UUID:
    """Send a message that tells of nothing, in its turn."""
    known = await _webhook(tx, subscription_id)
    await _record_asked(tx, "subscriptions.send_test", known)
    return await wanted.insert_question(tx, subscription_id, "test")


async def redeliver(tx: Tx, delivery_id: UUID) -> UUID:
    """Send again, delivered or not, at once and out of turn; returns the subscription."""
    subscription_id = await sending.subscription_of(tx, delivery_id)
    if subscription_id is None:
        raise UnknownDelivery
    known = await _webhook(tx, subscription_id)
    await _record_asked(tx, "subscriptions.redeliver", known, delivery_id)
    await sending.send_again(tx, delivery_id)
    return subscription_id


async def acknowledge(tx: Tx, notice: UUID) -> bool:
    """Confirm for the actor's body that it read that a version ends; again changes nothing."""
    require_scope(tx.actor, SCOPE)
    if not await wanted.tells_of_an_end(tx, notice, list(NOTICES)):
        raise UnknownNotice
    facts = AcknowledgeFacts(told_of=notice, organisation_id=UUID(tx.actor.organisation))
    await wanted.hold(tx, facts.organisation_id)
    if await wanted.is_acknowledged(tx, facts):
        return False
    subject = f"events/{notice}/acknowledgement"
    event_id = await audit.record(tx, "subscriptions.acknowledge", subject, facts, public=False)
    await wanted.insert_acknowledgement(tx, event_id, facts)
    return True


async def _own(tx: Tx, subscription_id: UUID) -> wanted.Owned:
    """A subscription of the actor's, or of a body it may subscribe for; else it is not there."""
    known = await wanted.held(tx, subscription_id)
    if known is None or not tx.actor.speaks_for(str(known.organisation_id), SCOPE):
        raise UnknownSubscription
    require_scope(tx.actor, SCOPE)
    return known


async def _webhook(tx: Tx, subscription_id: UUID) -> wanted.Owned:
    known = await _own(tx, subscription_id)
    if known.url is None:
        raise NoWebhook
    if known.ended:
        raise SubscriptionEnded
    return known


async def _record(
    tx: Tx, action: str, subscription_id: UUID, organisation_id: UUID, facts: object
) -> UUID:
    behalf = tx.actor.on_behalf_of(organisation_id)
    subject = f"subscriptions/{subscription_id}"
    return await audit.record(tx, action, subject, facts, public=False, on_behalf_of=behalf)


async def _record_asked(
    tx: Tx, action: str, known: wanted.Owned, delivery_id: UUID | None = None
) -> None:
    facts = AskedFacts(subscription_id=known.id, delivery_id=delivery_id)
    await _record(tx, action, known.id, known.organisation_id, facts)


async def apply_asked(_tx: Tx, _event_id: UUID, _facts: AskedFacts) -> None:
    """What was sent once is not sent again when a log is replayed."""


async def apply_confirm(tx: Tx, _event_id: UUID, facts: AskedFacts) -> None:
    """An address that was confirmed stays so."""
    await wanted.verify(tx, facts.subscription_id)


async def apply_rotate(tx: Tx, _event_id: UUID, facts: AskedFacts) -> None:
    """Count the secrets as before, so that receivers keep theirs."""
    await wanted.rotate(tx, facts.subscription_id)


REPLAY = {
    "subscriptions.subscribe": Replay(SubscribeFacts, wanted.insert),
    "subscriptions.end": Replay(EndFacts, wanted.insert_end),
    "subscriptions.confirm": Replay(AskedFacts, apply_confirm),
    "subscriptions.rotate": Replay(AskedFacts, apply_rotate),
    "subscriptions.send_test": Replay(AskedFacts, apply_asked),
    "subscriptions.redeliver": Replay(AskedFacts, apply_asked),
    "subscriptions.acknowledge": Replay(AcknowledgeFacts, wanted.insert_acknowledgement),
}
