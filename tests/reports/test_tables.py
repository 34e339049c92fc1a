"""Reports as CSV."""

import msgspec
import pytest

from registry.reports.tables import cell, table


class Row(msgspec.Struct, frozen=True, kw_only=True):
    name: str | None
    amount: int
    done: bool
    links: str = ""


@pytest.mark.parametrize("text", ["=1+1", "+49", "-x", "@sum", "\t=1", "\r=1", "＝1"])
def test_a_text_like_a_formula_is_defused(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-1", "-12.50", "1.5", "Stadt = Land", ""])
def test_numbers_and_other_texts_stay_as_they_are(text: str) -> None:
    assert cell(text) == text


def test_rows_carry_the_dates_and_leave_out_links() -> None:
    rows = [
        Row(name='a;"b"', amount=-1, done=True, links="x"),
        Row(name=None, amount=0, done=False),
    ]
    content = table(Row, rows, {"as_of": "2024-01-31"}, separator=";", bom=True)
    assert content.decode() == (
        '\ufeffname;amount;done;as_of\r\n"a;""b""";-1;true;2024-01-31\r\n;0;false;2024-01-31\r\n'
    )
