"""Receipts over HTTP, for who may see the event."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import HeaderParameter

from registry.audit import tree_store
from registry.audit.receipts import Receipt, Receipts
from registry.db import Query
from registry.errors import NotFound
from registry.web.conditional import BY_CALLER, conditional
from registry.web.preferring import applied, seconds_preferred
from registry.web.requests import AnyRequest
from registry.web.resources import resources_of

_USUAL_SECONDS = 5
_MOST_SECONDS = 30

Prefer = Annotated[
    str | None,
    HeaderParameter(
        name="Prefer",
        max_length=200,
        description="`wait=N`: wait up to N seconds for the receipt, 5 unless said, 30 at most.",
    ),
]
Accept = Annotated[
    str | None,
    HeaderParameter(
        name="Accept",
        max_length=500,
        description="`application/json`: with salt and facts; a text by C2SP otherwise.",
    ),
]


@get(
    "/events/{event_id:uuid}/receipt",
    summary="The receipt of an event",
    media_type="text/plain",
)
async def get_receipt(
    request: AnyRequest,
    view: Query,
    event_id: UUID,
    prefer: Prefer = None,
    accept: Accept = None,
) -> Response[bytes]:
    """That the event is in the signed log (c2sp.org/tlog-proof@v1), as soon as it is.

    Checked offline with `efa log verify`. As JSON (`Accept`) it has salt and facts too.
    """
    seconds = seconds_preferred(prefer, usual=_USUAL_SECONDS, most=_MOST_SECONDS)
    receipts: Receipts = request.app.state.receipts
    found = None if _wants_facts(accept) else await receipts.own(event_id, seconds)
    if found is None:
        revealed = await tree_store.revealed(view, event_id)
        if revealed is None:
            raise NotFound
        # Who waits holds no connection meanwhile.
        await resources_of(request).leave(success=True)
        found = await receipts.wait(revealed, seconds)
    headers = BY_CALLER | {"Cache-Control": "private, no-cache"}
    if prefer:
        headers |= applied(seconds)
    return _answer(request, found, accept, headers)


def _wants_facts(accept: str | None) -> bool:
    return "application/json" in (accept or "")


def _answer(
    request: AnyRequest, found: Receipt, accept: str | None, headers: dict[str, str]
) -> Response[bytes]:
    if _wants_facts(accept):
        return conditional(request, msgspec.json.encode(found), headers=headers)
    return conditional(request, found.text.encode(), headers=headers, media_type="text/plain")


HANDLERS = (get_receipt,)
