"""The proof of a report as one file: what was answered, what it rests on, and how to check it."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

_FOLDER = Path(__file__).parent
_WITHOUT_LOG = (
    "(log.ndjson fehlt: das Protokoll ist zu groß dafür; es ist zu haben unter {address})",
    "(log.ndjson is left out: the log is too large for it; it is at {address})",
)
_WITH_LOG = (
    "log.ndjson       das Protokoll bis zu diesem Stand; was privat ist, nur als Prüfsumme",
    "log.ndjson       the export of the log up to this size; what is private only as a hash",
)


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked: the report, its addresses, the day, and the two positions of the log."""

    report: str
    asked: str
    address: str
    table: str
    day: str
    known: int
    size: int


def readme(question: Question, files: Mapping[str, bytes]) -> str:
    """What is in the file, and how it is checked."""
    whole = "log.ndjson" in files
    export = f"/v1/log/export?size={question.size}"
    log = _WITH_LOG if whole else tuple(line.format(address=export) for line in _WITHOUT_LOG)
    named = ["statement.txt", "report.json", *(["log.ndjson"] if whole else [])]
    return (
        (_FOLDER / "liesmich.txt")
        .read_text(encoding="utf-8")
        .format(
            **msgspec.structs.asdict(question),
            log_de=log[0],
            log_en=log[1],
            files=" ".join(named),
        )
    )


def verifier() -> bytes:
    """The program that checks it, which needs nothing of the registry."""
    return (_FOLDER.parent / "cli" / "efa_verify.py").read_bytes()


def packed(folder: str, files: Mapping[str, bytes]) -> bytes:
    """The files in a folder, as a ZIP file; the same files give the same bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(f"{folder}/{name}", (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return target.getvalue()
