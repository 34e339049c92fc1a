"""One service over HTTP: reading it at any date, its history, creating and changing it."""

from datetime import date
from typing import Annotated

from litestar import Response, get, put
from litestar.openapi import ResponseSpec
from litestar.params import Parameter

from registry.audit import position_known_at
from registry.catalogue import actions
from registry.catalogue.model import History, Service, ServiceDraft, UnknownService
from registry.catalogue.store import service as store
from registry.db import Reads, Tx
from registry.web.conditional import Preconditions, conditional
from registry.web.params import SLUG, AsOf, KnownAt, SlugInPath
from registry.web.requests import AnyRequest
from registry.web.stored import StoredRead

ValidFrom = Annotated[
    date | None,
    Parameter(description="First legal day on which the document holds; today when left out."),
]


@get(
    "/services/{slug:str}",
    summary="A service",
    opt={"stored": StoredRead(SLUG, store.in_force)},
    responses={200: ResponseSpec(Service, description="The service, with its ETag.")},
)
async def get_service(
    request: AnyRequest,
    reads: Reads,
    slug: SlugInPath,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Response[bytes]:
    """A service as it is today, as it was or will be on a day, or as that was recorded by then."""
    if as_of is None and known_at is None:
        stored = await reads.coalesced(store.in_force).get(slug)
        if stored is None:
            raise UnknownService(service=slug)
        return conditional(request, stored.body, etag=stored.etag)
    known = await position_known_at(reads, known_at)
    stored = await store.as_of(reads, slug, as_of, known.size if known else None)
    return conditional(request, stored.body, etag=stored.etag)


@get(
    "/services/{slug:str}/revisions",
    summary="The history of a service",
    responses={200: ResponseSpec(History, description="All revisions, in the order of recording.")},
)
async def get_revisions(
    request: AnyRequest, reads: Reads, slug: SlugInPath, known_at: KnownAt = None
) -> Response[bytes]:
    """Every revision with both of its times: since when it holds, and when it was recorded."""
    known = await position_known_at(reads, known_at)
    items = await store.summaries(reads, slug, known.size if known else None)
    if not items:
        raise UnknownService(service=slug)
    return conditional(request, History(items=items))


@put(
    "/services/{slug:str}",
    summary="Create or change a service",
    status_code=200,
    responses={
        200: ResponseSpec(Service, description="The service as it now is."),
        201: ResponseSpec(Service, description="The service that was created."),
    },
)
async def put_service(
    tx: Tx,
    slug: SlugInPath,
    data: ServiceDraft,
    preconditions: Preconditions,
    valid_from: ValidFrom = None,
) -> Response[bytes]:
    """Create with `If-None-Match: *`, change with `If-Match`; what is there already is 200.

    `If-Match` names the state in force on the day from which the change holds.
    """
    day = valid_from or tx.today
    await store.lock(tx, slug)
    present = await store.to_change(tx, slug, day)
    repeated = preconditions.if_match is not None and await store.document_on(tx, slug, day) == data
    if not repeated:
        preconditions.require(present.etag if present else None)
    outcome = await actions.put_service(tx, slug, data, day)
    stored = await store.as_of(tx, slug, day, None)
    created = outcome == "created"
    return Response(
        stored.body,
        status_code=201 if created else 200,
        headers={"ETag": stored.etag} | ({"Location": f"/v1/services/{slug}"} if created else {}),
        media_type="application/json",
    )
