"""Who may act for whom: actors, scopes and regional keys, as pure rules.

A regional key (Amtlicher Regionalschlüssel, ARS) has 2, 3, 5, 9 or 12 digits; a shorter key
contains every key it prefixes. Authority over a place is therefore a prefix test.
"""

import re

import msgspec

from registry.errors import NotYours

KEY_LENGTHS = (2, 3, 5, 9, 12)
ADMIN = "admin"
AUDIT = "audit"

_PUBLISH_ANY = "publish:*"
_SCOPE = re.compile(r"[a-z]+(:([a-z0-9][a-z0-9-]{0,79}|\*))?")


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """The authenticated caller: an organisation's id, its regional keys (unpadded), its scopes."""

    organisation: str
    name: str
    keys: tuple[str, ...] = ()
    slug: str | None = None
    scopes: frozenset[str] = frozenset()
    person: str | None = None

    @property
    def is_admin(self) -> bool:
        return ADMIN in self.scopes

    @property
    def is_auditor(self) -> bool:
        """Whether this actor reads what is private of others, each time with an event."""
        return AUDIT in self.scopes

    def may(self, scope: str) -> bool:
        """Whether a scope was granted; `publish:<service>` is covered by `publish:*`."""
        granted = scope in self.scopes or self.is_admin
        return granted or (scope.startswith("publish:") and _PUBLISH_ANY in self.scopes)

    def acts_for(self, organisation: str, keys: tuple[str, ...]) -> bool:
        """Whether this actor is the body itself, stands above all its territory, or is `admin`."""
        if self.is_admin or organisation == self.organisation:
            return True
        return bool(keys) and any(all(contains(own, key) for key in keys) for own in self.keys)


def contains(outer: str, inner: str) -> bool:
    """Whether the territory of `outer` contains that of `inner` (both unpadded)."""
    return inner.startswith(outer)


def require_scope(actor: Actor, scope: str) -> None:
    """Refuse an actor whose token lacks `scope`."""
    if not actor.may(scope):
        raise NotYours(missing_scope=scope)


def require_authority(actor: Actor, organisation: str, keys: tuple[str, ...], key: str) -> None:
    """Refuse an actor who neither is the body nor stands above its territory; `key` names it."""
    if not actor.acts_for(organisation, keys):
        raise NotYours(organisation=key)


def is_regional_key(text: str) -> bool:
    """Whether `text` has the form of an unpadded regional key."""
    return len(text) in KEY_LENGTHS and re.fullmatch(r"[0-9]+", text) is not None


def is_scope(text: str) -> bool:
    """Whether `text` has the form of one scope: a word, or a word about one service or `*`."""
    return _SCOPE.fullmatch(text) is not None
