"""Findings that somebody answers for, until a day: `.efa/exceptions.toml`.

    [[exception]]
    interface = "application"
    fingerprint = "043844fa92a97bfc"
    reason = "no reuser sends this yet"
    owner = "Team Wohngeld"
    expires = 2026-12-31

An exception points at one finding of one interface, never at a path: a fingerprint hangs on rule
and place, so two interfaces may share one. `efa diff` compares two schemas that have no name there:
only for it may `interface` be left out. One that has expired or meets nothing is a
mistake: a list that nobody tends would hide what it was not made for.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from registry.cli.checking.inputs import Reader, UnreadableInput
from registry.cli.checking.model import Exempted, mark_of

DEFAULT = Path(".efa/exceptions.toml")

_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*exception[ \t]*\]\]", re.MULTILINE)
_LINE = re.compile(r"line (\d+)")

Words = Annotated[str, Meta(min_length=1, max_length=1_000)]


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    fingerprint: Annotated[str, Meta(pattern=r"^[0-9a-f]{16}\Z")]
    reason: Words
    owner: Words
    expires: date
    interface: Words | None = None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    exception: list[_Entry] = []


class UntendedExceptions(UnreadableInput):
    """Entries that have expired or meet nothing; what was found is told all the same."""

    consequence = "the list of exceptions is not in order; what was found stands above."


class Exceptions:
    """The entries of a file by what they except, with the line each begins on.

    `alone` is the interface meant where an entry names none; without it, each has to.
    """

    def __init__(
        self,
        file: Path,
        reader: Reader,
        entries: Iterable[tuple[int, _Entry]],
        alone: str | None,
    ) -> None:
        self._file = file
        self._reader = reader
        self._entries: dict[str, tuple[int, _Entry]] = {}
        for line, entry in entries:
            interface = entry.interface or alone
            if interface is None:
                raise self._refusal(line, "exceptions-interface", entry)
            mark = mark_of(interface, entry.fingerprint)
            if mark in self._entries:
                raise self._refusal(line, "exceptions-twice", entry)
            self._entries[mark] = line, entry

    def exempted(self, today: date) -> Mapping[str, Exempted]:
        """What is excepted on a day, by the mark of the finding."""
        return {
            mark: Exempted(reason=entry.reason, owner=entry.owner, expires=entry.expires)
            for mark, (_, entry) in self._entries.items()
            if entry.expires >= today
        }

    def untended(self, found: Iterable[str], today: date) -> "UntendedExceptions | None":
        """The entries that have expired, and those whose finding is not among `found`."""
        met = set(found)
        refusals = [
            self._refusal(line, "exceptions-expired" if entry.expires < today else _UNUSED, entry)
            for mark, (line, entry) in self._entries.items()
            if entry.expires < today or mark not in met
        ]
        mistakes = [one for refusal in refusals for one in refusal.mistakes]
        return UntendedExceptions(mistakes) if mistakes else None

    def _refusal(self, line: int, rule: str, entry: _Entry) -> UnreadableInput:
        named = entry.interface
        given = mark_of(named, entry.fingerprint) if named else entry.fingerprint
        facts = msgspec.structs.asdict(entry) | {"given": given}
        return self._reader.refusal(str(self._file), line, rule, **facts)


_UNUSED = "exceptions-unused"


def read_exceptions(file: Path | None, reader: Reader, alone: str | None) -> Exceptions:
    """The exceptions of a file; without one named, of `.efa/exceptions.toml` where it exists."""
    if file is None and not DEFAULT.is_file():
        return Exceptions(DEFAULT, reader, (), alone)
    chosen = file or DEFAULT
    text = _text(chosen, reader)
    try:
        entries = msgspec.convert(tomllib.loads(text), _File).exception
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = _LINE.search(str(error))
        line = int(found[1]) if found else 1
        raise reader.refusal(str(chosen), line, "exceptions-toml", given=error) from None
    except msgspec.ValidationError as error:
        line = _line(text, str(error))
        raise reader.refusal(str(chosen), line, "exceptions-form", given=error) from None
    lines = _lines(text, len(entries))
    return Exceptions(chosen, reader, zip(lines, entries, strict=True), alone)


def _text(file: Path, reader: Reader) -> str:
    text = reader.bytes_at(str(file))
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise reader.refusal(str(file), 1, "not-utf-8", byte=error.start) from None


def _lines(text: str, count: int) -> list[int]:
    """The line each table begins on; 1 where a text within quotes looks like a table too."""
    lines = [text.count("\n", 0, found.start()) + 1 for found in _HEADER.finditer(text)]
    return lines if len(lines) == count else [1] * count


def _line(text: str, error: str) -> int:
    """The line of the entry that msgspec's message points at."""
    found = re.search(r"exception\[(\d+)\]", error)
    lines = _lines(text, len(_HEADER.findall(text)))
    return lines[int(found[1])] if found and int(found[1]) < len(lines) else 1
