"""Recording many reuses and steps from one file: by the rules for a single one, all or nothing."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID, uuid4

import msgspec

from registry import audit
from registry.authority import ADMIN, require_scope
from registry.catalogue import store as catalogue
from registry.db import Tx
from registry.errors import Fault, Refusal
from registry.organisations import store as organisations
from registry.reuse.cases import SCOPE, Case, first_step, is_public, next_step
from registry.reuse.coverage import covering
from registry.reuse.drafts import faults, version_of, with_short_keys
from registry.reuse.ledger import Ledger, Setting
from registry.reuse.model import ReuseDraft, ReuseFacts, StepFacts
from registry.reuse.store import batches as store
from registry.reuse.store import ledger as ledger_store
from registry.reuse.store.ledger import Body
from registry.web.tables import CSV, Column, Entry, Table, day_of, read_table


class ReuseRow(ReuseDraft, frozen=True, kw_only=True):
    """A row of a batch: a new reuse, or with `reuse` a further step of that one."""

    reuse: UUID | None = None


class BatchItem(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a row; `event` is null where it was recorded before."""

    line: int
    reuse: UUID
    event: UUID | None


class BatchOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file: `batch` joins the events in the log."""

    batch: UUID
    recorded: int
    unchanged: int
    items: list[BatchItem]


class Named(msgspec.Struct):
    """The rows with unpadded keys, and what they name."""

    entries: list[Entry[ReuseRow]] = []
    bodies: set[str] = set()
    services: set[str] = set()
    versions: set[tuple[str, str]] = set()
    places: set[str] = set()
    reported: bool = False


class Known(msgspec.Struct, frozen=True):
    """What the rows name."""

    bodies: Mapping[str, Body]
    services: frozenset[str]
    versions: frozenset[tuple[str, str]]
    places: frozenset[str]


class Move(msgspec.Struct, frozen=True):
    """A row with the reuse it is about, and the step it adds, if it adds one."""

    entry: Entry[ReuseRow]
    case: Case
    step: StepFacts | None


# All municipalities with one service, and as many again; each row is an event of its own.
MAX_ROWS = 20_000

COLUMNS = (
    Column("organisation", ("stelle", "regionalschluessel", "ars"), required=True),
    Column("service", ("dienst", "efa_dienst"), required=True),
    Column("stage", ("stufe",), required=True),
    Column("date", ("datum", "seit"), day_of),
    Column("basis", ("grundlage",)),
    Column("version", ("fassung",)),
    Column("area", ("gebiet",), str.split),
    Column("back_end", ("anbindung",)),
    Column("evidence.kind", ("evidence", "nachweis", "nachweis_art", "evidence_kind")),
    Column("evidence.reference", ("nachweis_fundstelle", "evidence_reference")),
    Column("evidence.sha256", ("nachweis_sha256", "evidence_sha256")),
    Column("note", ("anmerkung",)),
    Column("reuse", ("nachnutzung",)),
)


async def read(content: bytes, content_type: str) -> Table[ReuseRow]:
    """The rows of a file, read beside the event loop."""
    kind = content_type or CSV
    return await asyncio.to_thread(read_table, content, kind, COLUMNS, ReuseRow, MAX_ROWS)


async def record(tx: Tx, table: Table[ReuseRow]) -> BatchOutcome:
    """Record all rows or none, one event each; rows that were recorded before add nothing.

    What goes through all rows runs in a thread, so that the other requests go on meanwhile.
    """
    require_scope(tx.actor, SCOPE)
    named = await asyncio.to_thread(_named, table)
    if named.reported:
        require_scope(tx.actor, ADMIN)
    tx.batch = tx.batch or uuid4()
    known = await _known(tx, named)
    checks = _Check(tx, known).faults
    entries, wrong = await asyncio.to_thread(_sifted, table, named.entries, checks)
    cases = await _cases(tx, known, entries)
    moves, more = await asyncio.to_thread(_moves, table, entries, cases)
    uncovered, agreements = await _covered(tx, table, moves)
    await asyncio.to_thread(table.require_sound, [*wrong, *more, *uncovered])
    return await _record_all(tx, moves, agreements)


def _named(table: Table[ReuseRow]) -> Named:
    """What the rows name, each thing once; the keys unpadded."""
    named = Named()
    for entry in table.entries:
        draft = with_short_keys(entry.value)
        named.entries.append(Entry(entry.place, entry.line, draft))
        named.bodies.add(draft.organisation)
        named.services.add(draft.service)
        if isinstance(draft.area, tuple):
            named.places.update(draft.area)
        if version := version_of(draft):
            named.versions.add((draft.service, version))
        named.reported |= draft.evidence is not None and draft.evidence.kind == "reported"
    return named


def _sifted(
    table: Table[ReuseRow],
    entries: Iterable[Entry[ReuseRow]],
    faults_of: Callable[[Entry[ReuseRow]], list[Fault]],
) -> tuple[list[Entry[ReuseRow]], list[Fault]]:
    """The rows without faults, and the faults of the others."""
    sound: list[Entry[ReuseRow]] = []
    wrong: list[Fault] = []
    for entry in entries:
        found = faults_of(entry)
        wrong += [table.fault(entry, fault) for fault in found]
        if not found:
            sound.append(entry)
    return sound, wrong


async def _known(tx: Tx, named: Named) -> Known:
    """What the rows name, looked up for all of them at once."""
    bodies = await organisations.find(tx, named.bodies)
    return Known(
        bodies={asked: Body(id=b.id, key=b.key, keys=b.keys) for asked, b in bodies.items()},
        services=await catalogue.known(tx, named.services),
        versions=await store.published(tx, named.versions),
        places=frozenset(await organisations.find_ids(tx, named.places)),
    )


class _Check:
    """What is wrong with a row by itself, and by what it names."""

    def __init__(self, tx: Tx, known: Known) -> None:
        self._tx = tx
        self._known = known
        self._lines: dict[store.Pair, int] = {}

    def faults(self, entry: Entry[ReuseRow]) -> list[Fault]:
        draft = entry.value
        body = self._known.bodies.get(draft.organisation)
        if body is None:
            return [Fault("/organisation", "unknown-organisation", {"value": draft.organisation})]
        if not self._tx.actor.acts_for(str(body.id), body.keys, SCOPE, draft.service):
            return [Fault("/organisation", "not-your-body", {"organisation": body.key})]
        first = self._lines.setdefault((draft.service, body.id), entry.line)
        if first != entry.line:
            return [Fault("", "reuse-repeated", {"first": first})]
        return [*faults(draft, body.keys, self._tx.today), *self._unknown(draft)]

    def _unknown(self, draft: ReuseRow) -> list[Fault]:
        if draft.service not in self._known.services:
            return [Fault("/service", "unknown-service", {"value": draft.service})]
        found: list[Fault] = []
        version = version_of(draft)
        if version and (draft.service, version) not in self._known.versions:
            found.append(Fault("/version", "unknown-version", {"value": version}))
        area: tuple[str, ...] = draft.area if isinstance(draft.area, tuple) else ()
        return found + [
            Fault(f"/area/{place}", "unknown-organisation", {"value": key})
            for place, key in enumerate(area)
            if key not in self._known.places
        ]


async def _cases(tx: Tx, known: Known, entries: Iterable[Entry[ReuseRow]]) -> dict[int, Case]:
    """By line the reuse a row is about, all of them held for the change."""
    wanted = [(entry, known.bodies[entry.value.organisation]) for entry in entries]
    pairs = [(entry.value.service, body.id) for entry, body in wanted]
    await ledger_store.hold(tx, pairs)
    begun = await store.find_all(tx, pairs)
    ledgers = await ledger_store.ledgers(tx, list(begun.values()))

    def all_cases() -> dict[int, Case]:
        return {
            entry.line: _case(tx, entry.value.service, body, begun, ledgers)
            for entry, body in wanted
        }

    return await asyncio.to_thread(all_cases)


def _case(
    tx: Tx,
    service: str,
    body: Body,
    begun: Mapping[store.Pair, UUID],
    ledgers: Mapping[UUID, Ledger],
) -> Case:
    reuse = begun.get((service, body.id))
    return Case(
        reuse_id=reuse or uuid4(),
        begun=reuse is not None,
        service=service,
        body=body,
        ledger=ledgers[reuse] if reuse else Ledger(),
        setting=Setting(today=tx.today, territory=(body.key,) if body.keys else None),
    )


def _moves(
    table: Table[ReuseRow], entries: Iterable[Entry[ReuseRow]], cases: Mapping[int, Case]
) -> tuple[list[Move], list[Fault]]:
    """The moves the rows make, and why others may not."""
    moves: list[Move] = []
    _, wrong = _sifted(table, entries, lambda entry: _moved(entry, cases, moves))
    return moves, wrong


def _moved(entry: Entry[ReuseRow], cases: Mapping[int, Case], moves: list[Move]) -> list[Fault]:
    """Add the move a row makes, or say why it may not."""
    draft, case = entry.value, cases[entry.line]
    if draft.reuse and not (case.begun and draft.reuse == case.reuse_id):
        return [Fault("/reuse", "unknown-reuse")]
    try:
        step = next_step(case, draft) if draft.reuse else first_step(case, draft)
    except Refusal as refused:
        return [Fault("/stage", refused.code, refused.facts)]
    moves.append(Move(entry, case, step))
    return []


async def _covered(
    tx: Tx, table: Table[ReuseRow], moves: Iterable[Move]
) -> tuple[list[Fault], dict[UUID, str]]:
    """What of the new steps nothing covers, and by step the agreement that covers the others."""
    steps = {move.step.id: move for move in moves if move.step}
    wrong: list[Fault] = []
    agreements: dict[UUID, str] = {}
    for service in sorted({move.case.service for move in steps.values()}):
        uses = [
            (move.case.body, move.step)
            for move in steps.values()
            if move.step and move.case.service == service
        ]
        found, uncovered = await covering(tx, service, uses)
        agreements |= found
        for each in uncovered:
            broken = each.refusal().faults
            wrong += [table.fault(steps[each.step].entry, fault) for fault in broken]
    return wrong, agreements


async def _record_all(tx: Tx, moves: list[Move], agreements: Mapping[UUID, str]) -> BatchOutcome:
    facts, entries = await asyncio.to_thread(_told, tx, moves, agreements)
    events = dict(zip(facts, await audit.record_all(tx, entries), strict=True))
    await ledger_store.add(tx, [(events[line], change) for line, change in facts.items()])
    items = [
        BatchItem(
            line=move.entry.line,
            reuse=move.case.reuse_id,
            event=events.get(move.entry.line),
        )
        for move in moves
    ]
    batch: Any = tx.batch
    return BatchOutcome(
        batch=batch, recorded=len(events), unchanged=len(items) - len(events), items=items
    )


def _told(
    tx: Tx, moves: Iterable[Move], agreements: Mapping[UUID, str]
) -> tuple[dict[int, ReuseFacts], list[audit.Entry]]:
    """By line the facts of each move that adds something, and their entries in the log."""
    facts = {move.entry.line: _facts(move, agreements) for move in moves if move.step}
    return facts, [_entry(tx, move, facts[move.entry.line]) for move in moves if move.step]


def _facts(move: Move, agreements: Mapping[UUID, str]) -> ReuseFacts:
    step: Any = move.step
    covered = msgspec.structs.replace(step, agreement=agreements.get(step.id))
    return move.case.facts(steps=(covered,))


def _entry(tx: Tx, move: Move, facts: ReuseFacts) -> audit.Entry:
    case = move.case
    return audit.Entry(
        action="reuse.step" if case.begun else "reuse.start",
        subject=case.subject,
        facts=facts,
        public=is_public(case.ledger, facts),
        on_behalf_of=tx.actor.on_behalf_of(case.body.id),
    )
