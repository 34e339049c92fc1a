"""Verbs of delegations: let another body act in one's place, and end that."""

from datetime import date
from uuid import UUID

import msgspec

from registry import audit
from registry.audit import Replay
from registry.authority import require_scope
from registry.catalogue import store as catalogue
from registry.db import Tx
from registry.errors import Fault, NotYours
from registry.identity import delegation_store as store
from registry.identity import rules
from registry.identity.model import (
    DelegationDraft,
    DelegationFacts,
    InvalidDelegation,
    UnknownDelegation,
)
from registry.organisations import store as organisations
from registry.organisations.model import Organisation


async def put_delegation(tx: Tx, delegator: str, delegate: str, draft: DelegationDraft) -> bool:
    """Let another body act in one's place; the same again changes nothing.

    Only the body itself does, with a token that may do all it lets do: what stands above it would
    otherwise give itself what it is not to have.
    """
    giver, taker = await _both(tx, delegator, delegate)
    _require_self(tx, giver)
    rules.require_unlent(tx.actor, giver.key)
    if giver.id == taker.id:
        raise InvalidDelegation(Fault("/delegate", "delegated-to-itself"))
    known = await catalogue.known(tx, draft.services)
    rules.require_sound_delegation(draft, tx.today, known)
    for scope in draft.scopes:
        require_scope(tx.actor, scope)
    await store.hold(tx, giver.id, taker.id)
    last = await store.last(tx, giver.id, taker.id)
    facts = _facts(giver, taker, last, draft, tx.today)
    if last and _goes_on(last, facts, tx.today, dated=draft.valid_from is not None):
        return False
    await _record(tx, "identity.put_delegation", facts)
    return True


def _facts(
    giver: Organisation,
    taker: Organisation,
    last: DelegationFacts | None,
    draft: DelegationDraft,
    today: date,
) -> DelegationFacts:
    return DelegationFacts(
        delegator=giver.id,
        delegate=taker.id,
        revision=last.revision + 1 if last else 1,
        delegator_key=giver.key,
        delegate_key=taker.key,
        scopes=tuple(sorted(set(draft.scopes))),
        services=tuple(sorted(set(draft.services))),
        valid_from=draft.valid_from or today,
        valid_to=draft.valid_to,
        note=draft.note,
    )


def _goes_on(last: DelegationFacts, new: DelegationFacts, today: date, *, dated: bool) -> bool:
    """Whether what was recorded last says the same; undated, of what holds today."""
    same = (last.scopes, last.services, last.valid_to, last.note) == (
        (new.scopes, new.services, new.valid_to, new.note)
    )
    begun = last.valid_from == new.valid_from if dated else last.valid_from <= today
    return same and begun


async def end_delegation(tx: Tx, delegator: str, delegate: str) -> bool:
    """End it from today on, what was to come too; again changes nothing. Either of both may."""
    giver, taker = await _both(tx, delegator, delegate)
    by_delegate = tx.actor.organisation == str(taker.id)
    if not by_delegate:
        _require_self(tx, giver)
    await store.hold(tx, giver.id, taker.id)
    last = await store.last(tx, giver.id, taker.id)
    if last is None:
        raise UnknownDelegation
    if not by_delegate:
        for scope in last.scopes:
            require_scope(tx.actor, scope)
    if last.valid_to is not None and last.valid_to <= tx.today:
        return False
    facts = msgspec.structs.replace(
        last,
        revision=last.revision + 1,
        delegator_key=giver.key,
        delegate_key=taker.key,
        valid_from=tx.today,
        valid_to=tx.today,
    )
    await _record(tx, "identity.end_delegation", facts)
    return True


async def _both(tx: Tx, delegator: str, delegate: str) -> tuple[Organisation, Organisation]:
    giver = await organisations.resolve(tx, delegator)
    return giver, await organisations.resolve(tx, delegate)


def _require_self(tx: Tx, giver: Organisation) -> None:
    if not (tx.actor.is_admin or tx.actor.organisation == str(giver.id)):
        raise NotYours(organisation=giver.key)


async def _record(tx: Tx, action: str, facts: DelegationFacts) -> UUID:
    behalf = tx.actor.on_behalf_of(facts.delegator)
    subject = f"delegations/{facts.delegator_key}/{facts.delegate_key}"
    event_id = await audit.record(tx, action, subject, facts, on_behalf_of=behalf)
    await store.insert(tx, event_id, facts)
    return event_id


REPLAY = {
    "identity.put_delegation": Replay(DelegationFacts, store.insert),
    "identity.end_delegation": Replay(DelegationFacts, store.insert),
}
