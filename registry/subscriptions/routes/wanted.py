"""Subscribe, see what was sent, have it sent again, and say that a notice was read."""

from uuid import UUID

import msgspec
from litestar import Response, delete, get, post
from litestar.openapi import ResponseSpec

from registry.authority import Actor, require_own
from registry.db import Query, Tx
from registry.errors import Fault
from registry.identity.guard import provide_actor
from registry.organisations import store as organisations
from registry.subscriptions import actions
from registry.subscriptions.asking import require_reader
from registry.subscriptions.model import (
    SCOPE,
    ConfirmationDraft,
    DeliveryPage,
    InvalidSubscription,
    NewSubscription,
    Subscription,
    SubscriptionDraft,
    SubscriptionPage,
)
from registry.subscriptions.signing import feed_key, mail_code, secret_of
from registry.subscriptions.store import sending, wanted
from registry.web.conditional import PRIVATE
from registry.web.paging import link_to, page, place_behind
from registry.web.params import Cursor, InPlaceOf, Limit
from registry.web.requests import AnyRequest


@post(
    "/subscriptions",
    summary="Subscribe",
    responses={
        200: ResponseSpec(NewSubscription, description="It was so already."),
        201: ResponseSpec(NewSubscription, description="The subscription."),
    },
)
async def post_subscription(
    request: AnyRequest, tx: Tx, data: SubscriptionDraft
) -> Response[NewSubscription]:
    """Hear of events: by webhook where a `url` is given, else by reading its deliveries.

    A receiver is first asked whether it wants to: it answers 2xx with the `challenge` of the
    message `efa.subscriptions.handshake` in its body. Messages are signed by Standard Webhooks 1.0
    and may come twice with the same `webhook-id`. 410 ends the subscription.
    """
    if data.mail is not None and not request.app.state.settings.smtp_url:
        raise InvalidSubscription(Fault("/mail", "no-mail"))
    subscription_id, body_id, new = await actions.subscribe(tx, data)
    shown = await _shown(request, tx, subscription_id, body_id)
    answer = NewSubscription(
        subscription=shown, secret=_secret(request, shown, 1) if new and shown.url else None
    )
    headers = PRIVATE | ({"Location": shown.links.own} if new else {})
    return Response(answer, status_code=201 if new else 200, headers=headers)


@get("/subscriptions", summary="The subscriptions of a body")
async def list_subscriptions(
    request: AnyRequest, view: Query, organisation: InPlaceOf = None
) -> Response[SubscriptionPage]:
    """The caller's own, or of a body that lets it subscribe in its place; those that ended, too.

    Whatever they ask for, all of them hear when a version of a reused service ends (`by_default`).
    """
    actor = await provide_actor(request)
    body = UUID(actor.organisation)
    if organisation is not None:
        found = await organisations.resolve(view, organisation)
        require_own(actor, str(found.id), found.key, SCOPE)
        body = found.id
    items = [_with_key(request, one) for one in await wanted.of_body(view, body)]
    defaults = await wanted.reused_by(view, body)
    answer = SubscriptionPage(items=items, by_default=defaults, total=len(items))
    return Response(answer, headers=PRIVATE)


@get("/subscriptions/{subscription_id:uuid}", summary="A subscription")
async def get_subscription(
    request: AnyRequest, actor: Actor, view: Query, subscription_id: UUID
) -> Response[Subscription]:
    """One subscription; for those whose it is not it does not exist."""
    owner = await require_reader(actor, view, subscription_id)
    return Response(await _shown(request, view, subscription_id, owner), headers=PRIVATE)


@delete("/subscriptions/{subscription_id:uuid}", summary="End a subscription", status_code=200)
async def delete_subscription(
    request: AnyRequest, tx: Tx, subscription_id: UUID
) -> Response[Subscription]:
    """Nothing is sent any more, what waits neither. Again: no change."""
    await actions.end(tx, subscription_id)
    owner = await require_reader(tx.actor, tx, subscription_id)
    return Response(await _shown(request, tx, subscription_id, owner), headers=PRIVATE)


@post("/subscriptions/{subscription_id:uuid}/secret", summary="Give a receiver another secret")
async def post_secret(
    request: AnyRequest, tx: Tx, subscription_id: UUID
) -> Response[NewSubscription]:
    """For a day messages carry a signature by the one before as well."""
    known = await actions.rotate(tx, subscription_id)
    shown = await _shown(request, tx, subscription_id, known.organisation_id)
    answer = NewSubscription(subscription=shown, secret=_secret(request, shown, known.generation))
    return Response(answer, headers=PRIVATE)


@post(
    "/subscriptions/{subscription_id:uuid}/confirmation",
    summary="Confirm the address of a subscription",
    status_code=200,
)
async def post_confirmation(
    request: AnyRequest, tx: Tx, subscription_id: UUID, data: ConfirmationDraft
) -> Response[Subscription]:
    """With the code that the address was sent; from then on it gets a mail a day at most."""
    code = mail_code(request.app.state.secret, subscription_id)
    await actions.confirm(tx, subscription_id, code, data.code)
    owner = await require_reader(tx.actor, tx, subscription_id)
    return Response(await _shown(request, tx, subscription_id, owner), headers=PRIVATE)


@post(
    "/subscriptions/{subscription_id:uuid}/test",
    summary="Have a test message sent",
    status_code=202,
)
async def post_test(request: AnyRequest, tx: Tx, subscription_id: UUID) -> Response[Subscription]:
    """A message `efa.subscriptions.test` in its turn; see the deliveries for how it went."""
    await actions.send_test(tx, subscription_id)
    owner = await require_reader(tx.actor, tx, subscription_id)
    return Response(
        await _shown(request, tx, subscription_id, owner), status_code=202, headers=PRIVATE
    )


@get("/subscriptions/{subscription_id:uuid}/deliveries", summary="What was sent, and how it went")
async def list_deliveries(
    request: AnyRequest,
    actor: Actor,
    view: Query,
    subscription_id: UUID,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[DeliveryPage]:
    """The newest first, each with its tries. `dead` was given up, `late` is tried out of turn."""
    await require_reader(actor, view, subscription_id)
    after = place_behind(request, cursor)
    rows = await sending.deliveries(view, subscription_id, after[0] if after else None, limit + 1)
    shown = page(request, rows, None, limit, lambda row: (row[0],))
    answer = DeliveryPage(items=[row[1] for row in shown.items], total=None, next=shown.next)
    return Response(answer, headers=PRIVATE | link_to(shown.next))


@post("/deliveries/{delivery_id:uuid}/redelivery", summary="Send again", status_code=202)
async def post_redelivery(request: AnyRequest, tx: Tx, delivery_id: UUID) -> Response[Subscription]:
    """At once and out of turn, with the same id, delivered before or not."""
    subscription_id = await actions.redeliver(tx, delivery_id)
    owner = await require_reader(tx.actor, tx, subscription_id)
    return Response(
        await _shown(request, tx, subscription_id, owner), status_code=202, headers=PRIVATE
    )


@post(
    "/events/{event_id:uuid}/acknowledgement",
    summary="Say that one has read that a version ends",
    status_code=204,
)
async def post_acknowledgement(tx: Tx, event_id: UUID) -> None:
    """For the caller's own body; whoever ends the version sees that, and when. Again: no change."""
    await actions.acknowledge(tx, event_id)


async def _shown(
    request: AnyRequest, db: Query, subscription_id: UUID, owner: UUID
) -> Subscription:
    return _with_key(request, (await wanted.of_body(db, owner, subscription_id))[0])


def _with_key(request: AnyRequest, shown: Subscription) -> Subscription:
    """With what opens its feed to programs that send no token."""
    key = feed_key(request.app.state.secret, shown.id)
    links = msgspec.structs.replace(shown.links, feed=f"{shown.links.feed}?key={key}")
    return msgspec.structs.replace(shown, links=links)


def _secret(request: AnyRequest, shown: Subscription, generation: int) -> str:
    return secret_of(request.app.state.secret, shown.id, generation)


HANDLERS = (
    post_subscription,
    list_subscriptions,
    get_subscription,
    delete_subscription,
    post_secret,
    post_confirmation,
    post_test,
    list_deliveries,
    post_redelivery,
    post_acknowledgement,
)
