"""Verbs about the end of a version: deprecate and revoke. The rows belong to `versions`."""

from typing import Literal
from uuid import UUID

from registry import audit
from registry.audit import Replay
from registry.catalogue import store as catalogue
from registry.db import Tx
from registry.impact import store
from registry.impact.calendar import require_on_calendar
from registry.impact.model import (
    DeprecateFacts,
    DeprecationDraft,
    RevocationDraft,
    RevokeFacts,
    VersionInUse,
    deprecation_from,
    require_successor,
    require_sunset_kept,
)
from registry.versions import store as versions
from registry.versions.model import Revocation, Version, VersionRevoked
from registry.versions.preparing import require_publisher

Outcome = Literal["changed", "unchanged"]


async def deprecate(tx: Tx, service: str, number: str, draft: DeprecationDraft) -> Outcome:
    """Announce the end of a version, or move it later; the same again changes nothing."""
    version = await _held(tx, service, number)
    if version.revocation:
        raise VersionRevoked(service=service, version=number)
    present = await versions.last_deprecation(tx, service, number)
    deprecation = deprecation_from(draft, present, tx.actor, tx.today)
    if deprecation == present:
        return "unchanged"
    announced = await versions.latest_sunset(tx, service, number)
    require_sunset_kept(number, deprecation.sunset, announced)
    if not tx.actor.is_admin:
        policy = await catalogue.policy(tx, service)
        require_on_calendar(policy, deprecation.sunset, announced, tx.today)
    offered = await versions.numbers(tx, service, revoked=False)
    require_successor(number, deprecation.successor, offered)
    facts = DeprecateFacts(service=service, version=number, deprecation=deprecation)
    event_id = await audit.record(tx, "impact.deprecate", _subject(service, number), facts)
    await apply_deprecate(tx, event_id, facts)
    return "changed"


async def apply_deprecate(tx: Tx, event_id: UUID, facts: DeprecateFacts) -> None:
    """Write the row of `deprecate`."""
    await versions.insert_deprecation(tx, event_id, facts.service, facts.version, facts.deprecation)


async def revoke(tx: Tx, service: str, number: str, draft: RevocationDraft) -> Outcome:
    """Take a version out of use from today on; the same again changes nothing.

    Refused while bodies run it, unless whoever revokes it says how many they are.
    """
    version = await _held(tx, service, number)
    if version.revocation:
        if version.revocation.reason == draft.reason:
            return "unchanged"
        raise VersionRevoked(service=service, version=number)
    users = await store.running(tx, service, number)
    if users and draft.despite_users != users:
        raise VersionInUse(service=service, version=number, users=users)
    revocation = Revocation(since=tx.today, reason=draft.reason, despite_users=users)
    facts = RevokeFacts(service=service, version=number, revocation=revocation)
    event_id = await audit.record(tx, "impact.revoke", _subject(service, number), facts)
    await apply_revoke(tx, event_id, facts)
    return "changed"


async def apply_revoke(tx: Tx, event_id: UUID, facts: RevokeFacts) -> None:
    """Write the row of `revoke`."""
    await versions.insert_revocation(tx, event_id, facts.service, facts.version, facts.revocation)


async def _held(tx: Tx, service: str, number: str) -> Version:
    """The version, while nobody else changes the service; refuses who may not publish it."""
    await catalogue.hold(tx, service)
    tx.behalf = await require_publisher(tx, tx.actor, service)
    return await versions.version(tx, service, number, None, None)


def _subject(service: str, number: str) -> str:
    return f"services/{service}/versions/{number}"


REPLAY = {
    "impact.deprecate": Replay(DeprecateFacts, apply_deprecate),
    "impact.revoke": Replay(RevokeFacts, apply_revoke),
}
