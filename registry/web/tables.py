"""Tables as people and programs send them: CSV in German or English, or JSON by lines; pure.

A CSV file has a line of headers, `;` or `,` between its cells, and is UTF-8 with or without a byte
order mark, or Windows-1252. What cannot be read is told by line and column, all of it at once.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from registry.errors import Fault, Unprocessable
from registry.web.places import fault_from

T = TypeVar("T")

CSV = "text/csv"
LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl")
TABLES = (CSV, *LINES)
MAX_FAULTS = 1_000

_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS = (";", ",")
# German and French letters as UTF-8 writes them; in Windows-1252 they would be read as "Ã¼".
_LETTER_IN_UTF8 = re.compile(rb"\xc3[\x80-\xbf]|\xc5[\x92\x93]|\xe2\x80[\x93-\x9e]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# What a spreadsheet would run when the list is opened in it; a signed number it does not.
_FORMULA = re.compile(r"[=+@\t\r]|-(?!\s|[\d.,]*\Z)")
# How spreadsheets keep the zero of `05315`, and how our own lists keep a formula from running.
_KEPT_AS_TEXT = re.compile(r"""="([^"]*)"|'([=+@\t\r-].*)""", re.DOTALL)
_GERMAN_DAY = re.compile(r"(?:([0-9]{1,2})\.)?([0-9]{1,2})\.([12][0-9]{3})")
_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", " ": "_", "-": "_"})


class InvalidTable(Unprocessable):
    """A table with at least one bad row, or none that can be read; nothing of it was recorded."""

    code = "invalid-table"


class Column(msgspec.Struct, frozen=True):
    """A column: the field it fills, its other headers (folded), and what turns a cell to a value.

    A field `a.b` is the member `b` of the member `a`.
    `read` returns the cell as it is where it cannot be read; its type is then what is wrong.
    """

    field: str
    headers: tuple[str, ...] = ()
    read: Callable[[str], Any] = str
    required: bool = False


def day_of(cell: str) -> str:
    """A day or month as spreadsheets write it in German, `1.3.2023` or `03.2023`, as ISO 8601."""
    found = _GERMAN_DAY.fullmatch(cell)
    return "-".join(part.zfill(2) for part in reversed(found.groups()) if part) if found else cell


class Entry(msgspec.Struct, Generic[T], frozen=True):
    """A row that could be read: its place among all rows from 0, its line from 1, its value."""

    place: int
    line: int
    value: T


class Table(msgspec.Struct, Generic[T], frozen=True):
    """All rows that could be read, the faults of the others, and the headers by field."""

    entries: list[Entry[T]]
    faults: list[Fault]
    headers: Mapping[str, str]

    def fault(self, entry: Entry[Any], wrong: Fault) -> Fault:
        """A fault of a row's value as one of the table, with its line and column."""
        return _placed(entry.place, entry.line, self.headers, wrong)

    def require_sound(self, wrong: Sequence[Fault] = ()) -> None:
        """Refuse the table if a row is bad, by itself or by what `wrong` says of it."""
        found = sorted([*self.faults, *wrong], key=_line)
        if found:
            raise InvalidTable(
                *found[:MAX_FAULTS],
                rows=len({_line(fault) for fault in found}),
                listed=min(len(found), MAX_FAULTS),
                found=len(found),
            )


def read_table(
    content: bytes, content_type: str, columns: Sequence[Column], form: type[T], most: int
) -> Table[T]:
    """The rows of `content` as `form`; refuses what is no table at all, or has more than `most`."""
    text = _decoded(content)
    if content_type.partition(";")[0].strip().lower() in LINES:
        return _collected(_json_rows(text, form), {}, most)
    sheet = _Sheet(text, columns)
    return _collected(sheet.rows(form), sheet.headers, most)


def _collected(
    rows: Iterator["Entry[T] | list[Fault]"], headers: Mapping[str, str], most: int
) -> Table[T]:
    table: Table[T] = Table([], [], headers)
    for place, row in enumerate(rows):
        if place == most:
            raise InvalidTable(
                Fault("", "too-many-rows", {"most": most}), rows=0, listed=1, found=1
            )
        if isinstance(row, Entry):
            table.entries.append(row)
        else:
            table.faults.extend(row)
    if not (table.entries or table.faults):
        raise InvalidTable(Fault("", "no-rows"), rows=0, listed=1, found=1)
    return table


def _decoded(content: bytes) -> str:
    """The text of a file; a few bytes that are no UTF-8 among others that are spoil all of it."""
    if content.startswith(_UTF16_MARKS):
        raise _unreadable("encoding-unknown", 1)
    unmarked = content.removeprefix(_UTF8_MARK)
    try:
        text = unmarked.decode()
    except UnicodeDecodeError as error:
        if len(unmarked) < len(content) or _LETTER_IN_UTF8.search(content):
            line = unmarked.count(b"\n", 0, error.start) + 1
            raise _unreadable("encoding-mixed", line) from None
        text = _from_windows(content)
    if found := _CONTROL.search(text):
        raise _unreadable("control-character", text.count("\n", 0, found.start()) + 1)
    return text


def _from_windows(content: bytes) -> str:
    try:
        return content.decode("windows-1252")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _unreadable("encoding-unknown", line) from None


def _unreadable(rule: str, line: int, **facts: Any) -> InvalidTable:
    return InvalidTable(Fault("", rule, {"line": line, **facts}), rows=1, listed=1, found=1)


def _json_rows(text: str, form: type[T]) -> Iterator["Entry[T] | list[Fault]"]:
    decoder = msgspec.json.Decoder(form)
    place = 0
    for line, row in enumerate(text.split("\n"), start=1):
        if row and not row.isspace():
            yield _json_row(place, line, row, decoder)
            place += 1


def _json_row(
    place: int, line: int, row: str, decoder: msgspec.json.Decoder[T]
) -> "Entry[T] | list[Fault]":
    try:
        return Entry(place, line, decoder.decode(row))
    except msgspec.ValidationError as error:
        wrong = fault_from(str(error), decoder.type)
    except (msgspec.DecodeError, RecursionError) as error:
        wrong = Fault("", "not-json", {"reason": str(error)})
    return [_placed(place, line, {}, wrong)]


class _Sheet:
    """A CSV file: which column fills which field, by its first line."""

    def __init__(self, text: str, columns: Sequence[Column]) -> None:
        known = {name: column for column in columns for name in (column.field, *column.headers)}
        first = text[: text.find("\n") + 1 or None]
        delimiter = max(_DELIMITERS, key=lambda mark: _known_cells(first, mark, known))
        self._lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        names = self._next() or []
        while names and not names[-1].strip():
            names.pop()
        self._columns = _columns_of(names, known, columns)
        self.headers = {c.field: name for c, name in zip(self._columns, names, strict=True)}

    def _next(self) -> list[str] | None:
        """The cells of the next row; None at the end."""
        line = self._lines.line_num + 1
        try:
            return next(self._lines, None)
        except csv.Error as error:
            raise _unreadable("csv-broken", line, reason=str(error)) from None

    def rows(self, form: type[T]) -> Iterator["Entry[T] | list[Fault]"]:
        place, line = 0, self._lines.line_num + 1
        try:
            while (cells := self._next()) is not None:
                if any(cells):
                    yield self._row(place, line, cells, form)
                    place += 1
                line = self._lines.line_num + 1
        except InvalidTable as broken:
            yield list(broken.faults)

    def _row(self, place: int, line: int, cells: list[str], form: type[T]) -> Any:
        width = len(self._columns)
        if len(cells) != width and (len(cells) < width or any(cells[width:])):
            facts = {"expected": width, "given": len(cells)}
            return [_placed(place, line, {}, Fault("", "cells-differ", {**facts}))]
        try:
            values = self._values(cells)
            return Entry(place, line, msgspec.convert(values, form))
        except msgspec.ValidationError as error:
            return [_placed(place, line, self.headers, fault_from(str(error), form))]
        except _FormulaFound as found:
            return [_placed(place, line, self.headers, found.fault)]

    def _values(self, cells: list[str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for column, cell in zip(self._columns, cells, strict=False):
            if cell and (text := cell.strip(" ")):
                if text[0] in "=+@-\t\r'":
                    text = _without_formula(column.field, text)
                outer, _, inner = column.field.partition(".")
                into = values.setdefault(outer, {}) if inner else values
                into[inner or outer] = column.read(text)
        return values


class _FormulaFound(Exception):
    """A cell holds a formula."""

    def __init__(self, field: str) -> None:
        self.fault = Fault(f"/{field.replace('.', '/')}", "formula")


def _without_formula(field: str, text: str) -> str:
    if kept := _KEPT_AS_TEXT.fullmatch(text):
        return kept[1] or kept[2] or ""
    if _FORMULA.match(text):
        raise _FormulaFound(field)
    return text


def _known_cells(line: str, delimiter: str, known: Mapping[str, Column]) -> int:
    return sum(_folded(cell) in known for cell in line.split(delimiter))


def _folded(header: str) -> str:
    return header.strip().strip('"').strip().lower().translate(_LETTERS)


def _columns_of(
    names: list[str], known: Mapping[str, Column], columns: Sequence[Column]
) -> list[Column]:
    """The columns in the order of the file; refuses strange, repeated and missing headers."""
    found = [known.get(_folded(name)) for name in names]
    strange = [name[:80] for name, column in zip(names, found, strict=True) if column is None]
    fields = [column.field for column in columns]
    wrong = [
        Fault("", "unknown-column", {"line": 1, "column": name, "known": fields})
        for name in strange[:20]
    ]
    given = [column for column in found if column is not None]
    wrong += [
        Fault("", "repeated-column", {"line": 1, "column": column.field})
        for column in columns
        if given.count(column) > 1
    ]
    wrong += [
        Fault("", "missing-column", {"line": 1, "column": column.field})
        for column in columns
        if column.required and column not in given
    ]
    if wrong:
        raise InvalidTable(*wrong, rows=1, listed=len(wrong), found=len(wrong))
    return given


def _placed(place: int, line: int, headers: Mapping[str, str], wrong: Fault) -> Fault:
    """The fault of a row as one of the table; a missing field's column is the field itself."""
    facts: dict[str, Any] = {**wrong.facts, "line": line}
    parts = wrong.pointer.split("/")[1:] or [str(wrong.facts.get("name", ""))]
    if field := parts[0]:
        facts["column"] = headers.get(".".join(parts)) or headers.get(field, field)
    return Fault(f"/{place}{wrong.pointer}", wrong.rule, facts)


def _line(fault: Fault) -> int:
    line = fault.facts.get("line")
    return line if isinstance(line, int) else 0
