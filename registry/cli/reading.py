"""Reading files of `service_specs/` so that whatever is wrong is named by file and line.

YAML and CSV become plain values with a map from places to lines; a JSON Schema of `schemas/` checks
the values, and only then do they become Structs.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import jsonschema_rs
import msgspec
import yaml

from registry.errors import Unprocessable
from registry.resources import folder

T = TypeVar("T")
Place = tuple[str | int, ...]

_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


class Mistake(msgspec.Struct, frozen=True):
    """What is wrong, and where; without a line where the file as a whole is."""

    file: Path
    line: int | None
    text: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        return f"{place}: {self.text}"


class UnreadableFiles(Unprocessable):
    """Files of the folder are not as they must be; nothing of their service was loaded."""

    code = "unreadable-files"

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__(mistakes=[str(mistake) for mistake in mistakes])
        self.mistakes = tuple(mistakes)

    @property
    def consequence(self) -> str:
        """What did not happen for that."""
        return "nothing was loaded of what these files belong to."

    def __str__(self) -> str:
        return "\n".join(str(mistake) for mistake in self.mistakes)


class Document:
    """A file's value, and the line each of its places begins on."""

    def __init__(self, file: Path, value: object, lines: dict[Place, int]) -> None:
        self.file = file
        self.value = value
        self.lines = lines

    def line(self, place: Place) -> int:
        """The line of a place, or of the nearest place around it that the file holds."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def mistake(self, place: Place, text: str) -> Mistake:
        return Mistake(self.file, self.line(place), text)

    def read_as(self, kind: type[T], schema: str) -> T:
        """The value as a Struct, after `schemas/<schema>.json` accepted it."""
        faults = [self.mistake(place, text) for place, text in faults_of(self.value, schema)]
        if faults:
            raise UnreadableFiles(sorted(faults, key=lambda fault: fault.line or 0))
        try:
            return msgspec.convert(self.value, kind)
        except msgspec.ValidationError as error:
            raise UnreadableFiles([self.mistake((), str(error))]) from None


def read_text(file: Path) -> str:
    """The text of a file; refuses what is not UTF-8."""
    try:
        return file.read_bytes().decode()
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UnreadableFiles([Mistake(file, line, "this is not UTF-8")]) from None


def read_yaml(file: Path) -> Document:
    """A YAML file of mappings, lists and scalars; aliases and repeated keys are refused."""
    text = read_text(file)
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise UnreadableFiles([_yaml_mistake(file, text, error)]) from None
    lines: dict[Place, int] = {}
    reader = _YamlReader(file, lines)
    return Document(file, reader.value(node, ()), lines)


def _yaml_mistake(file: Path, text: str, error: yaml.YAMLError) -> Mistake:
    if isinstance(error, yaml.MarkedYAMLError):
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return Mistake(file, line, str(error.problem))
    if isinstance(error, yaml.reader.ReaderError):
        line = text.encode()[: error.position].count(b"\n") + 1
        return Mistake(file, line, f"{error.reason} (U+{_code_point(error):04X})")
    return Mistake(file, 1, str(error))


def _code_point(error: yaml.reader.ReaderError) -> int:
    character: Any = error.character
    return character if isinstance(character, int) else ord(character)


class _YamlReader:
    """Nodes as values; a scalar is text unless it is a plain true, false, null or integer."""

    def __init__(self, file: Path, lines: dict[Place, int]) -> None:
        self._file = file
        self._lines = lines
        self._seen: set[int] = set()

    def value(self, node: yaml.Node | None, place: Place) -> object:
        if node is None:
            return None
        self._lines.setdefault(place, node.start_mark.line + 1)
        if id(node) in self._seen:
            self._refuse(node, "aliases are not read here; write the value again")
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*place, at)) for at, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, object]:
        values: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in values:
                self._refuse(key_node, f"{key} is given twice")
            self._lines[(*place, key)] = key_node.start_mark.line + 1
            values[key] = self.value(value_node, (*place, key))
        return values

    def _scalar(self, node: yaml.Node) -> object:
        text: str = node.value
        if getattr(node, "style", None):
            return text
        if text in _WORDS:
            return _WORDS[text]
        is_integer = text.isdecimal() and text.isascii() and (text[0] != "0" or text == "0")
        return int(text) if is_integer else text

    def _refuse(self, node: yaml.Node, text: str) -> None:
        raise UnreadableFiles([Mistake(self._file, node.start_mark.line + 1, text)])


def read_csv(file: Path, columns: Sequence[str]) -> Iterator[Document]:
    """The rows of a CSV file as mappings of their filled cells; unknown columns are refused."""
    reader = csv.reader(io.StringIO(read_text(file), newline=""), strict=True)
    try:
        header = next(reader, list[str]())
        _require_columns(file, header, columns)
        start = reader.line_num + 1
        for cells in reader:
            if cells:
                yield _row(file, start, header, cells)
            start = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFiles([Mistake(file, reader.line_num, str(error))]) from None


def _require_columns(file: Path, header: list[str], columns: Sequence[str]) -> None:
    unknown = sorted(set(header) - set(columns))
    if unknown:
        raise UnreadableFiles([Mistake(file, 1, f"there is no column {', '.join(unknown)}")])
    if not header or len(set(header)) < len(header):
        raise UnreadableFiles([Mistake(file, 1, "the header is empty or names a column twice")])


def _row(file: Path, line: int, header: list[str], cells: list[str]) -> Document:
    if len(cells) != len(header):
        text = f"this row has {len(cells)} cells, the header {len(header)}"
        raise UnreadableFiles([Mistake(file, line, text)])
    values = {name: cell for name, cell in zip(header, cells, strict=True) if cell}
    return Document(file, values, {(): line})


@cache
def _validator(schema: str) -> jsonschema_rs.Validator:
    text = (folder("schemas") / f"{schema}.json").read_text(encoding="utf-8")
    return jsonschema_rs.validator_for(msgspec.json.decode(text), validate_formats=True)


def faults_of(value: object, schema: str) -> list[tuple[Place, str]]:
    """What `schemas/<schema>.json` finds wrong: places and plain words."""
    return [fault for error in _validator(schema).iter_errors(value) for fault in _faults(error)]


def _faults(error: Any) -> Iterator[tuple[Place, str]]:
    place: Place = tuple(error.instance_path)
    if error.kind.name == "anyOf":
        for one in min(error.kind.context, key=_distance):
            yield from _faults(one)
        return
    if error.kind.name == "additionalProperties":
        for name in error.kind.unexpected:
            yield (*place, name), f"there is no field {name} here"
        return
    where = ".".join(str(step) for step in place)
    yield place, f"{where}: {error.message}" if where else error.message


def _distance(branch: list[Any]) -> tuple[bool, int]:
    """How far a value is from a branch of `anyOf`; that null was meant is the last guess."""
    null = any(error.kind.name == "type" and error.kind.types == ["null"] for error in branch)
    return null, len(branch)
