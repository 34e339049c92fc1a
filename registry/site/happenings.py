"""Events in plain words: what happened to which service and which body; pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

import msgspec

from registry.audit.model import Event
from registry.subscriptions.sentences import Words, says

ABOUT: Mapping[str, tuple[str, ...]] = {
    "versions": ("versions.publish", "versions.decide", "impact.deprecate", "impact.revoke"),
    "reuse": (
        "reuse.start", "reuse.take_over", "reuse.step", "reuse.correct", "reuse.void",
        "reuse.confirm", "reuse.dispute", "reuse.note", "reuse.record_figures",
    ),
    "services": ("catalogue.put_service", "catalogue.put_journey"),
    "agreements": ("agreements.put_agreement", "agreements.put_accession"),
    "usage": ("usage.record",),
    "rights": (
        "identity.put_delegation", "identity.end_delegation",
        "identity.put_sign_in_provider", "identity.end_sign_in_provider",
    ),
    "log": ("cli.erase", "cli.begin_origin", "cli.write_log", "cli.write_backup"),
    "reference": (
        "organisations.load_register", "catalogue.load_codelist", "catalogue.load_procedures",
        "agreements.load_distribution_keys", "cli.record_load",
    ),
}  # fmt: skip
"""Which actions a reader asks for together."""


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """An event as a reader sees it; what it does not name is None."""

    number: int
    id: str
    recorded_at: datetime
    by: str
    says: Words
    service: str | None
    version: str | None
    body: str | None
    agreement: str | None
    stage: str | None
    subject: str


def happening(event: Event) -> Happening:
    """What an event says; facts that were erased leave the subject."""
    facts: dict[str, Any] = msgspec.json.decode(event.facts) if event.facts else {}
    parts = event.subject.split("/")
    return Happening(
        number=event.log_index,
        id=str(event.id),
        recorded_at=event.recorded_at,
        by=event.organisation,
        says=says(event.action),
        service=_text(facts, "service") or _part(parts, "services"),
        version=_text(facts, "version") or (parts[3] if "versions" in parts[2:3] else None),
        body=_text(facts, "organisation_key") or _part(parts[2:], "accessions"),
        agreement=_part(parts, "agreements"),
        stage=_stage(facts),
        subject=event.subject,
    )


def _text(facts: dict[str, Any], name: str) -> str | None:
    value = facts.get(name)
    return value if isinstance(value, str) else None


def _part(parts: list[str], kind: str) -> str | None:
    return parts[1] if len(parts) > 1 and parts[0] == kind else None


def _stage(facts: dict[str, Any]) -> str | None:
    """The stage of the last step that an event of a reuse records."""
    steps = facts.get("steps") or [facts.get("step") or facts]
    last = cast("list[Any]", steps)[-1] if isinstance(steps, list) else None
    return _text(cast("dict[str, Any]", last), "stage") if isinstance(last, dict) else None
