"""What pages say to who signed in: how their body stands with a service, what they may do."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from registry.authority import Actor
from registry.db import Query
from registry.errors import NotYours
from registry.identity.guard import view_of
from registry.reuse.answers import ReuseState
from registry.reuse.cases import SCOPE, require_mine
from registry.reuse.configuring import require_own, running
from registry.reuse.readiness import declared
from registry.reuse.store import ledger, whole
from registry.site.routes.acting import ActedFor, acted_for
from registry.web.requests import AnyRequest


class Mine(msgspec.Struct, frozen=True, kw_only=True):
    """The reuse of a service by the body of who signed in, as it stands; what they may do."""

    reuse_id: UUID | None
    state: ReuseState | None
    may_record: bool
    may_publish: bool
    acts_for: Sequence[ActedFor]


async def mine(request: AnyRequest, slug: str, day: date) -> Mine | None:
    """How the body of who signed in stands with a service; None where nobody did."""
    caller: Actor | None = request.scope["state"].get("caller")
    if caller is None:
        return None
    async with view_of(request.app.state.database, caller) as view:
        reuse_id = await ledger.find(view, slug, UUID(caller.organisation))
        state = await whole.state_of(view, reuse_id, day, None) if reuse_id else None
        bodies = await acted_for(view, caller, slug) if caller.session else []
    return Mine(
        reuse_id=reuse_id,
        state=state,
        may_record=caller.may(SCOPE),
        may_publish=caller.may(f"publish:{slug}"),
        acts_for=[one for one in bodies if not one.own],
    )


async def may_change(request: AnyRequest, db: Query, reuse_id: UUID) -> bool:
    """Whether who signed in may record further steps of a reuse."""
    caller: Actor | None = request.scope["state"].get("caller")
    try:
        return (
            caller is not None
            and bool(caller.session)
            and bool(await require_mine(db, caller, reuse_id))
        )
    except NotYours:
        return False


async def may_set_parameters(request: AnyRequest, db: Query, reuse_id: UUID) -> bool:
    """Whether the version that runs asks for parameters, and who signed in may set them."""
    caller: Actor | None = request.scope["state"].get("caller")
    if caller is None:
        return False
    try:
        now = await running(db, reuse_id)
        require_own(caller, now)
        return await declared(db, now.service, now.version) is not None
    except NotYours:
        return False


def speaks_for(request: AnyRequest, organisation: UUID, service: str) -> bool:
    """Whether who signed in says for a body what it thinks of entries of others."""
    caller: Actor | None = request.scope["state"].get("caller")
    return (
        caller is not None
        and caller.may(SCOPE)
        and caller.speaks_for(str(organisation), SCOPE, service)
        and str(organisation) == caller.organisation
    )
