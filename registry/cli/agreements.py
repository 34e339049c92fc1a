"""Agreements from their files into the registry: each with who joined it."""

from pathlib import Path
from typing import Any

import msgspec

from registry.agreements.actions import put_accession, put_agreement
from registry.agreements.model import AccessionDraft, AgreementDraft
from registry.cli import store
from registry.cli.folder import AGREEMENTS
from registry.cli.formats import AgreementFile
from registry.cli.reading import Document, UnreadableFiles, read_yaml
from registry.cli.service import Brought, in_document, located
from registry.db import Tx

_CONFLICT = "the agreement was changed in the registry since; this file was left out"

# What others refer to comes first.
_ORDER = ("decision", "framework", "individual", "administrative", "provision", "reuse", "onward")


class _Glance(msgspec.Struct, frozen=True):
    """What decides when a file is loaded; everything else is checked then."""

    kind: Any = None
    services: Any = None


def agreement_files(root: Path) -> tuple[list[Path], list[Path]]:
    """The files of agreements that name no service, and of those that do, what is above first."""
    glances = {file: _glance(file) for file in sorted((root / AGREEMENTS).glob("*.yaml"))}
    files = sorted(glances, key=lambda file: _place(glances[file].kind))
    return (
        [file for file in files if not glances[file].services],
        [file for file in files if glances[file].services],
    )


def _glance(file: Path) -> _Glance:
    try:
        return msgspec.convert(read_yaml(file).value, _Glance)
    except (UnreadableFiles, msgspec.ValidationError):
        return _Glance()


def _place(kind: Any) -> int:
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)


async def load_agreement(tx: Tx, file: Path) -> Brought:
    """Bring in an agreement and its accessions; what is recorded already adds nothing."""
    document = read_yaml(file)
    told = document.read_as(AgreementFile, "agreement")
    _require_named_alike(document, told)
    if await store.agreement_changed_by_others(tx, told.slug):
        return Brought(conflict=document.mistake((), _CONFLICT))
    with located(lambda fault: in_document(document, fault)):
        await put_agreement(tx, told.slug, _part(told, AgreementDraft))
        for entry in told.accessions:
            draft = _part(entry, AccessionDraft)
            await put_accession(tx, told.slug, entry.organisation, draft)
    return Brought()


def _require_named_alike(document: Document, told: AgreementFile) -> None:
    if told.slug != document.file.stem:
        text = f"the slug is {told.slug}, the file {document.file.name}"
        raise UnreadableFiles([document.mistake(("slug",), text)])


def _part(value: msgspec.Struct, kind: Any) -> Any:
    """The fields of `kind` that a larger Struct holds."""
    return kind(**{name: getattr(value, name) for name in kind.__struct_fields__})
