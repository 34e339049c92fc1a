"""What every kind of document does over HTTP: being read at any date, created and changed."""

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Response
from litestar.di import Provide
from litestar.params import Parameter

from registry.audit import Asked
from registry.catalogue.actions import Outcome
from registry.catalogue.kinds import Draft, Kind
from registry.catalogue.store import documents as store
from registry.db import Reads, Tx
from registry.web.conditional import Preconditions, conditional
from registry.web.requests import AnyRequest

ValidFrom = Annotated[
    date | None,
    Parameter(description="First legal day on which the document holds; today when left out."),
]

ASKED = {"asked": Provide(Asked, sync_to_thread=False)}


async def answered(
    request: AnyRequest, reads: Reads, kind: Kind[Any, Any, Any], slug: str, asked: Asked
) -> Response[bytes]:
    """The document on a day; as it was recorded by then, if asked, which the answer says."""
    moment = await asked.moment(reads)
    stored = await store.as_of(reads, kind, slug, moment.day, moment.size)
    if moment.known is None:
        return conditional(request, stored.body, etag=stored.etag)
    answer = msgspec.json.decode(stored.body, type=kind.answer)
    return conditional(request, msgspec.structs.replace(answer, known_at=moment.known))


async def require_state(
    tx: Tx,
    kind: Kind[Draft, Any, Any],
    draft: Draft,
    place: tuple[str, date],
    preconditions: Preconditions,
) -> None:
    """Refuse a change that does not name what it builds upon, unless it only repeats what is there.

    `place` is the slug and the day from which the change holds; nobody else changes it meanwhile.
    """
    await store.lock(tx, kind, place[0])
    present = await store.to_change(tx, kind, *place)
    repeats = preconditions.if_match is not None
    if not (repeats and await store.document_on(tx, kind, *place) == draft):
        preconditions.require(present.etag if present else None)


async def changed(
    tx: Tx, kind: Kind[Any, Any, Any], slug: str, day: date, outcome: Outcome
) -> Response[bytes]:
    """The document as it now is on the day from which the change holds."""
    stored = await store.as_of(tx, kind, slug, day, None)
    created = outcome == "created"
    location = {"Location": f"/v1/{kind.name}/{slug}"} if created else {}
    return Response(
        stored.body,
        status_code=201 if created else 200,
        headers={"ETag": stored.etag} | location,
        media_type="application/json",
    )
