"""Cost shares over HTTP: asked in full by POST, which records nothing, or in short by GET."""

from dataclasses import dataclass
from typing import Annotated

from litestar import Response, get, post
from litestar.di import Provide
from litestar.openapi import ResponseSpec
from litestar.params import Parameter

from registry.agreements.keys import KeyName
from registry.audit import Asked, moment
from registry.catalogue import store as services
from registry.characters import AMOUNT
from registry.db import Query
from registry.reports.cost_answer import cost_shares
from registry.reports.cost_model import (
    Basis,
    Cost,
    CostQuestion,
    CostShares,
    Part,
    Rule,
)
from registry.reports.cost_tables import ShareRow, share_rows
from registry.reports.routes.asked import wants_table
from registry.reports.tables import Separator, table
from registry.web.conditional import BY_CALLER, conditional
from registry.web.params import SLUG, AsOf, KnownAt
from registry.web.requests import AnyRequest

_ANSWER = {200: ResponseSpec(CostShares, description="Who pays what.")}


@dataclass(frozen=True, kw_only=True)
class CostQuery:
    """One position and one measure; whatever is longer is sent by POST."""

    rule: Annotated[Rule, Parameter(description="Decision of the IT-Planungsrat.")]
    amount_eur: Annotated[
        str,
        Parameter(pattern=AMOUNT, description="What is to be paid."),
    ]
    charged_year: Annotated[int, Parameter(ge=1949, le=2200, description="The year paid for.")]
    service: Annotated[str, Parameter(pattern=SLUG, description="Whose reusing Länder take part.")]
    basis: Annotated[Basis, Parameter(description="What the participants' money is split by.")] = (
        "koenigstein"
    )
    key: Annotated[KeyName, Parameter(description="The key over all Länder.")] = "koenigstein"
    key_year: Annotated[
        int | None, Parameter(ge=1949, le=2200, description="The year of the table.")
    ] = None
    joining: Annotated[
        str | None,
        Parameter(max_length=400, description="Who might join: regional keys with commas."),
    ] = None
    as_of: AsOf = None
    known_at: KnownAt = None
    separator: Annotated[Separator, Parameter(description="Of the columns in CSV.")] = ","
    bom: Annotated[bool, Parameter(description="Whether CSV begins with a byte order mark.")] = (
        False
    )

    @property
    def question(self) -> CostQuestion:
        return CostQuestion(
            rule=self.rule,
            charged_year=self.charged_year,
            costs=(Cost(name=self.service, amount_eur=self.amount_eur),),
            parts=(Part(basis=self.basis),),
            key=self.key,
            key_year=self.key_year,
            service=self.service,
            joining=tuple(part for part in (self.joining or "").split(",") if part),
        )


@get(
    ["/reports/cost-shares", "/reports/cost-shares.csv"],
    summary="Cost shares of a service",
    dependencies={"asked": Provide(CostQuery, sync_to_thread=False)},
    responses=_ANSWER,
)
async def get_cost_shares(request: AnyRequest, view: Query, asked: CostQuery) -> Response[bytes]:
    """One amount over the Länder that reuse the service, with what others joining would change."""
    at = await moment(view, asked.as_of, asked.known_at)
    await services.require_recorded(view, asked.service, at.size)
    answer = await cost_shares(view, asked.question, at)
    headers = BY_CALLER
    if not wants_table(request):
        return conditional(request, answer, headers=headers)
    dates = {"as_of": at.day.isoformat(), "known_at": str(at.size or "")}
    content = table(ShareRow, share_rows(answer), dates, separator=asked.separator, bom=asked.bom)
    return conditional(request, content, headers=headers, media_type="text/csv")


@post(
    "/reports/cost-shares",
    summary="Work out cost shares",
    status_code=200,
    dependencies={"asked": Provide(Asked, sync_to_thread=False)},
    responses=_ANSWER,
)
async def post_cost_shares(view: Query, data: CostQuestion, asked: Asked) -> Response[CostShares]:
    """Several positions, combinations of measures, any participants. Nothing is recorded."""
    at = await asked.moment(view)
    await services.require_recorded(view, data.service, at.size, "/service")
    return Response(await cost_shares(view, data, at))


HANDLERS = (get_cost_shares, post_cost_shares)
