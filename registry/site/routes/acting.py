"""For whom who signed in acts: their own body, and those that let it act in their place."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import QueryParameter

from registry.authority import Actor, Mandate, covered_by
from registry.db import Query
from registry.errors import NotYours
from registry.identity.rules import let_by
from registry.reuse.cases import SCOPE
from registry.site import store

ActingFor = Annotated[
    str | None, QueryParameter(name="fuer", pattern=r"^([0-9]{2,12}|[a-z0-9-]{1,80})?\Z")
]


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


async def represented(db: Query, person: Actor, scope: str | None = None) -> list[ActedFor]:
    """Whose own affairs they see to: their body's, and those of who lets it, for all services."""
    given = [
        one
        for one in person.mandates
        if not one.services and (scope is None or covered_by(scope, one.scopes))
    ]
    names = await store.recorders(db, {one.organisation for one in given})
    own = person.keys[0] if person.keys else person.slug or ""
    bodies = {person.organisation: (own, person.name)}
    for one in given:
        bodies.setdefault(one.organisation, (one.key, names[one.organisation].name))
    return [
        ActedFor(organisation=UUID(body), key=key, name=name, own=body == person.organisation)
        for body, (key, name) in bodies.items()
    ]


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


def giveable(person: Actor, body: ActedFor) -> frozenset[str]:
    """What a token for a body may do: of another, no more than it lets who signed in do."""
    if body.own:
        return person.scopes
    return frozenset(filter(person.may, let_by(person, str(body.organisation))))


def chosen(bodies: Sequence[ActedFor], key: str | None) -> ActedFor:
    """The one that was asked for; who does not act for it is refused."""
    if not key:
        return bodies[0]
    for one in bodies:
        if one.key == key:
            return one
    raise NotYours
