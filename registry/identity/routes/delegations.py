"""Delegations over HTTP: who lets whom act in its place, on any day and as known at any time."""

from dataclasses import dataclass
from typing import Annotated

from litestar import Response, delete, get, put
from litestar.di import Provide
from litestar.openapi import ResponseSpec
from litestar.params import Parameter

from registry.audit import Asked, DatedPage, Moment, dated
from registry.db import Query, Reads, Tx
from registry.identity import delegating
from registry.identity import delegation_store as store
from registry.identity.model import (
    Delegation,
    DelegationDraft,
    DelegationRecord,
    UnknownDelegation,
)
from registry.organisations import store as organisations
from registry.web.conditional import conditional
from registry.web.paging import page, paged, place_behind
from registry.web.params import Cursor, Limit
from registry.web.requests import AnyRequest

ASKED = {"asked": Provide(Asked, sync_to_thread=False)}

Delegator = Annotated[
    str, Parameter(max_length=80, description="Who lets act: a regional key or a slug.")
]
Delegate = Annotated[
    str, Parameter(max_length=80, description="Who may act in its place: a key or a slug.")
]
OfDelegator = Annotated[
    str | None, Parameter(max_length=80, description="Only what this body lets others do.")
]
OfDelegate = Annotated[
    str | None, Parameter(max_length=80, description="Only what this body may do for others.")
]


@dataclass(frozen=True, kw_only=True)
class DelegationQuery:
    """What to list."""

    delegator: OfDelegator = None
    delegate: OfDelegate = None

    async def filters(self, db: Query, at: Moment) -> store.Wanted:
        """The filters, with the bodies found."""
        return store.Wanted(
            day=at.day,
            size=at.size,
            delegator=await organisations.resolve_id(db, self.delegator, at.day, at.size),
            delegate=await organisations.resolve_id(db, self.delegate, at.day, at.size),
        )


@get(
    "/delegations",
    summary="Who may act in whose place",
    dependencies={"wanted": Provide(DelegationQuery, sync_to_thread=False)} | ASKED,
)
async def list_delegations(
    request: AnyRequest,
    reads: Reads,
    wanted: DelegationQuery,
    asked: Asked,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[DatedPage[Delegation]]:
    """Delegations in force on a day, by the keys of both bodies."""
    after = place_behind(request, cursor)
    at = await asked.moment(reads)
    filters = await wanted.filters(reads, at)
    rows = await store.delegations(reads, filters, after, limit + 1)
    total = await store.count(reads, filters)
    shown = page(request, rows, total, limit, lambda one: (one.delegator.key, one.delegate.key))
    return paged(dated(shown, shown.items, at))


@get(
    "/delegations/{delegator:str}/{delegate:str}",
    summary="What one body lets another do",
    dependencies=ASKED,
    responses={200: ResponseSpec(DelegationRecord, description="The delegation, with its ETag.")},
)
async def get_delegation(
    request: AnyRequest, reads: Reads, delegator: Delegator, delegate: Delegate, asked: Asked
) -> Response[bytes]:
    """As it stands on a day, with all that was recorded of it."""
    at = await asked.moment(reads)
    return conditional(request, await _record(reads, delegator, delegate, at))


@put(
    "/delegations/{delegator:str}/{delegate:str}",
    summary="Let another body act in one's place",
    status_code=200,
    responses={
        200: ResponseSpec(DelegationRecord, description="It stood so already."),
        201: ResponseSpec(DelegationRecord, description="The delegation as it now is."),
    },
)
async def put_delegation(
    tx: Tx, delegator: Delegator, delegate: Delegate, data: DelegationDraft
) -> Response[DelegationRecord]:
    """The body itself does, with a token that may do all it lets do; not what stands above it.

    What held before ends where this begins. Changes by a delegate name the body they are for
    (`on_behalf_of`). `admin` and `audit` are not to be delegated.
    """
    changed = await delegating.put_delegation(tx, delegator, delegate, data)
    answer = await _record(tx, delegator, delegate, Moment(day=tx.today, known=None))
    headers = {"Location": answer.delegation.links.own} if changed else {}
    return Response(answer, status_code=201 if changed else 200, headers=headers)


@delete(
    "/delegations/{delegator:str}/{delegate:str}",
    summary="End a delegation",
    status_code=200,
)
async def delete_delegation(
    tx: Tx, delegator: Delegator, delegate: Delegate
) -> Response[DelegationRecord]:
    """From today on; what was done under it stays. Tokens the delegate asked for end with it.

    Either of the two may. Again: no change.
    """
    await delegating.end_delegation(tx, delegator, delegate)
    return Response(await _record(tx, delegator, delegate, Moment(day=tx.today, known=None)))


async def _record(db: Query, delegator: str, delegate: str, at: Moment) -> DelegationRecord:
    giver = await organisations.resolve(db, delegator, at.day, at.size)
    taker = await organisations.resolve(db, delegate, at.day, at.size)
    history = await store.revisions(db, giver.id, taker.id, at.day, at.size)
    if not history:
        raise UnknownDelegation
    now = next((one for one in history if one.in_force), history[-1])
    return DelegationRecord(as_of=at.day, known_at=at.known, delegation=now, history=history)


HANDLERS = (list_delegations, get_delegation, put_delegation, delete_delegation)
