"""Tables from spreadsheets, programs and enemies."""

import time
from typing import Literal

import msgspec
import pytest

from registry.web.tables import Column, InvalidTable, Table, day_of, read_table

CSV = "text/csv"


class Use(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    body: str
    count: int | None = None
    note: str | None = None


def number(cell: str) -> int | str:
    return int(cell) if cell.isdigit() else cell


COLUMNS = (
    Column("body", ("stelle",), required=True),
    Column("count", ("anzahl_faelle",), number),
    Column("note", ("anmerkung",)),
)


def read(content: bytes, kind: str = CSV, most: int = 10_000) -> Table[Use]:
    return read_table(content, kind, COLUMNS, Use, most)


def refusal(content: bytes) -> tuple[str, object]:
    """The first fault of a table that cannot be read: its rule and line."""
    with pytest.raises(InvalidTable) as refused:
        read(content).require_sound()
    fault = refused.value.faults[0]
    return fault.rule, fault.facts.get("line")


@pytest.mark.parametrize(
    "content",
    [
        "Stelle;Anzahl Fälle;Anmerkung\n05;3;Größe „A“\n".encode(),
        "\ufeffSTELLE;ANZAHL-FÄLLE;Anmerkung\r\n05;3;Größe „A“\r\n".encode(),
        "body,count,note\n05,3,Größe „A“".encode(),
        'body,"count",note\n"05","3","Größe „A“",,,\n,,\n\n'.encode(),
        "Anmerkung;Stelle;Anzahl Fälle;;\rGröße „A“;05;3;;\r".encode("windows-1252"),
    ],
)
def test_headers_delimiters_and_encodings_are_found_out(content: bytes) -> None:
    table = read(content)
    assert ([entry.value for entry in table.entries], table.faults) == (
        [Use(body="05", count=3, note="Größe „A“")],
        [],
    )


@pytest.mark.parametrize(
    ("content", "rule", "line"),
    [
        (b"", "missing-column", 1),
        (b"Stelle\n\n", "no-rows", None),
        (b"Stelle\n05\x00\n", "control-character", 2),
        (b"Stelle\n05\x1b[2J\n", "control-character", 2),
        ("Stelle\n05\n".encode("utf-16"), "encoding-unknown", 1),
        (b"Stelle\n05\n\x81\n", "encoding-unknown", 3),
        ("Stelle\nMünchen\n".encode() + b"M\xfcnchen", "encoding-mixed", 3),
        (b"\xef\xbb\xbfStelle\nM\xfcnchen\n", "encoding-mixed", 2),
        (b'Stelle\n"05', "csv-broken", 2),
        (b'Stelle\n"0"5\n', "csv-broken", 2),
        (b"Stelle\n" + b"x" * 200_000, "csv-broken", 2),
        (b"Stelle;Farbe\n05;rot", "unknown-column", 1),
        (b"Stelle;body\n05;05", "repeated-column", 1),
        (b"Anmerkung\nx", "missing-column", 1),
        (b"Stelle\n05;;x", "cells-differ", 2),
        (b"Stelle;Anmerkung\n05", "cells-differ", 2),
        (b"Stelle;Anzahl Faelle\n05;1.000", "no-number", 2),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(
    content: bytes, rule: str, line: int | None
) -> None:
    assert refusal(content) == (rule, line)


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "@SUM(A1)", "-2+3", "-x", '="a"&"b"'])
def test_what_a_spreadsheet_would_run_is_refused(cell: str) -> None:
    quoted = cell.replace('"', '""')
    assert refusal(f'Stelle;Anmerkung\n05;"{quoted}"'.encode()) == ("formula", 2)


@pytest.mark.parametrize(
    ("cell", "value"),
    [('"=""05315"""', "05315"), ("'=1+1", "=1+1"), ("- später", "- später"), ("-5", "-5")],
)
def test_what_spreadsheets_keep_as_text_is_text(cell: str, value: str) -> None:
    table = read(f"Stelle;Anmerkung\n05;{cell}".encode())
    assert [entry.value.note for entry in table.entries] == [value]


def test_a_cell_with_line_breaks_keeps_the_lines_of_the_rows_behind_it() -> None:
    table = read(b'Stelle;Anmerkung\n05;"a\nb\nc"\n\n06;x;y\n')
    assert table.entries[0].line == 2
    assert [fault.facts["line"] for fault in table.faults] == [6]


@pytest.mark.parametrize("content", [b"a;" * 1_000_000 + b"\n1", b"Stelle\n" + b"a;" * 1_000_000])
def test_a_million_columns_are_refused_soon(content: bytes) -> None:
    began = time.process_time()
    assert refusal(content)[0] in ("unknown-column", "cells-differ")
    assert time.process_time() - began < 20


def test_of_very_many_bad_rows_the_first_thousand_are_named() -> None:
    with pytest.raises(InvalidTable) as refused:
        read(b"Stelle;Anzahl Faelle\n" + b"05;x\n" * 5_000).require_sound()
    assert len(refused.value.faults) == 1_000
    assert refused.value.facts == {"rows": 5_000, "listed": 1_000, "found": 5_000}


def test_days_as_spreadsheets_write_them_are_understood() -> None:
    given = ["1.3.2023", "03.2023", "2023-03-01", "32.3", "2023", "März 2023"]
    assert [day_of(cell) for cell in given] == [
        "2023-03-01",
        "2023-03",
        "2023-03-01",
        "32.3",
        "2023",
        "März 2023",
    ]


def test_lines_of_json_are_told_apart_by_their_lines() -> None:
    table = read(b'{"body": "05"}\n\n{"body": 5}\n{\n', "application/x-ndjson")
    assert [(entry.place, entry.line) for entry in table.entries] == [(0, 1)]
    assert [(fault.pointer, fault.facts["line"]) for fault in table.faults] == [
        ("/1/body", 3),
        ("/2", 4),
    ]


@pytest.mark.parametrize(
    ("kind", "headers", "row"),
    [(CSV, b"Stelle\n", b"a\n"), ("application/x-ndjson", b"", b'{"body": "a"}\n')],
)
def test_a_table_has_so_many_rows_and_no_more(kind: str, headers: bytes, row: bytes) -> None:
    assert len(read(headers + row * 100, kind, most=100).entries) == 100
    with pytest.raises(InvalidTable) as refused:
        read(headers + row * 101, kind, most=100)
    assert [(f.rule, f.facts) for f in refused.value.faults] == [("too-many-rows", {"most": 100})]


class Kind(msgspec.Struct, frozen=True):
    stage: Literal["live", "pilot"] | None = None


class Nested(msgspec.Struct, frozen=True):
    kind: Kind


def test_a_word_that_is_none_of_some_is_told_with_these() -> None:
    columns = (Column("kind.stage", ("stufe",)),)
    (by_csv,) = read_table(b"Stufe\nLive\n", CSV, columns, Nested, 9).faults
    assert (by_csv.pointer, by_csv.rule) == ("/0/kind/stage", "no-choice")
    assert (by_csv.facts["given"], by_csv.facts["allowed"]) == ("Live", ["live", "pilot"])
    assert (by_csv.facts["line"], by_csv.facts["column"]) == (2, "Stufe")
    rows = b'{"kind": {"stage": "x - at `$.y`"}}\n'
    (by_lines,) = read_table(rows, "application/x-ndjson", columns, Nested, 9).faults
    assert (by_lines.pointer, by_lines.facts["allowed"]) == ("/0/kind/stage", ["live", "pilot"])
    assert by_lines.facts["given"] == "x - at `$.y`"
