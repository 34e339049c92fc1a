"""The days a report over time is asked for; pure."""

from collections.abc import Iterator
from datetime import date

MOST_POINTS = 200


def days_until(last: date, first: date | None, step: int) -> list[date]:
    """The first day, the first of every `step`th month after it, and the last; at most 200."""
    start = first or date.fromordinal(max(last.toordinal() - 730, 1))
    between = [day for day in _firsts(start, last, step) if start < day < last]
    return sorted({min(start, last), *between[-MOST_POINTS:], last})


def _firsts(start: date, last: date, step: int) -> Iterator[date]:
    months = start.year * 12 + start.month - 1
    while months <= last.year * 12 + last.month - 1:
        yield date(months // 12, months % 12 + 1, 1)
        months += step
