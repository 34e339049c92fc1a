"""Changes to the catalogue: services, journeys, and editions of reference data."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal
from uuid import UUID

from registry import audit
from registry.audit import Replay
from registry.authority import require_scope
from registry.catalogue import cards, codelists, datasets, procedures, rules
from registry.catalogue.bodies import Body, resolve_all
from registry.catalogue.model import (
    EditionFacts,
    JourneyDraft,
    JourneyFacts,
    ServiceDraft,
    ServiceFacts,
)
from registry.catalogue.rules import Mention
from registry.catalogue.store import codelists as codelist_store
from registry.catalogue.store import journeys as journey_store
from registry.catalogue.store import procedures as procedure_store
from registry.catalogue.store import service as service_store
from registry.db import Tx

Outcome = Literal["created", "changed", "unchanged"]


async def put_service(
    tx: Tx, slug: str, draft: ServiceDraft, valid_from: date | None = None
) -> Outcome:
    """Create a service, or change it from a day on (by default today)."""
    day = valid_from or tx.today
    await service_store.lock(tx, slug)
    held = await service_store.held(tx, slug)
    rules.require_day_allowed(tx.actor, day, tx.today)
    require_scope(tx.actor, f"publish:{slug}")
    if held:
        rules.require_builder(tx.actor, await service_store.leads(tx, slug, tx.today))
    bodies = await _require_sound(tx, slug, draft)
    rules.require_builder(
        tx.actor, [(str(bodies[lead].id), bodies[lead].key) for lead in draft.leads]
    )
    if held and await service_store.document_on(tx, slug, day) == draft:
        return "unchanged"
    rules.require_policy_allowed(tx.actor, held.policy if held else None, draft.policy)
    facts = ServiceFacts(
        revision=held.revision + 1 if held else 1,
        valid_from=day,
        document=draft,
        builders=tuple(bodies[b.organisation].as_builder(b) for b in draft.builders),
    )
    event_id = await audit.record(tx, "catalogue.put_service", f"services/{slug}", facts)
    await apply_put_service(tx, event_id, facts)
    return "changed" if held else "created"


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
    await service_store.insert_revision(tx, event_id, facts)
    await show_service(tx, slug)


async def show_service(tx: Tx, slug: str) -> None:
    """Make anew from the history how a service is served."""
    revisions = await service_store.revisions(tx, slug)
    await service_store.replace_cards(tx, slug, cards.service_cards(revisions))


async def put_journey(
    tx: Tx, slug: str, draft: JourneyDraft, valid_from: date | None = None
) -> Outcome:
    """Create a journey, or change it from a day on (by default today); the operator's to do."""
    day = valid_from or tx.today
    require_scope(tx.actor, "admin")
    rules.require_day_allowed(tx.actor, day, tx.today)
    await journey_store.lock_journey(tx, slug)
    rules.require_sound_journey(draft, slug, await service_store.known(tx, draft.services))
    last = await journey_store.last_journey_revision(tx, slug)
    if last and await journey_store.journey_on(tx, slug, day) == draft:
        return "unchanged"
    facts = JourneyFacts(revision=last + 1, valid_from=day, document=draft)
    event_id = await audit.record(tx, "catalogue.put_journey", f"journeys/{slug}", facts)
    await apply_put_journey(tx, event_id, facts)
    return "changed" if last else "created"


async def apply_put_journey(tx: Tx, event_id: UUID, facts: JourneyFacts) -> None:
    """Write the rows of `put_journey`."""
    await journey_store.insert_journey_revision(tx, event_id, facts)
    await show_journey(tx, facts.document.slug)


async def show_journey(tx: Tx, slug: str) -> None:
    """Make anew from the history how a journey is served."""
    revisions = await journey_store.journey_revisions(tx, slug)
    await journey_store.replace_journey_cards(tx, slug, cards.journey_cards(revisions))


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
    content = await codelist_store.content(tx, facts.dataset, facts.edition)
    entries = codelists.read_codelist(content)
    await codelist_store.insert_entries(tx, facts.dataset, facts.edition, entries)


async def apply_load_procedures(tx: Tx, event_id: UUID, facts: EditionFacts) -> None:
    """Write the row of one edition, and merge the catalogues anew once all of them are there."""
    await codelist_store.insert_edition(tx, event_id, facts)
    await show_procedures(tx)


async def show_procedures(tx: Tx) -> None:
    """Make anew the merged catalogue from the last edition of each."""
    last = await codelist_store.last_editions(tx)
    if all(name in last for name in datasets.PROCEDURES):
        texts = {
            name: await codelist_store.content(tx, name, last[name][0])
            for name in datasets.PROCEDURES
        }
        await procedure_store.replace_procedures(tx, procedures.read_procedures(texts))


async def show_everything(tx: Tx) -> None:
    """Make anew from the history everything this room serves."""
    for slug in await service_store.slugs(tx):
        await show_service(tx, slug)
    for slug in await journey_store.journey_slugs(tx):
        await show_journey(tx, slug)
    await show_procedures(tx)


REPLAY = {
    "catalogue.put_service": Replay(ServiceFacts, apply_put_service),
    "catalogue.put_journey": Replay(JourneyFacts, apply_put_journey),
    "catalogue.load_codelist": Replay(EditionFacts, apply_load_codelist),
    "catalogue.load_procedures": Replay(EditionFacts, apply_load_procedures),
}
