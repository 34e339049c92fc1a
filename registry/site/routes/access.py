"""Who may act for a body: its tokens, and the bodies that it lets act in its place."""

from functools import partial
from uuid import UUID

from litestar import get, post

from registry.audit import moment
from registry.authority import Actor
from registry.db import Query, Reads, Tx
from registry.errors import Fault, MalformedKey
from registry.identity import actions, delegating, store
from registry.identity import delegation_store as delegations
from registry.identity.guard import view_of
from registry.identity.model import Token, TokenDraft, UnknownToken
from registry.organisations import store as organisations
from registry.organisations.model import UnknownOrganisation
from registry.site.forms import Form, Given, InvalidForm, Question, draft_of
from registry.site.rendering import Place
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
from registry.site.routes.organisations import KeyInPath
from registry.site.staff_forms import (
    DELEGATIONS,
    TOKENS,
    NamedDelegation,
    asks_to_end_delegation,
    asks_to_revoke,
    bare,
    delegation_form,
    scope_word,
    token_form,
)
from registry.web.requests import AnyRequest

_ALL = 200


def _key_of(person: Actor) -> str:
    return person.keys[0] if person.keys else person.slug or ""


@get(both(TOKENS))
async def list_tokens(request: AnyRequest, view: Query, acting_for: ActingFor = None) -> Page:
    """The tokens of a body that are still valid, the newest first; of another those asked for."""
    bodies = await represented(view, person_of(request))
    body = chosen(bodies, acting_for)
    return page(
        request,
        "tokens.html",
        bodies=bodies,
        body=body,
        items=await store.tokens(view, body.organisation, None, _ALL, ended=False),
        right=partial(scope_word, place_of(request)),
    )


async def _token_form(request: AnyRequest, db: Query) -> Form:
    person = person_of(request)
    bodies = [(one.key, one.name) for one in await represented(db, person)]
    return token_form(place_of(request), person.scopes, bodies)


@get(both(f"{TOKENS}/neu"))
async def get_token_form(request: AnyRequest, reads: Reads, acting_for: ActingFor = None) -> Page:
    """The form for a token."""
    given = {"organisation": [acting_for or ""]}
    return form_page(request, await _token_form(request, reads), given)


@post(both(f"{TOKENS}/neu"), **SENT)
async def post_token(request: AnyRequest, reads: Reads) -> Page:
    """Issues it; its text is shown once."""
    form = await _token_form(request, reads)

    async def act(tx: Tx, given: Given) -> str:
        text, _ = await actions.issue_token(tx, draft_of(form, given, TokenDraft))
        return text

    def then(text: str) -> Page:
        return to_secret(request, "token", text, TOKENS)

    return await carry_out(request, form, act, then)


async def _own_token(db: Query, token_id: UUID) -> Token:
    """A token of the reader's body, or that it asked for; no other is there to be seen."""
    found = await store.token(db, token_id)
    if found is None:
        raise UnknownToken
    return found


def _revoking(place: Place) -> Form:
    return bare(place, place.t("Zurücknehmen", "Take back"), TOKENS, ("Token", TOKENS))


@get(both(f"{TOKENS}/{{token_id:uuid}}/zuruecknehmen"))
async def get_revocation(request: AnyRequest, view: Query, token_id: UUID) -> Page:
    """Whether the token is really to be taken back."""
    person_of(request)
    token = await _own_token(view, token_id)
    place = place_of(request)
    return asking(request, _revoking(place), {}, asks_to_revoke(place, token))


@post(both(f"{TOKENS}/{{token_id:uuid}}/zuruecknehmen"), **SENT)
async def post_revocation(request: AnyRequest, token_id: UUID) -> Page:
    """Takes it back."""
    async with view_of(request.app.state.database, person_of(request)) as view:
        token = await _own_token(view, token_id)
    place = place_of(request)

    async def act(tx: Tx, _given: Given) -> str:
        return "ended" if await actions.revoke_token(tx, token_id) else "unchanged"

    def asks(_given: Given) -> Question:
        return asks_to_revoke(place, token)

    return await carry_out(request, _revoking(place), act, partial(leave, request, TOKENS), asks)


@get(both(DELEGATIONS))
async def list_delegations(request: AnyRequest, view: Query) -> Page:
    """Who may act for the body, and for whom it may act."""
    person = person_of(request)
    at = await moment(view, None, None)
    body = UUID(person.organisation)
    wanted = partial(delegations.Wanted, day=at.day, size=at.size)
    given = await delegations.delegations(view, wanted(delegator=body, delegate=None), None, _ALL)
    held = await delegations.delegations(view, wanted(delegator=None, delegate=body), None, _ALL)
    return page(
        request,
        "delegations.html",
        given=given,
        held=held,
        right=partial(scope_word, place_of(request)),
    )


@get(both(f"{DELEGATIONS}/neu"))
async def get_delegation_form(request: AnyRequest) -> Page:
    """The form for a delegation."""
    return form_page(request, delegation_form(place_of(request), person_of(request).scopes), {})


@post(both(f"{DELEGATIONS}/neu"), **SENT)
async def post_delegation(request: AnyRequest) -> Page:
    """Gives it."""
    person = person_of(request)
    form = delegation_form(place_of(request), person.scopes)

    async def act(tx: Tx, given: Given) -> str:
        draft = draft_of(form, given, NamedDelegation)
        try:
            await organisations.resolve(tx, draft.delegate)
        except (UnknownOrganisation, MalformedKey):
            fault = Fault("/delegate", "unknown-organisation", {"value": draft.delegate})
            raise InvalidForm(fault) from None
        changed = await delegating.put_delegation(tx, _key_of(person), draft.delegate, draft)
        return "saved" if changed else "unchanged"

    return await carry_out(request, form, act, partial(leave, request, DELEGATIONS))


def _ending(place: Place) -> Form:
    way = (place.t("Vertretungen", "Delegations"), DELEGATIONS)
    return bare(place, place.t("Beenden", "End"), DELEGATIONS, way)


@get(both(f"{DELEGATIONS}/{{key:str}}/beenden"))
async def get_delegation_end(request: AnyRequest, reads: Reads, key: KeyInPath) -> Page:
    """Whether the delegation is really to end."""
    person_of(request)
    place = place_of(request)
    body = await organisations.resolve(reads, key)
    return asking(request, _ending(place), {}, asks_to_end_delegation(place, body.name))


@post(both(f"{DELEGATIONS}/{{key:str}}/beenden"), **SENT)
async def post_delegation_end(request: AnyRequest, reads: Reads, key: KeyInPath) -> Page:
    """Ends it."""
    person = person_of(request)
    place = place_of(request)
    body = await organisations.resolve(reads, key)

    async def act(tx: Tx, _given: Given) -> str:
        return "ended" if await delegating.end_delegation(tx, _key_of(person), key) else "unchanged"

    def asks(_given: Given) -> Question:
        return asks_to_end_delegation(place, body.name)

    return await carry_out(request, _ending(place), act, partial(leave, request, DELEGATIONS), asks)


HANDLERS = (
    list_tokens,
    get_token_form,
    post_token,
    get_revocation,
    post_revocation,
    list_delegations,
    get_delegation_form,
    post_delegation,
    get_delegation_end,
    post_delegation_end,
)
