"""Verbs of usage: record the figures of a file, or of one row."""

import asyncio
import hashlib
from collections.abc import Iterable, Mapping
from uuid import UUID, uuid4

from registry import audit
from registry.audit import Replay
from registry.authority import require_scope
from registry.db import Tx
from registry.organisations import store as organisations
from registry.usage import contents, store
from registry.usage.contents import Content, Known, Period
from registry.usage.model import SCOPE, FileFacts, Outcome, UsageDraft
from registry.web.tables import Table


async def record(tx: Tx, table: Table[UsageDraft], sent: bytes) -> Outcome:
    """Record all figures of a table or none; what was told before changes nothing.

    A body tells its own figures, or who stands above it, or who builds the service in that month
    and so runs it for all.
    One event for each service of which something is new. Refuses the table with all its faults.
    """
    require_scope(tx.actor, SCOPE)
    tx.batch = tx.batch or uuid4()
    known = await _known(tx, table)
    found, wrong = await asyncio.to_thread(contents.by_service, table, known, tx.today)
    await store.hold(tx, found)
    await store.take_time(tx)
    new: dict[str, Content] = {}
    compared = await store.compare(tx, [content.text for content in found.values()])
    for (service, content), (changed, split) in zip(found.items(), compared, strict=True):
        wrong += contents.split_faults(table, content, split)
        if changed:
            new[service] = content
    await asyncio.to_thread(table.require_sound, wrong)
    file = hashlib.sha256(sent).hexdigest()
    events = await _record_all(tx, new, known, file)
    return Outcome(batch=tx.batch, file=file, figures=len(table.entries), events=events)


def _behalf(content: Content, known: Known) -> str | None:
    """The one body whose figures another tells; those of several are named by their reuses."""
    told = {known.places.get(entry.value.organisation) for entry in content.entries}
    return told.pop() if len(told) == 1 else None


async def _record_all(
    tx: Tx, new: Mapping[str, Content], known: Known, file: str
) -> dict[str, UUID]:
    """By service the event that tells its new figures."""
    services = sorted(new)
    kept = await audit.keep_all(tx, [new[service].text for service in services])
    entries = [
        _entry(service, new[service], sha256, file, _behalf(new[service], known))
        for service, sha256 in zip(services, kept, strict=True)
    ]
    events = await audit.record_all(tx, entries)
    if events:
        await store.add(tx, list(zip(events, kept, strict=True)))
    return dict(zip(services, events, strict=True))


def _entry(
    service: str, content: Content, sha256: bytes, file: str, behalf: str | None
) -> audit.Entry:
    facts = FileFacts(service=service, file=file, content=sha256.hex(), figures=len(content.lines))
    return audit.Entry("usage.record", f"usage/{service}", facts, on_behalf_of=behalf)


async def apply_record(tx: Tx, event_id: UUID, facts: FileFacts) -> None:
    """Write the rows of one event from its kept content."""
    await store.add(tx, [(event_id, bytes.fromhex(facts.content))])


async def _known(tx: Tx, table: Table[UsageDraft]) -> Known:
    """What the rows name, looked up for all of them at once."""
    asked, named_versions = await asyncio.to_thread(contents.named, table)
    bodies = await organisations.find_ids(tx, {body for body, _ in asked})
    reuses = await store.reuses(tx, {(bodies[b], service) for b, service in asked if b in bodies})
    keys = await store.keys_of(tx, [] if tx.actor.is_admin else {body for body, _ in reuses})
    return Known(
        reuses={
            (body, service): reuses[bodies[body], service]
            for body, service in asked
            if (bodies.get(body), service) in reuses
        },
        versions=await store.versions(tx, named_versions),
        closed=frozenset(
            (key, service)
            for key, service in asked
            if (body := bodies.get(key))
            and body in keys
            and not tx.actor.acts_for(str(body), keys[body], SCOPE, service)
        ),
        built=await _built(tx, {service for _, service in asked}),
        places={key: tx.actor.on_behalf_of(body) for key, body in bodies.items()},
    )


async def _built(tx: Tx, services: Iterable[str]) -> dict[str, list[Period]]:
    """When the actor, or a body it acts for, builds these services."""
    found: dict[str, list[Period]] = {}
    for built in await store.builders(tx, services):
        if tx.actor.acts_for(str(built.organisation), built.keys, SCOPE, built.service):
            period = Period(built.valid_from, built.valid_to)
            found.setdefault(built.service, []).append(period)
    return found


REPLAY = {"usage.record": Replay(FileFacts, apply_record)}
