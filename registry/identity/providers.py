"""Verbs of sign-in providers: say where people of a body sign in, and end that."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from registry import audit
from registry.audit import Replay
from registry.authority import ADMIN, require_scope
from registry.db import Query, Tx
from registry.errors import Fault
from registry.identity import rules
from registry.identity import sign_in_store as store
from registry.identity.openid import redirect_uri
from registry.identity.sign_in_model import (
    EVERYBODY,
    InvalidProvider,
    Provider,
    ProviderDraft,
    ProviderFacts,
    ProviderLinks,
    ProviderSettings,
    RecordedProvider,
    UnknownProvider,
)
from registry.organisations import store as organisations
from registry.organisations.model import BodyName

_OWN_MACHINE = ("127.0.0.1", "localhost", "::1")


async def put_sign_in_provider(tx: Tx, slug: str, draft: ProviderDraft) -> bool:
    """Say where people of a body sign in; the same again changes nothing.

    Whoever signed in there as it was before has to sign in again.
    """
    require_scope(tx.actor, ADMIN)
    _require_sound(draft)
    settings = await _settings(tx, draft)
    await store.hold(tx, slug)
    last = await store.provider(tx, slug)
    if last and not last.ended and last.settings == settings:
        return False
    await _record(tx, "identity.put_sign_in_provider", slug, last, settings, ended=False)
    return True


async def end_sign_in_provider(tx: Tx, slug: str) -> bool:
    """Nobody signs in there any more, and who did is signed out; again changes nothing."""
    require_scope(tx.actor, ADMIN)
    await store.hold(tx, slug)
    last = await store.provider(tx, slug)
    if last is None:
        raise UnknownProvider
    if last.ended:
        return False
    await _record(tx, "identity.end_sign_in_provider", slug, last, last.settings, ended=True)
    return True


async def _record(
    tx: Tx,
    action: str,
    slug: str,
    last: RecordedProvider | None,
    settings: ProviderSettings,
    *,
    ended: bool,
) -> None:
    revision = last.revision + 1 if last else 1
    facts = ProviderFacts(slug=slug, revision=revision, settings=settings, ended=ended)
    event_id = await audit.record(tx, action, f"sign-in-providers/{slug}", facts)
    await store.insert(tx, event_id, facts)


def _require_sound(draft: ProviderDraft) -> None:
    found = [*_faults(draft)]
    if found:
        raise InvalidProvider(*found)


def _faults(draft: ProviderDraft) -> Iterator[Fault]:
    if not _is_address(draft.issuer):
        yield Fault("/issuer", "no-issuer", {"value": draft.issuer})
    if (draft.organisation is None) == (draft.organisation_claim is None):
        yield Fault("/organisation", "one-way-to-the-body")
    if bool(draft.organisations) != (draft.organisation_claim is not None):
        yield Fault("/organisations", "bodies-by-claim")
    for role, scopes in draft.roles.items():
        for fault in rules.scope_faults(scopes):
            yield Fault(f"/roles/{_step(role)}{fault.pointer[7:]}", fault.rule, fault.facts)
    given = [scope for scopes in draft.roles.values() for scope in scopes]
    if ADMIN in given and not draft.admin_acr:
        yield Fault("/admin_acr", "acr-missing")
    if draft.reach is not None:
        yield from rules.reach_faults(draft.reach, given)


def _is_address(text: str) -> bool:
    """Whether a text is an address of an issuer; unencrypted on one's own machine only."""
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    own = parts.scheme == "http" and host in _OWN_MACHINE
    plain = not (parts.query or parts.fragment or parts.username or "#" in text or "?" in text)
    return bool(host) and (parts.scheme == "https" or own) and plain


def _step(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


async def _settings(tx: Tx, draft: ProviderDraft) -> ProviderSettings:
    named = draft.organisations if draft.organisation is None else {EVERYBODY: draft.organisation}
    found = await organisations.find_ids(tx, set(named.values()))
    faults = [
        Fault(_place_of(value), "unknown-organisation", {"value": key})
        for value, key in named.items()
        if key not in found
    ]
    if faults:
        raise InvalidProvider(*faults)
    return ProviderSettings(
        name=draft.name,
        issuer=draft.issuer,
        client_id=draft.client_id,
        organisation_claim=draft.organisation_claim,
        bodies={value: found[key] for value, key in named.items()},
        role_claim=draft.role_claim,
        roles={role: sorted(set(scopes)) for role, scopes in draft.roles.items()},
        admin_acr=draft.admin_acr,
        ask=draft.ask,
        reach=draft.reach,
        note=draft.note,
    )


def _place_of(value: str) -> str:
    return "/organisation" if value == EVERYBODY else f"/organisations/{_step(value)}"


async def current(db: Query, slug: str) -> RecordedProvider:
    """A provider that people sign in at."""
    found = await store.provider(db, slug)
    if found is None or found.ended:
        raise UnknownProvider
    return found


async def shown(db: Query, recorded: Sequence[RecordedProvider], public_url: str) -> list[Provider]:
    """Providers with the bodies by their names of today."""
    bodies = {body for one in recorded for body in one.settings.bodies.values()}
    names = await store.names(db, bodies)
    return [_shown(one, names, public_url) for one in recorded]


def _shown(one: RecordedProvider, names: Mapping[UUID, BodyName], public_url: str) -> Provider:
    told: dict[str, Any] = msgspec.structs.asdict(one.settings)
    bodies = {value: names[body] for value, body in told.pop("bodies").items()}
    return Provider(
        slug=one.slug,
        organisation=bodies.pop(EVERYBODY, None),
        organisations=bodies,
        revision=one.revision,
        recorded_at=one.recorded_at,
        links=ProviderLinks(
            own=f"/v1/sign-in-providers/{one.slug}",
            sign_in=f"/anmelden?provider={one.slug}",
            redirect_uri=redirect_uri(public_url, one.slug) if public_url else None,
        ),
        **told,
    )


REPLAY = {
    "identity.put_sign_in_provider": Replay(ProviderFacts, store.insert),
    "identity.end_sign_in_provider": Replay(ProviderFacts, store.insert),
}
