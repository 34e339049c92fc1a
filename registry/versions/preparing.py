"""What is found out about a release before its transaction: whose it is, if fit, its verdict."""

import hashlib
from itertools import chain

import msgspec

from registry import semver
from registry.authority import Actor, require_scope
from registry.catalogue import rules as catalogue_rules
from registry.catalogue import store as catalogue
from registry.catalogue.model import UnknownService
from registry.compatibility.model import Direction
from registry.db import Query
from registry.errors import Fault
from registry.versions import store
from registry.versions.comparisons import store as verdict_store
from registry.versions.comparisons.comparing import Checker, Comparing
from registry.versions.comparisons.contents import Content, Part
from registry.versions.comparisons.verdicts import Vouched
from registry.versions.model import (
    VersionDraft,
    VersionImmutable,
    require_no_faults,
)
from registry.versions.numbers.honesty import Judgement, require_vouching, vouched
from registry.versions.numbers.judging import judge
from registry.versions.schemas.guard import Examined


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """A version with the bytes of its schemas, and what was found out about them."""

    service: str
    version: str
    draft: VersionDraft
    texts: dict[str, bytes]
    examined: Examined = Examined(faults={})
    judged: Judgement | None = None

    @property
    def overridden(self) -> list[Vouched]:
        """What a person vouches for."""
        return vouched(self.draft.overrides)

    @property
    def by_sha256(self) -> dict[str, bytes]:
        """The texts of its schemas by their SHA-256 (hex)."""
        return {hashlib.sha256(text).hexdigest(): text for text in self.texts.values()}

    @property
    def identity(self) -> dict[str, tuple[Direction, str]]:
        """By interface its direction and the SHA-256 (hex) of its schema: what makes it itself."""
        return {
            name: (interface.direction, hashlib.sha256(self.texts[name]).hexdigest())
            for name, interface in self.draft.interfaces.items()
        }


async def prepare(db: Query, actor: Actor, release: Release, checker: Checker) -> Release:
    """Find out what needs no transaction: whose it is, what it repeats, if its schemas are fit.

    And how they compare with those of its neighbours.
    """
    semver.require_room(semver.parse(release.version))
    await require_publisher(db, actor, release.service)
    require_vouching(actor, release.draft.overrides)
    if await is_published(db, release):
        return release
    return await judged(db, await examined(db, release, checker), checker)


async def require_publisher(db: Query, actor: Actor, service: str) -> str | None:
    """Refuse who is no builder of the service, nor acts for one, or lacks the scope.

    Returns the body in whose place it is done, where that takes a mandate.
    """
    if not await catalogue.known(db, [service]):
        raise UnknownService(service=service)
    require_scope(actor, f"publish:{service}")
    builders = await catalogue.builders(db, service)
    return catalogue_rules.require_builder(
        actor, service, [(str(builder.organisation_id), builder.key) for builder in builders]
    )


async def is_published(db: Query, release: Release) -> bool:
    """Whether the number is taken by this very release; refuses one taken by another."""
    published = await store.identity(db, release.service, release.version)
    if published is not None and published != release.identity:
        raise VersionImmutable(service=release.service, version=release.version)
    return published is not None


async def examined(db: Query, release: Release, checker: Checker) -> Release:
    """The release with what the guard says of its schemas; refuses those that are not fit."""
    service, version, schemas = release.service, release.version, release.texts
    found = await checker.examine(service, version, schemas, None)
    if found.wanted:
        published = await store.texts_with_references(db, found.wanted)
        found = await checker.examine(service, version, schemas, published)
    require_no_faults(found.faults, release.draft)
    release = msgspec.structs.replace(release, examined=found)
    await require_none_revoked(db, release)
    return release


async def judged(db: Query, release: Release, checker: Checker) -> Release:
    """The release with the verdicts on it and its neighbours."""
    own = await content_of(db, release)
    formats = await catalogue.formats(db, release.service)
    comparing = Comparing(db, checker, formats=formats, given=release.by_sha256, again=True)
    return msgspec.structs.replace(
        release, judged=await judge(db, own, comparing, release.overridden)
    )


async def content_of(db: Query, release: Release) -> Content:
    """What an examined release consists of."""
    references = release.examined.references
    own = {
        (release.service, release.version, name): Part(
            direction=direction, sha256=sha256, references=tuple(references[name])
        )
        for name, (direction, sha256) in release.identity.items()
    }
    outside = {place for places in references.values() for place in places} - own.keys()
    parts = await verdict_store.parts(db, outside)
    return Content(service=release.service, version=release.version, parts=parts | own)


async def require_none_revoked(db: Query, release: Release) -> None:
    """Refuse an examined release that refers to a version that was revoked."""
    references = release.examined.references
    revoked = await store.revoked(db, chain.from_iterable(references.values()))
    faults = {
        name: [Fault("", "reference-revoked", {"target": ["efa:" + "/".join(one) for one in gone]})]
        for name, places in references.items()
        if (gone := [place for place in places if place in revoked])
    }
    require_no_faults(faults, release.draft)
