"""The security log over HTTP: for the body concerned, and for auditors within their reach."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get
from litestar.params import Parameter

from registry.db import Query
from registry.identity import security_store as store
from registry.identity.guard import provide_actor
from registry.identity.routes.tokens import PRIVATE
from registry.identity.security import SecurityPage
from registry.organisations import store as organisations
from registry.web.paging import link_to, page, place_behind
from registry.web.params import Cursor, Limit
from registry.web.requests import AnyRequest

OfBody = Annotated[
    str | None, Parameter(max_length=80, description="Only attempts of this body's tokens.")
]


@get("/security-log", summary="Refused attempts")
async def list_attempts(
    request: AnyRequest,
    view: Query,
    organisation: OfBody = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[SecurityPage]:
    """Refused changes and failed log-ins of the caller's body; auditors: of all in their reach.

    The newest first, seconds after they happened. It is no part of the log of changes.
    """
    await provide_actor(request)
    body: UUID | None = None
    if organisation is not None:
        body = (await organisations.resolve(view, organisation)).id
    rows = await store.entries(view, body, place_behind(request, cursor), limit + 1)
    shown = page(request, rows, None, limit, lambda row: row[0])
    answer = SecurityPage(items=[row[1] for row in shown.items], total=None, next=shown.next)
    return Response(answer, headers=PRIVATE | link_to(shown.next))


HANDLERS = (list_attempts,)
