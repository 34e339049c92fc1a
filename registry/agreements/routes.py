"""Agreements over HTTP: lists and documents on any day, recording, correcting, joining."""

from dataclasses import dataclass
from typing import Annotated

import msgspec
from litestar import Response, Router, get, put
from litestar.di import Provide
from litestar.openapi import ResponseSpec
from litestar.params import Parameter

from registry.agreements import actions
from registry.agreements.model import (
    Accession,
    AccessionDraft,
    Agreement,
    AgreementDraft,
    AgreementItem,
    AgreementKind,
    AgreementStatus,
)
from registry.agreements.store import documents as store
from registry.audit import Asked, DatedPage, Moment, dated
from registry.catalogue import store as services
from registry.db import Query, Reads, Tx
from registry.organisations import store as organisations
from registry.web.conditional import Preconditions, conditional, etag_of, provide_preconditions
from registry.web.paging import page, paged, place_behind
from registry.web.params import SLUG, Cursor, Limit, SlugInPath
from registry.web.requests import AnyRequest

ASKED = {"asked": Provide(Asked, sync_to_thread=False)}

OfKind = Annotated[AgreementKind | None, Parameter(description="Only of this kind.")]
OfStatus = Annotated[
    AgreementStatus | None,
    Parameter(description="Only with this status on the day; left out: all but `upcoming`."),
]
OfParty = Annotated[
    str | None,
    Parameter(
        max_length=80,
        description="Only with this body as a party or joined: a regional key or a slug.",
    ),
]
OfService = Annotated[
    str | None, Parameter(pattern=SLUG, description="Only naming this service, by its slug.")
]
OfTheme = Annotated[
    str | None, Parameter(pattern=r"^[a-z_]{1,60}$", description="Only naming this OZG theme.")
]
Within = Annotated[
    str | None,
    Parameter(
        max_length=12,
        description="Only with a body from the territory of this regional key, itself included.",
    ),
]
Demo = Annotated[
    bool, Parameter(description="Whether those of the fictitious bodies (key 99) are listed too.")
]
KeyInPath = Annotated[str, Parameter(max_length=80, description="Regional key or slug of a body.")]


@dataclass(frozen=True, kw_only=True)
class AgreementQuery:
    """What to list."""

    kind: OfKind = None
    status: OfStatus = None
    party: OfParty = None
    service: OfService = None
    theme: OfTheme = None
    within: Within = None
    demo: Demo = False

    async def filters(self, db: Query, at: Moment) -> store.Filters:
        """The filters, with the body and the territory found."""
        await services.require_recorded(db, self.service, at.size)
        return store.Filters(
            kind=self.kind,
            status=self.status,
            party=await organisations.resolve_id(db, self.party, at.day, at.size, "party"),
            service=self.service,
            theme=self.theme,
            within=await organisations.territory(db, self.within, at.size),
            demo=self.demo,
        )


@get(
    "/agreements",
    summary="Agreements",
    dependencies={"wanted": Provide(AgreementQuery, sync_to_thread=False)} | ASKED,
)
async def list_agreements(
    request: AnyRequest,
    reads: Reads,
    wanted: AgreementQuery,
    asked: Asked,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[DatedPage[AgreementItem]]:
    """Agreements and decisions with their status on a day, in the order of their names."""
    after = place_behind(request, cursor)
    at = await asked.moment(reads)
    filters = await wanted.filters(reads, at)
    found = await store.agreements(reads, filters, at, after, limit + 1)
    total = await store.count(reads, filters, at)
    shown = page(request, found, total, limit, lambda one: one.key)
    return paged(dated(shown, [one.item for one in shown.items], at))


@get(
    "/agreements/{slug:str}",
    summary="An agreement",
    dependencies=ASKED,
    responses={200: ResponseSpec(Agreement, description="The agreement, with its ETag.")},
)
async def get_agreement(
    request: AnyRequest, reads: Reads, slug: SlugInPath, asked: Asked
) -> Response[bytes]:
    """An agreement with its parties and accessions, and how it stands on a day."""
    return conditional(request, await store.agreement(reads, slug, await asked.moment(reads)))


@put(
    "/agreements/{slug:str}",
    summary="Record or correct an agreement",
    status_code=200,
    responses={
        200: ResponseSpec(Agreement, description="The agreement as it now is."),
        201: ResponseSpec(Agreement, description="The agreement that was recorded."),
    },
)
async def put_agreement(
    tx: Tx, slug: SlugInPath, data: AgreementDraft, preconditions: Preconditions
) -> Response[bytes]:
    """Create with `If-None-Match: *`, correct with `If-Match`; what is there already is 200.

    Whoever is a party, or stands above one, records it; every correction is kept.
    """
    now = Moment(day=tx.today, known=None)
    await store.hold(tx, slug)
    last = await store.last_revision(tx, slug)
    if not (last and preconditions.if_match and last.document == data):
        present = await store.agreement(tx, slug, now) if last else None
        preconditions.require(_etag(present))
    outcome = await actions.put_agreement(tx, slug, data)
    return _answer(await store.agreement(tx, slug, now), outcome, f"/v1/agreements/{slug}")


@get(
    "/agreements/{slug:str}/accessions/{key:str}",
    summary="An accession",
    dependencies=ASKED,
    responses={200: ResponseSpec(Accession, description="The accession, with its ETag.")},
)
async def get_accession(
    request: AnyRequest, reads: Reads, slug: SlugInPath, key: KeyInPath, asked: Asked
) -> Response[bytes]:
    """Since when a body is bound by an agreement it joined."""
    at = await asked.moment(reads)
    body = await organisations.resolve(reads, key, at.day, at.size)
    return conditional(request, await store.accession(reads, slug, body.id, at.size))


@put(
    "/agreements/{slug:str}/accessions/{key:str}",
    summary="Record or correct an accession",
    status_code=200,
    responses={
        200: ResponseSpec(Accession, description="The accession as it now is."),
        201: ResponseSpec(Accession, description="The accession that was recorded."),
    },
)
async def put_accession(
    tx: Tx, slug: SlugInPath, key: KeyInPath, data: AccessionDraft, preconditions: Preconditions
) -> Response[bytes]:
    """A body joins from a day on: recorded by itself or by who stands above it.

    Create with `If-None-Match: *`, correct with `If-Match`; what is there already is 200.
    """
    await store.hold(tx, slug)
    body = await organisations.resolve(tx, key)
    last = await store.last_accession(tx, slug, body.id)
    if not (last and preconditions.if_match and last.document == data):
        present = await store.accession(tx, slug, body.id, None) if last else None
        preconditions.require(_etag(present))
    outcome = await actions.put_accession(tx, slug, key, data)
    answer = await store.accession(tx, slug, body.id, None)
    return _answer(answer, outcome, answer.links.own)


def _etag(present: object) -> str | None:
    return None if present is None else etag_of(msgspec.json.encode(present))


def _answer(present: object, outcome: actions.Outcome, address: str) -> Response[bytes]:
    content = msgspec.json.encode(present)
    created = outcome == "created"
    return Response(
        content,
        status_code=201 if created else 200,
        headers={"ETag": etag_of(content)} | ({"Location": address} if created else {}),
        media_type="application/json",
    )


def router() -> Router:
    """The routes of this room, below /v1."""
    return Router(
        "/",
        route_handlers=[
            list_agreements,
            get_agreement,
            put_agreement,
            get_accession,
            put_accession,
        ],
        dependencies={"preconditions": Provide(provide_preconditions)},
        tags=["agreements"],
    )
