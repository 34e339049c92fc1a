"""The reconciliation over HTTP: a file is read and answered; nothing is recorded or kept."""

from datetime import date

import msgspec
from litestar import Response, post
from litestar.di import Provide
from litestar.openapi import ResponseSpec

from registry.audit import LogPosition
from registry.catalogue.parts import Texts
from registry.db import Query
from registry.identity.door import COSTLY
from registry.reports.definitions import definition
from registry.reports.reconciliation import Reconciled, read_export, reconcile
from registry.reports.routes.asked import ReportQuery, reuses_address
from registry.reports.routes.coverage import scope_of
from registry.reports.store import reconciliation as store
from registry.web.requests import AnyRequest


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """What the export and the ledger disagree on, on a day."""

    definition: Texts
    denominator: Texts
    as_of: date
    known_at: LogPosition | None
    result: Reconciled
    rows: str


@post(
    "/reports/reconciliation",
    summary="Compare an export of Open-PVOG",
    status_code=200,
    opt={
        "reads": ("text/csv", "application/json", "application/octet-stream"),
        COSTLY: True,
    },
    dependencies={"asked": Provide(ReportQuery, sync_to_thread=False)},
    responses={200: ResponseSpec(Reconciliation, description="All mismatches.")},
)
async def post_reconciliation(
    request: AnyRequest, view: Query, asked: ReportQuery
) -> Response[Reconciliation]:
    """Declared but not visible, visible but not declared, dead flags; `within` narrows both."""
    rows = read_export(await request.body())
    question = await asked.resolved(view, request)
    told = await store.declared(view, scope_of(question))
    within = question.within or ""
    says = definition("reconciliation")
    return Response(
        Reconciliation(
            definition=says.definition,
            denominator=says.denominator,
            as_of=question.at.day,
            known_at=question.at.known,
            result=reconcile([row for row in rows if row.ars.startswith(within)], told),
            rows=reuses_address(question, stage="live"),
        )
    )


HANDLERS = (post_reconciliation,)
