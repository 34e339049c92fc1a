"""A list as a table: the same address with `.csv`, the same filters, more rows at once."""

from collections.abc import Iterable

import msgspec
from litestar import Response

from registry.audit import Moment
from registry.reports.routes.asked import wants_table
from registry.reports.tables import written
from registry.site.columns import Columns, german, rows
from registry.site.routes.answers import Page, both, place_of
from registry.web.conditional import conditional
from registry.web.paging import link_to
from registry.web.requests import AnyRequest

_MOST = 10_000


def as_page_and_table(path: str) -> list[str]:
    """The addresses of a list."""
    return [*both(path), *both(f"{path}.csv")]


def most_rows(request: AnyRequest, limit: int) -> int:
    """How many rows are shown at once."""
    return _MOST if wants_table(request) else limit


def as_table(
    request: AnyRequest,
    at: Moment,
    columns: Columns,
    items: Iterable[msgspec.Struct],
    following: str | None,
) -> Page:
    """The rows as CSV that opens in a German spreadsheet; `Link` leads to the rows behind them."""
    stated = (at.day.isoformat(), str(at.known.size) if at.known else "")
    if place_of(request).language == "de":
        names, values = german(columns, items)
        dated = ["Stichtag", "Kenntnisstand"]
    else:
        names, values = [*columns], rows(columns, items)
        dated = ["as_of", "known_at"]
    dates = dict(zip(dated, stated, strict=True))
    content = written(names, values, dates, separator=";", bom=True)
    headers = {"Vary": "Accept"} | link_to(following)
    answer: Response[bytes] = conditional(request, content, headers=headers, media_type="text/csv")
    return answer
