"""`efa load`: reference data, then each service with its versions and reuses, all or nothing.

Everything goes through the rooms' actions, as the operator. A source whose files are as they were
when it was loaded last is not read again.
"""

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from uuid import UUID, uuid4

import msgspec

from registry import audit
from registry.agreements.actions import load_distribution_keys
from registry.audit import Replay
from registry.catalogue.actions import load_codelists, load_procedures
from registry.cli import demo as demo_land
from registry.cli import store
from registry.cli.agreements import agreement_files, load_agreement
from registry.cli.folder import AGREEMENTS, digest, service_folders
from registry.cli.progress import each, step
from registry.cli.reading import Mistake, UnreadableFiles
from registry.cli.service import Brought, load_figures, load_service
from registry.db import Connection, Tx, begin, connected
from registry.identity.operator import operator
from registry.organisations.actions import load_register
from registry.resources import folder as resource_folder
from registry.reuse.readiness import Worker
from registry.settings import Settings
from registry.versions.workers.pool import Workers

DEMO = "_demo"
FIGURES = "reported_figures.csv"

Loader = Callable[[Tx, Path], Awaitable[Brought]]


class LoadFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `cli.record_load`: which files were brought in, and their SHA-256 (hex).

    `document` is that of the service.yaml brought in last.
    """

    source: str
    sha256: str
    document: str | None = None


class Outcome(msgspec.Struct):
    """What became of the sources: how many were loaded or unchanged, what is wrong with others.

    `conflicts` are documents left out because the registry holds newer ones.
    """

    loaded: int = 0
    unchanged: int = 0
    failed: int = 0
    mistakes: list[Mistake] = msgspec.field(default_factory=list[Mistake])
    conflicts: list[Mistake] = msgspec.field(default_factory=list[Mistake])


def load(settings: Settings, *, folder: Path | None, demo: bool) -> Outcome:
    """Load reference data and services; what is there already is left alone.

    Raises UnreadableFiles at the end when some service could not be loaded; all others are.
    """
    outcome = asyncio.run(load_all(settings.database_url, folder, demo=demo))
    if outcome.loaded and settings.owner_url:
        asyncio.run(_gather_statistics(settings.owner_url))
    for conflict in outcome.conflicts:
        print(conflict, file=sys.stderr, flush=True)
    if outcome.mistakes:
        raise UnreadableFiles(outcome.mistakes)
    return outcome


async def load_all(database_url: str, folder: Path | None, *, demo: bool) -> Outcome:
    """Load everything over one connection."""
    root = folder or resource_folder("service_specs")
    async with connected(database_url) as conn:
        await store.hold_loading(conn)
        await _load_reference(conn)
        async with contextlib.aclosing(Workers(count=1)) as workers:
            run = Run(conn, await store.loaded(conn), Outcome(), workers)
            await run.load_folder(root)
            if demo:
                land = resource_folder("service_specs") / DEMO
                await run.load(land / "bodies.csv", f"{DEMO}/bodies.csv", _load_demo_bodies)
                await run.load_folder(land)
        return run.outcome


async def _gather_statistics(owner_url: str) -> None:
    async with connected(owner_url) as conn:
        await store.gather_statistics(conn)


async def _load_reference(conn: Connection) -> None:
    with step("Loading organisations"):
        async with begin(conn, operator()) as tx:
            await load_register(tx)
    with step("Loading codelists, procedures and distribution keys"):
        async with begin(conn, operator()) as tx:
            await load_codelists(tx)
            await load_procedures(tx)
            await load_distribution_keys(tx)


async def _load_demo_bodies(tx: Tx, file: Path) -> Brought:
    await demo_land.load_bodies(tx, file.parent)
    return Brought()


class Run:
    """One run over folders: what was loaded before, and what became of each source now."""

    def __init__(
        self, conn: Connection, before: dict[str, bytes], outcome: Outcome, worker: Worker
    ) -> None:
        self._conn = conn
        self._before = before
        self._worker = worker
        self.outcome = outcome

    async def load_folder(self, root: Path) -> None:
        """Load all services of a folder with their agreements, then figures that belong to none.

        What may cover facts comes before them, what names services comes after these.
        """
        general, special = agreement_files(root)
        await self._load_agreements(general)
        for path in each(f"Loading {root.name}", service_folders(root)):
            await self.load(path, path.name, self._load_service)
        await self._load_agreements(special)
        if (root / FIGURES).is_file():
            await self.load(root / FIGURES, FIGURES, load_figures)

    async def _load_agreements(self, files: Iterable[Path]) -> None:
        for file in files:
            await self.load(file, f"{AGREEMENTS}/{file.name}", load_agreement)

    async def _load_service(self, tx: Tx, path: Path) -> Brought:
        return await load_service(tx, path, self._worker)

    async def load(self, path: Path, source: str, loader: Loader) -> None:
        """Load one source in a transaction of its own, unless its files are as they were."""
        sha256 = digest(path)
        if self._before.get(source) == sha256:
            self.outcome.unchanged += 1
            return
        try:
            is_new = await self._load_changed(path, source, sha256, loader)
        except UnreadableFiles as error:
            self.outcome.failed += 1
            self.outcome.mistakes += error.mistakes
            return
        self.outcome.loaded += is_new
        self.outcome.unchanged += not is_new

    async def _load_changed(self, path: Path, source: str, sha256: bytes, loader: Loader) -> bool:
        async with begin(self._conn, operator(), batch=uuid4()) as tx:
            if await store.hold(tx, source) == sha256:
                return False
            brought = await loader(tx, path)
            await record_load(tx, source, sha256, brought.document)
        if brought.conflict:
            self.outcome.conflicts.append(brought.conflict)
        return True


async def record_load(tx: Tx, source: str, sha256: bytes, document: bytes | None) -> None:
    """Record which files the events of this batch came from."""
    shown = document.hex() if document else None
    facts = LoadFacts(source=source, sha256=sha256.hex(), document=shown)
    event_id = await audit.record(tx, "cli.record_load", f"sources/{source}", facts)
    await apply_record_load(tx, event_id, facts)


async def apply_record_load(tx: Tx, event_id: UUID, facts: LoadFacts) -> None:
    """Write the row of `record_load`."""
    document = bytes.fromhex(facts.document) if facts.document else None
    await store.insert_load(tx, event_id, facts.source, bytes.fromhex(facts.sha256), document)


REPLAY = {"cli.record_load": Replay(LoadFacts, apply_record_load)}
