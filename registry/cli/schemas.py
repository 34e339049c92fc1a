"""`schemas/`: the registry's formats as JSON Schemas (2020-12), generated from the Structs."""

import inspect
import json
from pathlib import Path
from typing import Any

import msgspec

from registry.app import create_app
from registry.audit.cloud import CloudEvent
from registry.catalogue.model import JourneyDraft, ServiceDraft
from registry.cli.checking.model import Report
from registry.cli.formats import AgreementFile, FactRow, VersionFile
from registry.reuse.figures import FigureDraft
from registry.reuse.model import ReuseDraft
from registry.settings import Settings
from registry.web.ecma import portable
from registry.web.openapi import document
from registry.web.problems import Problem

OPENAPI = "openapi.json"

FORMATS: dict[str, Any] = {
    "agreement": AgreementFile,
    "event": CloudEvent,
    "figure-row": FigureDraft,
    "journey": JourneyDraft,
    "problem": Problem,
    "report": Report,
    "reuse": ReuseDraft,
    "reuse-row": FactRow,
    "service": ServiceDraft,
    "version": VersionFile,
}


def schema_text(name: str) -> str:
    """The JSON Schema of a format, as its file holds it."""
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    document = dialect | portable(_cleaned(msgspec.json.schema(FORMATS[name])))
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def openapi_text() -> str:
    """The interface description (OpenAPI 3.1), as its file holds it for review."""
    described = msgspec.json.decode(document(create_app(Settings(), b"")))
    return json.dumps(described, indent=1, ensure_ascii=False) + "\n"


def _cleaned(value: Any) -> Any:
    """The same without the indentation that docstrings bring along."""
    if isinstance(value, dict):
        return {key: _cleaned(part) for key, part in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [_cleaned(part) for part in value]  # pyright: ignore[reportUnknownVariableType]
    return inspect.cleandoc(value) if isinstance(value, str) and "\n" in value else value


def _files(folder: Path) -> list[Path]:
    """The formats; the interface description lies beside them."""
    return [path for path in folder.glob("*.json") if path.name != OPENAPI]


def drifted(folder: Path) -> list[str]:
    """What is missing or differs, and files that are no format."""
    files = {path.stem: path.read_text(encoding="utf-8") for path in _files(folder)}
    strange = files.keys() - FORMATS.keys()
    described = folder / OPENAPI
    if not described.is_file() or described.read_text(encoding="utf-8") != openapi_text():
        strange |= {described.stem}
    return sorted(strange | {name for name in FORMATS if files.get(name) != schema_text(name)})


def write(folder: Path) -> None:
    """Bring the files in line with the Structs, and the interface description with the routes."""
    (folder / OPENAPI).write_text(openapi_text(), encoding="utf-8")
    for path in _files(folder):
        if path.stem not in FORMATS:
            path.unlink()
    for name in FORMATS:
        (folder / f"{name}.json").write_text(schema_text(name), encoding="utf-8")
