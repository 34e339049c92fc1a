"""Cost shares over HTTP: asked in full by POST, which records nothing, or in short by GET."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.di import Provide
from litestar.openapi import ResponseSpec
from litestar.params import Parameter

from registry.agreements.keys import KeyName, read_keys
from registry.agreements.store import keys as key_store
from registry.audit import Asked, Moment, moment
from registry.catalogue import store as services
from registry.characters import AMOUNT
from registry.db import Query
from registry.errors import Fault
from registry.organisations import store as organisations
from registry.reports.answers import dated_address
from registry.reports.cost_model import (
    Basis,
    Cost,
    CostQuestion,
    CostShares,
    InvalidCostQuestion,
    Part,
    Rule,
    require_answerable,
    tables,
)
from registry.reports.cost_pots import shared, used_keys
from registry.reports.cost_shares import changes
from registry.reports.cost_tables import ShareRow, share_rows
from registry.reports.definitions import definition
from registry.reports.routes.asked import wants_table
from registry.reports.store import costs as store
from registry.reports.tables import Separator, table
from registry.web.conditional import conditional
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
    headers = {"Vary": "Accept, Authorization"}
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


async def cost_shares(db: Query, question: CostQuestion, at: Moment) -> CostShares:
    """The answer for a day; participants come from the ledger unless named."""
    require_answerable(question)
    question = await _with_keys(db, question, at)
    found = tables(question, read_keys(await key_store.content(db, at.size)))
    participants = question.participants
    if participants is None:
        reusing = await store.reusing_states(db, question.service or "", at, demo=False)
        participants = tuple(reusing)
    everybody = sorted({*participants, *question.joining})
    people = await store.populations(db, everybody, at)
    whole, before = shared(question, found, participants, people)
    says = definition(f"cost-shares-{question.rule.replace('/', '-')}")
    return CostShares(
        definition=says.definition,
        denominator=says.denominator,
        rule=question.rule,
        charged_year=question.charged_year,
        as_of=at.day,
        known_at=at.known,
        participants=tuple(sorted(participants)),
        joining=tuple(sorted(question.joining)),
        keys=used_keys(found),
        inhabitants=tuple(people),
        positions=whole.positions,
        totals=whole.totals,
        remainders=whole.remainders,
        changes=changes(before, whole) if before else (),
        rows=_rows(question, at),
    )


def _rows(question: CostQuestion, at: Moment) -> str | None:
    return dated_address("/v1/reuses", at, service=question.service) if question.service else None


async def _with_keys(db: Query, question: CostQuestion, at: Moment) -> CostQuestion:
    """The same with every body by its shortest key; refuses one the register does not know."""
    measured = {key for values in question.measures.values() for key in values}
    named = {*(question.participants or ()), *question.joining, *measured}
    found = await organisations.find(db, sorted(named), at.day, at.size)
    if missing := sorted(named - found.keys()):
        raise InvalidCostQuestion(
            *[Fault("/participants", "unknown-organisation", {"value": key}) for key in missing]
        )
    keys = {name: body.key for name, body in found.items()}
    return msgspec.structs.replace(
        question,
        participants=question.participants and _each(keys, question.participants),
        joining=_each(keys, question.joining),
        measures={
            basis: {keys[key]: value for key, value in values.items()}
            for basis, values in question.measures.items()
        },
    )


def _each(keys: dict[str, str], named: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keys[name] for name in named))


HANDLERS = (get_cost_shares, post_cost_shares)
