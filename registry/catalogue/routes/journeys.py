"""Journeys over HTTP."""

from litestar import Response, get, put
from litestar.openapi import ResponseSpec

from registry.audit import Asked, DatedPage, dated
from registry.catalogue import actions
from registry.catalogue.kinds import JOURNEYS
from registry.catalogue.model import Journey, JourneyDraft, JourneyItem
from registry.catalogue.routes.documents import ASKED, ValidFrom, answered, changed, require_state
from registry.catalogue.store import journeys as store
from registry.db import Reads, Tx
from registry.web.conditional import Preconditions
from registry.web.paging import page, paged, place_behind
from registry.web.params import Cursor, Limit, SlugInPath
from registry.web.requests import AnyRequest


@get("/journeys", summary="Journeys", dependencies=ASKED)
async def list_journeys(
    request: AnyRequest, reads: Reads, asked: Asked, limit: Limit = 50, cursor: Cursor = None
) -> Response[DatedPage[JourneyItem]]:
    """The journeys (Nutzerreisen) in force on a day, in the order of their names."""
    at = await asked.moment(reads)
    after = place_behind(request, cursor)
    found = await store.find_journeys(reads, at.day, at.size, after, limit + 1)
    total = await store.count_journeys(reads, at.day, at.size)
    shown = page(request, found, total, limit, lambda one: (one.sort_key, one.item.slug))
    return paged(dated(shown, [journey.item for journey in shown.items], at))


@get(
    "/journeys/{slug:str}",
    summary="A journey",
    dependencies=ASKED,
    responses={200: ResponseSpec(Journey, description="The journey, with its ETag.")},
)
async def get_journey(
    request: AnyRequest, reads: Reads, slug: SlugInPath, asked: Asked
) -> Response[bytes]:
    """The services one situation in life asks for, today or on a day."""
    return await answered(request, reads, JOURNEYS, slug, asked)


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
    await require_state(tx, JOURNEYS, data, (slug, day), preconditions)
    outcome = await actions.put_journey(tx, slug, data, day)
    return await changed(tx, JOURNEYS, slug, day, outcome)
