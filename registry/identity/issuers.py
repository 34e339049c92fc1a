"""Who signs ID tokens (OpenID Connect Core 1.0): their keys, fetched and kept; what a token says.

Only issuers the operator names are ever asked, through the one guarded way out.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, cast

import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from registry.errors import Fault, NotYours, Refusal
from registry.web.egress import Egress, Unreachable

Claims = Mapping[str, Any]

ALGORITHMS = ["ES256", "EdDSA", "RS256"]
LEEWAY = 60
"""Seconds by which the clock of an issuer may differ from ours."""

_LONGEST_LIFE = 86_400
_KEEP_SECONDS = 3_600.0
_ASK_AGAIN = 60.0
_MOST_BYTES = 262_144
_DISCOVERY = "/.well-known/openid-configuration"


class IdTokenRefused(NotYours):
    """An ID token that is not taken; the fault says why."""

    code = "id-token-refused"

    def __init__(self, rule: str, **facts: Any) -> None:
        super().__init__(Fault("/id_token", rule, facts))


class IssuerSilent(Refusal):
    """The issuer of an ID token does not tell its keys."""

    code = "issuer-silent"
    status = 503


class Keys(msgspec.Struct):
    """What an issuer told, and when (seconds of a steady clock) it came and was asked for."""

    found: KeySet | None = None
    told: Claims = {}
    came: float = 0.0
    asked: float = -_ASK_AGAIN


class Issuer:
    """One issuer: an unknown key makes it asked again, at most once a minute."""

    def __init__(self, address: str, egress: Egress, clock: Callable[[], float]) -> None:
        self.address = address
        self._egress = egress
        self._clock = clock
        self._keys = Keys()
        self._turn = asyncio.Lock()

    async def claims(self, token: str, audience: str, now: datetime) -> Claims:
        """What a token says whose issuer, signature, audience and time are right."""
        header, unproven = _read(token)
        if unproven.get("iss") != self.address:
            raise IdTokenRefused("id-token-other-issuer", value=str(unproven.get("iss"))[:200])
        if header.get("alg") not in ALGORITHMS:
            raise IdTokenRefused("id-token-algorithm", limit=ALGORITHMS)
        keys = await self.key_set(header.get("kid"))
        try:
            claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, KeyError, TypeError):
            raise IdTokenRefused("id-token-signature") from None
        _require_audience(claims, audience)
        require_current(claims, now)
        return claims

    async def told(self) -> Claims:
        """What it tells of itself, as of the last hour."""
        await self.key_set(None)
        return self._keys.told

    async def key_set(self, kid: str | None) -> KeySet:
        """The keys, asked for again where `kid` is not among them or they are old."""
        async with self._turn:
            now, keys = self._clock(), self._keys
            fresh = now - keys.came < _KEEP_SECONDS and _holds(keys.found, kid)
            if not fresh and now - keys.asked >= _ASK_AGAIN:
                keys.asked = now
                await self._fetch(now)
            if keys.found is None:
                raise IssuerSilent(issuer=self.address)
            return keys.found

    async def _fetch(self, now: float) -> None:
        """Keys that were known stay in use for as long as the issuer is silent."""
        try:
            told = await self.configuration()
            answer = await self.document(str(told["jwks_uri"]))
            self._keys.found = KeySet.import_key_set(cast("Any", _signing(answer)))
            self._keys.told, self._keys.came = told, now
        except (Unreachable, JoseError, ValueError, KeyError, TypeError):
            return

    async def configuration(self) -> Mapping[str, Any]:
        """What the issuer tells of itself (OpenID Connect Discovery 1.0, section 4)."""
        told = await self.document(self.address.removesuffix("/") + _DISCOVERY)
        if told.get("issuer") != self.address:
            raise ValueError(self.address)
        return told

    async def document(self, address: str) -> Mapping[str, Any]:
        """A JSON object at an address; raises Unreachable or ValueError."""
        reply = await self._egress.get(address, most=_MOST_BYTES)
        if reply.status != 200 or not reply.whole:
            raise ValueError(address)
        return msgspec.json.decode(reply.body, type=dict[str, Any])


def _holds(keys: KeySet | None, kid: str | None) -> bool:
    return keys is not None and (kid is None or any(key.kid == kid for key in keys.keys))


def _signing(told: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The public keys for signatures; kinds we do not read are left out."""
    kinds = ("RSA", "EC", "OKP")
    return {
        "keys": [
            key for key in told["keys"] if key["kty"] in kinds and key.get("use", "sig") == "sig"
        ]
    }


class Issuers:
    """The issuers that are allowed, by their addresses."""

    def __init__(
        self, addresses: str, egress: Egress, clock: Callable[[], float] = time.monotonic
    ) -> None:
        named = [text.strip() for text in addresses.split(",") if text.strip()]
        self._known = {address: Issuer(address, egress, clock) for address in named}

    def __contains__(self, address: str) -> bool:
        return address in self._known

    async def claims(self, token: str, audience: str, now: datetime) -> Claims:
        """What a token says whose issuer is allowed, and all else right."""
        _, unproven = _read(token)
        issuer = self._known.get(str(unproven.get("iss")))
        if issuer is None:
            raise IdTokenRefused("id-token-issuer", value=str(unproven.get("iss"))[:200])
        return await issuer.claims(token, audience, now)


def _read(token: str) -> tuple[Claims, Claims]:
    """Header and claims of a token, as yet unproven."""
    try:
        found = jws.extract_compact(token.encode())
        claims = msgspec.json.decode(found.payload, type=dict[str, Any])
        return found.headers(), claims
    except (JoseError, ValueError, KeyError, TypeError):
        raise IdTokenRefused("id-token-unreadable") from None


def _require_audience(claims: Claims, audience: str) -> None:
    """Made for this registry alone: who else it is for could use it here, too."""
    if claims.get("aud") not in (audience, [audience]):
        raise IdTokenRefused("id-token-audience", limit=audience)


def require_current(claims: Claims, now: datetime) -> None:
    """Refuse what is over, not yet valid, or valid for too long."""
    at = now.timestamp()
    ends, made = _seconds(claims, "exp"), _seconds(claims, "iat")
    begins = _seconds(claims, "nbf") if "nbf" in claims else made
    if not (max(made, begins) - LEEWAY <= at < ends + LEEWAY):
        raise IdTokenRefused("id-token-time")
    if ends - made > _LONGEST_LIFE:
        raise IdTokenRefused("id-token-time")


def _seconds(claims: Claims, name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e11:
        raise IdTokenRefused("id-token-claim", value=name)
    return float(value)
