"""Who may act for a body: its tokens, and the bodies that it lets act in its place."""

from collections.abc import Sequence
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
from registry.site.forms import Form, Given, InvalidForm, Question, draft_of, first
from registry.site.rendering import Place
from registry.site.routes.acting import ActedFor, ActingFor, chosen, giveable, represented
from registry.site.routes.answers import Page, both, page, place_of
from registry.site.routes.filling import (
    SENT,
    asking,
    carry_out,
    form_page,
    given_by,
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
    token_draft,
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


def _token_form(request: AnyRequest, bodies: Sequence[ActedFor], body: ActedFor) -> Form:
    choices = [(one.key, one.name) for one in bodies]
    other = None if body.own else body.name
    return token_form(place_of(request), giveable(person_of(request), body), choices, other)


@get(both(f"{TOKENS}/neu"))
async def get_token_form(request: AnyRequest, reads: Reads, acting_for: ActingFor = None) -> Page:
    """The form for a token."""
    bodies = await represented(reads, person_of(request))
    body = chosen(bodies, acting_for)
    return form_page(request, _token_form(request, bodies, body), {"organisation": [body.key]})


@post(both(f"{TOKENS}/neu"), **SENT)
async def post_token(request: AnyRequest, reads: Reads) -> Page:
    """Issues it; its text is shown once."""
    bodies = await represented(reads, person_of(request))
    asked = first(await given_by(request), "organisation")
    body = next((one for one in bodies if one.key == asked), bodies[0])
    form = _token_form(request, bodies, body)

    async def act(tx: Tx, given: Given) -> str:
        draft = token_draft(form, given)
        if not body.own:
            _require_let(request, draft, body)
        return (await actions.issue_token(tx, draft))[0]

    def then(text: str) -> Page:
        if body.own:
            return to_secret(request, "token", text, TOKENS)
        return to_secret(request, "token", text, f"{TOKENS}?fuer={body.key}", body.name)

    return await carry_out(request, form, act, then)


def _require_let(request: AnyRequest, draft: TokenDraft, body: ActedFor) -> None:
    """Refuse what another body does not let one do, where it was ticked, with the body's name."""
    let, place = giveable(person_of(request), body), place_of(request)
    faults = [
        Fault("/scopes", "not-let", {"what": scope_word(place, scope), "name": body.name})
        for scope in draft.scopes
        if scope not in let
    ]
    if faults:
        raise InvalidForm(*faults)


async def _own_token(db: Query, token_id: UUID) -> Token:
    """A token of the reader's body, or that it asked for; no other is there to be seen."""
    found = await store.token(db, token_id)
    if found is None:
        raise UnknownToken
    return found


async def _list_of(db: Query, person: Actor, token: Token) -> str:
    """The list that a token stands in: that of its body, where it is another's."""
    others = [one.key for one in await represented(db, person) if not one.own]
    key = token.organisation.key
    return f"{TOKENS}?fuer={key}" if key in others else TOKENS


def _revoking(place: Place, back: str) -> Form:
    return bare(place, place.t("Zurücknehmen", "Take back"), back, ("Token", back))


@get(both(f"{TOKENS}/{{token_id:uuid}}/zuruecknehmen"))
async def get_revocation(request: AnyRequest, view: Query, token_id: UUID) -> Page:
    """Whether the token is really to be taken back."""
    person = person_of(request)
    token = await _own_token(view, token_id)
    form = _revoking(place_of(request), await _list_of(view, person, token))
    return asking(request, form, {}, asks_to_revoke(place_of(request), token))


@post(both(f"{TOKENS}/{{token_id:uuid}}/zuruecknehmen"), **SENT)
async def post_revocation(request: AnyRequest, token_id: UUID) -> Page:
    """Takes it back."""
    person, place = person_of(request), place_of(request)
    async with view_of(request.app.state.database, person) as view:
        token = await _own_token(view, token_id)
        back = await _list_of(view, person, token)

    async def act(tx: Tx, _given: Given) -> str:
        return "ended" if await actions.revoke_token(tx, token_id) else "unchanged"

    def asks(_given: Given) -> Question:
        return asks_to_revoke(place, token)

    form = _revoking(place, back)
    return await carry_out(request, form, act, partial(leave, request, back), asks)


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
