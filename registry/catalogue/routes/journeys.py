"""Journeys over HTTP."""

from litestar import Response, get, put
from litestar.openapi import ResponseSpec

from registry.audit import position_known_at
from registry.catalogue import actions
from registry.catalogue.model import Journey, JourneyDraft, JourneyItem
from registry.catalogue.routes.service import ValidFrom
from registry.catalogue.store import journeys as store
from registry.db import Reads, Tx
from registry.web.conditional import Preconditions, conditional
from registry.web.paging import Cursors, Page, page, paged
from registry.web.params import AsOf, Cursor, KnownAt, Limit, SlugInPath
from registry.web.requests import AnyRequest


@get("/journeys", summary="Journeys")
async def list_journeys(
    request: AnyRequest, reads: Reads, as_of: AsOf = None, limit: Limit = 50, cursor: Cursor = None
) -> Response[Page[JourneyItem]]:
    """The journeys (Nutzerreisen) in force on a day, in the order of their names."""
    cursors: Cursors = request.app.state.cursors
    found = await store.find_journeys(reads, as_of, cursors.read(request, cursor), limit + 1)
    total = await store.count_journeys(reads, as_of)
    shown = page(request, found, total, limit, lambda journey: (journey.sort_key, journey.slug))
    items = [journey.item for journey in shown.items]
    return paged(Page(items=items, total=shown.total, next=shown.next))


@get(
    "/journeys/{slug:str}",
    summary="A journey",
    responses={200: ResponseSpec(Journey, description="The journey, with its ETag.")},
)
async def get_journey(
    request: AnyRequest,
    reads: Reads,
    slug: SlugInPath,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Response[bytes]:
    """The services one situation in life asks for, today or on a day."""
    known = await position_known_at(reads, known_at)
    stored = await store.journey_as_of(reads, slug, as_of, known.size if known else None)
    return conditional(request, stored.body, etag=stored.etag)


@put(
    "/journeys/{slug:str}",
    summary="Create or change a journey",
    status_code=200,
    responses={
        200: ResponseSpec(Journey, description="The journey as it now is."),
        201: ResponseSpec(Journey, description="The journey that was created."),
    },
)
async def put_journey(
    tx: Tx,
    slug: SlugInPath,
    data: JourneyDraft,
    preconditions: Preconditions,
    valid_from: ValidFrom = None,
) -> Response[bytes]:
    """Create with `If-None-Match: *`, change with `If-Match`; what is there already is 200."""
    day = valid_from or tx.today
    await store.lock_journey(tx, slug)
    present = await store.journey_to_change(tx, slug, day)
    repeated = preconditions.if_match is not None and await store.journey_on(tx, slug, day) == data
    if not repeated:
        preconditions.require(present.etag if present else None)
    outcome = await actions.put_journey(tx, slug, data, day)
    stored = await store.journey_as_of(tx, slug, day, None)
    created = outcome == "created"
    return Response(
        stored.body,
        status_code=201 if created else 200,
        headers={"ETag": stored.etag} | ({"Location": f"/v1/journeys/{slug}"} if created else {}),
        media_type="application/json",
    )
