"""Issuing tokens."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from registry import audit
from registry.audit import Replay
from registry.authority import ADMIN, is_scope
from registry.db import Tx
from registry.errors import Fault, Unprocessable
from registry.identity import store
from registry.identity.model import TokenFacts
from registry.identity.tokens import digest, new_token

FIRST_TOKEN_DAYS = 90


async def create_token(
    tx: Tx, organisation_id: UUID, scopes: Sequence[str], *, kind: str, days: int, note: str
) -> str:
    """Issue a token for a body; the token is returned once and never stored."""
    require_scopes(scopes)
    token = new_token(kind)
    facts = TokenFacts(
        id=uuid4(),
        sha256=digest(token).hex(),
        organisation_id=organisation_id,
        scopes=sorted(scopes),
        note=note,
        expires_at=tx.now + timedelta(days=days),
    )
    event_id = await audit.record(
        tx, "identity.create_token", f"tokens/{facts.id}", facts, public=False
    )
    await store.insert_token(tx, event_id, facts)
    return token


def require_scopes(scopes: Sequence[str]) -> None:
    """Refuse what is no scope; a blank inside one would make it two for some reader."""
    faults = [
        Fault(f"/scopes/{place}", "unknown-scope", {"value": scope})
        for place, scope in enumerate(scopes)
        if not is_scope(scope)
    ]
    if faults:
        raise Unprocessable(*faults)


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


REPLAY = {"identity.create_token": Replay(TokenFacts, store.insert_token)}
