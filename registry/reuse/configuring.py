"""The verb of parameters: set them for a reuse, by the body itself."""

from uuid import UUID

import msgspec

from registry import audit
from registry.audit import Replay
from registry.authority import Actor, require_scope
from registry.authority import require_own as require_own_body
from registry.db import Query, Tx
from registry.errors import StaleState
from registry.reuse.cases import SCOPE
from registry.reuse.ledger import state_at
from registry.reuse.model import UnknownReuse
from registry.reuse.parameters import ParametersFacts
from registry.reuse.store import ledger as ledger_store
from registry.reuse.store import parameters as store


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """A reuse with the version it runs today; null where none is recorded."""

    reuse_id: UUID
    service: str
    body: ledger_store.Body
    version: str | None


async def running(db: Query, reuse_id: UUID) -> Running:
    """A reuse as it runs today; refuses one that is not for this reader to know."""
    head = await ledger_store.head(db, reuse_id)
    if head is None:
        raise UnknownReuse
    ledger = await ledger_store.ledger(db, reuse_id)
    today = (await audit.moment(db, None, None)).day
    state = state_at(ledger.sequence, today)
    return Running(
        reuse_id=reuse_id,
        service=head.service,
        body=await ledger_store.body(db, head.organisation_id),
        version=state.version if state else None,
    )


def require_own(actor: Actor, now: Running) -> None:
    """Refuse all but the body and whom it lets act; what stands above it sets no parameters."""
    require_scope(actor, SCOPE)
    require_own_body(actor, str(now.body.id), now.body.key, SCOPE, now.service)


async def put_parameters(tx: Tx, checked: Running, document: bytes) -> bool:
    """Set a document that was checked against the version run; the same again changes nothing."""
    await ledger_store.hold(tx, [(checked.service, checked.body.id)])
    now = await running(tx, checked.reuse_id)
    require_own(tx.actor, now)
    if now.version is None or now.version != checked.version:
        raise StaleState
    before = await store.documents(tx, now.reuse_id)
    if before and (before[-1].document, before[-1].version) == (document.decode(), now.version):
        return False
    facts = ParametersFacts(
        reuse_id=now.reuse_id,
        ordinal=len(before) + 1,
        version=now.version,
        document=document.decode(),
    )
    event_id = await audit.record(
        tx,
        "reuse.put_parameters",
        f"reuses/{now.reuse_id}/parameters",
        facts,
        public=False,
        on_behalf_of=tx.actor.on_behalf_of(now.body.id),
    )
    await apply_put_parameters(tx, event_id, facts)
    return True


async def apply_put_parameters(tx: Tx, event_id: UUID, facts: ParametersFacts) -> None:
    """Write the row of `put_parameters`."""
    await store.insert(tx, event_id, facts)


REPLAY = {"reuse.put_parameters": Replay(ParametersFacts, apply_put_parameters)}
