"""Reports as CSV (RFC 4180), safe to open in a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

Separator = Literal[",", ";"]

# What a German spreadsheet would take for a number or a date: keys with a leading zero or of many
# digits, versions. Our own intake reads the form back.
_KEPT_AS_TEXT = re.compile(r"0[0-9]+|[0-9]{12,}|[0-9]+(\.[0-9]+){2}[0-9A-Za-z.-]*")
_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+")
_NUMBER = re.compile(r"-?[0-9]+([.,][0-9]+)?")
# What makes a spreadsheet take a text for a formula, full-width forms included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def table(
    kind: type[msgspec.Struct],
    items: Iterable[msgspec.Struct],
    dates: Mapping[str, str],
    *,
    separator: Separator = ",",
    bom: bool = False,
) -> bytes:
    """The items as rows under the names of their fields, each with the dates of the question.

    With `;` the cells are as a German spreadsheet reads them: decimals with a comma, and keys and
    versions as text.
    """
    names = [name for name in kind.__struct_encode_fields__ if name != "links"]
    rows = map(msgspec.to_builtins, items)
    cells = ([row[name] for name in names] for row in rows)
    return written(names, cells, dates, separator=separator, bom=bom)


def written(
    names: Sequence[str],
    rows: Iterable[Iterable[Any]],
    dates: Mapping[str, str],
    *,
    separator: Separator = ",",
    bom: bool = False,
) -> bytes:
    """Rows of values under these names, each with the dates of the question."""
    text, as_cell = io.StringIO(), german_cell if separator == ";" else cell
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerow([*names, *dates])
    for row in rows:
        writer.writerow([*map(as_cell, row), *dates.values()])
    return ("\ufeff" if bom else "").encode() + text.getvalue().encode()


def cell(value: Any) -> str:
    """A value as one cell; a text that begins like a formula gets an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return cell(" ".join(str(part) for part in value))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


def german_cell(value: Any) -> str:
    """A value as one cell of a German spreadsheet."""
    text = cell(value)
    if isinstance(value, str) and _KEPT_AS_TEXT.fullmatch(text):
        return f'="{text}"'
    return text.replace(".", ",") if _DECIMAL.fullmatch(text) else text
