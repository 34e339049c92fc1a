"""One service from its folder into the registry: itself, its versions, what sources say."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import msgspec
from msgspec import UNSET

from registry.catalogue import store as catalogue_store
from registry.catalogue.actions import put_service
from registry.catalogue.kinds import SERVICES
from registry.catalogue.store import documents
from registry.cli import store
from registry.cli.folder import (
    SERVICE,
    Row,
    ServiceFolder,
    VersionFolder,
    digest,
    read_figures,
    read_service,
)
from registry.cli.formats import AREA_UNKNOWN, AnnouncedRow, FactRow, ReuseRow
from registry.cli.parameters import set_parameters
from registry.cli.reading import Document, Mistake, Place, UnreadableFiles, read_text
from registry.dates import first_day, last_day
from registry.db import Tx
from registry.errors import Fault, Refusal
from registry.organisations.model import regional_key
from registry.reuse.actions import record_figures, take_over
from registry.reuse.figures import FigureDraft
from registry.reuse.model import Evidence, Fact
from registry.reuse.readiness import Worker
from registry.versions.actions import publish
from registry.versions.comparisons.comparing import Checker
from registry.versions.model import InterfaceDraft, VersionDraft
from registry.versions.preparing import Release, prepare
from registry.web.texts import problem_text, rule_text

_CONFLICT = "the service was changed in the registry since; this file was left out, the rest loaded"


class Brought(msgspec.Struct, frozen=True):
    """The SHA-256 of the service.yaml brought in last, and why a newer one was left out."""

    document: bytes | None = None
    conflict: Mistake | None = None


async def load_service(tx: Tx, path: Path, worker: Worker) -> Brought:
    """Bring in everything a folder says; what is recorded already adds nothing."""
    folder = read_service(path)
    slug = folder.draft.slug
    brought = await _put_document(tx, folder)
    for version in folder.versions:
        await _publish(tx, slug, version, worker)
    with located(lambda fault: in_rows(folder.facts, fault)):
        await take_over(tx, slug, [fact_of(row.value) for row in folder.facts])
    await _record_figures(tx, folder.figures, slug)
    for file in folder.parameters:
        await _set_parameters(tx, slug, file, worker)
    return brought


async def _set_parameters(tx: Tx, slug: str, file: Path, worker: Worker) -> None:
    with located(lambda fault: Mistake(file, 1, _words(fault, fault.pointer))):
        await set_parameters(tx, slug, file.stem, read_text(file).encode(), worker)


async def _put_document(tx: Tx, folder: ServiceFolder) -> Brought:
    """Bring in a service.yaml that is new, unless others recorded something else since."""
    slug, sha256 = folder.draft.slug, digest(folder.path / SERVICE)
    await documents.lock(tx, SERVICES, slug)
    known = await catalogue_store.known(tx, [slug])
    before = await store.loaded_document(tx, slug)
    if known and sha256 == before:
        return Brought(before)
    if known and await _is_changed_by_others(tx, folder):
        return Brought(before, folder.document.mistake((), _CONFLICT))
    day = None if known else first_told_of(folder, tx.today)
    with located(lambda fault: in_document(folder.document, fault)):
        await put_service(tx, slug, folder.draft, day)
    return Brought(sha256)


async def _is_changed_by_others(tx: Tx, folder: ServiceFolder) -> bool:
    slug = folder.draft.slug
    if await store.last_revision_is_loaded(tx, slug):
        return False
    return await documents.document_on(tx, SERVICES, slug, tx.today) != folder.draft


async def _publish(tx: Tx, slug: str, version: VersionFolder, checker: Checker) -> None:
    texts = version.texts()
    draft = VersionDraft(
        interfaces={
            name: InterfaceDraft(direction=direction, schema_text=texts[name].decode())
            for name, direction in version.about.interfaces.items()
        },
        notes=version.about.notes,
        released_on=version.about.released_on,
    )
    release = Release(service=slug, version=version.number, draft=draft, texts=texts)
    with located(lambda fault: in_version(version, fault)):
        await publish(tx, await prepare(tx, tx.actor, release, checker))


async def load_figures(tx: Tx, file: Path) -> Brought:
    """Bring in reported figures that belong to no folder."""
    await _record_figures(tx, read_figures(file), None)
    return Brought()


async def _record_figures(tx: Tx, rows: Sequence[Row], slug: str | None) -> None:
    figures: list[FigureDraft] = [row.value for row in rows]
    if slug:
        figures = [msgspec.structs.replace(figure, service=slug) for figure in figures]
    with located(lambda fault: in_rows(rows, fault)):
        await record_figures(tx, figures)


def first_told_of(folder: ServiceFolder, today: date) -> date:
    """The earliest day the folder's own facts tell of; the service is recorded from then on."""
    released = [version.about.released_on for version in folder.versions]
    stated = [source.stated_on for source in folder.draft.sources]
    days = [last_day(day) for day in (*released, *stated) if day]
    days += [_holds_from(row.value, row.value.date) for row in folder.facts if row.value.date]
    return min(days, default=today)


def _holds_from(row: FactRow, stated: str) -> date:
    since = isinstance(row, ReuseRow) and row.basis == "since"
    return first_day(stated) if since else last_day(stated)


def fact_of(row: FactRow) -> Fact:
    """A row in the words of the ledger."""
    if isinstance(row, AnnouncedRow):
        evidence = Evidence(kind="reported", reference=row.source) if row.source else None
        return Fact(
            organisation=row.organisation,
            status="announced",
            date=row.date,
            evidence=evidence,
            note=row.note,
        )
    return Fact(
        organisation=row.organisation,
        status=row.stage,
        date=row.date,
        basis=row.basis,
        version=row.version or UNSET,
        area=_area(row.area),
        back_end=row.back_end or UNSET,
        evidence=_evidence(row),
        note=row.note,
    )


def _area(cell: str | None) -> tuple[str, ...] | msgspec.UnsetType | None:
    if cell is None:
        return UNSET
    return None if cell == AREA_UNKNOWN else tuple(cell.split())


def _evidence(row: ReuseRow) -> Evidence | None:
    kind = row.evidence or ("reported" if row.source else None)
    return Evidence(kind=kind, reference=row.source) if kind else None


@contextmanager
def located(place: Callable[[Fault], Mistake]) -> Generator[None]:
    """Turn a refusal into mistakes with file and line."""
    try:
        yield
    except UnreadableFiles:
        raise
    except Refusal as refusal:
        faults = refusal.faults or [_whole(refusal)]
        raise UnreadableFiles([place(fault) for fault in faults]) from refusal


def _whole(refusal: Refusal) -> Fault:
    """A refusal that names no place, as one fault."""
    return Fault("", f"!{refusal.code}", dict(refusal.facts))


def in_document(document: Document, fault: Fault) -> Mistake:
    """The place of a fault in a YAML file, by its pointer."""
    steps = fault.pointer.split("/")[1:]
    place: Place = tuple(int(step) if step.isdecimal() else step for step in steps)
    return document.mistake(place, _words(fault, ".".join(steps)))


def in_version(version: VersionFolder, fault: Fault) -> Mistake:
    """The place of a fault in one of the schemas, or in `version.yaml`."""
    steps = fault.pointer.split("/")[1:]
    if len(steps) < 3 or steps[1] not in version.schemas:
        return in_document(version.document, fault)
    line = fault.facts.get("line")
    words = _words(fault, "/".join(["", *steps[3:]]) if steps[3:] else "")
    return Mistake(version.schemas[steps[1]], line if isinstance(line, int) else 1, words)


def in_rows(rows: Sequence[Row], fault: Fault) -> Mistake:
    """The row of a fault: `/3/area` is in the fourth; else the first row about its organisation."""
    steps = fault.pointer.split("/")[1:]
    if steps and steps[0].isdecimal():
        return rows[int(steps[0])].document.mistake((), _words(fault, ".".join(steps[1:])))
    about = [row for row in rows if _key(row) == fault.facts.get("organisation")]
    return (about or list(rows))[0].document.mistake((), _words(fault, ""))


def _key(row: Row) -> str | None:
    named = getattr(row.value, "organisation", None)
    return regional_key(named) if named and named.isdecimal() else named


def _words(fault: Fault, where: str) -> str:
    if fault.rule.startswith("!"):
        return problem_text(fault.rule[1:], "detail", "en", fault.facts)
    text = rule_text(fault.rule, "en", fault.facts)
    return f"{where}: {text}" if where else text
