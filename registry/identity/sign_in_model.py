"""Nouns of sign-in: providers as they are sent, recorded and shown; sessions; what is refused."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from registry.authority import Actor, Reach
from registry.characters import LINE
from registry.errors import Fact, Fault, NotFound, NotYours, Unprocessable
from registry.identity.model import BodyKey, Holder, Note, Scopes
from registry.organisations.model import BodyName

EVERYBODY = ""
"""The one value of a provider whose people are all of one body."""

Line = Annotated[str, Meta(min_length=1, max_length=200, pattern=LINE)]
Address = Annotated[
    str,
    Meta(
        min_length=8,
        max_length=200,
        pattern=LINE,
        description="The address of the provider: its `issuer` in OpenID Connect Discovery.",
    ),
]
Claim = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=LINE,
        description="A claim of the ID token by its name, or by a JSON Pointer: "
        "`/realm_access/roles`.",
    ),
]
OAuthScope = Annotated[str, Meta(pattern=r"^[!#-\[\]-~]{1,100}\Z")]


class UnknownProvider(NotFound):
    """No such provider, or it was ended."""

    code = "unknown-sign-in-provider"


class InvalidProvider(Unprocessable):
    """The provider is against the rules."""

    code = "invalid-sign-in-provider"


class NoSignIn(NotFound):
    """The registry was not told under which address people reach it."""

    code = "no-sign-in"


class UnknownPerson(NotFound):
    """Nobody of this number has a session, or it is not for this caller to know."""

    code = "unknown-person"


class SignInRefused(NotYours):
    """A sign-in that is not taken; the fault says why, `body` whose security log is told."""

    code = "sign-in-refused"

    def __init__(self, rule: str, **facts: Fact) -> None:
        super().__init__(Fault("", rule, facts))
        self.body: UUID | None = None


class ForeignRequest(NotYours):
    """A change that a page of others could have made the browser ask for."""

    code = "foreign-request"


class ProviderDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where people of a body sign in, and who of them may do what.

    All are of `organisation`; or the claim `organisation_claim` says of which one, by
    `organisations`. Each role that `role_claim` names gives the scopes of `roles`; `admin` only to
    who asked for it and signed in by one of `admin_acr`. `ask` are further scopes of OAuth to ask
    for, `reach` is for the scope `audit`.
    """

    name: Line
    issuer: Address
    client_id: Line
    organisation: BodyKey | None = None
    organisation_claim: Claim | None = None
    organisations: Annotated[dict[Line, BodyKey], Meta(max_length=5_000)] = {}
    role_claim: Claim = "roles"
    roles: Annotated[dict[Line, Scopes], Meta(min_length=1, max_length=200)]
    admin_acr: Annotated[tuple[Line, ...], Meta(max_length=20)] = ()
    ask: Annotated[tuple[OAuthScope, ...], Meta(max_length=20)] = ()
    reach: Reach | None = None
    note: Note = ""


class ProviderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """A provider as it is recorded; `bodies` by the value of `organisation_claim`."""

    name: str
    issuer: str
    client_id: str
    organisation_claim: str | None
    bodies: dict[str, UUID]
    role_claim: str
    roles: dict[str, list[str]]
    admin_acr: tuple[str, ...]
    ask: tuple[str, ...]
    reach: Reach | None
    note: str

    @property
    def only_body(self) -> UUID | None:
        """The body of everybody who signs in there."""
        return self.bodies.get(EVERYBODY) if self.organisation_claim is None else None


class ProviderFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `identity.put_sign_in_provider` and `identity.end_sign_in_provider`."""

    slug: str
    revision: int
    settings: ProviderSettings
    ended: bool


class RecordedProvider(msgspec.Struct, frozen=True, kw_only=True):
    """A provider as it stands."""

    slug: str
    revision: int
    settings: ProviderSettings
    ended: bool
    recorded_at: datetime


class ProviderLinks(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses on this registry: `redirect_uri` whole, as it is to be entered at the provider."""

    own: str = msgspec.field(name="self")
    sign_in: str
    redirect_uri: str | None


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """Where people of a body sign in, and who of them may do what."""

    slug: str
    name: str
    issuer: str
    client_id: str
    organisation: BodyName | None
    organisation_claim: str | None
    organisations: Mapping[str, BodyName]
    role_claim: str
    roles: Mapping[str, list[str]]
    admin_acr: tuple[str, ...]
    ask: tuple[str, ...]
    reach: Reach | None
    note: str
    revision: int
    recorded_at: datetime
    links: ProviderLinks


class ProviderList(msgspec.Struct, frozen=True, kw_only=True):
    """All providers, by their names."""

    items: list[Provider]


class SessionHolder(Holder, frozen=True, kw_only=True):
    """Whom a session acts for, and whether it still does."""

    person: str
    provider: str
    state: Literal["valid", "expired", "ended"]
    stale: bool

    @property
    def actor(self) -> Actor:
        """The person who signed in."""
        return self.acting(person=self.person, session=str(self.id))


class NewSession(msgspec.Struct, frozen=True, kw_only=True):
    """What a sign-in gives: a person of a body, and what it may do."""

    organisation_id: UUID
    person: str
    provider: str
    revision: int
    scopes: tuple[str, ...]
    reach: Reach | None


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A person who is signed in, by a number of this registry; `used_at` to the minute."""

    id: UUID
    organisation: BodyName
    person: str
    provider: str
    scopes: tuple[str, ...]
    started_at: datetime
    used_at: datetime
    expires_at: datetime


class SessionList(msgspec.Struct, frozen=True, kw_only=True):
    """Sessions that go on, the newest first."""

    items: list[Session]


class SessionsEnded(msgspec.Struct, frozen=True, kw_only=True):
    """How many sessions were ended."""

    ended: int
