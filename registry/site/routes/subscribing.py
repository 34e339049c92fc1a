"""What a body hears of: its subscriptions, what was sent, and how that went."""

from functools import partial
from uuid import UUID

from litestar import get, post

from registry.audit import moment
from registry.authority import Actor
from registry.catalogue.store.codelists import codelist
from registry.db import Query, Reads, Tx
from registry.site.forms import Form, Given, Question, draft_of
from registry.site.routes.acting import ActingFor, chosen, represented
from registry.site.routes.answers import Page, both, page, place_of
from registry.site.routes.filling import (
    SENT,
    asking,
    carry_out,
    form_page,
    leave,
    person_of,
)
from registry.site.routes.once import to_secret
from registry.site.staff_forms import (
    SUBSCRIPTIONS,
    asks_for_secret,
    asks_to_end,
    bare,
    code_form,
    filled,
    subscription_form,
)
from registry.subscriptions import actions
from registry.subscriptions.asking import require_reader
from registry.subscriptions.model import (
    SCOPE,
    ConfirmationDraft,
    Subscription,
    SubscriptionDraft,
)
from registry.subscriptions.signing import feed_key, mail_code, secret_of
from registry.subscriptions.store import sending, wanted
from registry.web.paging import page as paged
from registry.web.paging import place_behind
from registry.web.params import Cursor, Limit
from registry.web.requests import AnyRequest

_ONE = SUBSCRIPTIONS + "/{subscription_id:uuid}"
_NEW = SUBSCRIPTIONS + "/neu"


async def _own(db: Query, person: Actor, subscription_id: UUID) -> Subscription:
    """A subscription of the person's body, or of one they act for; any other does not exist."""
    owner = await require_reader(person, db, subscription_id)
    return (await wanted.of_body(db, owner, subscription_id))[0]


async def _form(request: AnyRequest, db: Query, changing: str | None = None) -> Form:
    place = place_of(request)
    bodies = [] if changing else await represented(db, person_of(request), SCOPE)
    whose = [(one.key, one.name) for one in bodies]
    themes = await codelist(db, "themes", await moment(db, None, None), history=False)
    choices = [(code.code, place.name(code.labels)) for code in themes.items]
    mails = bool(request.app.state.settings.smtp_url)
    return subscription_form(place, choices, whose, mails=mails, changing=changing)


@get(both(SUBSCRIPTIONS))
async def list_subscriptions(
    request: AnyRequest, view: Query, acting_for: ActingFor = None
) -> Page:
    """All of a body's, those that ended too, and what it hears of anyway."""
    bodies = await represented(view, person_of(request), SCOPE)
    body = chosen(bodies, acting_for)
    return page(
        request,
        "subscriptions.html",
        bodies=bodies,
        body=body,
        items=await wanted.of_body(view, body.organisation),
        by_default=await wanted.reused_by(view, body.organisation),
    )


@get(both(_NEW))
async def get_new(request: AnyRequest, reads: Reads, acting_for: ActingFor = None) -> Page:
    """The form for a subscription."""
    person_of(request)
    service = place_of(request).asked.get("service", "")
    given = {"service": [service], "organisation": [acting_for or ""]}
    return form_page(request, await _form(request, reads), given)


@post(both(_NEW), **SENT)
async def post_new(request: AnyRequest, reads: Reads) -> Page:
    """Subscribes; of a webhook the secret is shown."""
    form = await _form(request, reads)

    async def act(tx: Tx, given: Given) -> tuple[Subscription, bool]:
        return await _subscribe(tx, draft_of(form, given, SubscriptionDraft))

    return await carry_out(request, form, act, partial(_subscribed, request))


@get(both(f"{_ONE}/aendern"))
async def get_change(request: AnyRequest, view: Query, subscription_id: UUID) -> Page:
    """The form as it was filled in."""
    known = await _own(view, person_of(request), subscription_id)
    form = await _form(request, view, f"{SUBSCRIPTIONS}/{subscription_id}")
    return form_page(request, form, filled(known))


@post(both(f"{_ONE}/aendern"), **SENT)
async def post_change(request: AnyRequest, reads: Reads, subscription_id: UUID) -> Page:
    """Another subscription takes the place of this one, which ends."""
    form = await _form(request, reads, f"{SUBSCRIPTIONS}/{subscription_id}")

    async def act(tx: Tx, given: Given) -> tuple[Subscription, bool]:
        known = await _own(tx, tx.actor, subscription_id)
        whose = known.organisation.key
        draft = draft_of(form, given, SubscriptionDraft, organisation=whose)
        shown, new = await _subscribe(tx, draft)
        if shown.id != subscription_id:
            await actions.end(tx, subscription_id)
        return shown, new

    return await carry_out(request, form, act, partial(_subscribed, request))


async def _subscribe(tx: Tx, draft: SubscriptionDraft) -> tuple[Subscription, bool]:
    subscription_id, _, new = await actions.subscribe(tx, draft)
    return await _own(tx, tx.actor, subscription_id), new


def _subscribed(request: AnyRequest, done: tuple[Subscription, bool]) -> Page:
    shown, new = done
    if new and shown.url:
        return _secret_once(request, shown.id, 1)
    return _to_it(request, "saved" if new else "unchanged", shown.id)


def _to_it(request: AnyRequest, notice: str, subscription_id: UUID) -> Page:
    return leave(request, f"{SUBSCRIPTIONS}/{subscription_id}", notice)


def _secret_once(request: AnyRequest, subscription_id: UUID, generation: int) -> Page:
    secret = secret_of(request.app.state.secret, subscription_id, generation)
    return to_secret(request, "webhook", secret, f"{SUBSCRIPTIONS}/{subscription_id}")


@get(both(_ONE))
async def get_one(
    request: AnyRequest,
    view: Query,
    subscription_id: UUID,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page:
    """One subscription with its deliveries, the newest first."""
    known = await _own(view, person_of(request), subscription_id)
    after = place_behind(request, cursor)
    rows = await sending.deliveries(view, subscription_id, after[0] if after else None, limit + 1)
    shown = paged(request, rows, None, limit, lambda row: (row[0],))
    key = feed_key(request.app.state.secret, known.id)
    return page(
        request,
        "subscription.html",
        one=known,
        feed=f"{known.links.feed}?key={key}",
        deliveries=[delivery for _, delivery in shown.items],
        next=shown.next,
    )


def _question_form(request: AnyRequest, heading: str, subscription_id: UUID) -> Form:
    place = place_of(request)
    way = (place.t("Abonnements", "Subscriptions"), SUBSCRIPTIONS)
    return bare(place, heading, f"{SUBSCRIPTIONS}/{subscription_id}", way)


def _ending(request: AnyRequest, subscription_id: UUID) -> Form:
    return _question_form(request, place_of(request).t("Beenden", "End"), subscription_id)


def _renewing(request: AnyRequest, subscription_id: UUID) -> Form:
    heading = place_of(request).t("Neues Geheimnis", "Another secret")
    return _question_form(request, heading, subscription_id)


@get(both(f"{_ONE}/beenden"))
async def get_end(request: AnyRequest, view: Query, subscription_id: UUID) -> Page:
    """Whether it is really to end."""
    await _own(view, person_of(request), subscription_id)
    form = _ending(request, subscription_id)
    return asking(request, form, {}, asks_to_end(place_of(request)))


@post(both(f"{_ONE}/beenden"), **SENT)
async def post_end(request: AnyRequest, subscription_id: UUID) -> Page:
    """Ends it."""

    async def act(tx: Tx, _given: Given) -> UUID:
        await actions.end(tx, subscription_id)
        return subscription_id

    def asks(_given: Given) -> Question:
        return asks_to_end(place_of(request))

    form = _ending(request, subscription_id)
    return await carry_out(request, form, act, partial(_to_it, request, "ended"), asks)


@get(both(f"{_ONE}/geheimnis"))
async def get_secret(request: AnyRequest, view: Query, subscription_id: UUID) -> Page:
    """Whether the receiver is to get another secret."""
    await _own(view, person_of(request), subscription_id)
    form = _renewing(request, subscription_id)
    return asking(request, form, {}, asks_for_secret(place_of(request)))


@post(both(f"{_ONE}/geheimnis"), **SENT)
async def post_secret(request: AnyRequest, subscription_id: UUID) -> Page:
    """Gives it another, which is shown once."""

    async def act(tx: Tx, _given: Given) -> int:
        return (await actions.rotate(tx, subscription_id)).generation

    def asks(_given: Given) -> Question:
        return asks_for_secret(place_of(request))

    form = _renewing(request, subscription_id)
    return await carry_out(
        request, form, act, partial(_secret_once, request, subscription_id), asks
    )


@post(both(f"{_ONE}/test"), **SENT)
async def post_test(request: AnyRequest, subscription_id: UUID) -> Page:
    """Sends a message that tells of nothing."""

    async def act(tx: Tx, _given: Given) -> UUID:
        await actions.send_test(tx, subscription_id)
        return subscription_id

    form = _question_form(request, "Test", subscription_id)
    return await carry_out(request, form, act, partial(_to_it, request, "sent"))


@post(both(f"{_ONE}/zustellungen/{{delivery_id:uuid}}/erneut"), **SENT)
async def post_again(request: AnyRequest, subscription_id: UUID, delivery_id: UUID) -> Page:
    """Sends a message again."""

    async def act(tx: Tx, _given: Given) -> UUID:
        return await actions.redeliver(tx, delivery_id)

    heading = place_of(request).t("Erneut senden", "Send again")
    form = _question_form(request, heading, subscription_id)
    return await carry_out(request, form, act, partial(_to_it, request, "sent"))


@get(both(f"{_ONE}/bestaetigen"))
async def get_code(request: AnyRequest, view: Query, subscription_id: UUID) -> Page:
    """The form for the code that an address was sent."""
    await _own(view, person_of(request), subscription_id)
    form = code_form(place_of(request), f"{SUBSCRIPTIONS}/{subscription_id}")
    return form_page(request, form, {})


@post(both(f"{_ONE}/bestaetigen"), **SENT)
async def post_code(request: AnyRequest, subscription_id: UUID) -> Page:
    """Confirms the address."""
    form = code_form(place_of(request), f"{SUBSCRIPTIONS}/{subscription_id}")
    code = mail_code(request.app.state.secret, subscription_id)

    async def act(tx: Tx, given: Given) -> UUID:
        draft = draft_of(form, given, ConfirmationDraft)
        await actions.confirm(tx, subscription_id, code, draft.code)
        return subscription_id

    return await carry_out(request, form, act, partial(_to_it, request, "saved"))


HANDLERS = (
    list_subscriptions,
    get_new,
    post_new,
    get_change,
    post_change,
    get_one,
    get_end,
    post_end,
    get_secret,
    post_secret,
    post_test,
    post_again,
    get_code,
    post_code,
)
