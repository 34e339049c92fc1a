"""Taking in files of reuses."""

from litestar import Response, post
from litestar.openapi import ResponseSpec

from registry.db import Tx
from registry.identity.door import COSTLY
from registry.reuse import batches
from registry.reuse.batches import BatchOutcome
from registry.web.intake import TableOperation
from registry.web.requests import AnyRequest
from registry.web.tables import TABLES


@post(
    "/reuses/batches",
    summary="Record a file of reuses",
    operation_class=TableOperation,
    opt={"reads": TABLES, COSTLY: True},
    responses={
        200: ResponseSpec(BatchOutcome, description="All of it was recorded before."),
        201: ResponseSpec(BatchOutcome, description="The event of each row, in their order."),
    },
)
async def post_reuse_batch(request: AnyRequest, tx: Tx, body: bytes) -> Response[BatchOutcome]:
    """CSV with German or English headers, or one reuse as JSON in each line; all or nothing.

    Columns: `organisation` (Stelle), `service` (Dienst), `stage` (Stufe), `date` (Datum), `basis`,
    `version`, `area` (Gebiet, keys parted by blanks), `back_end` (Anbindung), `evidence.kind`,
    `evidence.reference`, `evidence.sha256`, `note` (Anmerkung), and `reuse` (Nachnutzung): with its
    id a row is a further step of it, without one a row begins a reuse. At most 20,000 rows; the
    whole of a request is limited as everywhere (413).
    """
    table = await batches.read(body, request.headers.get("content-type", ""))
    outcome = await batches.record(tx, table)
    return Response(outcome, status_code=201 if outcome.recorded else 200)


HANDLERS = (post_reuse_batch,)
