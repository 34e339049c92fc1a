from datetime import date

import pytest

from registry.dates import first_day, is_partial_date, last_day, precision


@pytest.mark.parametrize(
    ("text", "kind", "first", "last"),
    [
        ("2021", "year", date(2021, 1, 1), date(2021, 12, 31)),
        ("2024-02", "month", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023-12", "month", date(2023, 12, 1), date(2023, 12, 31)),
        ("2021-05-17", "day", date(2021, 5, 17), date(2021, 5, 17)),
    ],
)
def test_a_partial_date_names_a_period(text: str, kind: str, first: date, last: date) -> None:
    assert is_partial_date(text)
    assert (precision(text), first_day(text), last_day(text)) == (kind, first, last)


@pytest.mark.parametrize(
    "text",
    ["", "21", "2021-", "2021-13", "2021-00", "2023-02-29", "2021-05-32", "2021-5", "2021\n"],
)
def test_what_is_no_day_month_or_year_is_refused(text: str) -> None:
    assert not is_partial_date(text)
