"""What the Länder would pay for a service under either decision of the IT-Planungsrat."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, get_args

from litestar import get
from litestar.di import Provide
from litestar.params import Parameter

from registry.agreements.keys import read_keys
from registry.agreements.store import keys as key_store
from registry.audit import Moment
from registry.catalogue import store as services
from registry.db import Query, Reads
from registry.errors import Refusal
from registry.organisations import store as organisations
from registry.reports.cost_answer import cost_shares
from registry.reports.cost_model import Basis, Cost, CostQuestion, CostShares, Part, Rule
from registry.reports.searching import service_filter
from registry.reports.store import service_list
from registry.site.routes.answers import Page, both, page, place_of
from registry.site.routes.asked import Dates, ServiceAsked
from registry.web.requests import AnyRequest
from registry.web.texts import problem_text

_ALL = 1_000
_RULES: tuple[Rule, ...] = get_args(Rule)
# Measures that must be given with the question are left to the interface.
_BASES: tuple[Basis, ...] = ("koenigstein", "inhabitants", "equal")
_YEAR = r"^(19[5-9][0-9]|2[01][0-9]{2})?\Z"


@dataclass(frozen=True, kw_only=True)
class Asked(Dates):
    """One amount for one service; without an amount the form is shown."""

    service: ServiceAsked = None
    amount_eur: Annotated[str | None, Parameter(pattern=r"^([0-9]{1,13}(\.[0-9]{1,2})?)?\Z")] = None
    rule: Annotated[str, Parameter(pattern=rf"^({'|'.join(_RULES)})\Z")] = "2023/35"
    basis: Annotated[str, Parameter(pattern=rf"^({'|'.join(_BASES)})\Z")] = "koenigstein"
    charged_year: Annotated[str | None, Parameter(pattern=_YEAR)] = None
    key_year: Annotated[str | None, Parameter(pattern=_YEAR)] = None

    def question(self, at: Moment, tables: Sequence[int]) -> CostQuestion:
        """The question; unless given, the year is that of the day, and the table the last one."""
        return CostQuestion(
            rule=self.rule,  # pyright: ignore[reportArgumentType] - held by the pattern
            charged_year=int(self.charged_year or at.day.year),
            costs=(Cost(name=self.service or "", amount_eur=self.amount_eur or "0"),),
            parts=(Part(basis=self.basis),),  # pyright: ignore[reportArgumentType]
            key_year=int(self.key_year or tables[0]),
            service=self.service,
        )


@get(both("/auswertung/kosten"), dependencies={"asked": Provide(Asked, sync_to_thread=False)})
async def get_costs(request: AnyRequest, reads: Reads, asked: Asked) -> Page:
    """The form, and who pays what of the amount given."""
    at = await asked.moment(reads)
    await services.require_recorded(reads, asked.service or None, at.size)
    by = await service_filter(reads, at, None, {}, demo=False)
    known = [found.item for found in await service_list.find_services(reads, by, None, _ALL)]
    tables = await _tables(reads, at)
    return page(
        request,
        "costs.html",
        at=at,
        asked=asked,
        services=known,
        rules=_RULES,
        bases=_BASES,
        tables=tables,
        **await _shares(request, reads, asked, at, tables),
    )


async def _tables(db: Query, at: Moment) -> list[int]:
    """The years of the Königsteiner Schlüssel, the last one first."""
    known = read_keys(await key_store.content(db, at.size))
    return sorted((year for name, year in known.tables if name == "koenigstein"), reverse=True)


async def _shares(
    request: AnyRequest, db: Query, asked: Asked, at: Moment, tables: Sequence[int]
) -> dict[str, Any]:
    """The answer with the names of who pays, or why there is none."""
    if not (asked.service and asked.amount_eur):
        return {"shares": None, "names": {}, "refusal": None}
    try:
        shares = await cost_shares(db, asked.question(at, tables), at)
    except Refusal as refusal:
        language = place_of(request).language
        text = problem_text(refusal.code, "detail", language, refusal.members)
        return {"shares": None, "names": {}, "refusal": text}
    return {"shares": shares, "names": await _names(db, shares, at), "refusal": None}


async def _names(db: Query, shares: CostShares, at: Moment) -> dict[str, str]:
    found = await organisations.find(db, {one.key for one in shares.totals}, at.day, at.size)
    return {key: body.name for key, body in found.items()}


HANDLERS = (get_costs,)
