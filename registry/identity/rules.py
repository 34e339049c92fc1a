"""What a token or a delegation may be, and who may give it; pure."""

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from registry.authority import (
    ADMIN,
    AUDIT,
    READ,
    Actor,
    Reach,
    is_regional_key,
    is_scope,
    require_scope,
)
from registry.errors import Fault, NotYours
from registry.identity.model import (
    DelegationDraft,
    InvalidDelegation,
    InvalidToken,
    TokenDraft,
    kind_of,
    longest_life,
)


def scope_faults(scopes: Sequence[str]) -> list[Fault]:
    """What is no scope; a blank inside one would make it two for some reader."""
    return [
        Fault(f"/scopes/{place}", "unknown-scope", {"value": scope})
        for place, scope in enumerate(scopes)
        if not is_scope(scope)
    ]


def require_sound_token(draft: TokenDraft, territory: Sequence[str]) -> None:
    """Refuse a token that is against the rules, with all faults; `territory` is the body's own."""
    longest = longest_life(kind_of(draft.scopes))
    found = [*scope_faults(draft.scopes), *_range_faults(draft.cidrs)]
    if draft.days > longest:
        found.append(too_long(longest))
    if draft.reach is not None:
        found += reach_faults(draft.reach, draft.scopes)
    elif AUDIT in draft.scopes and not territory:
        found.append(Fault("/reach", "reach-missing"))
    if found:
        raise InvalidToken(*found)


def too_long(limit: int) -> Fault:
    """A token asked for with a longer life than its scopes allow."""
    return Fault("/days", "token-too-long", {"limit": limit})


def _range_faults(cidrs: Iterable[str]) -> Iterator[Fault]:
    for place, text in enumerate(cidrs):
        if not is_range(text):
            yield Fault(f"/cidrs/{place}", "no-address-range", {"value": text})


def is_range(text: str) -> bool:
    """Whether a text names a range of addresses (CIDR) without bits beyond its length."""
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def reach_faults(reach: Reach, scopes: Sequence[str]) -> Iterator[Fault]:
    if AUDIT not in scopes:
        yield Fault("/reach", "reach-without-audit")
    if not (reach.within or reach.services):
        yield Fault("/reach", "reach-missing")
    for place, key in enumerate(reach.within):
        if not is_regional_key(key):
            yield Fault(f"/reach/within/{place}", "not-an-area", {"value": key})
    for place, slug in enumerate(reach.services):
        if not is_scope(f"publish:{slug}") or slug == "*":
            yield Fault(f"/reach/services/{place}", "unknown-service", {"value": slug})


def require_unlent(actor: Actor, key: str) -> None:
    """Refuse a token that another body asked for: by it that body would go on past its mandate.

    And one of a job, which would go on past its minutes.
    """
    if actor.lent_by is not None or actor.passing:
        raise NotYours(organisation=key)


def require_issuer(actor: Actor, organisation: str, key: str, scopes: Sequence[str]) -> None:
    """Refuse who would give more than it has, or for a body that did not let it.

    A territory is not enough; and what was delegated for some services only makes no token, which
    would be good for all. Who signed in for an hour to administer leaves no token that goes on.
    """
    for scope in scopes:
        require_scope(actor, scope)
    if actor.session and ADMIN in scopes:
        raise NotYours(organisation=key)
    if actor.is_admin or actor.organisation == organisation:
        return
    if not set(scopes) <= let_by(actor, organisation):
        raise NotYours(organisation=key)


def let_by(actor: Actor, organisation: str) -> frozenset[str]:
    """What a token for another body may do that lets the actor act for it; empty: none may be."""
    for mandate in actor.mandates:
        if mandate.organisation == organisation and not mandate.services:
            return mandate.scopes | {READ}
    return frozenset()


def require_reach(
    actor: Actor, scopes: Sequence[str], reach: Reach | None, territory: tuple[str, ...]
) -> None:
    """Refuse an auditor who would let another read where it may not itself."""
    wanted = Reach(within=territory) if reach is None else reach
    if AUDIT in scopes and not (actor.is_admin or actor.audits.holds(wanted)):
        raise NotYours(missing_scope=AUDIT)


def require_ranges(own: Sequence[str], wanted: Sequence[str]) -> None:
    """Refuse a token that would be taken from addresses its issuer's token is not."""
    if not own:
        return
    if not wanted:
        raise InvalidToken(Fault("/cidrs", "wider-range", {"limit": list(own)}))
    faults = [
        Fault(f"/cidrs/{place}", "wider-range", {"limit": list(own)})
        for place, text in enumerate(wanted)
        if not any(_within(text, outer) for outer in own)
    ]
    if faults:
        raise InvalidToken(*faults)


def _within(inner: str, outer: str) -> bool:
    small, large = ipaddress.ip_network(inner), ipaddress.ip_network(outer)
    if isinstance(small, ipaddress.IPv4Network) and isinstance(large, ipaddress.IPv4Network):
        return small.subnet_of(large)
    if isinstance(small, ipaddress.IPv6Network) and isinstance(large, ipaddress.IPv6Network):
        return small.subnet_of(large)
    return False


def require_sound_delegation(draft: DelegationDraft, today: date, known: frozenset[str]) -> None:
    """Refuse a delegation that is against the rules, with all faults; `known` are services."""
    found = scope_faults(draft.scopes)
    found += [
        Fault(f"/scopes/{place}", "not-to-delegate", {"value": scope})
        for place, scope in enumerate(draft.scopes)
        if scope in (ADMIN, AUDIT)
    ]
    found += [
        Fault(f"/services/{place}", "unknown-service", {"value": slug})
        for place, slug in enumerate(draft.services)
        if slug not in known
    ]
    if draft.valid_from and draft.valid_from < today:
        found.append(Fault("/valid_from", "dated-back", {"earliest": today.isoformat()}))
    if draft.valid_to and draft.valid_to <= (draft.valid_from or today):
        found.append(Fault("/valid_to", "ends-before-it-begins"))
    if found:
        raise InvalidDelegation(*found)
