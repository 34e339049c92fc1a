"""The rules a document keeps: what it may name, how its parts agree, whose it is; pure."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

import msgspec

from registry.authority import Actor, is_regional_key
from registry.catalogue.model import (
    InvalidJourney,
    InvalidService,
    JourneyDraft,
    RecordedBuilder,
    ServiceDraft,
)
from registry.catalogue.parts import SERVICE_SLUG, CompetenceRule, Period, Policy
from registry.dates import first_day, is_partial_date
from registry.errors import Fact, Fault, NotYours

EARLIEST = date(1990, 1, 1)


class Mention(msgspec.Struct, frozen=True):
    """Something a document names: its kind (`organisation`, a codelist, ...), which, and where."""

    kind: str
    value: str
    pointer: str


def mentions(draft: ServiceDraft) -> Iterator[Mention]:
    """Everything in a document that must be known to the registry."""
    for codelist, field in (
        ("themes", "theme"),
        ("models", "model"),
        ("statuses", "status"),
        ("agreement_bases", "agreement_basis"),
    ):
        if value := getattr(draft, field):
            yield Mention(codelist, value, f"/{field}")
    for number, builder in enumerate(draft.builders):
        yield Mention("organisation", builder.organisation, f"/builders/{number}/organisation")
    yield from _each("procedure", draft.procedures, "/procedures")
    yield from _each("ozg", draft.ozg_ids, "/ozg_ids")
    for number, rule in enumerate(draft.competence):
        yield from _competence_mentions(rule, f"/competence/{number}")
    yield from _dated_mentions(draft)


def _each(kind: str, values: Iterable[str], pointer: str) -> Iterator[Mention]:
    for number, value in enumerate(values):
        yield Mention(kind, value, f"{pointer}/{number}")


def _competence_mentions(rule: CompetenceRule, pointer: str) -> Iterator[Mention]:
    if rule.area:
        yield Mention("organisation", rule.area, f"{pointer}/area")
    yield from _each("levels", rule.levels, f"{pointer}/levels")
    yield from _each("kinds", rule.kinds, f"{pointer}/kinds")
    yield from _each("organisation", rule.bodies, f"{pointer}/bodies")
    yield from _each("organisation", rule.exceptions, f"{pointer}/exceptions")


def _dated_mentions(draft: ServiceDraft) -> Iterator[Mention]:
    for number, account in enumerate(draft.accounts):
        yield Mention("accounts", account.account, f"/accounts/{number}/account")
        if account.trust_level:
            yield Mention("trust_levels", account.trust_level, f"/accounts/{number}/trust_level")
    for number, component in enumerate(draft.base_components):
        yield Mention("component_kinds", component.kind, f"/base_components/{number}/kind")
        yield Mention("components", component.component, f"/base_components/{number}/component")
    for number, declared in enumerate(draft.minimum_requirements):
        pointer = f"/minimum_requirements/{number}/requirement"
        yield Mention("minimum_requirements", declared.requirement, pointer)
    for number, maturity in enumerate(draft.maturity):
        yield Mention("maturity", maturity.code, f"/maturity/{number}/level")
    for number, portal in enumerate(draft.portals):
        yield Mention("portals", portal.portal, f"/portals/{number}/portal")


def unknown(mentioned: Iterable[Mention], known: Mapping[str, frozenset[str]]) -> Iterator[Fault]:
    """A fault for everything mentioned that is not known under its kind."""
    for mention in mentioned:
        if mention.value not in known.get(mention.kind, frozenset()):
            yield Fault(mention.pointer, _rule(mention.kind), _facts(mention))


def _rule(kind: str) -> str:
    names = {"organisation": "unknown-organisation", "service": "unknown-service"}
    if kind in ("procedure", "ozg"):
        return "unknown-procedure"
    return names.get(kind, "unknown-code")


def _facts(mention: Mention) -> dict[str, Fact]:
    return {"value": mention.value, "codelist": mention.kind}


def contradictions(draft: ServiceDraft, slug: str) -> Iterator[Fault]:
    """Where a document contradicts itself or its address."""
    if draft.slug != slug or re.fullmatch(SERVICE_SLUG, slug) is None:
        yield Fault("/slug", "slug-differs", {"value": slug})
    yield from _impossible_dates(draft)
    yield from _repeated(draft)
    yield from _unsaid(draft)
    yield from _policy_faults(draft.policy)


def _impossible_dates(draft: ServiceDraft) -> Iterator[Fault]:
    for pointer, value in _dates(msgspec.to_builtins(draft), ""):
        if not is_partial_date(value):
            yield Fault(pointer, "no-such-day", {"value": value})
    for pointer, period in _periods(draft):
        if _runs_backwards(period):
            yield Fault(f"{pointer}/valid_to", "ends-before-it-begins")


def _dates(value: object, pointer: str) -> Iterator[tuple[str, str]]:
    """Every partial date in a document, by where it stands."""
    if isinstance(value, Mapping):
        for name, part in value.items():  # pyright: ignore[reportUnknownVariableType]
            if name in ("valid_from", "valid_to", "stated_on", "declared_on"):
                yield from [(f"{pointer}/{name}", str(part))] if part else []  # pyright: ignore[reportUnknownArgumentType]
            else:
                yield from _dates(part, f"{pointer}/{name}")  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, (list, tuple)):
        for number, part in enumerate(value):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
            yield from _dates(part, f"{pointer}/{number}")  # pyright: ignore[reportUnknownArgumentType]


def _periods(draft: ServiceDraft) -> Iterator[tuple[str, Period]]:
    lists: dict[str, Sequence[Period]] = {
        "accounts": draft.accounts,
        "base_components": draft.base_components,
        "competence": draft.competence,
        "portals": draft.portals,
    }
    for name, periods in lists.items():
        yield from ((f"/{name}/{number}", period) for number, period in enumerate(periods))


def _runs_backwards(period: Period) -> bool:
    start, end = period.valid_from, period.valid_to
    if not (start and end and is_partial_date(start) and is_partial_date(end)):
        return False
    return first_day(end) <= first_day(start)


def _repeated(draft: ServiceDraft) -> Iterator[Fault]:
    """What may stand in its list only once."""
    lists: dict[str, Sequence[object]] = {
        "procedures": draft.procedures,
        "ozg_ids": draft.ozg_ids,
        "accounts": draft.accounts,
        "base_components": draft.base_components,
        "portals": draft.portals,
        "maturity": [(level.model_version, level.valid_from) for level in draft.maturity],
    }
    for name, values in lists.items():
        seen: Counter[object] = Counter()
        for number, value in enumerate(values):
            seen[value] += 1
            if seen[value] == 2:
                yield Fault(f"/{name}/{number}", "repeated")


def _unsaid(draft: ServiceDraft) -> Iterator[Fault]:
    for number, rule in enumerate(draft.competence):
        if not (rule.levels or rule.kinds or rule.bodies):
            yield Fault(f"/competence/{number}", "nobody-competent")
        if rule.area and not is_regional_key(rule.area):
            yield Fault(f"/competence/{number}/area", "not-an-area", {"value": rule.area})
    for number, source in enumerate(draft.sources):
        if not (source.url or source.note):
            yield Fault(f"/sources/{number}", "empty-source")


def _policy_faults(policy: Policy) -> Iterator[Fault]:
    if (policy.kind == "record") != (policy.released_before is not None):
        yield Fault("/policy/released_before", "policy-date")


def twice_a_builder(builders: Sequence[UUID]) -> Iterator[Fault]:
    """Two entries that lead to the same organisation, by whatever key."""
    for number, builder in enumerate(builders):
        if builder in builders[:number]:
            yield Fault(f"/builders/{number}/organisation", "repeated")


def require_no_faults(faults: Sequence[Fault]) -> None:
    """Refuse a document with faults, all of them at once."""
    if faults:
        raise InvalidService(*faults)


def require_builder(actor: Actor, service: str, leads: Sequence[tuple[str, str]]) -> str | None:
    """Refuse who neither is a leading builder nor acts for one; `leads` holds ids and keys.

    Returns the body in whose place it is done, where that takes a mandate. What nobody leads is the
    operator's to change.
    """
    bodies = [(body, (key,) if is_regional_key(key) else ()) for body, key in leads]
    scope = f"publish:{service}"
    if actor.is_admin or any(actor.acts_for(body, keys, scope, service) for body, keys in bodies):
        return actor.in_place_of(bodies, scope, service)
    raise NotYours(organisation=", ".join(key for _, key in leads))


def require_lead(actor: Actor, service: str, builders: Iterable[RecordedBuilder]) -> str | None:
    """Refuse who neither is a leading builder of a service nor acts for one; returns for whom."""
    leads = [(str(b.organisation_id), b.key) for b in builders if b.role == "lead"]
    return require_builder(actor, service, leads)


def require_policy_allowed(actor: Actor, old: Policy | None, new: Policy) -> None:
    """Only the operator, and only at creation, has a history recorded without enforcing numbers.

    Only the operator lets the end of a version be announced at shorter notice, or for any day.
    """
    before = old or Policy()
    less = new.days_ahead < before.days_ahead or (new.on_any_day and not before.on_any_day)
    if less and not actor.is_admin:
        raise InvalidService(Fault("/policy", "notice-shorter", {"days": before.days_ahead}))
    same = old is not None and _numbering(new) == _numbering(old)
    if same or new.kind == "enforce":
        return
    if old is not None or not actor.is_admin:
        raise InvalidService(Fault("/policy", "policy-only-at-creation"))


def _numbering(policy: Policy) -> tuple[str, date | None]:
    return policy.kind, policy.released_before


def require_day_allowed(actor: Actor, valid_from: date, today: date) -> None:
    """Only the operator dates a change back, and nobody before the oldest things recorded."""
    if valid_from < EARLIEST or (valid_from < today and not actor.is_admin):
        raise InvalidService(Fault("?valid_from", "dated-back", {"earliest": today.isoformat()}))


def require_sound_journey(draft: JourneyDraft, slug: str, services: frozenset[str]) -> None:
    """Refuse a journey that contradicts its address, or names a service twice or an unknown one."""
    faults = [] if draft.slug == slug else [Fault("/slug", "slug-differs", {"value": slug})]
    mentioned = _each("service", draft.services, "/services")
    faults += unknown(mentioned, {"service": services})
    for number, service in enumerate(draft.services):
        if service in draft.services[:number]:
            faults.append(Fault(f"/services/{number}", "repeated"))
    if faults:
        raise InvalidJourney(*faults)
