"""Reports as CSV."""

import msgspec
import pytest

from registry.reports.tables import cell, german_cell, table


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


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("05315", '="05315"'),
        ("053150000000", '="053150000000"'),
        ("99012001001000", '="99012001001000"'),
        ("1.2.2023", '="1.2.2023"'),
        ("2.1.0-rc.1", '="2.1.0-rc.1"'),
        ("33.33", "33,33"),
        ("-12.50", "-12,50"),
        ("0.5", "0,5"),
        ("0", "0"),
        (1_000_000_000_000, "1000000000000"),
        ("2024-06-30", "2024-06-30"),
        ("=1+1", "'=1+1"),
        (None, ""),
    ],
)
def test_a_german_spreadsheet_reads_what_is_meant(value: object, written: str) -> None:
    assert german_cell(value) == written


def test_only_the_german_form_is_written_for_spreadsheets() -> None:
    rows = [Row(name="05", amount=1, done=True)]
    assert table(Row, rows, {}, separator=",").decode().splitlines()[1] == "05,1,true"
    assert table(Row, rows, {}, separator=";").decode().splitlines()[1] == '"=""05""";1;true'
