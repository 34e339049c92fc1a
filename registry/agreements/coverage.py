"""Whether an agreement covers the reuse of a service by a body on a day; pure.

A chain leads from the body, or from who acts for it, over agreements in force: a contract that
names the service or its theme, what that was concluded under, and for services under the
Dachabkommen up to a framework that the body's Land has joined. An onward contract with nothing
above it leads on to the contracts of the others who concluded it.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

from registry.agreements.model import AgreementKind
from registry.authority import contains

FRAMEWORK_BASIS = "dachabkommen"

# By what a service names as its basis: which contracts carry its reuse. Others need none.
CARRIERS: dict[str, frozenset[AgreementKind]] = {
    "dachabkommen": frozenset({"reuse", "administrative"}),
    "administrative_agreement": frozenset({"administrative"}),
    "cooperation": frozenset({"administrative"}),
    "fit_store": frozenset({"reuse"}),
    "marketplace": frozenset({"reuse"}),
}
CONTRACTS: frozenset[AgreementKind] = frozenset({"reuse", "administrative", "onward"})

Link = Literal[
    "contract-missing", "contract-of-other-kind", "contract-not-in-force", "parent-missing",
    "parent-not-in-force", "accession-missing",
]  # fmt: skip

# Of several chains that break, the one that leads furthest is told of.
_FURTHEST: tuple[Link, ...] = (
    "contract-missing",
    "contract-of-other-kind",
    "contract-not-in-force",
    "parent-missing",
    "parent-not-in-force",
    "accession-missing",
)


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A body bound by an agreement, or asking to be covered; without dates at any time.

    `delegates` are the bodies that may conclude agreements in its place on the day it asks for.
    """

    organisation_id: UUID
    key: str
    keys: tuple[str, ...]
    begins_on: date | None = None
    ends_on: date | None = None
    delegates: tuple[UUID, ...] = ()

    def stands_for(self, body: "Member") -> bool:
        """Whether this is the body itself, acts in its place, or stands above all its territory."""
        if self.organisation_id in (body.organisation_id, *body.delegates):
            return True
        return bool(body.keys) and any(
            all(contains(own, key) for key in body.keys) for own in self.keys
        )


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement as coverage sees it."""

    slug: str
    kind: AgreementKind
    parent: str | None
    begins_on: date | None
    ends_on: date | None
    services: tuple[str, ...]
    themes: tuple[str, ...]
    members: tuple[Member, ...]

    def in_force(self, day: date) -> bool:
        """Whether it is known to be in force on a day."""
        return self.begins_on is not None and _holds(day, self.begins_on, self.ends_on)

    def binds(self, body: Member, day: date) -> bool:
        """Whether the body, or who stands above it, is bound by it on a day."""
        return any(
            member.stands_for(body) and _holds(day, member.begins_on, member.ends_on)
            for member in self.members
        )

    def names(self, need: "Need") -> bool:
        return need.service in self.services or need.theme in self.themes


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """A service of a theme, reused on a basis, by a body on a day."""

    service: str
    theme: str | None
    basis: str
    body: Member
    day: date


class Missing(msgspec.Struct, frozen=True):
    """The link where the chain breaks: an agreement, and the body that should be bound by it."""

    link: Link
    agreement: str | None
    body: str


def is_needed(basis: str | None) -> bool:
    """Whether reuse on this basis must be covered."""
    return basis in CARRIERS


def cover(need: Need, contracts: Mapping[str, Contract]) -> str | Missing:
    """The contract that covers the reuse, or the link that is missing."""
    furthest = Missing("contract-missing", None, need.body.key)
    for found in _attempts(need, contracts):
        if isinstance(found, str):
            return found
        if _FURTHEST.index(found.link) >= _FURTHEST.index(furthest.link):
            furthest = found
    return furthest


def _attempts(need: Need, contracts: Mapping[str, Contract]) -> Iterator[str | Missing]:
    """What becomes of every chain, each told by the contract it begins with."""
    waiting: deque[tuple[Member, str | None]] = deque([(need.body, None)])
    seen: set[str] = set()
    while waiting:
        body, first = waiting.popleft()
        named = [c for c in _naming(body, need, contracts) if c.slug not in seen]
        own = [contract for contract in named if contract.kind in CONTRACTS]
        if first and not own:
            yield Missing("contract-missing", first, body.key)
        yield from (
            Missing("contract-of-other-kind", contract.slug, body.key)
            for contract in named
            if contract.kind not in CONTRACTS
        )
        for contract in own:
            seen.add(contract.slug)
            broken = _broken(contract, body, need.day)
            if broken:
                yield broken
            elif contract.kind == "onward" and contract.parent is None:
                others = (member for member in contract.members if not member.stands_for(body))
                waiting.extend((other, first or contract.slug) for other in others)
            else:
                yield _climb(contract, need, contracts) or first or contract.slug


def _naming(body: Member, need: Need, contracts: Mapping[str, Contract]) -> Iterable[Contract]:
    """The agreements that name the service and bind the body at any time."""
    return (
        contract
        for contract in contracts.values()
        if contract.names(need)
        and contract.kind != "framework"
        and any(member.stands_for(body) for member in contract.members)
    )


def _broken(contract: Contract, body: Member, day: date) -> Missing | None:
    if not contract.in_force(day):
        return Missing("contract-not-in-force", contract.slug, body.key)
    if not contract.binds(body, day):
        return Missing("accession-missing", contract.slug, body.key)
    return None


def _climb(contract: Contract, need: Need, contracts: Mapping[str, Contract]) -> Missing | None:
    """What is missing between a contract and what must stand above it."""
    line = contract
    while not _is_enough(line, need.basis):
        if line.parent is None:
            return Missing("parent-missing", line.slug, need.body.key)
        line = contracts[line.parent]
        if not line.in_force(need.day):
            return Missing("parent-not-in-force", line.slug, need.body.key)
    if line.kind == "framework" and not line.binds(need.body, need.day):
        return Missing("accession-missing", line.slug, _land(need.body))
    return None


def _is_enough(line: Contract, basis: str) -> bool:
    if basis == FRAMEWORK_BASIS:
        return line.kind == "framework"
    return line.kind in CARRIERS[basis]


def _land(body: Member) -> str:
    return body.keys[0][:2] if body.keys else body.key


def _holds(day: date, begins_on: date | None, ends_on: date | None) -> bool:
    return (begins_on is None or begins_on <= day) and (ends_on is None or day < ends_on)
