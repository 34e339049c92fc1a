"""Codelists, portals and procedures over HTTP."""

from dataclasses import dataclass
from typing import Annotated, Literal

from litestar import Response, get
from litestar.di import Provide
from litestar.openapi import ResponseSpec
from litestar.params import Parameter

from registry.audit import Asked, DatedPage, dated, position_known_at
from registry.catalogue.codelists import Codelist, CodelistDirectory, PortalList
from registry.catalogue.procedures import ProcedureItem, ProcedureView, require_procedure_key
from registry.catalogue.routes.documents import ASKED
from registry.catalogue.store import codelists as codelist_store
from registry.catalogue.store import procedures as procedure_store
from registry.db import Reads
from registry.organisations.names import search_query
from registry.web.conditional import conditional
from registry.web.paging import page, paged, place_behind
from registry.web.params import Cursor, KnownAt, Limit, Search
from registry.web.requests import AnyRequest

CodelistName = Annotated[
    str, Parameter(pattern=r"^[a-z_]{1,60}$", description="Name of a codelist, as `themes`.")
]
WithHistory = Annotated[
    bool, Parameter(description="Also entries that are no longer or not yet in force.")
]
Ozg = Annotated[
    str | None, Parameter(pattern=r"^[0-9]{5}$", max_length=5, description="OZG-ID, five digits.")
]
Theme = Annotated[
    str | None, Parameter(pattern=r"^[a-z_]{1,60}$", description="Code of an OZG theme.")
]
Kind = Annotated[
    Literal["leika", "ozg", "unlisted"] | None,
    Parameter(description="Only Leistungen with a key, only OZG bundles, or what has no key yet."),
]
# The pattern is only told; the refusal of another key has a code of its own.
ProcedureKey = Annotated[
    str,
    Parameter(
        description="Leistungsschlüssel (14 digits) or OZG-ID (5 digits).",
        schema_extra={"pattern": r"^(99[0-9]{12}|[0-9]{5})$"},
    ),
]
WithDemo = Annotated[bool, Parameter(description="Also the fictitious state with key 99.")]


@get(
    "/codelists",
    summary="Codelists",
    responses={200: ResponseSpec(CodelistDirectory, description="All codelists.")},
)
async def list_codelists(
    request: AnyRequest, reads: Reads, known_at: KnownAt = None
) -> Response[bytes]:
    """The vocabularies of this registry, each in its last edition."""
    known = await position_known_at(reads, known_at)
    items = await codelist_store.directory(reads, known.size if known else None)
    return conditional(request, CodelistDirectory(items=items, known_at=known))


@get(
    "/codelists/{name:str}",
    summary="A codelist",
    dependencies=ASKED,
    responses={200: ResponseSpec(Codelist, description="The entries in force.")},
)
async def get_codelist(
    request: AnyRequest,
    reads: Reads,
    name: CodelistName,
    asked: Asked,
    history: WithHistory = False,
) -> Response[bytes]:
    """The codes in force on a day, or with `history` all that ever were, with their periods."""
    at = await asked.moment(reads)
    found = await codelist_store.codelist(reads, name, at, history=history)
    return conditional(request, found)


@get(
    "/portals",
    summary="Portals",
    dependencies=ASKED,
    responses={200: ResponseSpec(PortalList, description="The portals in force.")},
)
async def list_portals(request: AnyRequest, reads: Reads, asked: Asked) -> Response[bytes]:
    """The portals that offer services, each with the services it offers on the day."""
    at = await asked.moment(reads)
    items = await codelist_store.portals(reads, at.day, at.size)
    return conditional(request, PortalList(items=items, as_of=at.day, known_at=at.known))


@dataclass(frozen=True, kw_only=True)
class ProcedureQuery:
    """What to list."""

    q: Search = None
    ozg: Ozg = None
    theme: Theme = None
    kind: Kind = None

    @property
    def matching(self) -> tuple[str | None, ...]:
        """The words, a prefix query of them folded, OZG id, theme and kind."""
        prefixes = None if self.q is None else search_query(self.q) or ""
        return (self.q, prefixes, self.ozg, self.theme, self.kind)


@get(
    "/procedures",
    summary="Procedures",
    dependencies=ASKED | {"wanted": Provide(ProcedureQuery, sync_to_thread=False)},
)
async def list_procedures(
    request: AnyRequest,
    reads: Reads,
    wanted: ProcedureQuery,
    asked: Asked,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[DatedPage[ProcedureItem]]:
    """Leistungen and OZG bundles; with `q` the best matches come first."""
    at = await asked.moment(reads)
    after = place_behind(request, cursor)
    found = await procedure_store.find_procedures(reads, wanted.matching, at, after, limit + 1)
    total = await procedure_store.count_procedures(reads, wanted.matching, at.size)
    shown = page(request, found, total, limit, lambda entry: (entry.rank, entry.place))
    return paged(dated(shown, [entry.item for entry in shown.items], at))


@get(
    "/procedures/{key:str}",
    summary="A procedure and the services that serve it",
    dependencies=ASKED,
    responses={200: ResponseSpec(ProcedureView, description="The procedure.")},
)
async def get_procedure(
    request: AnyRequest,
    reads: Reads,
    key: ProcedureKey,
    asked: Asked,
    demo: WithDemo = False,
) -> Response[bytes]:
    """All services that serve a Leistung or an OZG bundle on a day: who built it already."""
    wanted = require_procedure_key(key)
    at = await asked.moment(reads)
    return conditional(request, await procedure_store.procedure(reads, wanted, at, demo=demo))
