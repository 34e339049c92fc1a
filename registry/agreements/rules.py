"""The rules an agreement keeps: what it may name, how its parts agree, whose it is; pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from registry.agreements.model import (
    AccessionDraft,
    AgreementDraft,
    InvalidAgreement,
    RecordedParty,
)
from registry.authority import Actor
from registry.dates import is_partial_date
from registry.errors import Fault, NotYours

SCOPE = "agreements"


def faults(draft: AgreementDraft, slug: str) -> Iterator[Fault]:
    """What is wrong with an agreement by itself."""
    if draft.slug != slug:
        yield Fault("/slug", "slug-differs", {"value": slug})
    if draft.parent == slug:
        yield Fault("/parent", "agreement-loop", {"value": slug})
    if draft.amount_eur and not draft.amount_source:
        yield Fault("/amount_source", "amount-without-source")
    yield from _date_faults(draft, ("signed_on", "in_force_from", "in_force_to"))
    for name in ("services", "themes", "projects", "decisions"):
        yield from _repeated(f"/{name}", getattr(draft, name))
    yield from _part_faults(draft)


def _part_faults(draft: AgreementDraft) -> Iterator[Fault]:
    for place, party in enumerate(draft.parties):
        yield from _below(f"/parties/{place}", _date_faults(party, ("signed_on",)))
        if (party.organisation is None) == (party.name is None):
            yield Fault(f"/parties/{place}", "party-unnamed")
    for place, source in enumerate(draft.sources):
        if not (source.url or source.note):
            yield Fault(f"/sources/{place}", "empty-source")


def accession_faults(draft: AccessionDraft) -> list[Fault]:
    """What is wrong with an accession by itself; it may end on the day it began."""
    found = list(_date_faults(draft, ("valid_from", "valid_to")))
    if not found and draft.ends_on and draft.ends_on < draft.begins_on:
        found.append(Fault("/valid_to", "ends-before-it-begins"))
    return found


def order_faults(draft: AgreementDraft) -> Iterator[Fault]:
    """An agreement that ends before it is in force; its dates are real ones."""
    if draft.begins_on and draft.ends_on and draft.ends_on <= draft.begins_on:
        yield Fault("/in_force_to", "ends-before-it-begins")


def _date_faults(part: Any, names: Sequence[str]) -> Iterator[Fault]:
    for name in names:
        value: str | None = getattr(part, name)
        if value and not is_partial_date(value):
            yield Fault(f"/{name}", "no-such-day", {"value": value})


def _below(pointer: str, found: Iterable[Fault]) -> Iterator[Fault]:
    return (Fault(pointer + fault.pointer, fault.rule, fault.facts) for fault in found)


def repeated_parties(parties: Sequence[RecordedParty]) -> Iterator[Fault]:
    """A body is a party once, whichever of its keys names it."""
    bodies = [party.organisation_id or party.name for party in parties]
    for place, body in enumerate(bodies):
        if body in bodies[:place]:
            yield Fault(f"/parties/{place}", "repeated")


def _repeated(pointer: str, values: Sequence[object]) -> Iterator[Fault]:
    for place, value in enumerate(values):
        if value in values[:place]:
            yield Fault(f"{pointer}/{place}", "repeated")


def unknown(draft: AgreementDraft, known: Mapping[str, frozenset[str]]) -> Iterator[Fault]:
    """A fault for everything named that is not among the `known` of its rule."""
    for rule, value, pointer in _mentions(draft):
        if value not in known[rule]:
            yield Fault(pointer, rule, {"value": value, "codelist": "themes"})


def _mentions(draft: AgreementDraft) -> Iterator[tuple[str, str, str]]:
    for place, party in enumerate(draft.parties):
        if party.organisation:
            yield "unknown-organisation", party.organisation, f"/parties/{place}/organisation"
    for rule, name in (
        ("unknown-service", "services"),
        ("unknown-code", "themes"),
        ("unknown-decision", "decisions"),
    ):
        values: tuple[str, ...] = getattr(draft, name)
        yield from ((rule, value, f"/{name}/{place}") for place, value in enumerate(values))
    if draft.parent:
        yield "unknown-agreement", draft.parent, "/parent"


def require_no_faults(found: Sequence[Fault]) -> None:
    """Refuse with all faults at once."""
    if found:
        raise InvalidAgreement(*found)


def require_party(actor: Actor, parties: Iterable[RecordedParty]) -> str | None:
    """Refuse who is no party and acts for none; an agreement without any is the operator's.

    Returns the body in whose place it is done, where that takes a mandate.
    """
    parties = list(parties)
    bodies = [(str(p.organisation_id), p.keys) for p in parties if p.organisation_id]
    if actor.is_admin or any(actor.acts_for(body, keys, SCOPE) for body, keys in bodies):
        return actor.in_place_of(bodies, SCOPE)
    raise NotYours(organisation=", ".join(p.key for p in parties if p.key))
