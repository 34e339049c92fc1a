"""The folder of a service, read and checked as a whole before anything of it is loaded."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from registry import semver
from registry.catalogue.model import ServiceDraft
from registry.cli.formats import FactRow, VersionFile
from registry.cli.reading import Document, Mistake, UnreadableFiles, read_csv, read_text, read_yaml
from registry.reuse.figures import FigureDraft

T = TypeVar("T")

SERVICE, REUSE, FIGURES = "service.yaml", "reuse.csv", "figures.csv"
AGREEMENTS, PARAMETERS = "agreements", "parameters"
_REUSE_COLUMNS = (
    "fact",
    "organisation",
    "stage",
    "date",
    "basis",
    "area",
    "version",
    "back_end",
    "evidence",
    "source",
    "note",
)


class Row(msgspec.Struct, frozen=True):
    """A row of a CSV file with the place it stands at."""

    document: Document
    value: Any


class VersionFolder(msgspec.Struct, frozen=True):
    """A version: its number, `version.yaml`, and the schema files by interface."""

    number: str
    document: Document
    about: VersionFile
    schemas: dict[str, Path]

    def texts(self) -> dict[str, bytes]:
        """The bytes of each schema; refuses what is not UTF-8."""
        return {name: read_text(path).encode() for name, path in self.schemas.items()}


class ServiceFolder(msgspec.Struct, frozen=True):
    """Everything one folder says of a service."""

    path: Path
    document: Document
    draft: ServiceDraft
    versions: tuple[VersionFolder, ...]
    facts: tuple[Row, ...]
    figures: tuple[Row, ...]
    parameters: tuple[Path, ...]


def service_folders(root: Path) -> list[Path]:
    """The folders of services below `root`; a name with `_` or `.` in front is something else."""
    folders = [path for path in root.iterdir() if path.is_dir()]
    return sorted(p for p in folders if p.name[0] not in "._" and p.name != AGREEMENTS)


def digest(path: Path) -> bytes:
    """SHA-256 (32 bytes) of a file, or of a folder's files with their names."""
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).digest()
    whole = hashlib.sha256()
    for file in _files(path):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        whole.update(f"{content} {file.relative_to(path).as_posix()}\n".encode())
    return whole.digest()


def _files(path: Path) -> list[Path]:
    return sorted(file for file in path.rglob("*") if file.is_file())


def read_service(path: Path) -> ServiceFolder:
    """The whole folder; refuses it with every mistake found in the first file that has one."""
    _require_known_files(path)
    document = read_yaml(path / SERVICE)
    draft = document.read_as(ServiceDraft, "service")
    if draft.slug != path.name:
        text = f"the slug is {draft.slug}, the folder {path.name}"
        raise UnreadableFiles([document.mistake(("slug",), text)])
    return ServiceFolder(
        path=path,
        document=document,
        draft=draft,
        versions=tuple(_versions(path / "versions")),
        facts=_rows(path / REUSE, _REUSE_COLUMNS, FactRow, "reuse-row"),
        figures=read_figures(path / FIGURES),
        parameters=tuple(sorted((path / PARAMETERS).glob("*.json"))),
    )


def read_figures(file: Path) -> tuple[Row, ...]:
    """The rows of a file of reported figures; none where there is no such file."""
    return _rows(file, FigureDraft.__struct_fields__, FigureDraft, "figure-row")


def _require_known_files(path: Path) -> None:
    known = {path / SERVICE, path / REUSE, path / FIGURES, *(path / PARAMETERS).glob("*.json")}
    strange = [
        Mistake(file, 1, "this file is no part of a service")
        for file in _files(path)
        if file not in known and (path / "versions") not in file.parents
    ]
    if not (path / SERVICE).is_file():
        strange.append(Mistake(path / SERVICE, 1, "this file is missing"))
    if strange:
        raise UnreadableFiles(strange)


def _rows(file: Path, columns: tuple[str, ...], kind: Any, schema: str) -> tuple[Row, ...]:
    if not file.is_file():
        return ()
    rows: list[Row] = []
    mistakes: list[Mistake] = []
    for document in read_csv(file, columns):
        try:
            rows.append(Row(document, document.read_as(kind, schema)))
        except UnreadableFiles as error:
            mistakes += error.mistakes
    if mistakes:
        raise UnreadableFiles(mistakes)
    return tuple(rows)


def _versions(path: Path) -> Iterator[VersionFolder]:
    folders = [folder for folder in path.iterdir() if folder.is_dir()] if path.is_dir() else []
    odd = [folder for folder in folders if not semver.is_version(folder.name)]
    if odd:
        raise UnreadableFiles([Mistake(folder, 1, "this is no version number") for folder in odd])
    for folder in sorted(folders, key=lambda folder: semver.parse(folder.name)):
        yield _version(folder)


def _version(folder: Path) -> VersionFolder:
    document = read_yaml(folder / "version.yaml")
    about = document.read_as(VersionFile, "version")
    found = {file.stem: file for file in _files(folder) if file.name != "version.yaml"}
    mistakes = [
        Mistake(file, 1, "version.yaml does not name this interface")
        for name, file in found.items()
        if name not in about.interfaces or file.suffix != ".json" or file.parent != folder
    ]
    mistakes += [
        document.mistake(("interfaces", name), f"{name}.json is missing")
        for name in about.interfaces
        if name not in found
    ]
    if mistakes:
        raise UnreadableFiles(mistakes)
    return VersionFolder(folder.name, document, about, found)
