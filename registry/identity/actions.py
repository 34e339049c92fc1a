"""Verbs of tokens: issue one, let another take its place, take one back."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal
from uuid import UUID, uuid4

import msgspec

from registry import audit
from registry.audit import Replay
from registry.authority import ADMIN, Actor
from registry.db import Tx
from registry.errors import NotFound, Unprocessable
from registry.identity import delegating, pipelines, providers, rules, store
from registry.identity.model import (
    DEFAULT_DAYS,
    OF_JOB,
    InvalidToken,
    RevocationFacts,
    TokenDraft,
    TokenFacts,
    TokenNotRotatable,
    UnknownToken,
    kind_of,
)
from registry.identity.tokens import digest, new_token
from registry.organisations import store as organisations

FIRST_TOKEN_DAYS = 90

Issued = tuple[str, UUID]


async def create_token(
    tx: Tx,
    organisation_id: UUID,
    scopes: Sequence[str],
    *,
    kind: str,
    days: int,
    note: str,
) -> str:
    """Issue a token for a body; the token is returned once and never stored."""
    faults = rules.scope_faults(scopes)
    if faults:
        raise Unprocessable(*faults)
    facts = TokenFacts(
        id=uuid4(),
        sha256="",
        organisation_id=organisation_id,
        scopes=sorted(scopes),
        note=note,
        expires_at=tx.now + timedelta(days=days),
        kind=kind,
    )
    return (await _record(tx, facts))[0]


async def _record(tx: Tx, facts: TokenFacts) -> Issued:
    """Make a token with these facts; only its digest is recorded."""
    token = new_token(facts.kind)
    facts = msgspec.structs.replace(facts, sha256=digest(token).hex())
    subject = f"tokens/{facts.id}"
    behalf = tx.actor.on_behalf_of(facts.organisation_id)
    event_id = await audit.record(
        tx, "identity.create_token", subject, facts, public=False, on_behalf_of=behalf
    )
    await store.insert_token(tx, event_id, facts)
    return token, facts.id


async def issue_token(tx: Tx, draft: TokenDraft) -> Issued:
    """Issue a token that gives no more than its issuer has."""
    actor = tx.actor
    if draft.organisation is None:
        body = await store.body(tx, UUID(actor.organisation))
    else:
        found = await organisations.resolve(tx, draft.organisation)
        body = store.Body(id=found.id, key=found.key, keys=found.keys)
    rules.require_sound_token(draft, body.keys)
    rules.require_unlent(actor, body.key)
    rules.require_issuer(actor, str(body.id), body.key, draft.scopes)
    rules.require_reach(actor, draft.scopes, draft.reach, body.keys)
    rules.require_ranges(await store.ranges_of(tx, actor.token), draft.cidrs)
    facts = TokenFacts(
        id=uuid4(),
        sha256="",
        organisation_id=body.id,
        scopes=sorted(set(draft.scopes)),
        note=draft.note,
        expires_at=tx.now + timedelta(days=draft.days),
        kind=kind_of(draft.scopes),
        cidrs=list(draft.cidrs),
        reach=draft.reach,
    )
    return await _record(tx, _by(actor, facts))


def _by(actor: Actor, facts: TokenFacts) -> TokenFacts:
    """The facts with who asks: what the operator gives to others rests on no delegation."""
    return msgspec.structs.replace(
        facts,
        issued_by=None if actor.is_admin else UUID(actor.organisation),
        issued_with=UUID(actor.token) if actor.token else None,
    )


async def rotate_token(tx: Tx, token_id: UUID, days: int = DEFAULT_DAYS) -> Issued:
    """Issue what takes the place of a token; both are valid until the old one ends."""
    await store.hold_token(tx, token_id)
    old = await _own(tx, token_id)
    rules.require_unlent(tx.actor, old.key)
    await _require_as_much(tx, old)
    if not old.valid or old.kind == OF_JOB or await store.line_is_double(tx, token_id):
        raise TokenNotRotatable(token=str(token_id))
    limit = rules.longest_life(kind_of(old.scopes))
    if days > limit:
        raise InvalidToken(rules.too_long(limit))
    facts = TokenFacts(
        id=uuid4(),
        sha256="",
        organisation_id=old.organisation_id,
        scopes=list(old.scopes),
        note=old.note,
        expires_at=tx.now + timedelta(days=days),
        kind=old.kind,
        follows=token_id,
        cidrs=list(old.cidrs),
        reach=old.reach,
    )
    return await _record(tx, _by(tx.actor, facts))


async def _require_as_much(tx: Tx, old: store.Recorded) -> None:
    """Refuse to rotate a token that reaches further than the one it is asked for with."""
    body = await store.body(tx, old.organisation_id)
    rules.require_reach(tx.actor, old.scopes, old.reach, body.keys)
    rules.require_ranges(await store.ranges_of(tx, tx.actor.token), old.cidrs)


async def _own(tx: Tx, token_id: UUID) -> store.Recorded:
    """A token that this actor could have issued; one that is not for it to know is not there."""
    old = await store.recorded(tx, token_id)
    if old is None:
        raise UnknownToken
    if tx.actor.token != str(token_id):
        rules.require_issuer(tx.actor, str(old.organisation_id), old.key, old.scopes)
    return old


async def revoke_token(tx: Tx, token_id: UUID) -> bool:
    """Take a token back; again changes nothing. A body takes back what it asked for, too."""
    await store.hold_token(tx, token_id)
    old = await store.recorded(tx, token_id)
    if old is None:
        raise UnknownToken
    foreign = str(old.organisation_id) != tx.actor.organisation
    if not (foreign and str(old.issued_by) == tx.actor.organisation):
        await _own(tx, token_id)
    if old.revoked:
        return False
    await _revoke(tx, "identity.revoke_token", old, "revoked")
    return True


async def report_token(tx: Tx, token: str) -> int:
    """Take back a token that lies open, and all that were asked for with it; returns how many.

    Whoever holds it could have made those, too.
    """
    reported = await store.reported(tx, digest(token))
    for token_id in reported:
        recorded = await store.recorded(tx, token_id)
        if recorded is None:
            raise NotFound
        await _revoke(tx, "identity.report_token", recorded, "reported")
    return len(reported)


async def _revoke(
    tx: Tx, action: str, recorded: store.Recorded, reason: Literal["revoked", "reported"]
) -> None:
    facts = RevocationFacts(token_id=recorded.id, reason=reason)
    behalf = tx.actor.on_behalf_of(recorded.organisation_id)
    event_id = await audit.record(
        tx, action, f"tokens/{recorded.id}", facts, public=False, on_behalf_of=behalf
    )
    await store.insert_revocation(tx, event_id, facts)


async def create_first_token(tx: Tx) -> str | None:
    """The operator's token for the first start; None once any token was issued."""
    if await store.hold_first_token(tx):
        return None
    return await create_token(
        tx,
        UUID(tx.actor.organisation),
        [ADMIN],
        kind="admin",
        days=FIRST_TOKEN_DAYS,
        note="made at the first start",
    )


REPLAY = {
    "identity.create_token": Replay(TokenFacts, store.insert_token),
    "identity.revoke_token": Replay(RevocationFacts, store.insert_revocation),
    "identity.report_token": Replay(RevocationFacts, store.insert_revocation),
    **delegating.REPLAY,
    **pipelines.REPLAY,
    **providers.REPLAY,
}
