"""From revisions to what is served: periods of valid time, answers, search words; pure."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import zip_longest
from typing import Any, Literal, Protocol

import msgspec

from registry.catalogue.facets import Facet, facets
from registry.catalogue.model import (
    Journey,
    JourneyItem,
    JourneyRevision,
    Record,
    Service,
    ServiceLinks,
    ServiceRecord,
    ServiceRevision,
)
from registry.catalogue.parts import Names
from registry.organisations.model import DEMO_STATE
from registry.organisations.names import search_text, sort_key
from registry.web.conditional import etag_of


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


class StoredCard(msgspec.Struct, frozen=True, kw_only=True):
    """A revision as it is served: alone as `body`, in lists as `card`, and what it is found by."""

    revision: int
    valid_from: date
    demo: bool
    body: bytes
    etag: str
    card: ServiceCard | JourneyItem
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


def service_card(revision: ServiceRevision) -> StoredCard:
    """A revision of a service as it is served."""
    found_by = tuple(dict.fromkeys(facets(revision)))
    return _stored(revision, _service(revision), _card(revision), found_by, [*_keys(revision)])


def journey_card(revision: JourneyRevision) -> StoredCard:
    """A revision of a journey as it is served; its facets are its services."""
    document = revision.document
    answer = Journey(**msgspec.structs.asdict(document), record=Record(**_record(revision)))
    card = JourneyItem(
        slug=document.slug,
        names=document.names,
        services=document.services,
        link=f"/v1/journeys/{document.slug}",
    )
    return _stored(revision, answer, card, tuple(Facet("service", s) for s in document.services))


def _stored(
    revision: ServiceRevision | JourneyRevision,
    answer: Service | Journey,
    card: ServiceCard | JourneyItem,
    found_by: tuple[Facet, ...],
    keys: Sequence[str] = (),
) -> StoredCard:
    body = msgspec.json.encode(answer)
    title = " ".join(name for name in (answer.names.de, answer.names.en) if name)
    text = f"{answer.summary.de}\n{answer.summary.en}"
    return StoredCard(
        revision=revision.revision,
        valid_from=revision.valid_from,
        demo=isinstance(card, ServiceCard) and card.demo,
        body=body,
        etag=etag_of(body),
        card=card,
        sort_key=sort_key(answer.names.de),
        title=title,
        text=text,
        words=search_text(title, answer.slug, *keys, text),
        facets=found_by,
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


def _record(revision: Record) -> dict[str, Any]:
    return {name: getattr(revision, name) for name in Record.__struct_fields__}


def _service(revision: ServiceRevision) -> Service:
    document = revision.document
    path = f"/v1/services/{document.slug}"
    record = ServiceRecord(
        **_record(revision),
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
