"""Who may act for whom: actors, scopes and regional keys, as pure rules.

A regional key (Amtlicher Regionalschlüssel, ARS) has 2, 3, 5, 9 or 12 digits; a shorter key
contains every key it prefixes. Authority over a place is therefore a prefix test.
"""

import re
from collections.abc import Sequence
from typing import Annotated

import msgspec

from registry.errors import NotYours

KEY_LENGTHS = (2, 3, 5, 9, 12)
ADMIN = "admin"
AUDIT = "audit"
READ = "read"

_PUBLISH = "publish:"
_PUBLISH_ANY = "publish:*"
_WORDS = frozenset({READ, "reuse", "usage", "agreements", "subscribe", AUDIT, ADMIN})
_SCOPE = re.compile(r"[a-z]+(:([a-z0-9][a-z0-9-]{0,79}|\*))?")


class Mandate(msgspec.Struct, frozen=True, kw_only=True):
    """What another body lets an actor do in its place; without services, for all of them."""

    organisation: str
    key: str
    keys: tuple[str, ...] = ()
    scopes: frozenset[str] = frozenset()
    services: tuple[str, ...] = ()

    def covers(self, scope: str, service: str | None) -> bool:
        """Whether it is for acts of this scope, about this service (None: about no single one)."""
        return covered_by(scope, self.scopes) and (not self.services or service in self.services)


Printable = Annotated[str, msgspec.Meta(pattern=r"^[ -~]*\Z")]


class Reach(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where an auditor reads what is private: in territories, by unpadded keys, or of services."""

    within: tuple[Printable, ...] = ()
    services: tuple[Printable, ...] = ()

    def holds(self, other: "Reach") -> bool:
        """Whether all of the other reach lies within this one."""
        inside = all(any(contains(own, key) for own in self.within) for key in other.within)
        return inside and set(other.services) <= set(self.services)


def reach_from(within: Sequence[str] | None, services: Sequence[str] | None) -> Reach | None:
    """The reach that is recorded as two lists; None where neither was named."""
    if within is None and services is None:
        return None
    return Reach(within=tuple(within or ()), services=tuple(services or ()))


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """The authenticated caller: an organisation's id, its regional keys (unpadded), its scopes.

    `mandates` are what other bodies let it do in their place, `token` is the id of its token;
    `lent_by` is the delegate that asked for the token, if it was not the organisation itself;
    `passing` is a job that is gone in minutes, and leaves nothing that outlives it. `person` is the
    number of who signed in, `session` the id of what that began.
    """

    organisation: str
    name: str
    keys: tuple[str, ...] = ()
    slug: str | None = None
    scopes: frozenset[str] = frozenset()
    person: str | None = None
    mandates: tuple[Mandate, ...] = ()
    reach: Reach | None = None
    token: str | None = None
    lent_by: str | None = None
    passing: bool = False
    session: str | None = None

    @property
    def is_admin(self) -> bool:
        return ADMIN in self.scopes

    @property
    def is_auditor(self) -> bool:
        """Whether this actor reads what is private of others, each time with an event."""
        return AUDIT in self.scopes

    @property
    def audits(self) -> Reach:
        """Where this actor reads what is private of others: unless bound, in its own territory."""
        if not self.is_auditor:
            return Reach()
        return Reach(within=self.keys) if self.reach is None else self.reach

    @property
    def acting(self) -> str:
        """The body that acts, by its id: by a token that a delegate asked for, the delegate."""
        return self.lent_by or self.organisation

    @property
    def stands_for(self) -> str | None:
        """The body whose token a delegate acts by; None where a body acts by its own."""
        return self.organisation if self.lent_by else None

    def on_behalf_of(self, organisation: object) -> str | None:
        """The body an act is for, by its id, where that is not the one that acts."""
        return None if str(organisation) == self.acting else str(organisation)

    def may(self, scope: str) -> bool:
        """Whether a scope was granted; `publish:<service>` is covered by `publish:*`."""
        return self.is_admin or scope == READ or covered_by(scope, self.scopes)

    def acts_for(
        self,
        organisation: str,
        keys: tuple[str, ...],
        scope: str | None = None,
        service: str | None = None,
    ) -> bool:
        """Whether this actor is the body, stands above all its territory, or is `admin`.

        Or whether one who is or does that lets it act so, in this scope and for this service.
        """
        if self.is_admin or _is_or_contains(self.organisation, self.keys, organisation, keys):
            return True
        return scope is not None and any(
            mandate.covers(scope, service)
            and _is_or_contains(mandate.organisation, mandate.keys, organisation, keys)
            for mandate in self.mandates
        )

    def in_place_of(
        self, bodies: Sequence[tuple[str, tuple[str, ...]]], scope: str, service: str | None = None
    ) -> str | None:
        """The body whose mandate it acts by for one of these; None where it needs no mandate."""
        if any(self.acts_for(body, keys) for body, keys in bodies):
            return None
        for mandate in self.mandates:
            own = (mandate.organisation, mandate.keys)
            if mandate.covers(scope, service) and any(_is_or_contains(*own, *b) for b in bodies):
                return mandate.organisation
        return None

    def speaks_for(self, organisation: str, scope: str, service: str | None = None) -> bool:
        """Whether this actor is the body itself or was let act by it; a territory is not enough."""
        if self.is_admin or organisation == self.organisation:
            return True
        return any(
            mandate.organisation == organisation and mandate.covers(scope, service)
            for mandate in self.mandates
        )


def covered_by(scope: str, granted: frozenset[str]) -> bool:
    """Whether a scope is among those granted; `publish:<service>` is covered by `publish:*`."""
    return scope in granted or (scope.startswith(_PUBLISH) and _PUBLISH_ANY in granted)


def _is_or_contains(
    own: str, own_keys: tuple[str, ...], organisation: str, keys: tuple[str, ...]
) -> bool:
    if organisation == own:
        return True
    return bool(keys) and any(all(contains(outer, key) for key in keys) for outer in own_keys)


def contains(outer: str, inner: str) -> bool:
    """Whether the territory of `outer` contains that of `inner` (both unpadded)."""
    return inner.startswith(outer)


def require_scope(actor: Actor, scope: str) -> None:
    """Refuse an actor whose token lacks `scope`."""
    if not actor.may(scope):
        raise NotYours(missing_scope=scope)


def require_authority(
    actor: Actor,
    organisation: str,
    keys: tuple[str, ...],
    key: str,
    scope: str | None = None,
    service: str | None = None,
) -> None:
    """Refuse an actor who neither is the body nor stands above its territory; `key` names it.

    Nor was let act for it in this scope.
    """
    if not actor.acts_for(organisation, keys, scope, service):
        raise NotYours(organisation=key)


def require_own(
    actor: Actor, organisation: str, key: str, scope: str, service: str | None = None
) -> None:
    """Refuse everybody but the body itself and whom it let act; what stands above it, too."""
    if not actor.speaks_for(organisation, scope, service):
        raise NotYours(organisation=key)


def is_regional_key(text: str) -> bool:
    """Whether `text` has the form of an unpadded regional key."""
    return len(text) in KEY_LENGTHS and re.fullmatch(r"[0-9]+", text) is not None


def is_scope(text: str) -> bool:
    """Whether `text` is one scope: a known word, or `publish:` with a service or `*`."""
    if _SCOPE.fullmatch(text) is None:
        return False
    return text in _WORDS or text.startswith(_PUBLISH)
