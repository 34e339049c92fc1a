"""One service over HTTP: reading it at any date, its history, creating and changing it."""

from litestar import Response, get, put
from litestar.openapi import ResponseSpec

from registry.audit import Asked, position_known_at
from registry.catalogue import actions
from registry.catalogue.kinds import SERVICES
from registry.catalogue.model import History, Service, ServiceDraft, UnknownService
from registry.catalogue.routes.documents import ASKED, ValidFrom, answered, changed, require_state
from registry.catalogue.store import documents, in_force
from registry.db import Reads, Tx
from registry.web.conditional import Preconditions, conditional
from registry.web.params import SLUG, KnownAt, SlugInPath
from registry.web.requests import AnyRequest
from registry.web.stored import StoredRead


@get(
    "/services/{slug:str}",
    summary="A service",
    dependencies=ASKED,
    opt={"stored": StoredRead(SLUG, in_force)},
    responses={200: ResponseSpec(Service, description="The service, with its ETag.")},
)
async def get_service(
    request: AnyRequest, reads: Reads, slug: SlugInPath, asked: Asked
) -> Response[bytes]:
    """A service as it is today, as it was or will be on a day, or as that was recorded by then."""
    if asked.as_of is not None or asked.known_at is not None:
        return await answered(request, reads, SERVICES, slug, asked)
    stored = await reads.coalesced(in_force).get(slug)
    if stored is None:
        raise UnknownService(service=slug)
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
    items = await documents.history(reads, SERVICES, slug, known.size if known else None)
    if not items:
        raise UnknownService(service=slug)
    return conditional(request, History(items=items, known_at=known))


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
    await require_state(tx, SERVICES, data, (slug, day), preconditions)
    outcome = await actions.put_service(tx, slug, data, day)
    return await changed(tx, SERVICES, slug, day, outcome)
