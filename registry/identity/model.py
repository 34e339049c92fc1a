"""Nouns of identity: tokens and delegations, as they are sent, recorded and shown."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from registry.audit import LogPosition
from registry.authority import ADMIN, AUDIT, READ, Actor, Mandate, Reach, reach_from
from registry.characters import LINE, TEXT
from registry.errors import Conflict, NotFound, Unprocessable
from registry.organisations.model import BodyName

WRITE_DAYS = 90
READ_DAYS = 365
DEFAULT_DAYS = 30
OF_JOB = "ci"

Scope = Annotated[str, Meta(min_length=1, max_length=100, pattern=LINE)]
Scopes = Annotated[tuple[Scope, ...], Meta(min_length=1, max_length=50)]
Days = Annotated[int, Meta(ge=1, le=READ_DAYS, description="For how many days it is valid.")]
Note = Annotated[str, Meta(max_length=300, pattern=TEXT)]
BodyKey = Annotated[
    str,
    Meta(
        min_length=1, max_length=80, pattern=LINE, description="A regional key, an AGS or a slug."
    ),
]
Range = Annotated[
    str,
    Meta(max_length=50, pattern=LINE, description="Addresses in CIDR notation: `192.0.2.0/24`."),
]
Kind = Literal["read", "write", "audit", "admin"]
TokenState = Literal["valid", "expired", "revoked", "undelegated"]


class UnknownToken(NotFound):
    """No such token, or it is not for this caller to know."""

    code = "unknown-token"


class TokenNotRotatable(Conflict):
    """A token and its successor are both valid; a third would make it unclear who holds which."""

    code = "token-not-rotatable"


class InvalidToken(Unprocessable):
    """The token asked for is against the rules."""

    code = "invalid-token"


class UnknownDelegation(NotFound):
    """The one body lets the other do nothing in its place."""

    code = "unknown-delegation"


class InvalidDelegation(Unprocessable):
    """The delegation is against the rules."""

    code = "invalid-delegation"


class TokenFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `identity.create_token`; `sha256` in hex, the token itself is never recorded.

    `issued_by` is null where the registry itself issued it; `issued_with` is the token that asked.
    """

    id: UUID
    sha256: str
    organisation_id: UUID
    scopes: list[str]
    note: str
    expires_at: datetime
    kind: str = "write"
    issued_by: UUID | None = None
    issued_with: UUID | None = None
    follows: UUID | None = None
    cidrs: list[str] = []
    reach: Reach | None = None


class RevocationFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `identity.revoke_token` and `identity.report_token`."""

    token_id: UUID
    reason: Literal["revoked", "reported"]


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """The body that something acts for which a caller shows, and what it may do."""

    id: UUID
    organisation_id: UUID
    slug: str | None
    name: str
    keys: tuple[str, ...]
    scopes: tuple[str, ...]
    audit_within: tuple[str, ...] | None
    audit_services: tuple[str, ...] | None
    expires_at: datetime
    mandates: tuple[Mandate, ...]

    def acting(self, **shown: Any) -> Actor:
        """The body as an actor, by what the caller showed."""
        return Actor(
            organisation=str(self.organisation_id),
            name=self.name,
            slug=self.slug,
            keys=self.keys,
            scopes=frozenset(self.scopes),
            mandates=self.mandates,
            reach=reach_from(self.audit_within, self.audit_services),
            **shown,
        )


class TokenHolder(Holder, frozen=True, kw_only=True):
    """The body a token acts for, and whether it still does."""

    kind: str
    cidrs: tuple[str, ...]
    state: TokenState
    seconds_left: float
    last_used_on: date | None
    lent_by: UUID | None

    @property
    def actor(self) -> Actor:
        """The holder of the token."""
        return self.acting(
            token=str(self.id),
            lent_by=str(self.lent_by) if self.lent_by else None,
            passing=self.kind == OF_JOB,
        )


class TokenDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token asked for: by default for the body that asks, and for 30 days.

    With another scope than `read` for 90 days at most. `cidrs`: the only addresses it is taken
    from; none: from all. `reach` is for the scope `audit`, and needed where the body has no
    territory of its own.
    """

    scopes: Scopes
    organisation: BodyKey | None = None
    days: Days = DEFAULT_DAYS
    note: Note = ""
    cidrs: Annotated[tuple[Range, ...], Meta(max_length=20)] = ()
    reach: Reach | None = None


class RotationDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For how long the successor of a token is valid."""

    days: Days = DEFAULT_DAYS


class TokenReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token somebody found where it should not be."""

    token: Annotated[str, Meta(min_length=1, max_length=300, pattern=LINE)]


class ReportTaken(msgspec.Struct, frozen=True, kw_only=True):
    """A report was taken; the same for what is no token here."""

    status: Literal["taken"] = "taken"


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token without its text, which is shown once and never kept.

    `issued_by` is null where the registry itself issued it; `follows` is the token whose place it
    takes. `last_used_on` is a legal day, told within seconds of its first use on that day.
    """

    id: UUID
    organisation: BodyName
    kind: str
    scopes: tuple[str, ...]
    note: str
    cidrs: tuple[str, ...]
    reach: Reach | None
    issued_at: datetime
    issued_by: BodyName | None
    expires_at: datetime
    revoked_at: datetime | None
    last_used_on: date | None
    follows: UUID | None


class IssuedToken(msgspec.Struct, frozen=True, kw_only=True):
    """The one answer that holds the text of a token."""

    token: str
    issued: Token


class TokenPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of tokens, the newest first."""

    items: Sequence[Token]
    total: int | None
    next: str | None


class MandateShown(msgspec.Struct, frozen=True, kw_only=True):
    """What another body lets the caller do in its place; no services: all of them."""

    organisation: str
    scopes: list[str]
    services: tuple[str, ...]


class MySession(msgspec.Struct, frozen=True, kw_only=True):
    """The session of who signed in; `csrf_token` goes with every change (`X-CSRF-Token`)."""

    id: UUID
    provider: str
    expires_at: datetime
    idle_minutes: int
    csrf_token: str


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the caller acts for, and what it may do."""

    organisation: str
    name: str
    keys: tuple[str, ...]
    slug: str | None
    scopes: list[str]
    person: str | None
    token: str | None
    session: MySession | None
    audits: Reach | None
    on_behalf_of: list[MandateShown]


class DelegationDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a body lets another do in its place, from a day on (today) until before another.

    No services: all of them.
    """

    scopes: Scopes
    services: Annotated[tuple[Scope, ...], Meta(max_length=200)] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    note: Note = ""


class DelegationFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `identity.put_delegation` and `identity.end_delegation`."""

    delegator: UUID
    delegate: UUID
    revision: int
    delegator_key: str
    delegate_key: str
    scopes: tuple[str, ...]
    services: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    note: str

    def says(self, other: "DelegationFacts") -> bool:
        """Whether it says the same, whatever its number."""
        return msgspec.structs.replace(self, revision=other.revision) == other


class DelegationLinks(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses on this registry, as paths."""

    own: str = msgspec.field(name="self")
    delegator: str
    delegate: str


class Delegation(msgspec.Struct, frozen=True, kw_only=True):
    """Who lets whom act in its place, as recorded; `in_force` on the day asked for."""

    delegator: BodyName
    delegate: BodyName
    scopes: tuple[str, ...]
    services: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    in_force: bool
    note: str
    revision: int
    recorded_at: datetime
    recorded_by: BodyName
    event_id: UUID
    links: DelegationLinks


class DelegationRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A delegation as known at a position of the log, with all it was before."""

    as_of: date
    known_at: LogPosition | None
    delegation: Delegation
    history: list[Delegation]


def kind_of(scopes: Sequence[str]) -> Kind:
    """What a token is called by what it may do most."""
    if ADMIN in scopes:
        return "admin"
    if set(scopes) <= {READ}:
        return "read"
    return "audit" if set(scopes) <= {READ, AUDIT} else "write"


def longest_life(kind: Kind) -> int:
    """For how many days at most a token is valid."""
    return READ_DAYS if kind == "read" else WRITE_DAYS
