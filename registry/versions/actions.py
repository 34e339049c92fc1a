"""Verbs of versions: what is found out about a release beforehand, and publishing it."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date
from itertools import chain
from typing import Literal
from uuid import UUID

import msgspec

from registry import audit, semver
from registry.audit import Replay
from registry.authority import Actor, require_scope
from registry.catalogue import rules as catalogue_rules
from registry.catalogue import store as catalogue
from registry.catalogue.model import UnknownService
from registry.dates import Precision
from registry.db import Query, Tx
from registry.errors import Fault
from registry.versions import store
from registry.versions.encodings import brotlied, gzipped
from registry.versions.model import (
    InterfaceFacts,
    InvalidVersion,
    PublishFacts,
    VersionDraft,
    VersionImmutable,
    release_day,
    require_new_number,
    require_no_faults,
)
from registry.versions.schema_guard import Examined, Published, examine

Outcome = Literal["created", "unchanged"]
Examiner = Callable[
    [str, str, Mapping[str, bytes], Mapping[Published, bytes] | None], Awaitable[Examined]
]


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """A version with the bytes of its schemas, and what was found out about them."""

    service: str
    version: str
    draft: VersionDraft
    texts: dict[str, bytes]
    examined: Examined = Examined(faults={})

    @property
    def identity(self) -> dict[str, tuple[str, str]]:
        """By interface its direction and the SHA-256 (hex) of its schema: what makes it itself."""
        return {
            name: (interface.direction, hashlib.sha256(self.texts[name]).hexdigest())
            for name, interface in self.draft.interfaces.items()
        }


async def examine_here(
    service: str,
    version: str,
    schemas: Mapping[str, bytes],
    published: Mapping[Published, bytes] | None,
) -> Examined:
    """Examine in this process: for the operator's own files."""
    return examine(service, version, schemas, published)


async def prepare(
    db: Query, actor: Actor, release: Release, examiner: Examiner = examine_here
) -> Release:
    """Find out what needs no transaction: whose it is, what it repeats, if its schemas are fit."""
    semver.parse(release.version)
    await require_publisher(db, actor, release.service)
    if await _is_published(db, release):
        return release
    examined = await _examined(db, release, examiner)
    require_no_faults(examined.faults, release.draft)
    return msgspec.structs.replace(release, examined=examined)


async def publish(tx: Tx, release: Release) -> Outcome:
    """Publish a prepared release; the same again changes nothing."""
    await catalogue.hold(tx, release.service)
    await require_publisher(tx, tx.actor, release.service)
    if await _is_published(tx, release):
        return "unchanged"
    policy = await catalogue.policy(tx, release.service)
    released_on, precision = release_day(release.draft, policy, tx.actor, tx.today)
    require_new_number(release.version, await store.numbers(tx, release.service, revoked=True))
    await _require_none_revoked(tx, chain.from_iterable(release.examined.outside.values()))
    # Here the neighbours in the order of numbers are compared (`compatibility`, asked in
    # `prepare`), and a number that hides what the verdict says is refused.
    facts = await _facts(tx, release, released_on, precision)
    subject = f"services/{release.service}/versions/{release.version}"
    event_id = await audit.record(tx, "versions.publish", subject, facts)
    await apply_publish(tx, event_id, facts)
    return "created"


async def apply_publish(tx: Tx, event_id: UUID, facts: PublishFacts) -> None:
    """Write the rows of `publish`."""
    await store.insert_version(tx, event_id, facts)
    await store.insert_interfaces(tx, event_id, facts)
    for interface in facts.interfaces:
        await show_schema(tx, bytes.fromhex(interface.sha256))


async def show_schema(tx: Tx, sha256: bytes) -> None:
    """Make anew the compressed forms a schema is sent in."""
    content = await audit.blob(tx, sha256)
    if content is not None:
        gzip = await asyncio.to_thread(gzipped, content)
        br = await asyncio.to_thread(brotlied, content)
        await store.insert_encoding(tx, sha256, gzip, br)


async def require_publisher(db: Query, actor: Actor, service: str) -> None:
    """Refuse who is no builder of the service, nor stands above one, or lacks the scope."""
    if not await catalogue.known(db, [service]):
        raise UnknownService(service=service)
    require_scope(actor, f"publish:{service}")
    builders = await catalogue.builders(db, service)
    catalogue_rules.require_builder(
        actor, [(str(builder.organisation_id), builder.key) for builder in builders]
    )


async def _is_published(db: Query, release: Release) -> bool:
    """Whether the number is taken by this very release; refuses one taken by another."""
    published = await store.identity(db, release.service, release.version)
    if published is not None and published != release.identity:
        raise VersionImmutable(service=release.service, version=release.version)
    return published is not None


async def _examined(db: Query, release: Release, examiner: Examiner) -> Examined:
    """What the guard says, with the published schemas it asks for."""
    found = await examiner(release.service, release.version, release.texts, None)
    if not found.wanted:
        return found
    await _require_none_revoked(db, found.wanted)
    published = await store.texts_with_references(db, found.wanted)
    return await examiner(release.service, release.version, release.texts, published)


async def _require_none_revoked(db: Query, places: Iterable[Published]) -> None:
    revoked = await store.revoked(db, places)
    if revoked:
        names = ["efa:" + "/".join(place) for place in sorted(revoked)]
        raise InvalidVersion(Fault("/interfaces", "reference-revoked", {"target": names}))


async def _facts(tx: Tx, release: Release, released_on: date, precision: Precision) -> PublishFacts:
    examined = release.examined
    interfaces = [
        InterfaceFacts(
            name=name,
            direction=interface.direction,
            dialect=examined.dialects[name],
            sha256=(await audit.keep(tx, release.texts[name])).hex(),
            references=examined.outside[name],
        )
        for name, interface in sorted(release.draft.interfaces.items())
    ]
    return PublishFacts(
        service=release.service,
        version=release.version,
        released_on=released_on,
        precision=precision,
        interfaces=interfaces,
        notes=release.draft.notes,
    )


REPLAY = {"versions.publish": Replay(PublishFacts, apply_publish)}
