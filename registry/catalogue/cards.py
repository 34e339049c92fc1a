"""From revisions to what is served: periods of valid time, answers, facets, search words; pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import zip_longest
from typing import Literal, NamedTuple, Protocol, TypeVar

import msgspec

from registry.catalogue.model import (
    Journey,
    JourneyRecord,
    JourneyRevision,
    Service,
    ServiceLinks,
    ServiceRecord,
    ServiceRevision,
)
from registry.catalogue.parts import Maturity, Names, Period, RequirementDeclaration
from registry.dates import first_day
from registry.organisations.names import search_text, sort_key
from registry.web.conditional import etag_of

DEMO_STATE = "99"

T = TypeVar("T")


class BuilderName(msgspec.Struct, frozen=True, kw_only=True):
    """A builder in a list."""

    key: str
    name: str
    role: Literal["lead", "partner"]


class ServiceCard(msgspec.Struct, frozen=True, kw_only=True):
    """A service in a list."""

    slug: str
    names: Names
    builders: tuple[BuilderName, ...]
    theme: str | None
    procedures: tuple[str, ...]
    ozg_ids: tuple[str, ...]
    without_key: bool
    model: str | None
    status: str | None
    origin: Literal["DE", "EU"]
    demo: bool
    revision: int
    valid_from: date
    link: str


class Facet(msgspec.Struct, frozen=True):
    """One value of one facet, and when it holds; null: no limit."""

    facet: str
    value: str
    valid_from: date | None = None
    valid_to: date | None = None


class StoredCard(msgspec.Struct, frozen=True, kw_only=True):
    """A revision as it is served; `valid_to` equals `valid_from` where a later one replaced it."""

    slug: str
    revision: int
    valid_from: date
    valid_to: date | None
    demo: bool
    body: bytes
    etag: str
    card: ServiceCard
    sort_key: str
    title: str
    text: str
    words: str
    facets: tuple[Facet, ...]


class Dated(Protocol):
    """Anything with a number in the order of recording and a first valid day."""

    @property
    def revision(self) -> int: ...
    @property
    def valid_from(self) -> date: ...


def ends(revisions: Sequence[Dated]) -> dict[int, date | None]:
    """By revision the first day it no longer holds: the next start, or its own when replaced."""
    starts = sorted({revision.valid_from for revision in revisions})
    holders = {revision.valid_from: revision.revision for revision in revisions}
    following = dict(zip_longest(starts, starts[1:]))
    return {
        revision.revision: following[revision.valid_from]
        if holders[revision.valid_from] == revision.revision
        else revision.valid_from
        for revision in revisions
    }


def service_cards(revisions: Sequence[ServiceRevision]) -> list[StoredCard]:
    """All revisions of one service, in the order of recording, as they are served."""
    until = ends(revisions)
    return [_stored(revision, until[revision.revision]) for revision in revisions]


class JourneyCard(NamedTuple):
    """A revision of a journey as it is served."""

    revision: int
    valid_from: date
    valid_to: date | None
    body: bytes
    etag: str
    sort_key: str


def journey_cards(revisions: Sequence[JourneyRevision]) -> list[JourneyCard]:
    """All revisions of one journey, in the order of recording, as they are served."""
    until = ends(revisions)
    return [_journey_card(revision, until[revision.revision]) for revision in revisions]


def _journey_card(revision: JourneyRevision, valid_to: date | None) -> JourneyCard:
    record = JourneyRecord(
        revision=revision.revision,
        valid_from=revision.valid_from,
        recorded_at=revision.recorded_at,
        event_id=revision.event_id,
    )
    document = revision.document
    body = msgspec.json.encode(Journey(**msgspec.structs.asdict(document), record=record))
    order = sort_key(document.names.de)
    return JourneyCard(revision.revision, revision.valid_from, valid_to, body, etag_of(body), order)


def _stored(revision: ServiceRevision, valid_to: date | None) -> StoredCard:
    document = revision.document
    body = msgspec.json.encode(_service(revision))
    title = " ".join(name for name in (document.names.de, document.names.en) if name)
    text = f"{document.summary.de}\n{document.summary.en}"
    return StoredCard(
        slug=document.slug,
        revision=revision.revision,
        valid_from=revision.valid_from,
        valid_to=valid_to,
        demo=is_demo(revision),
        body=body,
        etag=etag_of(body),
        card=_card(revision),
        sort_key=sort_key(document.names.de),
        title=title,
        text=text,
        words=search_text(title, document.slug, *_keys(revision), text),
        facets=tuple(dict.fromkeys(facets(revision))),
    )


def _keys(revision: ServiceRevision) -> Iterator[str]:
    yield from revision.document.procedures
    yield from revision.document.ozg_ids
    for builder in revision.builders:
        yield builder.name
        yield builder.key


def is_demo(revision: ServiceRevision) -> bool:
    """Whether a body of the fictitious state builds it."""
    return any(builder.key.startswith(DEMO_STATE) for builder in revision.builders)


def _service(revision: ServiceRevision) -> Service:
    document = revision.document
    path = f"/v1/services/{document.slug}"
    record = ServiceRecord(
        revision=revision.revision,
        valid_from=revision.valid_from,
        recorded_at=revision.recorded_at,
        event_id=revision.event_id,
        without_key=document.without_key,
        builders=revision.builders,
        links=ServiceLinks(own=path, revisions=f"{path}/revisions", versions=f"{path}/versions"),
    )
    return Service(**msgspec.structs.asdict(document), record=record)


def _card(revision: ServiceRevision) -> ServiceCard:
    document = revision.document
    return ServiceCard(
        slug=document.slug,
        names=document.names,
        builders=tuple(
            BuilderName(key=builder.key, name=builder.name, role=builder.role)
            for builder in revision.builders
        ),
        theme=document.theme,
        procedures=document.procedures,
        ozg_ids=document.ozg_ids,
        without_key=document.without_key,
        model=document.model,
        status=document.status,
        origin=document.origin,
        demo=is_demo(revision),
        revision=revision.revision,
        valid_from=revision.valid_from,
        link=f"/v1/services/{document.slug}",
    )


def facets(revision: ServiceRevision) -> Iterator[Facet]:
    """Every facet value of a revision; a builder's value is the id of the organisation."""
    document = revision.document
    for facet in ("theme", "model", "status", "origin"):
        if value := getattr(document, facet):
            yield Facet(facet, value)
    for funding in document.funding:
        yield Facet("funding", funding.reference)
    yield Facet("without_key", str(document.without_key).lower())
    for builder in revision.builders:
        yield Facet("builder", str(builder.organisation_id))
    for key in document.procedures:
        yield Facet("procedure", key)
    for ozg_id in document.ozg_ids:
        yield Facet("ozg", ozg_id)
    yield from _dated_facets(revision)


def _dated_facets(revision: ServiceRevision) -> Iterator[Facet]:
    document = revision.document
    for account in document.accounts:
        yield _while(account, "account", account.account)
        if account.trust_level:
            yield _while(account, "trust_level", account.trust_level)
    for component in document.base_components:
        yield _while(component, "component", component.component)
        yield _while(component, "component_kind", component.kind)
    for portal in document.portals:
        yield _while(portal, "portal", portal.portal)
    for requirement in dict.fromkeys(d.requirement for d in document.minimum_requirements):
        of_one = [d for d in document.minimum_requirements if d.requirement == requirement]
        yield from _requirement_facets(of_one)
    for model_version in ("1.1", "2.0"):
        of_model = [m for m in document.maturity if m.model_version == model_version]
        yield from _maturity_facets(of_model)


def _while(period: Period, facet: str, value: str) -> Facet:
    return Facet(facet, value, _day(period.valid_from), _day(period.valid_to))


def _requirement_facets(declarations: Sequence[RequirementDeclaration]) -> Iterator[Facet]:
    """A declaration holds until the next one about the same requirement."""
    for declared, since, until in _in_turn((_day(d.declared_on), d) for d in declarations):
        if declared.fulfilled:
            yield Facet("requirement", declared.requirement, since, until)


def _maturity_facets(levels: Sequence[Maturity]) -> Iterator[Facet]:
    """A level holds until the next one of the same model begins."""
    for level, since, until in _in_turn((_day(level.valid_from), level) for level in levels):
        yield Facet("maturity", level.code, since, until)


def _in_turn(
    begun: Iterable[tuple[date | None, T]],
) -> Iterator[tuple[T, date | None, date | None]]:
    """Each until the next begins; the first without a day, of two on one day the one named last."""
    holders = dict(begun)
    starts = sorted(holders, key=lambda day: day or date.min)
    for since, until in zip_longest(starts, starts[1:]):
        yield holders[since], since, until


def _day(text: str | None) -> date | None:
    return first_day(text) if text else None
