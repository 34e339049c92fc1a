"""Changes to the catalogue: services, journeys, and editions of reference data."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal
from uuid import UUID

from registry import audit
from registry.audit import Replay
from registry.authority import require_scope
from registry.catalogue import codelists, datasets, procedures, rules
from registry.catalogue.bodies import Body, resolve_all
from registry.catalogue.kinds import JOURNEYS, SERVICES, Kind
from registry.catalogue.model import (
    EditionFacts,
    JourneyDraft,
    JourneyFacts,
    ServiceDraft,
    ServiceFacts,
)
from registry.catalogue.rules import Mention
from registry.catalogue.store import codelists as codelist_store
from registry.catalogue.store import documents
from registry.catalogue.store import procedures as procedure_store
from registry.catalogue.store import service as service_store
from registry.db import Tx

Outcome = Literal["created", "changed", "unchanged"]


async def put_service(
    tx: Tx, slug: str, draft: ServiceDraft, valid_from: date | None = None
) -> Outcome:
    """Create a service, or change it from a day on (by default today)."""
    day = valid_from or tx.today
    await documents.lock(tx, SERVICES, slug)
    last = await documents.last_revision(tx, SERVICES, slug)
    rules.require_day_allowed(tx.actor, day, tx.today)
    require_scope(tx.actor, f"publish:{slug}")
    if last:
        rules.require_lead(tx.actor, slug, await service_store.builders(tx, slug))
    bodies = await _require_sound(tx, slug, draft)
    builders = tuple(bodies[b.organisation].as_builder(b) for b in draft.builders)
    tx.behalf = rules.require_lead(tx.actor, slug, builders)
    if last and await documents.document_on(tx, SERVICES, slug, day) == draft:
        return "unchanged"
    policy = await service_store.policy(tx, slug, day) if last else None
    rules.require_policy_allowed(tx.actor, policy, draft.policy)
    facts = ServiceFacts(revision=last + 1, valid_from=day, document=draft, builders=builders)
    event_id = await audit.record(tx, "catalogue.put_service", f"services/{slug}", facts)
    await apply_put_service(tx, event_id, facts)
    return "changed" if last else "created"


async def _require_sound(tx: Tx, slug: str, draft: ServiceDraft) -> dict[str, Body]:
    """Refuse a document against the rules; returns the organisations it names."""
    mentioned = list(rules.mentions(draft))
    bodies = await resolve_all(tx, (m.value for m in mentioned if m.kind == "organisation"))
    known = await _known(tx, mentioned, bodies)
    faults = [*rules.contradictions(draft, slug), *rules.unknown(mentioned, known)]
    faults += rules.twice_a_builder(
        [bodies[b.organisation].id for b in draft.builders if b.organisation in bodies]
    )
    rules.require_no_faults(faults)
    return bodies


async def _known(
    tx: Tx, mentioned: Iterable[Mention], bodies: Mapping[str, Body]
) -> dict[str, frozenset[str]]:
    """By kind, what of everything mentioned the registry knows."""
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for mention in mentioned:
        wanted[mention.kind].add(mention.value)
    keys = await procedure_store.known_procedures(
        tx, wanted.pop("procedure", set()) | wanted.pop("ozg", set())
    )
    known = await codelist_store.known_codes(tx, wanted)
    return known | {"organisation": frozenset(bodies), "procedure": keys, "ozg": keys}


async def apply_put_service(tx: Tx, event_id: UUID, facts: ServiceFacts) -> None:
    """Write the rows of `put_service`."""
    slug = facts.document.slug
    if facts.revision == 1:
        await service_store.insert_service(tx, event_id, slug)
    await documents.insert_revision(tx, event_id, SERVICES, facts)
    await service_store.insert_builders(tx, event_id, facts)
    await show(tx, SERVICES, slug)


async def put_journey(
    tx: Tx, slug: str, draft: JourneyDraft, valid_from: date | None = None
) -> Outcome:
    """Create a journey, or change it from a day on (by default today); the operator's to do."""
    day = valid_from or tx.today
    require_scope(tx.actor, "admin")
    rules.require_day_allowed(tx.actor, day, tx.today)
    await documents.lock(tx, JOURNEYS, slug)
    rules.require_sound_journey(draft, slug, await service_store.known(tx, draft.services))
    last = await documents.last_revision(tx, JOURNEYS, slug)
    if last and await documents.document_on(tx, JOURNEYS, slug, day) == draft:
        return "unchanged"
    facts = JourneyFacts(revision=last + 1, valid_from=day, document=draft)
    event_id = await audit.record(tx, "catalogue.put_journey", f"journeys/{slug}", facts)
    await apply_put_journey(tx, event_id, facts)
    return "changed" if last else "created"


async def apply_put_journey(tx: Tx, event_id: UUID, facts: JourneyFacts) -> None:
    """Write the rows of `put_journey`."""
    await documents.insert_revision(tx, event_id, JOURNEYS, facts)
    await show(tx, JOURNEYS, facts.document.slug)


async def show(tx: Tx, kind: Kind[Any, Any, Any], slug: str) -> None:
    """Bring how a document is served in line with its history; what is so already stays."""
    until = {one.revision: one.valid_to for one in await documents.history(tx, kind, slug)}
    shown = await documents.shown(tx, kind, slug)
    missing = await documents.revisions(tx, kind, slug, until.keys() - shown.keys())
    await documents.insert_cards(tx, kind, [kind.card(one) for one in missing], until)
    moved = {one: until[one] for one, end in shown.items() if until[one] != end}
    await documents.move_ends(tx, kind, slug, moved)


async def load_codelists(tx: Tx) -> int:
    """Load the codelists that came with the program; returns how many were new."""
    return await _load(tx, datasets.CODELISTS, "catalogue.load_codelist")


async def load_procedures(tx: Tx) -> int:
    """Load the catalogues of procedures that came with the program; returns how many were new."""
    return await _load(tx, datasets.PROCEDURES, "catalogue.load_procedures")


async def _load(tx: Tx, names: Iterable[str], action: str) -> int:
    loaded = 0
    await codelist_store.lock_editions(tx)
    last = await codelist_store.last_editions(tx)
    for name in names:
        edition, sha256 = last.get(name, (0, b""))
        if sha256 != datasets.digest(name):
            await _load_edition(tx, name, edition + 1, action)
            loaded += 1
    return loaded


async def _load_edition(tx: Tx, name: str, edition: int, action: str) -> None:
    sha256 = await audit.keep(tx, datasets.content(name))
    facts = EditionFacts(dataset=name, edition=edition, sha256=sha256.hex())
    subject = f"codelists/{name}" if name in datasets.CODELISTS else f"procedures/{name}"
    event_id = await audit.record(tx, action, subject, facts)
    await REPLAY[action].apply(tx, event_id, facts)


async def apply_load_codelist(tx: Tx, event_id: UUID, facts: EditionFacts) -> None:
    """Write the rows of one edition of a codelist."""
    await codelist_store.insert_edition(tx, event_id, facts)
    await show_codelist(tx, facts.dataset, facts.edition)


async def show_codelist(tx: Tx, name: str, edition: int) -> None:
    """Make the entries of one edition from its content."""
    content = await codelist_store.content(tx, name, edition)
    await codelist_store.insert_entries(tx, name, edition, codelists.read_codelist(content))


async def apply_load_procedures(tx: Tx, event_id: UUID, facts: EditionFacts) -> None:
    """Write the row of one edition, and merge the catalogues anew once all of them are there."""
    await codelist_store.insert_edition(tx, event_id, facts)
    last = await codelist_store.last_editions(tx)
    await show_procedures(tx, event_id, {name: edition for name, (edition, _) in last.items()})


async def show_procedures(tx: Tx, event_id: UUID, editions: Mapping[str, int]) -> None:
    """Make the merged catalogue of one event from the editions that were the last ones then."""
    if all(name in editions for name in datasets.PROCEDURES):
        texts = {
            name: await codelist_store.content(tx, name, editions[name])
            for name in datasets.PROCEDURES
        }
        merged = procedures.read_procedures(texts)
        await procedure_store.insert_procedures(tx, event_id, merged)


async def show_everything(tx: Tx) -> None:
    """Make anew from the history everything this room serves."""
    await documents.forget_cards(tx)
    for kind in (SERVICES, JOURNEYS):
        for slug in await documents.slugs(tx, kind):
            await show(tx, kind, slug)
    await codelist_store.forget_entries(tx)
    await procedure_store.forget_procedures(tx)
    editions: dict[str, int] = {}
    for loaded in await codelist_store.editions(tx):
        editions[loaded.dataset] = loaded.edition
        if loaded.dataset in datasets.PROCEDURES:
            await show_procedures(tx, loaded.event_id, editions)
        else:
            await show_codelist(tx, loaded.dataset, loaded.edition)


REPLAY = {
    "catalogue.put_service": Replay(ServiceFacts, apply_put_service),
    "catalogue.put_journey": Replay(JourneyFacts, apply_put_journey),
    "catalogue.load_codelist": Replay(EditionFacts, apply_load_codelist),
    "catalogue.load_procedures": Replay(EditionFacts, apply_load_procedures),
}
