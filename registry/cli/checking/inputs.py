"""What the command line names: schemas in files and in git revisions, read within limits.

A schema given is `[NAME=]FILE[:DIRECTION]`: NAME is the file's name up to its first dot unless
given, DIRECTION is `accepts` unless given. FILE may be `git:REVISION:PATH`.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeVar, cast, get_args

import click

from registry.characters import INTERFACE_NAME
from registry.cli.checking.compared import Apart
from registry.cli.checking.git import GitRefused, names_in, show
from registry.cli.checking.words import because, known, say, shown
from registry.cli.reading import Mistake, UnreadableFiles
from registry.compatibility.model import Direction
from registry.compatibility.rules import Language
from registry.compatibility.texts import lines_text, text_of
from registry.dialects.keywords import dialect_of
from registry.dialects.strict_json import Json, Unreadable, lines_of, read_json
from registry.dialects.yaml_text import YAML, OddYaml, Positions, read_yaml
from registry.errors import Fault
from registry.versions.model import TooCostly
from registry.versions.schemas.guard import LIMITS
from registry.web.texts import problem_text, rule_text

Read = TypeVar("Read")

MOST_INTERFACES = 50
GIT = "git:"
SCHEMAS = (".json", *YAML)

_ABOUT = "version.yaml"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")

_GIVEN = re.compile(r"(?:([a-z][a-z0-9-]{0,62})=)?(.+?)(?::(accepts|emits|exchanges))?", re.DOTALL)


class UnreadableInput(UnreadableFiles):
    """What was to be compared cannot be read."""

    rule = "nothing-compared"

    def __init__(self, mistakes: Sequence[Mistake], language: Language) -> None:
        super().__init__(mistakes)
        self.language: Language = language

    @property
    def consequence(self) -> str:
        return say("unreadable", self.rule, self.language)


@dataclass(frozen=True)
class Source:
    """A schema as it was read: the JSON text that is compared, and what its user calls it.

    `positions` are those of a YAML text; the places of a JSON text are found in `text`.
    """

    shown: str
    text: str
    root: Json
    positions: Positions | None = None


@dataclass(frozen=True)
class Given:
    """An interface as it stands on the command line or in a folder; None: no direction is said."""

    name: str
    stated: Direction | None
    source: Source

    @property
    def direction(self) -> Direction:
        """`accepts` unless another is said."""
        return self.stated or "accepts"


@dataclass(frozen=True)
class Reader:
    """Reads in the language of the messages."""

    language: Language

    def read(self, place: str) -> Source:
        """The schema at a place; raises UnreadableInput."""
        text = self.bytes_at(place)
        if PurePosixPath(place).suffix.lower() in YAML:
            return self._yaml(place, text)
        try:
            root = read_json(text, LIMITS)
        except Unreadable as refusal:
            raise self._faulty(place, text, refusal.fault) from None
        return self._schema(Source(place, text.decode(), root))

    def each(self, places: Iterable[str], read: Callable[[str], Read]) -> list[Read]:
        """What is read at each place; all that cannot be read is told at once."""
        found: list[Read] = []
        mistakes: list[Mistake] = []
        for place in places:
            try:
                found.append(read(place))
            except UnreadableInput as refusal:
                mistakes += refusal.mistakes
        if mistakes:
            raise UnreadableInput(mistakes, self.language)
        return found

    def require_valid(self, interfaces: Sequence[Given], apart: Apart, *, alone: bool) -> None:
        """Refuse what a registry would not take as the schemas of a version.

        A schema that is looked at `alone` may refer to files beside it; nowhere else.
        """
        texts = {each.name: each.source.text.encode() for each in interfaces}
        try:
            faults = apart.examined("compared", "0.0.0", texts).faults
        except TooCostly as costly:
            text = problem_text(costly.code, "detail", self.language, costly.facts)
            names = [self.mistake(each.source.shown, None, text) for each in interfaces]
            raise UnreadableInput(names, self.language) from None
        mistakes = [
            mistake
            for each in interfaces
            for fault in faults.get(each.name, ())
            if not (alone and _leads_beside(fault))
            for mistake in self._refused(each.source, fault).mistakes
        ]
        if mistakes:
            raise UnreadableInput(mistakes, self.language)

    def _refused(self, source: Source, fault: Fault) -> UnreadableInput:
        known_at = (source.positions or {}).get(fault.pointer)
        if known_at:
            return self.refusal(source.shown, known_at[0], fault.rule, **fault.facts)
        return self._faulty(source.shown, source.text.encode(), fault)

    def bytes_at(self, place: str) -> bytes:
        """The bytes at a place, one more than may be at most."""
        if place.startswith(GIT):
            return self._shown_by_git(place)
        try:
            with Path(place).open("rb") as file:
                return file.read(LIMITS.bytes + 1)
        except FileNotFoundError:
            raise self.refusal(place, None, "no-file") from None
        except IsADirectoryError:
            raise self.refusal(place, None, "folder") from None
        except (OSError, ValueError) as error:
            given = because(error, self.language)
            raise self.refusal(place, None, "not-readable", given=given) from None

    def names_in(self, place: str) -> list[str] | None:
        """The names in a folder, sorted; None where the place is a file."""
        if place.startswith(GIT):
            revision, path = self._revision(place)
            return names_in(revision, path, self.bytes_at(place))
        folder = Path(place)
        return sorted(each.name for each in folder.iterdir()) if folder.is_dir() else None

    def refusal(
        self, place: str, line: int | None, rule: str, /, **facts: object
    ) -> UnreadableInput:
        """Why a place cannot be read, in words."""
        if known("unreadable", rule):
            text = say("unreadable", rule, self.language, **facts)
        else:
            text = rule_text(rule, self.language, facts)
        return UnreadableInput([self.mistake(place, line, text)], self.language)

    def mistake(self, place: str, line: int | None, text: str) -> Mistake:
        """What is wrong at a line, fit for a terminal."""
        return Mistake(Path(shown(place)), line, shown(text))

    def _shown_by_git(self, place: str) -> bytes:
        revision, path = self._revision(place)
        try:
            return show(revision, path, LIMITS.bytes + 1)
        except GitRefused as refusal:
            raise self.refusal(place, None, refusal.rule, **refusal.facts) from None

    def _revision(self, place: str) -> tuple[str, str]:
        revision, _, path = place.removeprefix(GIT).partition(":")
        if not revision or not path:
            raise self.refusal(place, None, "git-form")
        return revision, path.rstrip("/")

    def _yaml(self, place: str, text: bytes) -> Source:
        if len(text) > LIMITS.bytes:
            raise self.refusal(place, None, "too-many-bytes", limit=LIMITS.bytes)
        try:
            root, positions = read_yaml(text.decode(), LIMITS)
        except UnicodeDecodeError as error:
            raise self.refusal(place, 1, "not-utf-8", byte=error.start) from None
        except OddYaml as odd:
            raise self.refusal(place, odd.line, odd.rule, given=odd.given[:80]) from None
        return self._schema(Source(place, lines_text(root), root, positions))

    def _schema(self, source: Source) -> Source:
        if not isinstance(source.root, dict | bool):
            raise self.refusal(source.shown, 1, "no-schema", given=text_of(source.root)[:40])
        try:
            dialect_of(source.root)
        except Unreadable as refusal:
            raise self._faulty(source.shown, source.text.encode(), refusal.fault) from None
        return source

    def _faulty(self, place: str, text: bytes, fault: Fault) -> UnreadableInput:
        line = fault.facts.get("line")
        if fault.pointer and not isinstance(line, int):
            line = _line(text, fault.pointer)
        line = line if isinstance(line, int) else None
        return self.refusal(place, line, fault.rule, **fault.facts)


def _leads_beside(fault: Fault) -> bool:
    """Whether a reference leads to a file beside: neither into the schema nor to an address."""
    target = str(fault.facts.get("target"))
    elsewhere = fault.rule in {"reference-dangling", "reference-outside"}
    return elsewhere and not target.startswith(("#", "//")) and not _SCHEME.match(target)


def _line(text: bytes, pointer: str) -> int:
    try:
        return lines_of(text.decode(), {pointer}).get(pointer, 1)
    except (ValueError, IndexError):  # the text may be too broken to look for places
        return 1


def given(arguments: Sequence[str], reader: Reader) -> list[Given]:
    """The interfaces named on the command line; a folder stands for all schemas in it."""
    groups = reader.each(arguments, lambda argument: _given(argument, reader))
    found = [each for group in groups for each in group]
    names = [each.name for each in found]
    for each in found:
        if names.count(each.name) > 1:
            facts = {"given": each.source.shown, "name": each.name}
            raise click.UsageError(say("usage", "name-twice", reader.language, **facts))
    if len(found) > MOST_INTERFACES:
        raise click.UsageError(say("usage", "interfaces", reader.language, limit=MOST_INTERFACES))
    return found


def _given(argument: str, reader: Reader) -> Iterable[Given]:
    parts = _GIVEN.fullmatch(argument)
    name, place, direction = parts.groups() if parts else (None, argument, None)
    _require_direction(place, reader.language)
    if name is None and direction is None and (names := reader.names_in(place)) is not None:
        return in_folder(place, names, reader)
    stated = cast("Direction | None", direction)
    return [Given(name or name_of(place, reader.language), stated, reader.read(place))]


def _require_direction(place: str, language: Language) -> None:
    """Refuse what stands behind a schema's name and is no direction."""
    file, mark, word = place.rpartition(":")
    named = mark and PurePosixPath(file).suffix.lower() in SCHEMAS
    if named and not Path(place).exists():
        facts = {
            "given": shown(word),
            "place": shown(place),
            "ways": ", ".join(get_args(Direction)),
        }
        raise click.UsageError(say("usage", "no-direction", language, **facts))


def name_of(place: str, language: Language) -> str:
    """The name of an interface after its file."""
    name = PurePosixPath(place).name.partition(".")[0]
    if not re.fullmatch(INTERFACE_NAME, name):
        raise click.UsageError(say("usage", "needs-name", language, given=shown(place)))
    return name


def in_folder(place: str, names: Sequence[str], reader: Reader) -> list[Given]:
    """All schemas of a folder; `version.yaml` beside them gives their directions."""
    directions = _directions(place, names, reader)
    files = [file for file in names if PurePosixPath(file).suffix.lower() in SCHEMAS]
    named = {name_of(file, reader.language): file for file in files if file != _ABOUT}
    if not named:
        raise reader.refusal(place, None, "empty-folder")
    places = [f"{place.rstrip('/')}/{file}" for file in named.values()]
    return [
        Given(name, directions.get(name), source)
        for name, source in zip(named, reader.each(places, reader.read), strict=True)
    ]


def _directions(place: str, names: Sequence[str], reader: Reader) -> dict[str, Direction]:
    if _ABOUT not in names:
        return {}
    file = f"{place.rstrip('/')}/{_ABOUT}"
    try:
        about, _ = read_yaml(reader.bytes_at(file).decode(), LIMITS)
    except OddYaml as odd:
        raise reader.refusal(file, odd.line, odd.rule, given=odd.given[:80]) from None
    except UnicodeDecodeError as error:
        raise reader.refusal(file, 1, "not-utf-8", byte=error.start) from None
    interfaces = about.get("interfaces") if isinstance(about, dict) else None
    if not isinstance(interfaces, dict):
        return {}
    ways = get_args(Direction)
    return {name: cast("Direction", way) for name, way in interfaces.items() if way in ways}
