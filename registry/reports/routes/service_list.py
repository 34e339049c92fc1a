"""The list of services over HTTP."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from litestar import Response, get
from litestar.di import Provide
from litestar.openapi import ResponseSpec
from litestar.params import Parameter

from registry.audit import moment
from registry.catalogue.parts import CODE, LEIKA_KEY, OZG_ID
from registry.db import Reads
from registry.reports.model import ServiceList
from registry.reports.searching import service_filter
from registry.reports.store import service_list as store
from registry.web.conditional import conditional, lasting
from registry.web.paging import link_to, page, place_behind
from registry.web.params import SLUG, AsOf, Cursor, KnownAt, Limit, Search
from registry.web.requests import AnyRequest


def _code(codelist: str) -> Any:
    return Parameter(pattern=CODE, description=f"A code of /v1/codelists/{codelist}.")


@dataclass(frozen=True, kw_only=True)
class ServiceQuery:
    """The filters of the list of services; each takes one value."""

    q: Search = None
    theme: Annotated[str | None, _code("themes")] = None
    builder: Annotated[
        str | None, Parameter(pattern=SLUG, description="Regional key or slug of a builder.")
    ] = None
    procedure: Annotated[
        str | None, Parameter(pattern=LEIKA_KEY, max_length=14, description="Leistungsschlüssel.")
    ] = None
    ozg: Annotated[str | None, Parameter(pattern=OZG_ID, max_length=5, description="OZG-ID.")] = (
        None
    )
    model: Annotated[str | None, _code("models")] = None
    status: Annotated[str | None, _code("statuses")] = None
    origin: Annotated[
        Literal["DE", "EU"] | None, Parameter(description="Where the service comes from.")
    ] = None
    account: Annotated[str | None, _code("accounts")] = None
    trust_level: Annotated[str | None, _code("trust_levels")] = None
    component: Annotated[str | None, _code("components")] = None
    component_kind: Annotated[str | None, _code("component_kinds")] = None
    agreement_basis: Annotated[str | None, _code("agreement_bases")] = None
    requirement: Annotated[str | None, _code("minimum_requirements")] = None
    funding: Annotated[
        str | None,
        Parameter(min_length=1, max_length=300, description="Reference of a funding, as recorded."),
    ] = None
    portal: Annotated[str | None, _code("portals")] = None
    maturity: Annotated[str | None, _code("maturity")] = None
    journey: Annotated[
        str | None, Parameter(pattern=SLUG, description="Slug of a journey (Nutzerreise).")
    ] = None
    has_versions: Annotated[
        bool | None, Parameter(description="Whether interface versions are published.")
    ] = None
    without_key: Annotated[
        bool | None, Parameter(description="Whether it has neither Leistungsschlüssel nor OZG-ID.")
    ] = None
    reused_within: Annotated[
        str | None,
        Parameter(
            pattern=r"^[0-9]{2,12}$", max_length=12, description="A body within this key uses it."
        ),
    ] = None
    reused_by_states: Annotated[
        int | None, Parameter(ge=0, le=16, description="Used in exactly so many states.")
    ] = None
    demo: Annotated[bool, Parameter(description="Also the fictitious state with key 99.")] = False
    as_of: AsOf = None
    known_at: KnownAt = None

    @property
    def wanted(self) -> dict[str, str]:
        """One value for each facet filtered by, as it was asked for."""
        named = {name: _value(getattr(self, name)) for name in _FACETS}
        return {name: value for name, value in named.items() if value}


def _value(given: str | int | bool | None) -> str | None:
    return None if given is None else str(given).lower() if isinstance(given, bool) else str(given)


_FACETS = (
    "builder",
    "reused_within",
    "theme",
    "procedure",
    "ozg",
    "model",
    "status",
    "origin",
    "account",
    "trust_level",
    "component",
    "component_kind",
    "agreement_basis",
    "requirement",
    "funding",
    "portal",
    "maturity",
    "journey",
    "has_versions",
    "without_key",
    "reused_by_states",
)


@get(
    "/services",
    summary="Services",
    dependencies={"asked": Provide(ServiceQuery, sync_to_thread=False)},
    responses={200: ResponseSpec(ServiceList, description="One page of services, with facets.")},
)
async def list_services(
    request: AnyRequest,
    reads: Reads,
    asked: ServiceQuery,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[bytes]:
    """Search what there is to reuse: by German stems or any part of a word, by key, by builder."""
    at = await moment(reads, asked.as_of, asked.known_at)
    by = await service_filter(reads, at, asked.q, asked.wanted, demo=asked.demo)
    found = await store.find_services(reads, by, place_behind(request, cursor), limit + 1)
    counted = await store.facets(reads, by)
    shown = page(request, found, counted.total, limit, lambda f: (f.rank, f.sort_key, f.item.slug))
    answer = ServiceList(
        items=[entry.item for entry in shown.items],
        total=counted.total,
        next=shown.next,
        facets=counted.facets,
        as_of=at.day,
        known_at=at.known,
    )
    kept = lasting(request, as_of=asked.as_of, known_at=asked.known_at)
    return conditional(request, answer, headers=link_to(shown.next) | kept)


HANDLERS = (list_services,)
