"""OpenID Connect Core 1.0, the code flow, from our side: with PKCE (RFC 7636) and `iss` (RFC 9207).

What a browser began is kept in its own cookie, signed by us: which provider it went to, where it
wants to go afterwards, and a seed that state, nonce and verifier are derived from. Nothing of it is
stored here, and a state counts for the browser alone that has the seed. Each provider leads back to
an address of its own (RFC 9700, 4.4.2.2), where an answer to a sign-in elsewhere is not taken.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from urllib.parse import quote, urlencode

import msgspec

from registry.identity.issuers import LEEWAY, Claims, IdTokenRefused, Issuer, IssuerSilent
from registry.identity.sign_in_model import ProviderSettings, SignInRefused
from registry.web.egress import Egress, Reply, Unreachable
from registry.web.requests import FORM
from registry.web.sealing import as_text, same, sealed, unsealed

CALLBACK = "/anmelden/rueckkehr"
"""Behind it the provider: the address it leads back to."""
MINUTES = 10
"""How long one may take to sign in at the provider."""
FRESH_SECONDS = 300
"""How long ago who wants `admin` may have signed in at the provider."""

_LONGEST = 4_000
_SEALED = b"sign-in"


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in that a browser began; `until` in seconds since 1970."""

    provider: str
    revision: int
    back_to: str
    admin: bool
    until: float
    seed: str

    @property
    def state(self) -> str:
        """What only this browser gets back from the provider."""
        return self._derived("state")

    @property
    def nonce(self) -> str:
        """What the ID token must hold."""
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """What proves to the provider that the code is ours."""
        return self._derived("verifier")

    @property
    def challenge(self) -> str:
        """What the provider is told of the verifier (S256)."""
        return as_text(hashlib.sha256(self.verifier.encode()).digest())

    @property
    def mark(self) -> bytes:
        """What tells this attempt from all others (32 bytes)."""
        return hashlib.sha256(f"sign-in\n{self.state}".encode()).digest()

    def _derived(self, name: str) -> str:
        bound = f"{name}\n{self.provider}".encode()
        return as_text(hmac.digest(self.seed.encode(), bound, hashlib.sha256))


def begun(provider: str, revision: int, back_to: str, now: float, *, admin: bool) -> Attempt:
    """A new attempt."""
    return Attempt(
        provider=provider,
        revision=revision,
        back_to=back_to,
        admin=admin,
        until=now + MINUTES * 60,
        seed=secrets.token_urlsafe(32),
    )


def kept(attempt: Attempt, secret: bytes) -> str:
    """The attempt as a browser keeps it."""
    return sealed(secret, _SEALED, msgspec.json.encode(attempt))


def begun_before(text: str, secret: bytes, now: float) -> Attempt | None:
    """The attempt a browser kept; None where it was not made here, or is over."""
    body = unsealed(secret, _SEALED, text)
    attempt = msgspec.json.decode(body, type=Attempt) if body is not None else None
    return attempt if attempt is not None and now < attempt.until else None


def redirect_uri(public_url: str, provider: str) -> str:
    """The address this provider alone leads back to."""
    return f"{public_url}{CALLBACK}/{provider}"


def authorization_request(
    told: Claims, settings: ProviderSettings, attempt: Attempt, back: str
) -> str:
    """Where the browser is sent to sign in; for `admin` as strongly as that needs."""
    asked = {
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": back,
        "scope": " ".join(["openid", *settings.ask]),
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": attempt.challenge,
        "code_challenge_method": "S256",
    }
    if attempt.admin:
        asked |= {"acr_values": " ".join(settings.admin_acr), "max_age": str(FRESH_SECONDS)}
    address = _endpoint(told, settings, "authorization_endpoint")
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked, quote_via=quote)}"


def _endpoint(told: Claims, settings: ProviderSettings, name: str) -> str:
    """An address the provider told; encrypted, unless the provider itself is not."""
    address = told.get(name)
    plain = settings.issuer.startswith("http://")
    allowed = ("https://", "http://") if plain else ("https://",)
    if not isinstance(address, str) or not address.startswith(allowed) or "#" in address:
        raise IssuerSilent(issuer=settings.issuer)
    return address


def require_answer(
    told: Claims, settings: ProviderSettings, attempt: Attempt, answer: Mapping[str, str]
) -> str:
    """The code of an answer that is the one to this attempt, from the provider it went to."""
    if not same(answer.get("state", ""), attempt.state):
        raise SignInRefused("sign-in-other-browser")
    announced = told.get("authorization_response_iss_parameter_supported") is True
    given = answer.get("iss")
    if given != settings.issuer and (announced or given is not None):
        raise SignInRefused("sign-in-other-issuer")
    if "error" in answer or not 0 < len(answer.get("code", "")) <= _LONGEST:
        raise SignInRefused("sign-in-denied", value=answer.get("error", "-")[:60])
    return answer["code"]


async def redeem(
    egress: Egress,
    told: Claims,
    settings: ProviderSettings,
    secret: str | None,
    form: Mapping[str, str],
) -> str:
    """The ID token for a code."""
    address = _endpoint(told, settings, "token_endpoint")
    headers, known = _client(told, settings, secret)
    body = urlencode({"grant_type": "authorization_code", **form, **known}).encode()
    try:
        reply = await egress.post(address, {"Content-Type": FORM, **headers}, body)
    except Unreachable:
        raise IssuerSilent(issuer=settings.issuer) from None
    return _id_token(settings, reply)


def _client(
    told: Claims, settings: ProviderSettings, secret: str | None
) -> tuple[dict[str, str], dict[str, str]]:
    """How we say who we are: header and form (RFC 6749, 2.3.1)."""
    if secret is None:
        return {}, {"client_id": settings.client_id}
    ways: Any = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if "client_secret_basic" not in ways and "client_secret_post" in ways:
        return {}, {"client_id": settings.client_id, "client_secret": secret}
    pair = f"{quote(settings.client_id, safe='')}:{quote(secret, safe='')}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}, {}


def _id_token(settings: ProviderSettings, reply: Reply) -> str:
    try:
        found: Any = msgspec.json.decode(reply.body, type=dict[str, Any]) if reply.whole else {}
    except msgspec.DecodeError:
        found = {}
    token, error = found.get("id_token"), found.get("error")
    if reply.status == 200 and isinstance(token, str):
        return token
    if isinstance(error, str) and reply.status < 500:
        raise SignInRefused("sign-in-code", value=error[:60])
    raise IssuerSilent(issuer=settings.issuer)


async def proven(
    issuer: Issuer, settings: ProviderSettings, attempt: Attempt, token: str, now: datetime
) -> Claims:
    """What the ID token says, which was made for us, now, and for this attempt."""
    try:
        claims = await issuer.claims(token, settings.client_id, now)
    except IdTokenRefused as refused:
        fault = refused.faults[0]
        raise SignInRefused(fault.rule, **fault.facts) from None
    if claims.get("azp", settings.client_id) != settings.client_id:
        raise SignInRefused("id-token-audience", limit=settings.client_id)
    nonce, subject = claims.get("nonce"), claims.get("sub")
    if not isinstance(nonce, str) or not same(nonce, attempt.nonce):
        raise SignInRefused("sign-in-nonce")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise SignInRefused("id-token-claim", value="sub")
    if attempt.admin and not _is_fresh(claims.get("auth_time"), now):
        raise SignInRefused("sign-in-not-fresh")
    return claims


def _is_fresh(signed_in: object, now: datetime) -> bool:
    return (
        isinstance(signed_in, int | float) and now.timestamp() - signed_in <= FRESH_SECONDS + LEEWAY
    )


def claimed(claims: Claims, name: str) -> list[str]:
    """The texts of a claim, by its name or a JSON Pointer; none where it is not there."""
    found: Any = claims.get(name) if not name.startswith("/") else claims
    for step in _steps(name):
        found = cast("dict[str, Any]", found).get(step) if isinstance(found, dict) else None
    several = cast("list[Any]", found) if isinstance(found, list) else [found]
    return [text for text in several if isinstance(text, str)]


def _steps(name: str) -> Iterator[str]:
    """The steps of a JSON Pointer (RFC 6901); none of a plain name."""
    for step in name.split("/")[1:] if name.startswith("/") else ():
        yield step.replace("~1", "/").replace("~0", "~")


def person_of(claims: Claims, secret: bytes) -> str:
    """The number of a person here: by it nobody finds the account, nor the person elsewhere."""
    told = f"person\n{claims['iss']}\n{claims['sub']}".encode()
    return "p_" + hmac.digest(secret, told, hashlib.sha256).hex()[:32]


def scopes_of(
    settings: ProviderSettings, roles: Sequence[str], acr: object, *, admin: bool
) -> set[str]:
    """What roles give; `admin` to who asked for it and signed in strongly enough."""
    given = {scope for role in roles for scope in settings.roles.get(role, ())}
    if not given:
        raise SignInRefused("sign-in-no-role")
    if "admin" in given and admin and acr not in settings.admin_acr:
        raise SignInRefused("sign-in-too-weak", limit=list(settings.admin_acr))
    if admin and "admin" not in given:
        raise SignInRefused("sign-in-no-admin")
    return given if admin else given - {"admin"}
