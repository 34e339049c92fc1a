"""For whom who signed in acts: their own body, and those that let it act in their place."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from registry.authority import Actor, Mandate, covered_by
from registry.db import Query
from registry.errors import NotYours
from registry.reuse.cases import SCOPE
from registry.site import store


class ActedFor(msgspec.Struct, frozen=True, kw_only=True):
    """A body, or one of the territories it has, by key; `own` is that of who signed in."""

    organisation: UUID
    key: str
    name: str
    own: bool


async def acted_for(db: Query, person: Actor, service: str | None = None) -> list[ActedFor]:
    """For whom reuses may be recorded, their own body first; of one service or of any."""
    given = [one for one in person.mandates if _covers(one, service)]
    names = await store.recorders(db, {one.organisation for one in given})
    own = _bodies(person.organisation, person.name, person.keys, person.slug or "", own=True)
    for one in given:
        name = names[one.organisation].name
        own += _bodies(one.organisation, name, one.keys, one.key, own=False)
    return list({one.key: one for one in reversed(own)}.values())[::-1]


def _covers(mandate: Mandate, service: str | None) -> bool:
    if service is None:
        return covered_by(SCOPE, mandate.scopes)
    return mandate.covers(SCOPE, service)


def _bodies(
    organisation: str, name: str, keys: Sequence[str], otherwise: str, *, own: bool
) -> list[ActedFor]:
    """One for each key that lies in no other key of the body."""
    apart = [key for key in keys if not any(key != one and key.startswith(one) for one in keys)]
    return [
        ActedFor(organisation=UUID(organisation), key=key, name=name, own=own)
        for key in apart or [otherwise]
    ]


def chosen(bodies: Sequence[ActedFor], key: str | None) -> ActedFor:
    """The one that was asked for; who does not act for it is refused."""
    if not key:
        return bodies[0]
    for one in bodies:
        if one.key == key:
            return one
    raise NotYours
