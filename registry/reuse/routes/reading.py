"""Reading reuses, notes and reported figures, on any day and as known at any time."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from litestar import Response, get
from litestar.di import Provide
from litestar.openapi import ResponseSpec
from litestar.params import Parameter

from registry.audit import Moment, moment, position_known_at
from registry.catalogue import store as services
from registry.db import Query, Reads
from registry.organisations import store as organisations
from registry.reuse.answers import NotePage, Reuse, ReusePage
from registry.reuse.figures import FigurePage
from registry.reuse.model import BackEnd, Stage
from registry.reuse.store import answers as store
from registry.reuse.store import figures as figure_store
from registry.reuse.store.answers import Filters, NoteFilters
from registry.reuse.store.whole import reuse_on
from registry.web.conditional import conditional, lasting
from registry.web.paging import link_to, page, place_behind
from registry.web.params import AsOf, Cursor, Demo, KnownAt, Limit, OfBody, OfService
from registry.web.requests import AnyRequest

Within = Annotated[
    str | None,
    Parameter(
        max_length=12,
        description="Only within the territory of this regional key, itself included.",
    ),
]
OfStage = Annotated[Stage | None, Parameter(description="Only at this stage.")]
OfVersion = Annotated[
    str | None,
    Parameter(
        pattern=r"^[0-9A-Za-z.-]{5,128}$", description="Only in this exact version of the service."
    ),
]
OwnUse = Annotated[
    bool | None,
    Parameter(
        description="Only use by the builder or inside its own Land (true), or only reuse (false)."
    ),
]
OfBackEnd = Annotated[
    BackEnd | None, Parameter(description="Only with applications arriving in this way.")
]

OnlyReported = Annotated[
    bool, Parameter(description="Only reuse that is only reported: no contract is recorded.")
]


@dataclass(frozen=True, kw_only=True)
class ReuseQuery:
    """What to list."""

    service: OfService = None
    organisation: OfBody = None
    within: Within = None
    stage: OfStage = None
    version: OfVersion = None
    own_use: OwnUse = None
    back_end: OfBackEnd = None
    reported: OnlyReported = False
    demo: Demo = False
    as_of: AsOf = None
    known_at: KnownAt = None

    async def filters(self, db: Query, at: Moment) -> Filters:
        """The filters, with the body and the territory found."""
        await services.require_recorded(db, self.service, at.size)
        return Filters(
            as_of=at.day,
            service=self.service,
            organisation_id=await organisations.resolve_id(db, self.organisation, at.day, at.size),
            within=await organisations.territory(db, self.within, at.size),
            stage=self.stage,
            version=self.version,
            own_use=self.own_use,
            demo=self.demo,
            back_end=self.back_end,
            reported=self.reported,
        )


@dataclass(frozen=True, kw_only=True)
class NoteQuery:
    """Of what to list notes."""

    service: OfService = None
    organisation: OfBody = None
    demo: Demo = False
    as_of: AsOf = None
    known_at: KnownAt = None


@get(
    "/reuses",
    summary="Who reuses what",
    responses={200: ResponseSpec(ReusePage, description="One page, with its ETag.")},
    dependencies={"wanted": Provide(ReuseQuery, sync_to_thread=False)},
)
async def list_reuses(
    request: AnyRequest,
    view: Query,
    wanted: ReuseQuery,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[bytes]:
    """Reuses as they stand on a day (today when left out), by service and body.

    With `known_at` as they were recorded by then; the total is not counted in that case.
    """
    at = await moment(view, wanted.as_of, wanted.known_at)
    filters = await wanted.filters(view, at)
    after = place_behind(request, cursor)
    rows = await store.listed(view, filters, at.size, after, limit + 1)
    counts = await store.counts(view, filters) if at.size is None else None
    total = counts.reuses + counts.own_use if counts else None
    shown = page(request, rows, total, limit, lambda row: row.key)
    answer = ReusePage(
        items=[row.state for row in shown.items],
        total=total,
        counts=counts,
        next=shown.next,
        as_of=at.day,
        known_at=at.known,
    )
    kept = lasting(request, as_of=wanted.as_of, known_at=wanted.known_at)
    return conditional(request, answer, headers=_headers(shown.next) | kept)


@get(
    "/reuses/{reuse_id:uuid}",
    summary="A reuse with its whole ledger",
    responses={200: ResponseSpec(Reuse, description="The reuse, with its ETag.")},
)
async def get_reuse(
    request: AnyRequest,
    view: Query,
    reuse_id: UUID,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Response[bytes]:
    """All steps in the order of recording, void ones marked, and the state on a day."""
    answer = await reuse_on(view, reuse_id, await moment(view, as_of, known_at))
    return conditional(request, answer, headers={"Vary": "Authorization, Cookie"})


@get(
    "/reuse-notes",
    summary="Announcements and remarks",
    dependencies={"wanted": Provide(NoteQuery, sync_to_thread=False)},
)
async def list_notes(
    request: AnyRequest,
    view: Query,
    wanted: NoteQuery,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[NotePage]:
    """What sources announced or remarked about reuses; none of it is a stage."""
    at = await moment(view, wanted.as_of, wanted.known_at)
    await services.require_recorded(view, wanted.service, at.size)
    filters = NoteFilters(
        as_of=at.day,
        size=at.size,
        service=wanted.service,
        organisation_id=await organisations.resolve_id(view, wanted.organisation, at.day, at.size),
        demo=wanted.demo,
    )
    rows = await store.notes_page(view, filters, place_behind(request, cursor), limit + 1)
    shown = page(request, rows, None, limit, lambda row: row.key)
    answer = NotePage(
        items=[row.entry for row in shown.items],
        total=None,
        next=shown.next,
        as_of=at.day,
        known_at=at.known,
    )
    return Response(answer, headers=_headers(shown.next))


@get("/reported-figures", summary="Figures as sources report them")
async def list_figures(
    request: AnyRequest,
    reads: Reads,
    service: OfService = None,
    known_at: KnownAt = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[FigurePage]:
    """Counts and dated facts as stated; they stand beside what the ledger counts itself."""
    known = await position_known_at(reads, known_at)
    size = known.size if known else None
    await services.require_recorded(reads, service, size)
    after = place_behind(request, cursor)
    rows = await figure_store.figures(
        reads, service=service, size=size, after=after, limit=limit + 1
    )
    total = await figure_store.count(reads, service=service, size=size)
    shown = page(request, rows, total, limit, lambda row: row.sort_key)
    answer = FigurePage(items=list(shown.items), total=total, next=shown.next, known_at=known)
    return Response(answer, headers=_headers(shown.next))


def _headers(following: str | None) -> dict[str, str]:
    return {"Vary": "Authorization, Cookie"} | link_to(following)


HANDLERS = (list_reuses, get_reuse, list_notes, list_figures)
