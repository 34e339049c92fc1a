"""Verbs of agreements: record or correct one, record that a body joined; load their keys."""

import hashlib
from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from registry import audit
from registry.agreements import keys, rules
from registry.agreements.model import (
    AccessionDraft,
    AccessionFacts,
    AgreementDraft,
    AgreementFacts,
    KeysFacts,
    Party,
    RecordedParty,
)
from registry.agreements.store import documents as store
from registry.agreements.store import keys as key_store
from registry.audit import Replay
from registry.authority import require_authority, require_scope
from registry.catalogue import store as catalogue
from registry.catalogue.store import codelists
from registry.db import Tx
from registry.errors import Fault
from registry.organisations import store as organisations
from registry.organisations.model import Organisation

SCOPE = rules.SCOPE

Outcome = Literal["created", "changed", "unchanged"]


async def put_agreement(tx: Tx, slug: str, draft: AgreementDraft) -> Outcome:
    """Record an agreement, or correct it; the same again changes nothing."""
    require_scope(tx.actor, SCOPE)
    await store.hold(tx, slug)
    last = await store.last_revision(tx, slug)
    if last:
        rules.require_party(tx.actor, last.parties)
    parties = await _require_sound(tx, slug, draft)
    tx.behalf = rules.require_party(tx.actor, parties)
    if last and last.document == draft:
        return "unchanged"
    number = last.revision + 1 if last else 1
    facts = AgreementFacts(revision=number, document=draft, parties=parties)
    event_id = await audit.record(tx, "agreements.put_agreement", f"agreements/{slug}", facts)
    await apply_put_agreement(tx, event_id, facts)
    return "changed" if last else "created"


async def _require_sound(tx: Tx, slug: str, draft: AgreementDraft) -> tuple[RecordedParty, ...]:
    """Refuse an agreement against the rules; returns its parties as they are called now."""
    rules.require_no_faults(list(rules.faults(draft, slug)))
    named = [party.organisation for party in draft.parties if party.organisation]
    bodies = await organisations.find(tx, named)
    found = [*rules.order_faults(draft), *rules.unknown(draft, await _known(tx, draft, bodies))]
    if draft.parent and slug in await store.line(tx, draft.parent):
        found.append(Fault("/parent", "agreement-loop", {"value": draft.parent}))
    parties = [_recorded(party, bodies.get(party.organisation or "")) for party in draft.parties]
    rules.require_no_faults([*found, *rules.repeated_parties(parties)])
    return tuple(parties)


async def _known(tx: Tx, draft: AgreementDraft, bodies: Iterable[str]) -> dict[str, frozenset[str]]:
    """By rule, what of everything the draft names the registry knows."""
    codes = await codelists.known_codes(tx, {"themes": set(draft.themes)})
    parents = [draft.parent] if draft.parent else []
    kinds = await store.kinds(tx, [*draft.decisions, *parents])
    decisions = frozenset(slug for slug, kind in kinds.items() if kind == "decision")
    return {
        "unknown-organisation": frozenset(bodies),
        "unknown-service": await catalogue.known(tx, draft.services),
        "unknown-code": codes.get("themes", frozenset()),
        "unknown-decision": decisions,
        "unknown-agreement": frozenset(kinds) - decisions,
    }


def _recorded(party: Party, body: Organisation | None) -> RecordedParty:
    return RecordedParty(
        organisation_id=body.id if body else None,
        key=body.key if body else None,
        keys=body.keys if body else (),
        name=body.name if body else party.name or "",
        role=party.role,
    )


async def apply_put_agreement(tx: Tx, event_id: UUID, facts: AgreementFacts) -> None:
    """Write the rows of `put_agreement`."""
    await store.insert_revision(tx, event_id, facts)


async def put_accession(tx: Tx, slug: str, key: str, draft: AccessionDraft) -> Outcome:
    """Record that a body joined an agreement, or correct it; the same again changes nothing."""
    require_scope(tx.actor, SCOPE)
    await store.hold(tx, slug)
    body = await organisations.resolve(tx, key)
    await store.require_open(tx, slug)
    require_authority(tx.actor, str(body.id), body.keys, body.key, SCOPE)
    rules.require_no_faults(rules.accession_faults(draft))
    last = await store.last_accession(tx, slug, body.id)
    if last and last.document == draft:
        return "unchanged"
    facts = AccessionFacts(
        agreement=slug,
        organisation_id=body.id,
        ordinal=last.ordinal + 1 if last else 1,
        key=body.key,
        keys=body.keys,
        name=body.name,
        document=draft,
    )
    behalf = tx.actor.on_behalf_of(body.id)
    subject = f"agreements/{slug}/accessions/{body.key}"
    event_id = await audit.record(
        tx, "agreements.put_accession", subject, facts, on_behalf_of=behalf
    )
    await apply_put_accession(tx, event_id, facts)
    return "changed" if last else "created"


async def apply_put_accession(tx: Tx, event_id: UUID, facts: AccessionFacts) -> None:
    """Write the row of `put_accession`."""
    await store.insert_accession(tx, event_id, facts)


async def load_distribution_keys(tx: Tx) -> bool:
    """Load the tables that came with the program; returns whether they were new."""
    content = keys.FILE.read_bytes()
    await key_store.lock_editions(tx)
    edition, loaded = await key_store.last_edition(tx)
    if loaded == hashlib.sha256(content).digest():
        return False
    sha256 = await audit.keep(tx, content)
    facts = KeysFacts(edition=edition + 1, sha256=sha256.hex())
    subject = "distribution-keys"
    event_id = await audit.record(tx, "agreements.load_distribution_keys", subject, facts)
    await apply_load_distribution_keys(tx, event_id, facts)
    return True


async def apply_load_distribution_keys(tx: Tx, event_id: UUID, facts: KeysFacts) -> None:
    """Write the row of one edition of the distribution keys."""
    await key_store.insert_edition(tx, event_id, facts)


REPLAY = {
    "agreements.put_agreement": Replay(AgreementFacts, apply_put_agreement),
    "agreements.put_accession": Replay(AccessionFacts, apply_put_accession),
    "agreements.load_distribution_keys": Replay(KeysFacts, apply_load_distribution_keys),
}
