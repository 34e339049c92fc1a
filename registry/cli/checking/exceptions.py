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
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, cast

import msgspec
from msgspec import Meta

from registry.cli.checking.inputs import Reader, UnreadableInput
from registry.cli.checking.model import Exempted, mark_of
from registry.web.places import fault_from
from registry.web.texts import rule_text

DEFAULT = Path(".efa/exceptions.toml")

_HEADER = re.compile(r"[ \t]*\[\[[ \t]*exception[ \t]*\]\]")
_ENTRY = re.compile(r"/exception/([0-9]+)")
_BLANK = ("no-match", "too-short")
_MOST_TRIED = 200
_LINE = re.compile(r"line (\d+)")

Words = Annotated[str, Meta(min_length=1, max_length=1_000, pattern=r"\S")]


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

    rule = "exceptions-untended"


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
        return UntendedExceptions(mistakes, self._reader.language) if mistakes else None

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
        found = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        told = _LINE.search(str(error))
        line = int(told[1]) if told else None
        raise reader.refusal(str(chosen), line, "exceptions-toml", given=error) from None
    lines = entry_lines(text, found.get("exception"))
    try:
        entries = msgspec.convert(found, _File).exception
    except msgspec.ValidationError as error:
        fault = fault_from(str(error), _File)
        words = f"{fault.pointer or '/'}: {rule_text(fault.rule, reader.language, fault.facts)}"
        place = _ENTRY.match(fault.pointer)
        line = lines[int(place[1])] if place else None
        rule = "exceptions-form"
        if place and fault.pointer.endswith("/expires"):
            rule, words = "exceptions-date", fault.pointer
        elif place and fault.rule in _BLANK and fault.pointer.endswith(("/reason", "/owner")):
            rule, words = "exceptions-blank", fault.pointer
        raise reader.refusal(str(chosen), line, rule, given=words) from None
    return Exceptions(chosen, reader, zip(lines, entries, strict=True), alone)


def _text(file: Path, reader: Reader) -> str:
    text = reader.bytes_at(str(file))
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise reader.refusal(str(file), 1, "not-utf-8", byte=error.start) from None


def entry_lines(text: str, entries: Any) -> list[int]:
    """The line each entry of a readable file begins on, however it is written."""
    count = len(cast("list[Any]", entries)) if isinstance(entries, list) else 0
    lines = text.split("\n")
    headers = [place for place, line in enumerate(lines) if line.lstrip(" \t").startswith("[[")]
    found = [place + 1 for place in headers if _HEADER.match(lines[place])]
    if len(found) != count:
        found = [place + 1 for place in headers[:_MOST_TRIED] if _begins_entry(lines, place)]
    return found if len(found) == count else _inline(text, entries, count)


def _begins_entry(lines: Sequence[str], place: int) -> bool:
    """Whether a line begins a table, and is no part of a longer text in quotes."""
    try:
        before = tomllib.loads("\n".join(lines[:place]))
        upto = tomllib.loads("\n".join(lines[: place + 1]))
    except (tomllib.TOMLDecodeError, RecursionError):
        return False
    return len(upto.get("exception", [])) > len(before.get("exception", []))


def _inline(text: str, entries: Any, count: int) -> list[int]:
    """The lines of entries in one list, by their fingerprints."""
    found: list[int] = []
    place = max(text.find("exception"), 0)
    for entry in cast("list[Any]", entries)[:count] if count else []:
        named = (
            cast("dict[str, Any]", entry).get("fingerprint") if isinstance(entry, dict) else None
        )
        place = max(place, text.find(str(named), place + 1) if named else place)
        found.append(text.count("\n", 0, place) + 1)
    return found
