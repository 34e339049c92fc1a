"""Dates as sources give them: a day, a month or only a year; pure.

A partial date is written `YYYY`, `YYYY-MM` or `YYYY-MM-DD` (RFC 3339, shortened from the right).
"""

import calendar
import re
from datetime import date
from typing import Annotated, Literal

import msgspec

Precision = Literal["day", "month", "year"]

PARTIAL_DATE = r"^[12][0-9]{3}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?\Z"

MONTH = r"^[12][0-9]{3}-(0[1-9]|1[0-2])\Z"

PartialDate = Annotated[
    str,
    msgspec.Meta(
        pattern=PARTIAL_DATE,
        max_length=10,
        description="A date as precise as it is known: YYYY, YYYY-MM or YYYY-MM-DD.",
        examples=["2021", "2021-05", "2021-05-17"],
    ),
]

_PRECISIONS: dict[int, Precision] = {4: "year", 7: "month", 10: "day"}


def is_partial_date(text: str) -> bool:
    """Whether `text` is well-formed and its day exists."""
    if re.fullmatch(PARTIAL_DATE.removeprefix("^").removesuffix(r"\Z"), text) is None:
        return False
    return len(text) < 10 or int(text[8:]) <= _days(text)


def precision(text: str) -> Precision:
    """How precise a partial date is."""
    return _PRECISIONS[len(text)]


def first_day(text: str) -> date:
    """The first day of the period a partial date names."""
    return date.fromisoformat(text + "-01-01"[len(text) - 4 :])


def last_day(text: str) -> date:
    """The last day of the period a partial date names."""
    if len(text) == 4:
        return date(int(text), 12, 31)
    return first_day(text) if len(text) == 10 else first_day(text).replace(day=_days(text))


def _days(text: str) -> int:
    return calendar.monthrange(int(text[:4]), int(text[5:7]))[1]
