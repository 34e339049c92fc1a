"""Signing in, from the start to the session: two visits of a browser, and calls to the provider."""

import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

from registry.authority import AUDIT, READ
from registry.db import Database, begin
from registry.errors import Fault, Malformed
from registry.identity import openid, providers
from registry.identity import pipeline_store as once
from registry.identity.issuers import LEEWAY, Claims, Issuer
from registry.identity.openid import Attempt
from registry.identity.operator import operator
from registry.identity.sign_in_model import (
    EVERYBODY,
    NewSession,
    NoSignIn,
    ProviderSettings,
    RecordedProvider,
    SignInRefused,
)
from registry.settings import Settings
from registry.web.egress import Egress

_LONGEST = 500


class SignIn:
    """What one process needs to let people sign in."""

    def __init__(
        self, database: Database, settings: Settings, egress: Egress, secret: bytes
    ) -> None:
        self._database = database
        self._settings = settings
        self._egress = egress
        self._secret = secret
        self._issuers: dict[str, Issuer] = {}

    async def begin(self, slug: str, back_to: str, *, admin: bool) -> tuple[str, str]:
        """Where a browser goes to sign in, and what it keeps meanwhile."""
        self._require_offered()
        require_own_path(back_to)
        provider = await providers.current(self._database.reads, slug)
        if admin and not provider.settings.admin_acr:
            raise SignInRefused("sign-in-no-admin")
        told = await self._issuer(provider.settings).told()
        now = (await self._now()).timestamp()
        attempt = openid.begun(slug, provider.revision, back_to, now, admin=admin)
        back = self._redirect_uri(attempt)
        address = openid.authorization_request(told, provider.settings, attempt, back)
        return address, openid.kept(attempt, self._secret)

    async def finish(
        self, slug: str, kept: str, answer: Mapping[str, str]
    ) -> tuple[NewSession, str]:
        """The session that an answer of a provider gives, and where the browser goes then."""
        self._require_offered()
        attempt = openid.begun_before(kept, self._secret, (await self._now()).timestamp())
        if attempt is None:
            raise SignInRefused("sign-in-not-begun")
        if attempt.provider != slug:
            raise SignInRefused("sign-in-other-issuer")
        provider = await providers.current(self._database.reads, attempt.provider)
        if provider.revision != attempt.revision:
            raise SignInRefused("sign-in-changed")
        try:
            claims = await self._claims(provider.settings, attempt, answer)
            return self._session(provider, attempt, claims), attempt.back_to
        except SignInRefused as refused:
            refused.body = provider.settings.only_body
            raise

    async def _claims(
        self, settings: ProviderSettings, attempt: Attempt, answer: Mapping[str, str]
    ) -> Claims:
        """What the provider vouches for; its answer counts once, whatever comes of it."""
        issuer = self._issuer(settings)
        told = await issuer.told()
        code = openid.require_answer(told, settings, attempt, answer)
        now = await self._use_up(attempt)
        form = {
            "code": code,
            "redirect_uri": self._redirect_uri(attempt),
            "code_verifier": attempt.verifier,
        }
        secret = client_secret(self._settings.sign_in_path, attempt.provider)
        token = await openid.redeem(self._egress, told, settings, secret, form)
        return await openid.proven(issuer, settings, attempt, token, now)

    async def _use_up(self, attempt: Attempt) -> datetime:
        async with self._database.writes.acquire() as conn, begin(conn, operator()) as tx:
            if not await once.use_up(tx, attempt.mark, attempt.until + LEEWAY):
                raise SignInRefused("sign-in-used")
            return tx.now

    def _session(self, provider: RecordedProvider, attempt: Attempt, claims: Claims) -> NewSession:
        settings = provider.settings
        roles = openid.claimed(claims, settings.role_claim)
        scopes = openid.scopes_of(settings, roles, claims.get("acr"), admin=attempt.admin)
        return NewSession(
            organisation_id=_body(settings, claims),
            person=openid.person_of(claims, self._secret),
            provider=provider.slug,
            revision=provider.revision,
            scopes=tuple(sorted(scopes | {READ})),
            reach=settings.reach if AUDIT in scopes else None,
        )

    async def _now(self) -> datetime:
        return await self._database.reads.fetchval("select now()")

    def _redirect_uri(self, attempt: Attempt) -> str:
        return openid.redirect_uri(self._settings.public_url, attempt.provider)

    def _require_offered(self) -> None:
        if not self._settings.public_url:
            raise NoSignIn

    def _issuer(self, settings: ProviderSettings) -> Issuer:
        address = settings.issuer
        if address not in self._issuers:
            self._issuers[address] = Issuer(address, self._egress, time.monotonic)
        return self._issuers[address]


def _body(settings: ProviderSettings, claims: Claims) -> UUID:
    """The body of a person: the provider's, or the one a claim names."""
    if settings.organisation_claim is None:
        return settings.bodies[EVERYBODY]
    named = openid.claimed(claims, settings.organisation_claim)
    found = {settings.bodies[value] for value in named if value in settings.bodies}
    if len(found) != 1:
        raise SignInRefused("sign-in-no-body", value=settings.organisation_claim)
    return found.pop()


def require_own_path(address: str) -> None:
    """Refuse to lead anywhere but to a page of this site."""
    own = address.startswith("/") and not address.startswith(("//", "/\\"))
    if not own or not address.isprintable() or "\\" in address or len(address) > _LONGEST:
        raise Malformed(Fault("?next", "no-own-path"))


def client_secret(folder: Path, provider: str) -> str | None:
    """The secret of the registry at a provider: a file of its own, read when it is needed."""
    try:
        return (folder / provider).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None
